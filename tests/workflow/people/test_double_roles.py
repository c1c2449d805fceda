"""DOMAIN 2.6: who is Plt of a vacant post has an SKP of that post beside the one of the own, and both run to an evaluation."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import text

from activities.people import move_line
from tests.endings import JANUARY, Played, to_result
from tests.workflow.people.changes import JUNE, MAY, imported, named, planned, row_of, tasks_of, transferred
from tests.workflow.people.test_told_by_a_file import already, told_since
from tests.world import YEAR, World

PEOPLE = 90
NEWCOMER = "200001082028012001"
NO_APPOINTMENT = {"plt_untuk": "", "plt_mulai": "", "plt_selesai": ""}
HEAD = text(
    """
    SELECT p.nip, p.post, u.code AS unit FROM role_grant g JOIN person p ON p.id = g.person_id JOIN unit u ON u.id = p.unit_id
     WHERE g.role = 'kepala_unit' AND p.nip <> ALL(:taken)
       AND NOT EXISTS (SELECT FROM role_grant o WHERE o.person_id = p.id AND o.role <> 'kepala_unit')
       AND 1 = (SELECT count(*) FROM role_grant o JOIN person q ON q.id = o.person_id
                 WHERE o.role = 'kepala_unit' AND q.unit_id = u.id)
       AND 1 < (SELECT count(*) FROM person q WHERE q.unit_id = u.id)
     ORDER BY p.nip DESC LIMIT 1
    """
)
GRANT_BOARD = text("INSERT INTO role_grant (person_id, role) SELECT id, 'board' FROM person WHERE nip = :nip")
BELOW = text(
    """
    WITH RECURSIVE below AS (SELECT id FROM person WHERE nip = :nip
      UNION SELECT t.person_id FROM tenure t JOIN below ON t.supervisor_id = below.id)
    SELECT p.nip FROM below JOIN person p USING (id)
    """
)
DIRECTLY_BELOW = text(
    """
    SELECT p.nip FROM tenure t JOIN person p ON p.id = t.person_id JOIN person s ON s.id = t.supervisor_id
     WHERE s.nip = :nip ORDER BY p.nip
    """
)
AS_PLT = text(
    """
    SELECT a.id, a.launch FROM appraisal a JOIN person p ON p.id = a.person_id
     WHERE p.nip = :nip AND a.acting_for IS NOT NULL ORDER BY a.segment
    """
)


@pytest.fixture(scope="module")
async def holder(year: World) -> str:
    """Who has retired from a post; his NIP. Nobody below it is played here."""
    year.now = JANUARY
    year.taken += year.people.values()  # HR vacates no post of her own
    _, nip = await year.elsewhere(await year.next_clerk())
    async with year.database.transaction() as connection:
        year.taken += [nip, *(await connection.execute(BELOW, {"nip": nip})).scalars()]
    await year.decided(nip, "exit", {"reason": "retire", "effective": JANUARY.date().isoformat()})
    return nip


async def appointed(world: World, who: Played, holder: str, first: str, last: str = "") -> None:
    """A file says since when, and until when, she acts in that post."""
    row = await row_of(world, who.employee)
    await imported(world, row | {"plt_untuk": holder, "plt_mulai": first, "plt_selesai": last})


async def begun(world: World, who: Played) -> list[str]:
    """HR opens the cycle again; everything that she has as Plt after that, once it has begun."""
    cycle = (await world.row(who.appraisal))["cycle_id"]
    await world.post(f"/cycles/{cycle}/open", "hr")
    assert "acting_not_begun" not in [one["code"] for one in await worklist(world, cycle)]
    for _ in range(500):
        async with world.database.transaction() as connection:
            found = (await connection.execute(AS_PLT, {"nip": who.employee})).all()
        if all(row.launch == "launched" for row in found):
            return [row.id for row in found]
        await asyncio.sleep(0.02)
    raise AssertionError(f"not begun: {found}")


async def as_plt(world: World, who: Played, holder: str) -> Played:
    """Plt of a vacant post since New Year, and who stands around what she does there."""
    await appointed(world, who, holder, f"{YEAR}-01-01")
    (second,) = await begun(world, who)
    seen = await world.seen(second)
    return Played(second, who.employee, str(seen["supervisor"]["nip"]), "")  # type: ignore[index]


async def under_way(world: World, who: Played, holder: str) -> Played:
    """In May both plans are in force; what she does as Plt."""
    there = await as_plt(world, who, holder)
    for one in (who, there):
        await planned(world, one)
    world.now = MAY
    return there


async def worklist(world: World, cycle: object) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await world.get(f"/cycles/{cycle}/worklist", "hr", limit=200)).json()["items"]
    return items


async def paper(world: World, appraisal: str) -> str:
    pdf = (await world.get(f"/appraisals/{appraisal}/documents/evaluation.pdf", "hr")).raise_for_status().content
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


async def test_a_plt_is_rated_twice_and_the_label_of_the_own_post_counts(year: World, holder: str, who: Played) -> None:
    cycle = (await year.row(who.appraisal))["cycle_id"]
    before = (await year.get(f"/cycles/{cycle}/progress", "hr")).json()
    await appointed(year, who, holder, f"{YEAR}-01-01")
    listed = [one for one in await worklist(year, cycle) if one["code"] == "acting_not_begun"]
    assert [(one["employee"]["nip"], one["actions"]) for one in listed] == [(who.employee, ["open"])]
    (second,) = await begun(year, who)
    assert "acting_not_begun" not in [one["code"] for one in await worklist(year, cycle)]
    seen = await year.seen(second)
    above = (await year.get(f"/people/{holder}", "hr")).json()["supervisor"]["nip"]
    post = (await year.get(f"/people/{holder}", "hr")).json()["post"]
    assert seen["supervisor"]["nip"] == above  # type: ignore[index]
    assert seen["acting_for"]["nip"] == holder  # type: ignore[index]
    assert seen["employee"]["post"] == f"Plt. {post}"  # type: ignore[index]
    assert (seen["segment"], seen["segments"]) == (1, [])
    own = await year.seen(who.appraisal)
    assert (own["acting_for"], own["supervisor"]["nip"]) == (None, who.supervisor)  # type: ignore[index]
    after = (await year.get(f"/cycles/{cycle}/progress", "hr")).json()
    assert (after["roster"], after["launched"]) == (before["roster"], before["launched"]), "counted are people"

    there = Played(second, who.employee, above, "")
    for one in (who, there):
        await to_result(year, one)
    labels = (await year.get(f"/people/{who.employee}", "hr")).json()["appraisals"]
    assert [one["acting_for"] and one["acting_for"]["nip"] for one in labels] == [None, holder]
    assert all(one["label"] for one in labels), "both have a label"
    of_the_own, of_the_other = [(await year.seen(one.appraisal))["outcome"] for one in (who, there)]
    assert "credit" not in of_the_other, "credit points are the own post's"  # type: ignore[operator]
    assert of_the_own["label"] == of_the_other["label"]  # type: ignore[index]
    assert f"Plt. {post}" in await paper(year, second)
    assert f"Plt. {post}" not in await paper(year, who.appraisal)


@pytest.mark.case("3.15")
async def test_who_stands_above_the_vacant_post_decides_and_who_leads_her_in_the_own_one_reads(
    year: World, holder: str, who: Played
) -> None:
    there = await as_plt(year, who, holder)
    await year.send(there.appraisal, "plan", "submit_plan", who.employee)
    assert there.appraisal in await tasks_of(year, there.supervisor)
    assert there.appraisal not in await tasks_of(year, who.supervisor)
    refused = await year.act(there.appraisal, "approve_plan", who.supervisor)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    assert (await year.seen(there.appraisal, who.supervisor))["actions"] == []
    for nip, listed in ((there.supervisor, True), (who.supervisor, True), (who.employee, True)):
        items = (await year.get("/appraisals", nip, limit=200)).json()["items"]
        assert (there.appraisal in [item["id"] for item in items]) is listed, nip
    own = await year.act(there.appraisal, "approve_plan", who.employee)
    assert own.status_code == 403, "nobody acts on herself"
    await year.done(there.appraisal, "approve_plan", there.supervisor)


async def test_the_end_of_an_appointment_ends_what_is_done_in_it_and_nothing_else(
    year: World, holder: str, who: Played
) -> None:
    there = await under_way(year, who, holder)
    await appointed(year, who, holder, f"{YEAR}-01-01", f"{YEAR}-05-31")
    closed = await year.pass_to(there.appraisal, JUNE)
    assert (closed["state"], str(closed["snapshot"]["until"])) == (  # type: ignore[index]
        "self_assessment.drafting",
        f"{YEAR}-05-31",
    )
    assert (await year.pass_to(who.appraisal, JUNE))["state"] == "execution.running"
    assert (await year.seen(there.appraisal))["supervisor"]["nip"] == there.supervisor  # type: ignore[index]
    await year.send(there.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    await year.send(there.appraisal, "rating", "submit_rating", there.supervisor)
    done = await year.pass_to(there.appraisal, JUNE)
    assert done["ending"] == "segment_closed"
    assert await begun(year, who) == [there.appraisal], "nothing follows on it"
    assert await year.segments_of(who.employee, 2)


async def test_a_transfer_out_of_the_own_post_leaves_the_appointment_alone(
    year: World, holder: str, who: Played
) -> None:
    there = await under_way(year, who, holder)
    await transferred(year, who)  # the answer names the year in the own post alone
    assert (await year.pass_to(there.appraisal, JUNE))["state"] == "execution.running"
    assert (await year.pass_to(who.appraisal, JUNE))["state"] == "self_assessment.drafting"
    third = await year.segments_of(who.employee, 3)
    assert there.appraisal in third
    assert await begun(year, who) == [there.appraisal]


async def test_appointed_again_to_the_same_post_she_begins_another_part(year: World, holder: str, who: Played) -> None:
    there = await as_plt(year, who, holder)
    await planned(year, there)
    year.now = MAY
    await appointed(year, who, holder, f"{YEAR}-01-01", f"{YEAR}-05-21")
    year.now = JUNE
    await year.pass_to(there.appraisal, JUNE)
    await appointed(year, who, holder, f"{YEAR}-06-02")
    parts = await begun(year, who)
    assert (len(parts), parts[0]) == (2, there.appraisal)
    again = await year.seen(parts[1])
    assert [part["segment"] for part in again["segments"]] == [1, 2]  # type: ignore[attr-defined]


async def test_an_appointment_taken_back_on_the_day_it_began_ends_with_it(
    year: World, holder: str, who: Played
) -> None:
    await appointed(year, who, holder, JANUARY.date().isoformat())
    (second,) = await begun(year, who)
    await imported(year, await row_of(year, who.employee) | NO_APPOINTMENT)
    ended = await year.pass_to(second, MAY)
    assert ended["ending"] == "not_ratable", "there was no plan yet"


async def test_what_hr_cancelled_does_not_begin_again_but_by_another_appointment(
    year: World, holder: str, who: Played
) -> None:
    there = await as_plt(year, who, holder)
    await year.done(there.appraisal, "cancel", "hr", {"reason": "Penunjukan keliru."})
    assert await begun(year, who) == [there.appraisal]
    await imported(year, await row_of(year, who.employee) | NO_APPOINTMENT)
    year.now = JUNE
    await appointed(year, who, holder, JUNE.date().isoformat())
    assert len(await begun(year, who)) == 2


async def test_an_appointment_that_goes_on_after_its_appraisal_was_closed_goes_on_in_another(
    year: World, holder: str, who: Played
) -> None:
    there = await as_plt(year, who, holder)
    await planned(year, there)
    await appointed(year, who, holder, f"{YEAR}-01-01", f"{YEAR}-05-31")
    await year.pass_to(there.appraisal, JUNE)
    await appointed(year, who, holder, f"{YEAR}-01-01", f"{YEAR}-08-31")
    first, second = await begun(year, who)
    assert first == there.appraisal
    assert str((await year.row(second))["acting_from"]) == f"{YEAR}-06-01"


async def test_two_appointments_without_a_gap_are_one_whenever_hr_opens(year: World, holder: str, who: Played) -> None:
    await appointed(year, who, holder, JANUARY.date().isoformat(), f"{YEAR}-03-31")
    year.now = MAY
    await appointed(year, who, holder, f"{YEAR}-04-01")
    (second,) = await begun(year, who)
    assert (await year.row(second))["acting_from"] == JANUARY.date()


async def test_the_post_stays_what_it_was_when_its_holder_goes_on_to_another(year: World, who: Played) -> None:
    _, holder = await year.elsewhere(who.employee)
    year.taken.append(holder)
    await appointed(year, who, holder, f"{YEAR}-01-01")
    (second,) = await begun(year, who)
    before = await year.seen(second)
    unit, superior = await year.elsewhere(holder)
    body = {"post": "Kepala Dinas Lain", "unit": unit, "supervisor": superior, "effective": f"{YEAR}-01-06"}
    await year.decided(holder, "transfer", body)
    year.now = MAY
    await year.bring(second)
    after = await year.seen(second)
    for what in ("employee", "supervisor"):
        assert after[what] == before[what], what


async def test_the_cycle_of_a_year_that_is_over_takes_in_nobody_who_came_after_it(
    year: World, holder: str, who: Played
) -> None:
    cycle = (await year.row(who.appraisal))["cycle_id"]
    year.now = datetime(YEAR + 1, 1, 10, 3, tzinfo=UTC)
    await appointed(year, who, holder, f"{YEAR + 1}-01-08")
    said = await row_of(year, who.employee) | NO_APPOINTMENT | {"nip": NEWCOMER, "nama": "Pendatang"}
    await imported(year, said | {"tmt": f"{YEAR + 1}-01-08"})
    codes = [one["code"] for one in await worklist(year, cycle)]
    assert not {"acting_not_begun", "not_begun"} & set(codes)
    assert await begun(year, who) == []


@pytest.mark.parametrize("last", ["", f"{YEAR}-12-31", f"{YEAR + 1}-06-30"])
async def test_an_appointment_that_lasts_as_long_as_the_year_takes_the_course_of_a_year(
    year: World, holder: str, who: Played, last: str
) -> None:
    await appointed(year, who, holder, f"{YEAR}-01-01", last)
    (second,) = await begun(year, who)
    seen = await year.seen(second)
    await to_result(year, Played(second, who.employee, str(seen["supervisor"]["nip"]), ""))  # type: ignore[index]
    assert (await year.row(second))["state"] == "appeal.open"


@pytest.mark.parametrize("gone", ["exit", "transfer"])
async def test_who_is_plt_of_the_head_of_a_unit_does_not_label_it(year: World, who: Played, gone: str) -> None:
    """The label of a unit is its head's achievement, also of a head who acts."""
    async with year.database.transaction() as connection:
        head = (await connection.execute(HEAD, {"taken": year.taken})).one()
        year.taken += [head.nip, who.employee]
        await connection.execute(GRANT_BOARD, {"nip": who.employee})
        await move_line(connection)
    unit, superior = await year.elsewhere(head.nip)
    elsewhere = {"post": "Staf Ahli", "unit": unit, "supervisor": superior}
    said = {"exit": {"reason": "retire"}, "transfer": elsewhere}[gone]
    await year.decided(head.nip, gone, said | {"effective": JANUARY.date().isoformat()})
    await appointed(year, who, head.nip, f"{YEAR}-01-01")
    (second,) = await begun(year, who)
    cycle = str((await year.row(who.appraisal))["cycle_id"])
    assert (await year.seen(second))["employee"]["post"] == f"Plt. {head.post}"  # type: ignore[index]
    refused = await year.label(cycle, head.unit, "istimewa", who.employee)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    assert (await year.label(cycle, head.unit, "baik", "board")).status_code == 200


