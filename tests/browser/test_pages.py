"""Every page before a real browser: no barrier, no sideways scroll, a light first visit, and nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from fastapi.routing import APIRoute

from api.web.routes import ROUTERS
from tests.browser.looking import Gallery
from tests.browser.person import Room
from tests.browser.tour import tour

PEOPLE = 24
pytestmark = pytest.mark.timeout(300)
"""The first of them waits for the whole tour."""
WEIGHT_MAX = 100 * 1024
REQUESTS_MAX = 10
NO_PAGES = {
    "/static/{name}",
    "/masuk/mulai",
    "/masuk/kembali",
    "/bahasa/{language}",
    "/penilaian/{appraisal_id}/bukti/{evidence_id}",
    "/penilaian/{appraisal_id}/revisi/{revision}/{kind}.pdf",
    "/penilaian/{appraisal_id}/riwayat/jejak.json",
    "/penilaian/{appraisal_id}/riwayat/siklus.json",
    "/langsung/siklus/{cycle_id}",
    "/langsung/pembukaan/{cycle_id}",
    "/langsung/tim",
}
"""Files, streams, the way to a provider and back, and the choice of a language: nothing is shown on them."""


@pytest_asyncio.fixture(scope="module")
async def gallery(room: Room) -> AsyncIterator[Gallery]:
    async with room.person() as person:
        toured = Gallery(person)
        await toured.open()
        await tour(toured)
        yield toured


def test_every_page_of_the_application_is_on_the_tour(gallery: Gallery) -> None:
    routes = [one for router in ROUTERS for one in router.routes if isinstance(one, APIRoute) and "GET" in one.methods]
    paths = [urlsplit(look.path).path for look in gallery.looks.values() if look.status == 200]
    unseen = {one.path for one in routes if not any(re.fullmatch(one.path_regex, path) for path in paths)}
    assert unseen == NO_PAGES, "a new page gets a line in tests/browser/tour.py"


def test_axe_finds_no_barrier_on_any_page_by_day_or_by_night(gallery: Gallery) -> None:
    assert {name: look.barriers for name, look in gallery.looks.items() if look.barriers} == {}


def test_no_page_scrolls_sideways_on_a_phone_of_360_pixels(gallery: Gallery) -> None:
    assert {name: look.sideways for name, look in gallery.looks.items() if look.sideways} == {}


def test_a_first_visit_is_light(gallery: Gallery) -> None:
    found = {name: (look.weight, len(look.requests)) for name, look in gallery.looks.items()}
    assert all(weight for weight, _ in found.values())
    assert {name: one for name, one in found.items() if one[0] > WEIGHT_MAX or one[1] > REQUESTS_MAX} == {}


def test_no_page_asks_another_host_for_anything(gallery: Gallery) -> None:
    here = {urlsplit(gallery.person.base).netloc}
    assert {name: look.hosts() for name, look in gallery.looks.items() if look.hosts() != here} == {}


def test_no_page_fails_in_a_script_or_breaks_the_policy_of_what_may_be_loaded(gallery: Gallery) -> None:
    refused = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
    complaints = {
        name: [one for one in look.complaints if not refused.match(one)] for name, look in gallery.looks.items()
    }
    assert {name: said for name, said in complaints.items() if said} == {}
