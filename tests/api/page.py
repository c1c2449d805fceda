"""A page as a browser without a script holds it: words, links, and forms with what they would send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

HERE = "http://siklus"
VOID = frozenset({"meta", "link", "input", "br", "circle", "path", "rect"})
FIELDS = frozenset({"input", "textarea", "select", "button"})


@dataclass
class Control:
    """One field or button of a form, as it stands."""

    kind: str
    name: str
    value: str
    id: str = ""
    on: bool = False
    """Ticked, or the option that is chosen."""
    options: list[tuple[str, str]] = field(default_factory=list)
    words: str = ""
    """Of a button what stands on it; of what is in a label, that."""
    described: tuple[str, ...] = ()
    invalid: bool = False
    limit: int | None = None


@dataclass
class Form:
    """A form of a page."""

    action: str
    method: str
    controls: list[Control] = field(default_factory=list)

    def named(self, name: str) -> list[Control]:
        return [one for one in self.controls if one.name == name and one.kind != "button"]

    def value(self, name: str) -> str:
        """What stands in the one field of this name."""
        found = self.named(name)
        if found and found[0].kind in ("radio", "checkbox"):
            return next((one.value for one in found if one.on), "")
        (one,) = found
        return one.value

    def write(self, name: str, value: str | Sequence[str]) -> None:
        """Type, choose or tick; only what the page offers."""
        found = self.named(name)
        assert found, f"no field {name} among {sorted({one.name for one in self.controls})}"
        if found[0].kind in ("radio", "checkbox"):
            wanted = {value} if isinstance(value, str) else set(value)
            assert wanted <= {one.value for one in found}, f"{name} offers no {wanted}"
            for one in found:
                one.on = one.value in wanted
            return
        (one,) = found
        assert isinstance(value, str)
        assert one.kind != "hidden", f"{name} cannot be seen"
        assert one.kind != "select" or value in dict(one.options), f"{name} offers no {value}"
        assert one.limit is None or len(value) <= one.limit
        one.value = value

    def button(self, words: str) -> Control:
        """The button on which these words stand; the first of those that can be seen."""
        found = [one for one in self.controls if one.kind == "button" and one.words == words]
        assert found, f"no button {words!r} among {[one.words for one in self.controls if one.kind == 'button']}"
        return found[-1]

    def sent(self, pressed: Control | None) -> list[tuple[str, str]]:
        """What a browser sends when that is pressed."""
        pairs: list[tuple[str, str]] = []
        for one in self.controls:
            if one.kind == "button":
                if one is pressed and one.name:
                    pairs.append((one.name, one.value))
            elif one.name and (one.on or one.kind not in ("radio", "checkbox")):
                pairs.append((one.name, "\r\n".join(one.value.splitlines()) if one.kind == "textarea" else one.value))
        return pairs


@dataclass
class Page:
    """What came: its words without its tags, its links and its forms."""

    status: int
    url: str
    html: str
    text: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    """What stands in each element that has an id."""

    def form(self, having: str) -> Form:
        """The form with a field or a button of this name, or that goes to such an address."""
        for one in self.forms:
            if one.action.endswith(having) or any(having in (it.name, it.words) for it in one.controls):
                return one
        raise AssertionError(f"no form with {having}: {self.text}")

    def buttons(self) -> list[str]:
        return [one.words for form in self.forms for one in form.controls if one.kind == "button"]

    def link(self, words: str) -> str:
        found = [where for said, where in self.links if said == words]
        assert found, f"no link {words!r} among {[said for said, _ in self.links]}"
        return found[0]

    def beside(self, name: str) -> str:
        """What the field of this name is said to be described by: its help, and what is wrong with it."""
        (one, *_) = [one for form in self.forms for one in form.named(name)]
        return " ".join(self.ids[of] for of in one.described)


class _Reader(HTMLParser):
    """Reads one page; every element has to be closed, and every field has to have a label."""

    def __init__(self, page: Page) -> None:
        super().__init__(convert_charrefs=True)
        self.page = page
        self.open: list[tuple[str, Mapping[str, str], list[str]]] = []
        self.labels: dict[str, str] = {}
        self.control: Control | None = None

    @property
    def form(self) -> Form | None:
        inside = any(tag == "form" for tag, _, _ in self.open)
        return self.page.forms[-1] if inside else None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        assert len(said) == len(attrs), f"an attribute twice: {attrs}"
        if tag == "form":
            assert self.form is None, "a form in a form"
            self.page.forms.append(Form(urljoin(self.page.url, said.get("action", "")), said.get("method", "get")))
        if tag in FIELDS:
            self._begin(tag, said)
        if tag == "option" and self.control:
            self.control.options.append((said["value"], ""))
            if "selected" in said or len(self.control.options) == 1:
                self.control.value = said["value"]
        if tag not in VOID:
            self.open.append((tag, said, []))
        elif "id" in said:
            self._identified(said["id"], "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.handle_starttag(tag, attrs)
            self.handle_endtag(tag)

    def _begin(self, tag: str, said: Mapping[str, str]) -> None:
        kind = said.get("type", "text") if tag == "input" else tag
        control = Control(kind, said.get("name", ""), said.get("value", ""), said.get("id", ""), "checked" in said)
        control.described = tuple(said.get("aria-describedby", "").split())
        control.invalid = said.get("aria-invalid") == "true"
        control.limit = int(said["maxlength"]) if "maxlength" in said else None
        control.words = said.get("aria-label", "")
        if any(tag == "label" for tag, _, _ in self.open):
            control.words = "in a label"
        self.control = control
        if self.form is not None:
            self.form.controls.append(control)

    def handle_data(self, data: str) -> None:
        for _, _, words in self.open:
            words.append(data)

    def handle_endtag(self, tag: str) -> None:
        begun, said, found = self.open.pop()
        assert begun == tag, f"<{begun}> ended by </{tag}>"
        written = "".join(found)
        words = " ".join(written.split())
        if tag == "textarea" and self.control:
            # The first line break of a textarea is none of its text.
            self.control.value = written.removeprefix("\n")
        if tag == "button" and self.control:
            self.control.words = words
        if tag == "option" and self.control:
            self.control.options[-1] = (self.control.options[-1][0], words)
        if tag == "label" and "for" in said:
            self.labels[said["for"]] = words
        if tag == "a" and "href" in said:
            self.page.links.append((words, urljoin(self.page.url, said["href"])))
        if said.get("role") == "alert":
            self.page.alerts.append(words)
        if "id" in said:
            self._identified(said["id"], words)
        if tag == "html":
            self.page.text = words

    def _identified(self, name: str, words: str) -> None:
        assert name not in self.page.ids, f"the id {name} twice"
        self.page.ids[name] = words

    def close(self) -> None:
        super().close()
        assert not self.open, f"not closed: {[tag for tag, _, _ in self.open]}"
        for control in (one for form in self.page.forms for one in form.controls):
            if control.id in self.labels:
                control.words = control.words or self.labels[control.id]
            assert control.words or control.kind == "hidden", f"a field without a label: {control}"
            assert control.kind == "button" or set(control.described) <= set(self.page.ids)
        for words, where in self.page.links:
            _, _, anchor = where.partition(f"{self.page.url}#")
            assert not anchor or anchor in self.page.ids, f"{words!r} leads to no {anchor}"


def page_of(html: str, url: str = HERE, status: int = 200) -> Page:
    """The page that this says."""
    page = Page(status, url, html)
    reader = _Reader(page)
    reader.feed(html)
    reader.close()
    return page
