"""Somebody before a real browser: she reads, writes and presses what the page shows her."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from playwright.async_api import Browser, BrowserContext, Locator, Page

from api.security import COOKIE
from api.tokens import issue
from tests.api.browsing import inputs
from tests.world import World

WIDE = (1280, 900)
NARROW = (360, 740)
WAIT_MS = 30_000
"""A machine that others use, too, is slow."""


@dataclass
class Person:
    """Somebody with a window of her own, and cookies of her own."""

    page: Page
    base: str
    world: World
    complaints: list[str] = field(default_factory=list)
    """What the browser wrote into its console as an error: a script that fails, something that the policy forbids."""

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    async def sign_in(self, nip: str) -> None:
        """By the page."""
        await self.context.clear_cookies()
        await self.go("/masuk")
        await self.page.fill("#nip", nip)
        await self.press("Masuk")
        assert self.page.url == f"{self.base}/", await self.text()

    async def enter(self, nip: str) -> None:
        """With a session that begins now, where the sign-in itself is not what is looked at."""
        rules = self.world.rooms.sessions
        assert rules is not None
        await self.context.add_cookies([{"name": COOKIE, "value": issue(rules, nip, self.world.now), "url": self.base}])

    async def go(self, path: str) -> None:
        await self.page.goto(self.base + path)

    async def follow(self, words: str) -> None:
        await self._leave(self.page.get_by_role("link", name=words, exact=True).first)

    async def press(self, words: str) -> None:
        """The last button with these words that can be seen, as the first may be what only the Enter key presses."""
        found = self.page.get_by_role("button", name=words, exact=True)
        await self._leave(found.last)

    async def _leave(self, pressed: Locator) -> None:
        async with self.page.expect_navigation():
            await pressed.click()

    async def text(self) -> str:
        """The words of the page as they can be read."""
        return " ".join((await self.page.inner_text("body")).split())

    async def reads(self, words: str) -> None:
        assert words in (text := await self.text()), text

    def input(self, name: str) -> Locator:
        return self.page.locator(f'main [name="{name}"]:visible')

    async def write(self, data: object) -> None:
        """This into the form that is shown; a row that is not there is asked for by the button of its list."""
        kinds = await self._kinds()
        for name, value in inputs(data):
            while name not in kinds:
                await self._a_row_more(name)
                kinds = await self._kinds()
            await self._put(kinds[name], name, value)

    async def _kinds(self) -> dict[str, str]:
        return await self.page.eval_on_selector_all(  # type: ignore[no-any-return]
            "form.write [name]", "all => Object.fromEntries(all.map(one => [one.name, one.type]))"
        )

    async def _put(self, kind: str, name: str, value: str | Sequence[str]) -> None:
        found = self.page.locator(f'form.write [name="{name}"]')
        if kind in ("radio", "checkbox"):
            for one in [value] if isinstance(value, str) else value:
                await found.and_(self.page.locator(f'[value="{one}"]')).check()
        elif kind == "select-one":
            assert isinstance(value, str)
            await found.select_option(value)
        elif kind != "hidden":
            assert isinstance(value, str)
            await found.fill(value)

    async def _a_row_more(self, name: str) -> None:
        added = await self.page.eval_on_selector_all(
            'button[value^="add:"]', "all => all.map(one => one.value.slice(4))"
        )
        lists = [one for one in added if name.startswith(f"{one}/")]
        assert lists, f"nothing on the page leads to {name}: {added}"
        await self._leave(self.page.locator(f'button[value="add:{max(lists, key=len)}"]'))


@dataclass
class Room:
    """Where people sit down before browsers of their own."""

    browser: Browser
    base: str
    world: World

    @contextlib.asynccontextmanager
    async def person(self, *, scripts: bool = True, size: tuple[int, int] = WIDE) -> AsyncIterator[Person]:
        context = await self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=scripts,
            locale="id-ID",
            timezone_id="Asia/Jakarta",
        )
        context.set_default_timeout(WAIT_MS)
        try:
            yield await self.window(context)
        finally:
            await context.close()

    async def window(self, context: BrowserContext) -> Person:
        """One more tab of the same browser."""
        person = Person(await context.new_page(), self.base, self.world)
        person.page.on("console", lambda said: person.complaints.append(said.text) if said.type == "error" else None)
        person.page.on("pageerror", lambda error: person.complaints.append(str(error)))
        return person