async def test_a_plt_is_put_under_nobody_whom_she_rates_as_such(year: World, holder: str, who: Played) -> None:
    there = await as_plt(year, who, holder)
    async with year.database.transaction() as connection:
        rated = (await connection.execute(DIRECTLY_BELOW, {"nip": holder})).scalars().first()
    body = {"supervisor": rated, "reason": "Uji lingkaran."}
    refused = [
        await year.post(f"/people/{who.employee}/supervisor", "hr", body | {"effective": JANUARY.date().isoformat()}),
        *[await year.act(one.appraisal, "reassign", "hr", body) for one in (who, there)],
    ]
    for answer in refused:
        assert answer.status_code == 422, answer.text
        assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/supervisor", "loop_in_line")]
    assert named(await imported(year, await row_of(year, who.employee)), "supervisor_changed") == []


async def test_who_went_on_leads_his_new_people_himself_and_the_plt_those_of_the_post_he_left(
    year: World, who: Played
) -> None:
    _, holder = await year.elsewhere(who.employee)
    async with year.database.transaction() as connection:
        left = list((await connection.execute(DIRECTLY_BELOW, {"nip": holder})).scalars())
    year.taken += [holder, *left]
    await appointed(year, who, holder, f"{YEAR}-01-01")
    unit, superior = await year.elsewhere(holder)
    body = {"post": "Kepala Bidang Lain", "unit": unit, "supervisor": superior, "effective": f"{YEAR}-01-06"}
    await year.decided(holder, "transfer", body)
    new = await year.next_clerk()
    year.now = JANUARY + timedelta(days=2)
    put = {"supervisor": holder, "effective": year.now.date().isoformat(), "reason": "Penempatan."}
    await year.decided(new, "supervisor", put)
    rated_by = {nip: (await year.get(f"/people/{nip}", "hr")).json()["supervisor"]["nip"] for nip in (new, left[0])}
    assert rated_by == {new: holder, left[0]: who.employee}


