"""A pack with round figures, snapshots that stand somewhere in it, and what comes to them; strategies for properties of time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import strategies as st

from models.appraisal import Flow, FormRef, Snapshot, Timing, Visit
from models.circumstances import Circumstances, Outage
from models.policy import Jitter, PolicyPack, Rung, Step, WindowSpec, YearDay
from models.shelf import load
from models.timetable import timing
from models.vocabulary import EngineAction, Form, Silence, State, Zone
from models.windows import WindowRow, resolve
from models.workdays import PersonClock, at_time

WIB5 = PersonClock.of(Zone.WIB, 5)
DUTY = (
    *(Rung(days=-n, act="remind") for n in (7, 3, 1, 0)),
    Rung(days=1, act="overdue"),
    Rung(days=3, act="takeover"),
    Rung(days=7, act="hr_list"),
)
RIGHT = tuple(Rung(days=-n, act="remind") for n in (7, 3, 1, 0))

CLOCKWORK: dict[str, object] = {
    "calendar": {
        "plan": WindowSpec(
            opens=YearDay(month=1, day=1), due=YearDay(month=1, day=31), closes=YearDay(month=2, day=28)
        ),
        "midyear.1": WindowSpec(
            opens=YearDay(month=7, day=1), due=YearDay(month=7, day=31), closes=YearDay(month=8, day=31)
        ),
        "self_assessment": WindowSpec(
            opens=YearDay(month=12, day=1), due=YearDay(month=12, day=14), closes=YearDay(month=12, day=31)
        ),
        "rating": WindowSpec(
            opens=YearDay(month=12, day=15),
            due=YearDay(month=1, day=10, years_later=1),
            closes=YearDay(month=1, day=31, years_later=1),
        ),
    },
    "ladders": {"duty": DUTY, "right": RIGHT},
    "steps": {
        State.PLAN_DRAFTING: Step(basis="window", window="plan", days=5, ladder="duty", silence=Silence.TAKEOVER),
        State.PLAN_REVIEWING: Step(basis="visit", days=5, ladder="duty", silence=Silence.TAKEOVER),
        State.MIDYEAR_DRAFTING: Step(
            basis="window", window="midyear", days=5, ladder="duty", silence=Silence.PROCEED_WITHOUT
        ),
        State.MIDYEAR_REVIEWING: Step(basis="visit", days=5, ladder="duty", silence=Silence.TAKEOVER),
        State.SELF_ASSESSMENT_DRAFTING: Step(
            basis="window", window="self_assessment", days=5, ladder="duty", silence=Silence.PROCEED_WITHOUT
        ),
        State.RATING_DRAFTING: Step(basis="window", window="rating", days=5, ladder="duty", silence=Silence.TAKEOVER),
        State.APPEAL_OPEN: Step(
            basis="delivery", days=14, day_kind="calendar", ladder="right", silence=Silence.ACCEPT, undelivered_days=5
        ),
        State.APPEAL_DECIDING: Step(basis="visit", days=10, ladder="duty", silence=Silence.ESCALATE),
    },
    "rung_hour": 8,
    "jitter": Jitter(seconds=900),
}
PACK = load("permenpanrb-6-2022").model_copy(update=CLOCKWORK)
YEAR = resolve(PACK, 2026)


def local(text: str, zone: Zone = Zone.WIB) -> datetime:
    day, _, clock_time = text.partition(" ")
    return at_time(date.fromisoformat(day), time.fromisoformat(clock_time or "00:00"), zone)


def standing(state: State, entered: datetime, *, period: int | None = None, **about: object) -> Snapshot:
    """A snapshot in that state; names of a visit's fields go to the visit, all others to the snapshot."""
    visit = {name: about.pop(name) for name in list(about) if name in Visit.model_fields}
    flow = Flow(periods=1, silence={s: step.silence for s, step in PACK.steps.items()})
    if state.value.startswith("midyear"):
        period = period or 1
    base = Snapshot(appraisal_id="a-1", subject="p-1", flow=flow, state=state, period=period)
    return base.model_copy(update={"visit": Visit(no=1, entered_at=entered).model_copy(update=visit), **about})


def of(
    snapshot: Snapshot,
    clock: PersonClock = WIB5,
    windows: dict[str, WindowRow] | None = None,
    *,
    outages: tuple[Outage, ...] = (),
    now: datetime | None = None,
    pack: PolicyPack = PACK,
) -> Timing:
    return timing(snapshot, pack, Circumstances(YEAR if windows is None else windows, clock, outages), 1, now)


def at(found: Timing, action: EngineAction) -> list[datetime]:
    return [m.at for m in found.moments if m.action is action]


def rungs(found: Timing) -> dict[str, datetime]:
    return {m.key: m.at for m in found.moments if m.action is EngineAction.REACH_RUNG}


PLAN = FormRef(form=Form.PLAN, copy_id="c-1", sha256="00", version=1)


# ── strategies ────────────────────────────────────────────────────────────────────────────────────────────────────────

INSTANTS = st.integers(0, 13_000).map(
    lambda hours: datetime(2025, 12, 1, tzinfo=UTC) + timedelta(hours=hours, minutes=hours % 60)
)
CLOCKS = st.builds(PersonClock.of, st.sampled_from(Zone), st.sampled_from((5, 6)))
WINDOWS = st.tuples(st.dates(date(2026, 1, 1), date(2027, 3, 1)), st.integers(0, 40), st.integers(0, 40)).map(
    lambda w: WindowRow(w[0], w[0] + timedelta(days=w[1]), w[0] + timedelta(days=w[1] + w[2]))
)
CALENDARS = st.fixed_dictionaries(dict.fromkeys(YEAR, WINDOWS))


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    entered = draw(INSTANTS)
    return standing(
        draw(st.sampled_from([*PACK.steps, State.EXECUTION_RUNNING, State.FINALISATION_RUNNING])),
        entered,
        appraisal_id=draw(st.uuids().map(str)),
        periods_done=0,
        returned=draw(st.booleans()),
        delivered_at=draw(st.none() | st.integers(0, 40 * 24).map(lambda hours: entered + timedelta(hours=hours))),
        extended_to=draw(st.none() | INSTANTS),
        extended_at=draw(st.none() | INSTANTS),
        shifted=draw(st.just(timedelta(0)) | st.timedeltas(timedelta(0), timedelta(days=60))),
        plan_in_force=draw(st.sampled_from((None, PLAN))),
        lapsed=draw(st.booleans()),
    )
