"""The way out: one message to one address through `apprise`, by URLs from the settings.

A URL with `{to}` is for one person and is used only with an address; one without is a shared channel. It gets a notice once its person
was reached by a channel of her own, and at once where none leads to her.
"""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

ADDRESS = re.compile(r"[^\s,;<>@]+@[^\s,;<>@]+")
"""One address and no more: a comma would make two of it."""


@dataclass(frozen=True, slots=True)
class Message:
    to: str | None
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Reach:
    """The URLs of one notice, ready to be used: those that lead to its person, and those that everybody shares."""

    own: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()

    @property
    def urls(self) -> tuple[str, ...]:
        return self.own + self.shared


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a try: whether the message reached somebody and is not tried again, and what any channel had against it."""

    reached: bool
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Channels:
    """Where notices go. Nothing configured: the outbox page only.

    `links` is what links begin with, without a slash at the end; `mail_url` has `{to}` where the recipient goes.
    """

    links: str = ""
    mail_url: str | None = None
    sender: str | None = None
    urls: tuple[str, ...] = ()

    def link(self, appraisal_id: str | None) -> str:
        """To that appraisal, or to the first page; either opens for whoever is signed in and may."""
        return f"{self.links}/penilaian/{appraisal_id}" if appraisal_id else f"{self.links}/"

    def for_address(self, address: str | None) -> Reach:
        """What reaches this person; without a usable address only what is shared does."""
        shared = tuple(url for url in self.urls if "{to}" not in url)
        if address is None or ADDRESS.fullmatch(address) is None:
            return Reach(shared=shared)
        own = [url for url in self.urls if "{to}" in url]
        if self.mail_url is not None:
            own.append(self._mail(self.mail_url))
        return Reach(tuple(url.replace("{to}", quote(address, safe="")) for url in own), shared)

    def _mail(self, url: str) -> str:
        """With the sender, and as plain text: the template's own choices win."""
        more = {"format": "text"} | ({"from": self.sender} if self.sender else {})
        for name, value in more.items():
            if f"{name}=" not in url:
                url = f"{url}{'&' if '?' in url else '?'}{name}={quote(value, safe='')}"
        return url


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long a channel that refuses is tried again: by default for about three days."""

    first: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(hours=6)
    attempts_max: int = 20

    def until_next(self, attempts: int) -> timedelta:
        """How long to wait after that many failed attempts."""
        doubled: timedelta = self.first * (1 << min(attempts - 1, 20))
        return min(self.longest, doubled)


async def attempt(reach: Reach, make: Callable[[], Message]) -> Sent:
    """Make the message and send it. Nothing is raised: one message that cannot be sent must not hold up the others."""
    try:
        return await asyncio.to_thread(send, reach, make())
    except Exception as broken:
        return Sent(reached=False, problem=f"{type(broken).__name__}: {broken}")


class _Said(logging.Handler):
    """What apprise says in this thread: the only place where it tells why it failed."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self.lines.append(record.getMessage())


def send(reach: Reach, message: Message) -> Sent:
    """To its person first: once one channel has reached her nothing is tried again, whatever the others say, and until then nobody else
    is told. Blocks on the network, so call it in a thread."""
    logger, said = logging.getLogger("apprise"), _Said()
    logger.addHandler(said)
    try:
        taken = [_send(url, message) for url in reach.own]
        if any(taken) or not reach.own:
            taken += [_send(url, message) for url in reach.shared]
    finally:
        logger.removeHandler(said)
    problem = None if all(taken) else "; ".join(said.lines) or "a channel refused without a word"
    return Sent(any(taken), problem)


def understood(url: str) -> bool:
    """Whether apprise knows what to do with a URL that is ready to be used. Nothing is sent, and what it has against the URL is
    kept to itself: that may quote a password."""
    from apprise import Apprise

    logger, said = logging.getLogger("apprise"), _Said()
    logger.addHandler(said)  # else what nobody handles goes to stderr
    try:
        return Apprise.instantiate(url) is not None
    finally:
        logger.removeHandler(said)


def _send(url: str, message: Message) -> bool:
    from apprise import Apprise, NotifyFormat  # a second of imports that only a sender needs

    channel = Apprise.instantiate(url)
    if channel is None or (getattr(channel, "targets", True) == [] and message.to is not None):
        # Without a valid recipient apprise would write to the sender.
        return False
    way = Apprise()
    way.add(channel)
    return bool(way.notify(body=message.body, title=message.subject, body_format=NotifyFormat.TEXT))