async def test_who_becomes_plt_of_a_post_that_was_left_by_a_transfer_is_listed_with_that_post(
    year: World, who: Played
) -> None:
    _, holder = await year.elsewhere(who.employee)
    year.taken.append(holder)
    before = (await year.get(f"/people/{holder}", "hr")).json()
    await appointed(year, who, holder, JANUARY.date().isoformat())
    unit, superior = await year.elsewhere(holder)
    body = {"post": "Kepala Bidang Lain", "unit": unit, "supervisor": superior, "effective": JANUARY.date().isoformat()}
    await year.decided(holder, "transfer", body)
    cycle = (await year.row(who.appraisal))["cycle_id"]
    listed = [one["employee"] for one in await worklist(year, cycle) if one["code"] == "acting_not_begun"]
    (hers,) = [one for one in listed if one["nip"] == who.employee]
    assert (hers["post"], hers["unit"]) == (f"Plt. {before['post']}", before["unit"])


async def test_a_plh_has_no_year_of_the_post_and_prolongs_none_of_a_plt(year: World, holder: str, who: Played) -> None:
    """He bridges an absence (decision 19), also where it follows on the days of a Plt without a gap."""
    there = await under_way(year, who, holder)
    said = await row_of(year, who.employee)
    plt = {"plt_untuk": holder, "plt_mulai": f"{YEAR}-01-01", "plt_selesai": f"{YEAR}-05-31"}
    plh = {"plh_untuk": holder, "plh_mulai": f"{YEAR}-06-01", "plh_selesai": ""}
    assert [one["fields"] for one in named(await imported(year, said | plt | plh), "acting_changed")] == [
        {"plt_untuk": holder},
        {"plh_untuk": holder},
    ]
    await year.pass_to(there.appraisal, JUNE)
    assert (await year.row(there.appraisal))["state"] == "self_assessment.drafting", "closed with the Plt's last day"
    assert await begun(year, who) == [there.appraisal]
    ended = {"plh_untuk": "", "plh_mulai": "", "plh_selesai": ""}
    await imported(year, said | NO_APPOINTMENT | ended)


