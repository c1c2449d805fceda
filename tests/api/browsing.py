"""A browser without a script: it shows a page, and posts exactly what the page's forms would."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import httpx

from api.web.fields import number_shown
from deploy.rehearsal import API
from tests.api.page import HERE, Form, Page, page_of
from tests.world import World

Files = Mapping[str, tuple[str, bytes]]
"""What is chosen in the file inputs of a form: name and content."""


def read(answer: httpx.Response) -> Page:
    """The page of this answer."""
    return page_of(answer.text, str(answer.request.url).partition("#")[0], answer.status_code)


@dataclass
class Browser:
    """Somebody before a page."""

    client: httpx.AsyncClient
    page: Page = field(default_factory=lambda: Page(0, HERE, ""))

    async def sign_in(self, nip: str) -> None:
        self.client.cookies.clear()
        await self.go("/masuk")
        form = next(one for one in self.page.forms if any(it.id == "nip" for it in one.controls))
        (typed,) = [one for one in form.controls if one.id == "nip"]
        typed.value = nip
        await self.send(form, "Masuk")
        assert urlsplit(self.page.url).path == "/", self.page.text

    async def go(self, path: str) -> Page:
        return await self._arrive(await self.client.get(path))

    async def follow(self, words: str) -> Page:
        return await self.go(self.page.link(words))

    async def press(self, words: str) -> Page:
        """Press the first button with these words on it."""
        return await self.send(self.page.form(words), words)

    async def send(self, form: Form, words: str, files: Files | None = None) -> Page:
        pressed = form.button(words)
        assert form.method == "post"
        return await self.post(form.action, form.sent(pressed), files)

    async def post(self, where: str, pairs: Sequence[tuple[str, str]], files: Files | None = None) -> Page:
        body: dict[str, list[str]] = {}
        for name, value in pairs:
            body.setdefault(name, []).append(value)
        for name in files or ():
            body.pop(name, None)  # where a browser sends the file, it sends no name of it beside
        return await self._arrive(await self.client.post(where, data=body, files=files, headers={"Origin": HERE}))

    async def _arrive(self, answer: httpx.Response) -> Page:
        while answer.has_redirect_location:
            answer = await self.client.get(urljoin(str(answer.request.url), answer.headers["location"]))
        assert answer.headers["content-type"] == "text/html; charset=utf-8", answer.text
        self.page = read(answer)
        return self.page


def inputs(data: object, name: str = "") -> Iterator[tuple[str, str | list[str]]]:
    """The fields of a form's data, as somebody types them."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from inputs(value, f"{name}/{key}")
    elif isinstance(data, list) and (not data or not isinstance(data[0], Mapping)):
        yield name, [str(one) for one in data]
    elif isinstance(data, list):
        for n, row in enumerate(data):
            yield from inputs(row, f"{name}/{n}")
    else:
        yield name, str(data).lower() if isinstance(data, bool) else number_shown(data)


async def fill(browser: Browser, data: object) -> None:
    """Write this into the form that is shown; a row that is not there is asked for by the button of its list."""
    for name, value in inputs(data):
        form = browser.page.form("version")
        if not form.named(name):
            form = await _with_a_row_more(browser, name)
        if form.named(name)[0].kind != "hidden":
            form.write(name, value)


async def _with_a_row_more(browser: Browser, name: str) -> Form:
    buttons = [one for one in browser.page.form("version").controls if one.value.startswith("add:")]
    found = [one for one in buttons if name.startswith(one.value.removeprefix("add:") + "/")]
    assert found, f"nothing on the page leads to {name}: {[one.value for one in buttons]}"
    closest = max(found, key=lambda one: len(one.value))
    await browser.press(closest.words)
    form = browser.page.form("version")
    return form if form.named(name) else await _with_a_row_more(browser, name)


async def example_of(world: World, who: str, appraisal: str, form: str) -> dict[str, object]:
    """The schema's own example of a whole form."""
    asked = await world.http.get(f"{API}/appraisals/{appraisal}/forms/{form}", headers=world.headers(who))
    found: dict[str, object] = asked.raise_for_status().json()["schema"]["examples"][0]
    return found


@contextlib.asynccontextmanager
async def opened_browser(world: World) -> AsyncIterator[Browser]:
    """A browser of its own, with cookies of its own."""
    async with httpx.AsyncClient(transport=world.http._transport, base_url=HERE) as client:
        yield Browser(client)
