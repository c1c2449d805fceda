"""Who somebody is to one appraisal: nobody is anything but the employee to herself, and who rated never decides."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.access import AUTHORS, Parties, may_write, parties, roles, sees_result
from models.delegation import Delegation
from models.line import NOBODY, Acting, ActingKind, Line, Officer, Standing, Tenure
from models.vocabulary import Ending, Form, GrantedRole, Role, StandIn, State
from tests.unit.lifecycle_table import standing

NEW_YEAR, DAY, NEW_YEARS_EVE = date(2027, 1, 1), date(2027, 6, 15), date(2027, 12, 31)
SARI, BUDI, RATNA, AGUS, WATI, OTHER = (UUID(int=n) for n in range(1, 7))
PEOPLE = [UUID(int=n) for n in range(1, 8)]


def officer(person: UUID | None) -> Officer:
    return NOBODY if person is None else Officer(person, Standing.HOLDER)


AROUND = Parties(str(SARI), officer(BUDI), officer(RATNA), (officer(RATNA), officer(AGUS)))

WHO_IS_WHAT: list[tuple[UUID, Collection[GrantedRole], int, set[Role]]] = [
    (SARI, (), 0, {Role.EMPLOYEE}),
    (SARI, tuple(GrantedRole), 0, {Role.EMPLOYEE}),
    (BUDI, (), 0, {Role.SUPERVISOR}),
    (BUDI, (GrantedRole.HR,), 0, {Role.SUPERVISOR, Role.HR}),
    (RATNA, (), 0, {Role.SENIOR, Role.APPEAL_AUTHORITY}),
    (RATNA, (), 1, {Role.SENIOR}),
    (AGUS, (GrantedRole.PYB,), 0, {Role.APPOINTING_AUTHORITY}),
    (AGUS, (GrantedRole.PYB,), 1, {Role.APPOINTING_AUTHORITY, Role.APPEAL_AUTHORITY}),
    (AGUS, (GrantedRole.PYB,), 7, {Role.APPOINTING_AUTHORITY, Role.APPEAL_AUTHORITY}),
    (OTHER, (), 0, set()),
    (OTHER, (GrantedRole.BOARD,), 0, {Role.BOARD}),
    (OTHER, (GrantedRole.AUDITOR,), 0, {Role.AUDITOR}),
    (OTHER, (GrantedRole.UNIT_HEAD,), 0, set()),
]


@pytest.mark.parametrize(("actor", "granted", "level", "held"), WHO_IS_WHAT)
def test_each_is_what_the_line_and_the_grants_say(
    actor: UUID, granted: Collection[GrantedRole], level: int, held: set[Role]
) -> None:
    assert roles(str(actor), granted, AROUND, level=level) == held


@pytest.mark.parametrize(
    ("role", "level", "person"),
    [
        (Role.EMPLOYEE, 0, SARI),
        (Role.SUPERVISOR, 0, BUDI),
        (Role.SENIOR, 0, RATNA),
        (Role.APPEAL_AUTHORITY, 0, RATNA),
        (Role.APPEAL_AUTHORITY, 1, AGUS),
        (Role.APPEAL_AUTHORITY, 9, AGUS),
        (Role.HR, 0, None),
        (Role.BOARD, 0, None),
        (Role.APPOINTING_AUTHORITY, 0, None),
    ],
)
def test_a_role_of_one_has_its_person_and_a_role_of_many_has_none(role: Role, level: int, person: UUID | None) -> None:
    assert AROUND.person_in(role, level) == (str(person) if person else None)


def test_where_nobody_is_left_nobody_holds_the_role() -> None:
    alone = Parties(str(SARI), NOBODY, NOBODY, ())
    assert {alone.person_in(role) for role in set(Role) - {Role.EMPLOYEE}} == {None}
    assert all(roles(str(person), (), alone) == frozenset() for person in PEOPLE if person != SARI)


# ── a decision that is handed on ────────────────────────────────────────────────────────────────────────────────────


def decider(let_pass: Collection[UUID], level: int, *chain: UUID) -> UUID | None:
    """Whose the decision is in this chain of today."""
    around = Parties(
        str(SARI), officer(BUDI), officer(RATNA), tuple(map(officer, chain)), let_pass=tuple(map(str, let_pass))
    )
    found = around.person_in(Role.APPEAL_AUTHORITY, level)
    return None if found is None else UUID(found)


HANDED_ON: list[tuple[str, Collection[UUID], int, Collection[UUID], UUID | None]] = [
    ("nobody let it pass", (), 0, (RATNA, AGUS, WATI), RATNA),
    ("the first let it pass", (RATNA,), 1, (RATNA, AGUS, WATI), AGUS),
    ("the first let it pass and is gone since", (RATNA,), 1, (AGUS, WATI), AGUS),
    ("the first let it pass and another came in her place", (RATNA,), 1, (OTHER, AGUS, WATI), OTHER),
    ("who has it now is allowed no more", (RATNA,), 1, (RATNA, WATI), WATI),
    ("nobody was there to let it pass", (), 0, (), None),
    ("all let it pass", (RATNA, AGUS), 2, (RATNA, AGUS), AGUS),
    ("all let it pass and the last is gone since", (RATNA, AGUS), 2, (RATNA,), RATNA),
    ("all let it pass, the last twice", (RATNA, AGUS, AGUS), 3, (RATNA, AGUS), AGUS),
    ("handed on before names were kept", (), 1, (RATNA, AGUS, WATI), AGUS),
    ("handed on before and after names were kept", (AGUS,), 2, (RATNA, AGUS, WATI), WATI),
]


@pytest.mark.parametrize(
    ("let_pass", "level", "chain", "whose"), [c[1:] for c in HANDED_ON], ids=[c[0] for c in HANDED_ON]
)
def test_a_decision_is_the_first_ones_who_has_not_let_it_pass(
    let_pass: Collection[UUID], level: int, chain: Collection[UUID], whose: UUID | None
) -> None:
    assert decider(let_pass, level, *chain) == whose


def test_where_nobody_held_it_nobody_is_passed_over_once_somebody_does() -> None:
    around = Parties(str(SARI), officer(BUDI), officer(RATNA), (officer(RATNA), officer(AGUS)), let_pass=("",))
    assert around.person_in(Role.APPEAL_AUTHORITY, 1) == str(RATNA)
    assert not around.passed_by_all(1)


@given(st.lists(st.sampled_from(PEOPLE[1:]), unique=True), st.lists(st.sampled_from(PEOPLE[1:])))
def test_whoever_is_in_the_chain_it_is_somebodys_and_his_only_again_once_all_let_it_pass(
    chain: list[UUID], let_pass: list[UUID]
) -> None:
    around = Parties(str(SARI), NOBODY, NOBODY, tuple(map(officer, chain)), let_pass=tuple(map(str, let_pass)))
    whose = around.person_in(Role.APPEAL_AUTHORITY, len(let_pass))
    assert (whose is None) == (chain == [])
    assert (
        around.passed_by_all(len(let_pass))
        == (whose in {str(one) for one in let_pass})
        == (bool(chain) and set(chain) <= set(let_pass))
    )


# ── over random agencies ────────────────────────────────────────────────────────────────────────────────────────────


@st.composite
def lines(draw: st.DrawFn) -> Line:
    """Rows as bad as rows can be: loops, vacancies, stand-ins for oneself, supervisors outside, absent people."""
    somebody = st.sampled_from(PEOPLE)
    tenures = [
        Tenure(
            person, draw(st.none() | somebody), draw(st.booleans()), NEW_YEAR, draw(st.sampled_from([None, NEW_YEAR]))
        )
        for person in draw(st.lists(somebody, unique=True))
    ]
    actings = draw(
        st.lists(st.builds(Acting, somebody, somebody, st.sampled_from(ActingKind), st.just(NEW_YEAR)), max_size=4)
    )
    lent = st.builds(Delegation, somebody, somebody, st.just(NEW_YEAR), st.just(NEW_YEARS_EVE))
    return Line(tenures, actings, draw(st.lists(somebody, max_size=3)), delegations=draw(st.lists(lent, max_size=4)))


MAYBE = st.none() | st.sampled_from(PEOPLE).map(str)
SUBJECT = st.sampled_from(PEOPLE).map(str)
GRANTS = st.sets(st.sampled_from(GrantedRole))
LEVEL = st.integers(0, 4)


@given(SUBJECT, lines(), MAYBE, MAYBE, GRANTS, LEVEL)
def test_nobody_has_any_role_but_employee_on_herself(
    subject: str, line: Line, reassigned: str | None, rated_by: str | None, granted: set[GrantedRole], level: int
) -> None:
    around = parties(subject, DAY, line, reassigned=reassigned, rated_by=rated_by)
    assert roles(subject, granted, around, level=level) == {Role.EMPLOYEE}
    officers = {around.supervisor.person_id, around.senior.person_id, *(o.person_id for o in around.appeal)}
    assert UUID(subject) not in officers


@given(SUBJECT, lines(), MAYBE, SUBJECT, st.lists(SUBJECT, max_size=2), GRANTS, LEVEL)
def test_who_rated_or_answers_for_the_rating_never_decides_himself_or_for_another(
    subject: str,
    line: Line,
    reassigned: str | None,
    rated_by: str,
    defenders: list[str],
    granted: set[GrantedRole],
    level: int,
) -> None:
    around = parties(subject, DAY, line, reassigned=reassigned, rated_by=rated_by, defenders=defenders)
    supervisor = around.person_in(Role.SUPERVISOR)
    for one in {rated_by, supervisor, *defenders, *around.delegates_in(Role.SUPERVISOR)} - {None}:
        assert Role.APPEAL_AUTHORITY not in roles(str(one), granted, around, level=level)


@given(SUBJECT, lines(), MAYBE, MAYBE, LEVEL)
def test_each_role_of_one_is_held_by_whom_it_is_shown_to_be_and_by_those_who_act_for_him(
    subject: str, line: Line, reassigned: str | None, rated_by: str | None, level: int
) -> None:
    around = parties(subject, DAY, line, reassigned=reassigned, rated_by=rated_by)
    for role in (Role.EMPLOYEE, Role.SUPERVISOR, Role.SENIOR, Role.APPEAL_AUTHORITY):
        holders = [str(p) for p in PEOPLE if role in roles(str(p), (), around, level=level)]
        shown = around.person_in(role, level)
        assert set(holders) == ({shown, *around.delegates_in(role, level)} if shown else set())
        assert [h for h in holders if around.on_behalf_of(h, role, level) is None or h == shown] == (
            [shown] if shown else []
        )
    supervisor, senior = around.person_in(Role.SUPERVISOR), around.person_in(Role.SENIOR)
    assert supervisor is None or supervisor != senior


def test_a_reassignment_outranks_the_line() -> None:
    line = Line([Tenure(SARI, BUDI, False, NEW_YEAR), Tenure(BUDI, RATNA, False, NEW_YEAR), *_posts(RATNA, WATI)])
    assert parties(str(SARI), DAY, line).person_in(Role.SUPERVISOR) == str(BUDI)
    assert parties(str(SARI), DAY, line, reassigned=str(WATI)).person_in(Role.SUPERVISOR) == str(WATI)


def test_the_pyb_in_the_place_of_the_only_hr_officer_is_marked_and_hr_is_not() -> None:
    line = Line([Tenure(SARI, BUDI, False, NEW_YEAR), *_posts(BUDI, WATI)], pybs=[WATI], hr=[SARI])
    hers = parties(str(SARI), DAY, line)
    assert hers.standing(str(WATI), Role.HR) == (StandIn.PYB, None)
    assert parties(str(BUDI), DAY, line).standing(str(SARI), Role.HR) == (None, None)


def _posts(*people: UUID) -> list[Tenure]:
    return [Tenure(person, None, False, NEW_YEAR) for person in people]


# ── what a role may write and see ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", list(Form))
def test_a_form_has_its_authors_and_nobody_else_keeps_a_draft_of_it(form: Form) -> None:
    snapshot = standing(State.RATING_DRAFTING)
    writers = {role for role in Role if may_write(form, [role], snapshot)}
    assert writers == AUTHORS[form] - {Role.SENIOR}


def test_a_senior_supervisor_drafts_a_rating_only_after_a_takeover() -> None:
    taken_over = standing(State.RATING_DRAFTING, visit={"takeover": True})
    assert may_write(Form.RATING, [Role.SENIOR], taken_over)
    assert not may_write(Form.RATING, [Role.SENIOR], standing(State.RATING_DRAFTING))
    assert not may_write(Form.PLAN, [Role.SENIOR], taken_over)


BEFORE_DELIVERY = [s for s in State if s.stage.value not in ("appeal", "finalisation")]


@pytest.mark.parametrize("state", BEFORE_DELIVERY, ids=lambda s: s.value)
def test_the_person_rated_sees_nothing_of_her_result_before_it_reached_her(state: State) -> None:
    assert not sees_result([Role.EMPLOYEE], standing(state))
    assert sees_result([Role.SUPERVISOR], standing(state))
    assert not sees_result([], standing(state))


def test_a_delivery_shows_the_result() -> None:
    assert not sees_result([Role.EMPLOYEE], standing(State.APPEAL_OPEN))
    delivered = standing(State.APPEAL_OPEN).visit.model_copy(update={"delivered_at": "2027-12-30T00:00:00Z"})
    assert sees_result([Role.EMPLOYEE], standing(State.APPEAL_OPEN).model_copy(update={"visit": delivered}))
    assert sees_result([Role.EMPLOYEE], standing(State.FINALISATION_DONE, ending=Ending.ACCEPTED))


def test_a_cancelled_year_shows_no_result_that_never_reached_her() -> None:
    cancelled = standing(State.FINALISATION_DONE, ending=Ending.CANCELLED)
    assert not sees_result([Role.EMPLOYEE], cancelled)
    assert sees_result([Role.HR], cancelled)