async def test_a_plt_whom_a_file_corrects_to_a_plh_of_the_same_first_day_was_none(year: World, who: Played) -> None:
    """Of who is but absent: the Plh comes in place of the Plt, who acts in that post as before, so that nobody is told of another."""
    _, holder = await year.elsewhere(who.employee)
    year.taken.append(holder)
    said = await row_of(year, who.employee)
    no_plh = {"plh_untuk": "", "plh_mulai": "", "plh_selesai": ""}
    for since in (f"{YEAR}-01-01", JANUARY.date().isoformat()):
        plt = {"plt_untuk": holder, "plt_mulai": since, "plt_selesai": ""}
        plh = {"plh_untuk": holder, "plh_mulai": since, "plh_selesai": ""}
        await imported(year, said | plt | no_plh)
        before = await already(year)
        told = await imported(year, said | NO_APPOINTMENT | plh)
        assert [one["fields"] for one in named(told, "acting_changed")] == [{"plt_untuk": None}, {"plh_untuk": holder}]
        assert (await imported(year, said | NO_APPOINTMENT | plh))["changes"] == []
        back = await imported(year, said | plt | no_plh)
        assert [one["fields"] for one in named(back, "acting_changed")] == [{"plt_untuk": holder}]
        assert await told_since(year, before) == set()
        await imported(year, said | NO_APPOINTMENT | no_plh)


async def test_what_was_begun_for_a_plt_who_is_a_plh_by_a_later_file_ends_with_the_appointment(
    year: World, holder: str, who: Played
) -> None:
    there = await as_plt(year, who, holder)
    said = await row_of(year, who.employee) | NO_APPOINTMENT
    await imported(year, said | {"plh_untuk": holder, "plh_mulai": f"{YEAR}-01-01", "plh_selesai": ""})
    assert (await year.pass_to(there.appraisal, JANUARY + timedelta(days=1)))["ending"] == "not_ratable"
    assert await begun(year, who) == [there.appraisal], "a Plh has no year of the post"
    await imported(year, said | {"plh_untuk": "", "plh_mulai": "", "plh_selesai": ""})
