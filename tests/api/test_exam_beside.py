"""A pack of an agency's own that counts an examination it imports, and beside it how somebody deals with people and leads them."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_asyncio

from models.pack_check import read
from models.shelf import Shelf
from models.worked import overlaid
from tests.endings import Played, until_rating
from tests.world import YEAR, World, open_cycle

PEOPLE = 40
EXAMINED = """
extends = "pp-30-2019"
without = ["criteria.behaviour", "examples"]
id = "kami-uji"
version = 1
source = "Peraturan Wali Kota 5/2027"
title = { id = "Uji kompetensi dan perilaku", en = "An examination and behaviour" }

[[criteria.behaviour]]
id = "interpersonal"
title = { id = "Kemampuan interpersonal", en = "Dealing with people" }

[[criteria.behaviour]]
id = "kepemimpinan"
title = { id = "Kepemimpinan", en = "Leadership" }

[[scoring.parts]]
id = "exam"
by = "measured"
indicator = "uji"
title = { id = "nilai uji kompetensi", en = "the examination" }

[[scoring.parts]]
id = "interpersonal"
by = "score"
field = "behaviours.interpersonal.score"
title = { id = "kemampuan interpersonal", en = "dealing with people" }

[[scoring.parts]]
id = "leadership"
by = "score"
field = "behaviours.kepemimpinan.score"
title = { id = "kepemimpinan", en = "leadership" }

[[scoring.weights]]
of = { exam = "50", interpersonal = "30", leadership = "20" }

[scoring.why.measured]
id = "Nilai {part}: {value} x {weight} % = {points}."
en = "Value of {part}: {value} x {weight} % = {points}."

[[examples]]
title = { id = "Cakap dalam ujian, lemah bersama orang", en = "Good at examinations, weak with people" }
rating = { behaviours.interpersonal.score = 40, behaviours.kepemimpinan.score = 50 }
measured = { uji = "95" }
value = "69.5"
label = "kurang"
"""


@pytest_asyncio.fixture(scope="module")
async def agency(world: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    own = tmp_path_factory.mktemp("policies")
    (own / "kami-uji.toml").write_text(EXAMINED, encoding="utf-8")
    world.rooms.shelf = Shelf(own)
    await open_cycle(world, "kami-uji", YEAR)
    return world


def test_the_pack_is_a_file_and_holds_together() -> None:
    assert read(EXAMINED, Shelf().files())[1] == []


async def rated(world: World, exam: int, interpersonal: int, leadership: int) -> dict[str, Any]:
    """What an examined year comes to, as the employee reads it: the figure from HR's file, the rest from her supervisor."""
    who = await Played.of(world, await world.next_clerk())
    await until_rating(world, who)
    cycle = (await world.row(who.appraisal))["cycle_id"]
    files = {"file": ("uji.csv", f"nip;uji\n{who.employee};{exam}\n".encode())}
    path = f"/api/v1/cycles/{cycle}/indicators"
    (await world.http.post(path, headers=world.headers("hr"), files=files)).raise_for_status()
    form = (await world.get(f"/appraisals/{who.appraisal}/forms/rating", who.supervisor)).json()
    scores = {"interpersonal": {"score": interpersonal}, "kepemimpinan": {"score": leadership}}
    written = overlaid(form["schema"]["examples"][0], {"behaviours": scores})
    await world.send(who.appraisal, "rating", "submit_rating", who.supervisor, written)
    await world.done(who.appraisal, "acknowledge_result", who.employee)
    outcome = (await world.seen(who.appraisal, who.employee))["outcome"]
    assert isinstance(outcome, dict)
    return outcome


@pytest.mark.capability("K04")
async def test_how_somebody_deals_with_people_and_leads_is_scored_beside_an_examination(agency: World) -> None:
    outcome = await rated(agency, exam=95, interpersonal=90, leadership=80)
    lines = {line["what"]: line for line in outcome["lines"]}
    assert [
        (what, lines[what]["value"], lines[what]["weight"]) for what in ("exam", "interpersonal", "leadership")
    ] == [
        ("exam", "95", "50"),
        ("interpersonal", "90", "30"),
        ("leadership", "80", "20"),
    ]
    assert "nilai uji kompetensi" in lines["exam"]["why"]
    assert (outcome["label"], lines["total"]["value"]) == ("baik", "90.5")
    weak = await rated(agency, exam=95, interpersonal=40, leadership=50)
    assert weak["label"] == "kurang", "the examination alone does not make a good year"
