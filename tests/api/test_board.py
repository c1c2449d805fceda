"""A board that looks at ratings before they are delivered: it confirms one, or sends it back; nobody else learns anything by trying."""

from __future__ import annotations

from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import text

from activities.notices import TOLD, with_reason
from activities.people import move_line
from tests.api.test_worklist import codes
from tests.endings import Played, to_rating, until_rating
from tests.workflow.test_labels import launched
from tests.world import YEAR, World

PEOPLE = 60

BOARD = text("UPDATE cycle SET pack = jsonb_set(pack, '{stages,calibration}', '\"board\"') WHERE id = :id")


@pytest_asyncio.fixture(scope="module")
async def year(world: World) -> World:
    """An agency whose pack asks a board."""
    made = await world.post("/cycles", "hr", {"policy": "permenpanrb-6-2022", "year": YEAR, "name": "SKP"})
    async with world.database.transaction() as connection:
        await connection.execute(BOARD, {"id": made.json()["id"]})
    await launched(world, str(made.json()["id"]))
    return world


@pytest.fixture
async def who(year: World) -> Played:
    """Somebody who is rated, before the board has looked."""
    found = await Played.of(year, await year.next_clerk())
    await to_rating(year, found)
    assert (await year.row(found.appraisal))["state"] == "calibration.reviewing"
    return found


async def test_the_board_confirms_a_rating_and_so_delivers_it(year: World, who: Played) -> None:
    await year.done(who.appraisal, "confirm_rating", "board", {"comment": "Sebaran sesuai."})
    assert (await year.row(who.appraisal))["state"] == "appeal.open"


async def test_a_rating_that_waits_for_a_board_without_members_is_on_hrs_list(year: World, who: Played) -> None:
    assert await codes(year, who.appraisal) == {}
    async with year.database.transaction() as connection:
        gone = "DELETE FROM role_grant WHERE role = 'board' RETURNING person_id"
        members = (await connection.execute(text(gone))).scalars().all()
        await move_line(connection)
    try:
        assert (await codes(year, who.appraisal))["board_empty"] == ["import", "suspend", "cancel"]
    finally:
        async with year.database.transaction() as connection:
            for member in members:
                await connection.execute(text("INSERT INTO role_grant VALUES (:p, 'board')"), {"p": member})
            await move_line(connection)


async def test_the_board_sends_a_rating_back_and_says_why(year: World, who: Played) -> None:
    bare = await year.act(who.appraisal, "return_rating", "board")
    assert (bare.status_code, bare.json()["code"]) == (422, "comment_required")
    await year.done(who.appraisal, "return_rating", "board", {"comment": "Tidak didukung bukti."})
    assert (await year.row(who.appraisal))["state"] == "rating.drafting"


@pytest.mark.parametrize("headers", [{}, {"If_Match": '"999"'}])
async def test_whoever_may_not_confirm_is_told_nothing_of_anybodys_labels(
    year: World, who: Played, headers: dict[str, str]
) -> None:
    for nip in (who.employee, who.supervisor):
        refused = await year.post(f"/appraisals/{who.appraisal}/actions/confirm_rating", nip, {}, **headers)
        assert refused.status_code in (403, 412)
        assert "rules" not in refused.json()


async def told_of_the_return(year: World, who: Played) -> list[str]:
    """To whom the notice that her rating came back would be sent now."""
    about = text(f"{TOLD} WHERE n.appraisal_id = :id AND n.text = 'rating_returned'")
    async with year.database.transaction() as connection:
        rows = (await connection.execute(about, {"id": who.appraisal})).mappings().all()
        agency = await year.rooms.people.agency(connection)
        kept = await with_reason(connection, year.rooms.facts, agency, rows, year.now)
        nips = text("SELECT nip FROM person WHERE id = :id")
        return sorted([(await connection.execute(nips, {"id": row["person_id"]})).scalar_one() for row in kept])


@pytest.mark.case("3.3")
@pytest.mark.parametrize("again", [False, True], ids=["still to be mended", "mended before the mail left"])
async def test_that_a_rating_by_takeover_came_back_is_told_to_whoever_may_mend_it(year: World, *, again: bool) -> None:
    """DOMAIN 1.5: the senior supervisor rated in the place of who was silent; both have the task again, so both are told."""
    who = await Played.of(year, await year.next_clerk())
    while year.people["board"] in (who.supervisor, who.senior):
        who = await Played.of(year, await year.next_clerk())
    await until_rating(year, who)
    lapses_at = (await year.row(who.appraisal))["lapses_at"]
    await year.pass_to(who.appraisal, lapses_at + timedelta(days=1))  # type: ignore[operator]
    await year.send(who.appraisal, "rating", "submit_rating", who.senior)
    await year.done(who.appraisal, "return_rating", "board", {"comment": "Tidak didukung bukti."})
    if again:
        await year.send(who.appraisal, "rating", "submit_rating", who.senior)
    assert await told_of_the_return(year, who) == sorted([who.supervisor, who.senior])


@pytest.mark.case("3.3")
async def test_that_the_supervisors_own_rating_came_back_is_told_to_him_alone(year: World, who: Played) -> None:
    await year.done(who.appraisal, "return_rating", "board", {"comment": "Tidak didukung bukti."})
    assert await told_of_the_return(year, who) == [who.supervisor]
