"""Finds in a template what is said without going through the catalog: letters in text or in what is read aloud."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from jinja2 import Environment, nodes

WORD = re.compile(r"[^\W\d_]{2,}")
SENTENCE = re.compile(r"^[A-Z][a-z]+|[a-z]{2,} [a-z]{2,}")
"""What is a word for people, among the constants that a template computes with: a capital, or a blank between words."""
SPOKEN = frozenset({"title", "aria-label", "aria-description", "placeholder", "alt", "label", "data-name"})
"""Attributes that somebody reads or hears."""
SILENT = frozenset({"code", "script", "style"})
NAMES = frozenset({"Siklus"})
MARKS = frozenset({"_", "gettext", "ngettext"})
HOLE = "0"
"""Stands for whatever an expression says."""
NO_TEXT = re.compile(r"[\s0]*(?:/|[a-z-]+=\")")
"""An address, or attributes: what a macro without a tag may be for."""


def bare(environment: Environment, source: str) -> list[str]:
    """What this template says bare."""
    tree = environment.parse(source)
    return [*_of_html(_skeleton(tree)), *_of_parts(tree)]


def _of_html(html: str) -> list[str]:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.found


def _of_parts(tree: nodes.Node) -> Iterator[str]:
    """Of macros and blocks that are set, each by itself; and what is computed with."""
    for part in tree.find_all((nodes.Macro, nodes.AssignBlock)):
        text = "".join(_pieces(part.body))
        if "<" not in text and NO_TEXT.match(text):
            yield from _of_html(f"<i {text}>" if "=" in text and not text.strip().startswith("/") else "")
        else:
            yield from _of_html(text)
    for assigned in tree.find_all(nodes.Assign):
        yield from _sentences(_consts(assigned.node))
    for loop in tree.find_all(nodes.For):
        yield from _sentences(_consts(loop.iter))
    for call in tree.find_all(nodes.Call):
        if not (isinstance(call.node, nodes.Name) and call.node.name in MARKS):
            for argument in (*call.args, *(one.value for one in call.kwargs)):
                yield from _sentences(_consts(argument))


def _sentences(found: Iterator[str]) -> Iterator[str]:
    return (one for one in found if SENTENCE.search(one.strip()))


def _skeleton(tree: nodes.Template) -> str:
    return "".join(_pieces(tree.body))


def _pieces(body: list[nodes.Node]) -> Iterator[str]:
    """The text of these nodes in their order, every branch of it, without what stands by itself."""
    for node in body:
        if isinstance(node, nodes.Output):
            for one in node.nodes:
                if isinstance(one, nodes.TemplateData):
                    yield one.data
                else:
                    yield "".join(_consts(one)) or HOLE
        elif not isinstance(node, nodes.Macro | nodes.AssignBlock | nodes.Expr):
            yield from _pieces(list(node.iter_child_nodes()))


def _consts(node: nodes.Node) -> Iterator[str]:
    """The strings that this may come out as."""
    match node:
        case nodes.Const(value=str() as value):
            yield value
        case nodes.CondExpr():
            for one in (node.expr1, node.expr2):
                if one is not None:
                    yield from _consts(one)
        case nodes.Concat() | nodes.Tuple() | nodes.List():
            for one in node.nodes if isinstance(node, nodes.Concat) else node.items:
                yield from _consts(one)
        case nodes.Or() | nodes.And() | nodes.Add():
            yield from _consts(node.left)
            yield from _consts(node.right)
        case nodes.Filter():
            if node.node is not None:
                yield from _consts(node.node)
            if node.name in ("default", "d"):
                for one in node.args:
                    yield from _consts(one)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent = tag if tag in SILENT else self._silent
        for name, value in attrs:
            if name in SPOKEN:
                self._say(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._silent = "" if tag == self._silent else self._silent

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._say(data)

    def _say(self, text: str) -> None:
        if set(WORD.findall(text)) - NAMES:
            self.found.append(" ".join(text.split()))
