"""Timing a cycle by groups says of everybody what timing each alone says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from activities.facts import CycleFacts
from activities.retiming import comes_earlier, moves_of
from activities.timed_groups import UNREAD, UNREAD_OF_VISIT, TimedGroups
from models.appraisal import FormRef, Given, Receipt, Snapshot, Timing
from models.circumstances import Outage
from models.policy import PolicyPack
from models.timetable import timing
from models.units import Path
from models.vocabulary import Action, Form, Role, State, Zone
from models.windows import CalendarRows, WindowRow
from models.workdays import NO_AGENCY_DAYS, AgencyDays, PersonClock, at_time
from tests.unit.timetable_play import PACK, YEAR, snapshots, standing

PATHS = {"kota": ("kota",), "dinas": ("dinas", "kota"), "sekolah": ("sekolah", "dinas", "kota")}
STOOD: tuple[Mapping[str, Path], ...] = ({}, {"sekolah": ("sekolah", "kota")})
"""Nothing, or the school, was hung elsewhere."""
BRISK = PACK.model_copy(
    update={"steps": {state: step.model_copy(update={"days": 1}) for state, step in PACK.steps.items()}}
)
"""Every step is due a day after it began, so that rungs fall on the day of entry."""
FAULTY = BRISK.model_copy(
    update={
        "rung_hour": 16,
        "steps": {state: step.model_copy(update={"days": 2}) for state, step in BRISK.steps.items()},
    }
)
"""Of other days and another hour, until it is corrected."""
DAYS = st.dates(date(2026, 1, 1), date(2026, 3, 20))
HOURS = st.sampled_from([time(0), time(7, 59), time(8), time(8, 0, 0, 1), time(16), time.max])
SOON = st.builds(at_time, st.dates(date(2026, 1, 5), date(2026, 1, 8)), HOURS, st.sampled_from(Zone))
OUTAGES = st.lists(
    st.tuples(SOON | st.builds(at_time, DAYS, HOURS, st.just(Zone.WIB)), st.integers(1, 200)).map(
        lambda drawn: Outage(drawn[0], drawn[0] + timedelta(hours=drawn[1]))
    ),
    max_size=3,
).map(tuple)
OWN_DAYS = st.dictionaries(st.dates(date(2026, 1, 3), date(2026, 2, 15)), st.booleans(), max_size=9).map(
    lambda drawn: AgencyDays(
        off=frozenset(day for day, works in drawn.items() if not works),
        working=frozenset(day for day, works in drawn.items() if works),
    )
)


NEAR = st.tuples(st.dates(date(2026, 1, 1), date(2026, 1, 12)), st.integers(0, 16), st.integers(0, 10)).map(
    lambda w: WindowRow(w[0], w[0] + timedelta(days=w[1]), w[0] + timedelta(days=w[1] + w[2]))
)
STATES = st.sampled_from([*PACK.steps, State.EXECUTION_RUNNING])


@st.composite
def calendars(draw: st.DrawFn) -> CalendarRows:
    """Some windows elsewhere, some of them in a unit, and sometimes an end at an instant of its own."""
    rows: dict[tuple[str, str | None], WindowRow] = {(key, None): row for key, row in YEAR.items()}
    for unit in draw(st.lists(st.sampled_from((None, "dinas")), max_size=5)):
        rows[draw(st.sampled_from(sorted(YEAR))), unit] = draw(NEAR)
    if draw(st.booleans()):
        key = draw(st.sampled_from(sorted(YEAR)))
        opens = rows[key, None].opens or date(2026, 1, 5)
        rows[key, None] = WindowRow(opens, draw(SOON), draw(SOON))
    return rows


@st.composite
def people(draw: st.DrawFn) -> list[tuple[Snapshot, str, Zone, int]]:
    """Some who stand alike but for their hour, in a few units."""
    found = []
    plain = STATES.map(lambda state: standing(state, at_time(date(2026, 1, 5), time(9), Zone.WIB)))
    for kind in draw(st.lists(plain | snapshots(), min_size=1, max_size=3)):
        unit, zone, week = draw(st.sampled_from(sorted(PATHS))), draw(st.sampled_from(Zone)), draw(st.integers(5, 6))
        entries = st.builds(at_time, st.dates(date(2026, 1, 5), date(2026, 1, 7)), HOURS, st.just(zone))
        for entered in draw(st.lists(entries, min_size=3, max_size=8)):
            visit = kind.visit.model_copy(update={"entered_at": entered, "no": draw(st.integers(1, 9))})
            one = kind.model_copy(update={"visit": visit, "appraisal_id": f"a-{len(found)}"})
            found.append((one, unit, zone, week))
    return found


def found_by_sql(everybody: list[tuple[Snapshot, str, Zone, int]], held: dict[str, Timing]) -> list[dict[str, object]]:
    """The rows of `GROUPS` for these people."""
    rows: dict[str, dict[str, object]] = {}
    for snapshot, unit, zone, week in everybody:
        stored = json.loads(snapshot.model_dump_json(exclude_none=True))
        planned = stored.pop("plan_in_force", None) is not None
        visit = {name: value for name, value in stored.pop("visit").items() if name not in UNREAD_OF_VISIT}
        rest = {name: value for name, value in stored.items() if name not in UNREAD}
        del rest["flow"]["silence"]
        alike = {"unit_id": unit, "zone": zone.value, "work_week": week, "person": "", "planned": planned}
        alike |= {"rest": rest, "visit": visit}
        row = rows.setdefault(json.dumps(alike, sort_keys=True), alike | {"ids": [], "entered": [], "next_at": []})
        moments = held[snapshot.appraisal_id].moments
        for name, value in (
            ("ids", snapshot.appraisal_id),
            ("entered", snapshot.visit.entered_at),
            ("next_at", moments[0].at if moments else None),
        ):
            of = row[name]
            assert isinstance(of, list)
            of.append(value)
    return list(rows.values())


def alone(
    facts: CycleFacts,
    snapshot: Snapshot,
    unit: str,
    zone: Zone,
    week: int,
    now: datetime | None,
    pack: PolicyPack = BRISK,
) -> Timing:
    clock = PersonClock.of(zone, 6 if week == 6 else 5, facts.agency)
    return timing(snapshot, pack, facts.around(snapshot, PATHS[unit], clock), facts.facts_revision, now)


@settings(max_examples=300)
@given(
    people(),
    calendars(),
    calendars(),
    calendars(),
    OUTAGES,
    OWN_DAYS,
    SOON,
    st.sampled_from(STOOD),
    st.sampled_from((BRISK, FAULTY)),
)
def test_a_group_is_timed_as_each_of_its_members_alone(
    everybody: list[tuple[Snapshot, str, Zone, int]],
    slept_by: CalendarRows,
    rows: CalendarRows,
    moved: CalendarRows,
    outages: tuple[Outage, ...],
    own_days: AgencyDays,
    now: datetime,
    stood: Mapping[str, Path],
    pack: PolicyPack,
) -> None:
    asleep = CycleFacts(1, slept_by, NO_AGENCY_DAYS)
    before, after = CycleFacts(2, rows, NO_AGENCY_DAYS, stood=stood), CycleFacts(3, moved, own_days, outages=outages)
    held = {one[0].appraisal_id: alone(asleep, *one, None, pack) for one in everybody}
    groups = list(
        TimedGroups((before, after), BRISK.rung_hour, pack.rung_hour).split(found_by_sql(everybody, held), PATHS)
    )
    moves = moves_of(groups, BRISK, before, after, now, pack)
    seen: set[str] = set()
    for move in moves:
        told = dict(move.told(BRISK.jitter.seconds))
        for member in move.group.members:
            who = next(one for one in everybody if one[0].appraisal_id == member.appraisal_id)
            seen.add(member.appraisal_id)
            for facts, found, by in ((before, move.before, pack), (after, move.after, BRISK)):
                mine = alone(facts, *who, now, by)
                its = (mine.opens_at, mine.due_at, mine.lapses_at)
                assert replace(move, after=found).ends(member) == its
                stand_in = move.group.snapshot.visit.entered_at
                assert [(m.action, m.key, member.entered if m.at == stand_in else m.at) for m in found.moments] == [
                    (m.action, m.key, m.at) for m in mine.moments
                ]
            mine, slept = alone(after, *who, now).moments, held[member.appraisal_id].moments
            sleeps_too_long = bool(mine) and (not slept or mine[0].wake < slept[0].wake)
            assert (member.appraisal_id in told) == sleeps_too_long == comes_earlier(move.group, member, move.after)
            if sleeps_too_long:
                assert told[member.appraisal_id] == mine[0].wake
    assert len(seen) == len(everybody)


def test_those_who_stand_alike_are_one_group() -> None:
    """Nothing is won where everybody is a group of his own."""
    entered = [
        at_time(date(2026, 1, 5), time(9, minute, second), Zone.WIB) for minute in range(60) for second in (1, 2)
    ]
    everybody = [
        (standing(State.PLAN_DRAFTING, at, appraisal_id=f"a-{n}"), ("kota", "dinas")[n % 2], Zone.WIB, 5)
        for n, at in enumerate(entered)
    ]
    facts = CycleFacts(1, {(key, None): row for key, row in YEAR.items()}, NO_AGENCY_DAYS)
    held = {one[0].appraisal_id: alone(facts, *one, None) for one in everybody}
    (group,) = TimedGroups((facts,), BRISK.rung_hour).split(found_by_sql(everybody, held), PATHS)
    assert len(group.members) == len(everybody)


def test_who_sleeps_without_a_timer_is_woken_by_the_rungs_an_extension_brings() -> None:
    """She came after her first reminder and the rest is reached; a later due day has a first reminder again."""
    rungs = ("remind-3", "remind-1", "remind+0", "overdue+1", "takeover+3", "hr_list+7", "hr_list+rating")
    came = at_time(date(2026, 12, 21), time(9), Zone.WIB)
    who = standing(State.PLAN_DRAFTING, came, rungs=rungs, lapsed=True)
    rows: CalendarRows = {(key, None): row for key, row in YEAR.items()}
    before = CycleFacts(1, rows, NO_AGENCY_DAYS)
    later = {("plan", None): WindowRow(date(2026, 1, 1), date(2027, 2, 26), date(2027, 3, 31))}
    after = CycleFacts(2, {**rows, **later}, NO_AGENCY_DAYS)
    held = timing(who, PACK, before.around(who, ("kota",), PersonClock.of(Zone.WIB, 5)), 1)
    assert held.moments == ()
    sql = found_by_sql([(who, "kota", Zone.WIB, 5)], {who.appraisal_id: held})
    groups = list(TimedGroups((before, after), PACK.rung_hour).split(sql, PATHS))
    (move,) = moves_of(groups, PACK, before, after, came + timedelta(days=20))
    assert [one for one, _ in move.told(PACK.jitter.seconds)] == [who.appraisal_id]
    assert [moment.key for moment in move.after.moments] == ["remind-7"]


@given(snapshots(), calendars(), SOON)
def test_no_timing_depends_on_what_the_groups_leave_out(snapshot: Snapshot, rows: CalendarRows, now: datetime) -> None:
    facts = CycleFacts(1, rows, NO_AGENCY_DAYS)
    form = FormRef(form=Form.PLAN, copy_id="c-9", sha256="ff", version=9)
    receipt = Receipt(action=Action.SUBMIT_PLAN, state=State.PLAN_REVIEWING, version=7, event_seq=7, fingerprint="f")
    other: dict[str, object] = {
        "schema_version": 2,
        "revision": 3,
        "incarnation": 2,
        "version": 9,
        "seq": 9,
        "last_hash": "aa",
        "forms": {"plan": form},
        "plan_before": form,
        "scored_copy": "c-9",
        "outcome_id": "o-9",
        "approver": "p-9",
        "approved": Form.PLAN,
        "approved_for": "p-8",
        "approved_as": Role.SUPERVISOR,
        "rated_by": "p-9",
        "rated_under": "p-9",
        "given": {State.PLAN_DRAFTING: Given(since=now, sent_at=now)},
        "appealed": True,
        "supervisor_override": "p-9",
        "disputed": True,
        "disputed_supervisor": "p-9",
        "archived": True,
        "policy": 9,
        "receipts": {"k": receipt},
        "appraisal_id": snapshot.appraisal_id,
        "subject": "p-1",
    }
    assert set(other) == set(UNREAD)
    handed_on = {"level": 2, "let_pass": ("p-8", "p-9")}
    taken_back = {"before": snapshot.visit, "review_taken_over": True}
    visit = snapshot.visit.model_copy(
        update={"returned": not snapshot.visit.returned, "takeover": True, **handed_on, **taken_back}
    )
    planned = snapshot.plan_in_force and form
    changed = snapshot.model_copy(update={**other, "visit": visit, "plan_in_force": planned})
    found = alone(facts, changed, "dinas", Zone.WIT, 5, now)
    shown = found.model_copy(update={"before_lapses_at": None})
    assert shown == alone(facts, snapshot, "dinas", Zone.WIT, 5, now), "but until when it may be recalled, no row shows"
