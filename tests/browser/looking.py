"""One look at a page, as somebody has who comes to it for the first time: what it weighs, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

from tests.browser.person import NARROW, WIDE, Person

OPENED = "document.querySelectorAll('details').forEach(one => { one.open = true; })"
SIDEWAYS = """() => {
  const page = document.scrollingElement, wide = page.clientWidth;
  if (page.scrollWidth <= wide) return [];
  const out = [...document.body.querySelectorAll("*")].filter(one => one.getBoundingClientRect().right > wide);
  return [`${page.scrollWidth} > ${wide}`, ...out.slice(0, 5).map(one => one.outerHTML.slice(0, 120))];
}"""
BARRIERS = """async only => {
  const found = await axe.run(document, {resultTypes: ["violations"], ...(only ? {runOnly: only} : {})});
  return found.violations.flatMap(one => one.nodes.map(node =>
    `${one.id}: ${node.html.slice(0, 160)} (${node.failureSummary})`));
}"""
Then = Callable[[Person], Awaitable[None]]
"""What is pressed on the page before it is looked at."""


@dataclass
class Look:
    """What a browser says of one page."""

    path: str
    status: int = 0
    requests: list[str] = field(default_factory=list)
    weight: int = 0
    """Bytes over the wire, headers and all."""
    complaints: list[str] = field(default_factory=list)
    sideways: list[str] = field(default_factory=list)
    barriers: list[str] = field(default_factory=list)

    def hosts(self) -> set[str]:
        return {urlsplit(one).netloc for one in self.requests}


@dataclass
class Gallery:
    """Looks at pages, each without a cache and with cookies of its own; given a folder, it keeps pictures, wide and narrow.

    One window for all of them: to open one costs as much as to look.
    """

    person: Person
    folder: Path | None = None
    looks: dict[str, Look] = field(default_factory=dict)
    _look: Look | None = None

    async def open(self) -> None:
        page = self.person.page
        await page.add_init_script(AXE_SCRIPT)
        wire = await self.person.context.new_cdp_session(page)
        wire.on("Network.requestWillBeSent", self._asked)
        wire.on("Network.loadingFinished", self._came)
        await wire.send("Network.enable")
        await wire.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def _asked(self, said: Mapping[str, Any]) -> None:
        if self._look and not said["request"]["url"].startswith("data:"):  # as the browser's own icons are
            self._look.requests.append(said["request"]["url"])

    def _came(self, said: Mapping[str, Any]) -> None:
        if self._look:
            self._look.weight += int(said["encodedDataLength"])

    async def look(self, name: str, path: str, who: str | None = None, then: Then | None = None) -> None:
        """At the page of this path, as that person; after `then`, at the page that this leads to."""
        person = self.person
        look = self._look = self.looks[name] = Look(path)
        person.complaints = look.complaints
        await person.context.clear_cookies()
        if who:
            await person.enter(who)
        answer = await person.page.goto(person.base + path, wait_until="load")
        assert answer is not None
        look.status = answer.status
        if then:
            look.requests, look.weight = [], 0
            await then(person)
        await self._keep(name)
        await _measured(person.page, look)
        self._look = None

    async def _keep(self, name: str) -> None:
        if self.folder is None:
            return
        for kind, (width, height) in (("phone", NARROW), ("wide", WIDE)):
            await self.person.page.set_viewport_size({"width": width, "height": height})
            await self.person.page.screenshot(path=self.folder / f"{name}.{kind}.png", full_page=True)


async def _measured(page: Page, look: Look) -> None:
    """With everything that can be opened open: what is hidden is not looked at."""
    await page.evaluate(OPENED)
    await page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    look.sideways = await page.evaluate(SIDEWAYS)
    await page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    look.barriers = await page.evaluate(BARRIERS, None)
    await page.emulate_media(color_scheme="dark")
    look.barriers += await page.evaluate(BARRIERS, ["color-contrast"])
    await page.emulate_media(color_scheme="light")
