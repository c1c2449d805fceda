"""Delegation as rules: when it is in force, what it never reaches, and which offers are refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.access import parties, roles
from models.delegation import LIVE, Delegation, DelegationState, delegates_on, refusal
from models.line import Acting, ActingKind, Line, Tenure
from models.vocabulary import GrantedRole, Role, StandIn

NEW_YEAR, TODAY = date(2027, 1, 1), date(2027, 6, 15)
SARI, BUDI, RATNA, AGUS, WATI, OTHER = (UUID(int=n) for n in range(1, 7))
PEOPLE = [SARI, BUDI, RATNA, AGUS, WATI, OTHER]


def lent(
    principal: UUID = BUDI,
    delegate: UUID = WATI,
    start: date = TODAY,
    until: date = date(2027, 6, 30),
    state: DelegationState = DelegationState.ACCEPTED,
) -> Delegation:
    return Delegation(principal, delegate, start, until, state)


def days(**more: int) -> timedelta:
    return timedelta(**more)


# ── when ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("day", "state", "covered"),
    [
        (TODAY - days(days=1), DelegationState.ACCEPTED, False),
        (TODAY, DelegationState.ACCEPTED, True),
        (date(2027, 6, 30), DelegationState.ACCEPTED, True),
        (date(2027, 7, 1), DelegationState.ACCEPTED, False),
        (TODAY, DelegationState.OFFERED, False),
        (TODAY, DelegationState.DECLINED, False),
        (TODAY, DelegationState.ENDED, False),
    ],
)
def test_it_is_in_force_once_accepted_on_its_days_and_ends_by_itself(
    day: date, state: DelegationState, covered: bool
) -> None:
    one = lent(state=state)
    assert one.covers(day) is covered
    assert delegates_on(BUDI, day, [one]) == ((WATI,) if covered else ())


# ── which offers ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("wanted", "others", "code"),
    [
        (lent(), [], None),
        (lent(delegate=BUDI), [], "delegation_to_oneself"),
        (lent(until=TODAY - days(days=1)), [], "delegation_reversed"),
        (lent(start=TODAY - days(days=1)), [], "delegation_in_past"),
        (lent(until=TODAY), [], None),
        (lent(until=TODAY + days(days=365)), [], None),
        (lent(until=TODAY + days(days=366)), [], "delegation_too_long"),
        (lent(), [lent(WATI, AGUS)], "delegation_chain"),
        (lent(), [lent(AGUS, BUDI)], "delegation_chain"),
        (lent(), [lent(AGUS, BUDI, state=DelegationState.OFFERED)], "delegation_chain"),
        (lent(), [lent(AGUS, BUDI, state=DelegationState.DECLINED)], None),
        (lent(), [lent(AGUS, BUDI, state=DelegationState.ENDED)], None),
        (lent(), [lent(AGUS, BUDI, NEW_YEAR, TODAY - days(days=1))], None),
        (lent(), [lent(AGUS, BUDI, NEW_YEAR, TODAY)], "delegation_chain"),
        (lent(), [lent(WATI, BUDI)], "delegation_circle"),
        (lent(), [lent(WATI, AGUS), lent(AGUS, BUDI)], "delegation_circle"),
        (lent(), [lent()], "delegation_exists"),
        (lent(), [lent(BUDI, AGUS)], None),
        (lent(), [lent(AGUS, WATI)], None),
    ],
)
def test_each_offer_is_taken_or_refused_by_its_rule(
    wanted: Delegation, others: list[Delegation], code: str | None
) -> None:
    assert refusal(replace(wanted, state=DelegationState.OFFERED), others, TODAY) == code


def test_an_offer_to_the_only_person_appraised_is_refused_and_to_one_of_many_is_not() -> None:
    assert refusal(lent(), [], TODAY, {WATI}) == "delegation_to_subject"
    assert refusal(lent(), [], TODAY, {WATI, SARI}) is None
    assert refusal(lent(), [], TODAY, set()) is None


SPAN = st.tuples(st.integers(0, 20), st.integers(0, 20)).map(sorted)
OFFERS = st.lists(
    st.builds(
        lambda principal, delegate, span: Delegation(
            principal, delegate, TODAY + days(days=span[0]), TODAY + days(days=span[1]), DelegationState.OFFERED
        ),
        st.sampled_from(PEOPLE),
        st.sampled_from(PEOPLE),
        SPAN,
    ),
    max_size=12,
)


@given(OFFERS)
def test_of_offers_that_were_taken_nobody_is_ever_lender_and_borrower_on_one_day(offers: list[Delegation]) -> None:
    taken: list[Delegation] = []
    for offer in offers:
        if refusal(offer, taken, TODAY) is None:
            taken.append(offer)
    assert all(one.state in LIVE for one in taken)
    for day in (TODAY + days(days=n) for n in range(21)):
        running = [replace(one, state=DelegationState.ACCEPTED) for one in taken]
        lenders = {one.principal for one in running if one.covers(day)}
        assert not lenders & {one.delegate for one in running if one.covers(day)}


# ── what it reaches ─────────────────────────────────────────────────────────────────────────────────────────────────

TENURES = [
    Tenure(SARI, BUDI, False, NEW_YEAR),
    Tenure(WATI, BUDI, False, NEW_YEAR),
    Tenure(BUDI, RATNA, False, NEW_YEAR),
    Tenure(RATNA, AGUS, False, NEW_YEAR),
    Tenure(AGUS, None, True, NEW_YEAR),
    Tenure(OTHER, AGUS, False, NEW_YEAR),
]


def line(*delegations: Delegation, actings: list[Acting] | None = None) -> Line:
    return Line(TENURES, actings or [], [AGUS, OTHER], delegations=delegations)


def held(actor: UUID, subject: UUID, agency: Line, **more: str) -> frozenset[Role]:
    return roles(str(actor), (), parties(str(subject), TODAY, agency, **more))


def test_a_delegate_of_the_supervisor_acts_as_supervisor_and_the_supervisor_too() -> None:
    agency = line(lent())
    assert held(WATI, SARI, agency) == {Role.SUPERVISOR}
    assert held(BUDI, SARI, agency) == {Role.SUPERVISOR}
    around = parties(str(SARI), TODAY, agency)
    assert around.on_behalf_of(str(WATI), Role.SUPERVISOR) == str(BUDI)
    assert around.on_behalf_of(str(BUDI), Role.SUPERVISOR) is None


def test_nobody_rates_the_own_superior_by_what_was_lent() -> None:
    """RATNA leads BUDI, and BUDI leads WATI: what RATNA lends to WATI reaches everybody but BUDI and who is above him."""
    agency = line(lent(RATNA, WATI))
    assert held(WATI, BUDI, agency) == frozenset()
    assert held(WATI, SARI, agency) == {Role.SENIOR, Role.APPEAL_AUTHORITY}


def test_a_delegate_uses_the_right_of_whoever_stands_in_the_post_and_so_has_his_mark() -> None:
    agency = line(lent(OTHER, WATI), actings=[Acting(OTHER, BUDI, ActingKind.PLT, NEW_YEAR)])
    around = parties(str(SARI), TODAY, agency)
    for actor, principal in ((WATI, str(OTHER)), (OTHER, None)):
        assert around.on_behalf_of(str(actor), Role.SUPERVISOR) == principal
        assert around.standing(str(actor), Role.SUPERVISOR) == (StandIn.PLT, str(BUDI))
    assert around.standing(str(RATNA), Role.SENIOR) == (None, None)
    assert around.standing(str(SARI), Role.EMPLOYEE) == (None, None)


def test_a_delegation_does_not_reach_the_delegates_own_appraisal() -> None:
    assert held(WATI, WATI, line(lent())) == {Role.EMPLOYEE}


def test_a_delegate_of_the_senior_acts_as_senior_and_decides_the_appeal_in_his_name() -> None:
    around = parties(str(SARI), TODAY, line(lent(RATNA, OTHER)))
    assert roles(str(OTHER), (), around) == {Role.SENIOR, Role.APPEAL_AUTHORITY}
    assert around.on_behalf_of(str(OTHER), Role.APPEAL_AUTHORITY) == str(RATNA)
    assert around.on_behalf_of(str(OTHER), Role.SENIOR) == str(RATNA)
    assert around.on_behalf_of(str(RATNA), Role.SENIOR) == str(BUDI)


@pytest.mark.parametrize("delegate", [BUDI, SARI])
def test_the_appeal_is_not_delegated_to_the_supervisor_nor_to_the_person_appraised(delegate: UUID) -> None:
    agency = line(lent(RATNA, delegate))
    assert Role.APPEAL_AUTHORITY not in held(delegate, SARI, agency)
    assert Role.SENIOR not in held(delegate, SARI, agency)
    assert Role.APPEAL_AUTHORITY in held(RATNA, SARI, agency)


def test_the_appeal_is_not_delegated_to_who_rated() -> None:
    agency = line(lent(RATNA, OTHER))
    assert Role.APPEAL_AUTHORITY not in held(OTHER, SARI, agency, rated_by=str(OTHER))


def test_who_stands_in_for_the_supervisor_does_not_decide_against_what_he_answers_for() -> None:
    agency = line(lent(BUDI, RATNA))
    assert held(RATNA, SARI, agency) == {Role.SUPERVISOR, Role.SENIOR}
    assert Role.APPEAL_AUTHORITY in held(AGUS, SARI, agency)


def test_a_borrowed_power_is_not_lent_on_though_the_rows_say_so() -> None:
    agency = line(lent(), lent(WATI, OTHER))
    assert held(OTHER, SARI, agency) == frozenset()


def test_what_an_acting_official_does_is_not_lent_by_the_holder_he_stands_in_for() -> None:
    agency = line(lent(BUDI, WATI), actings=[Acting(OTHER, BUDI, ActingKind.PLT, NEW_YEAR)])
    assert held(WATI, SARI, agency) == frozenset()
    assert held(OTHER, SARI, agency) == {Role.SUPERVISOR}


def test_somebody_who_left_acts_for_nobody() -> None:
    gone = [replace(row, end=date(2027, 5, 31)) if row.person_id == WATI else row for row in TENURES]
    assert held(WATI, SARI, Line(gone, delegations=[lent()])) == frozenset()


# ── DOMAIN 3.15: the double role ────────────────────────────────────────────────────────────────────────────────────


def test_3_15_a_plt_of_his_own_supervisors_post_is_nothing_but_the_employee_to_himself() -> None:
    agency = line(actings=[Acting(SARI, BUDI, ActingKind.PLT, NEW_YEAR)])
    around = parties(str(SARI), TODAY, agency)
    assert roles(str(SARI), tuple(GrantedRole), around) == {Role.EMPLOYEE}
    assert around.person_in(Role.SUPERVISOR) == str(RATNA)
    assert held(SARI, WATI, agency) == {Role.SUPERVISOR}


def test_3_15_what_a_plt_lends_does_not_come_back_to_his_own_appraisal() -> None:
    agency = line(lent(SARI, WATI), actings=[Acting(SARI, BUDI, ActingKind.PLT, NEW_YEAR)])
    assert held(WATI, SARI, agency) == frozenset()
    assert held(WATI, WATI, agency) == {Role.EMPLOYEE}


# ── who acts near somebody ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("acting", "near"),
    [
        (Acting(OTHER, BUDI, ActingKind.PLH, NEW_YEAR), True),
        (Acting(OTHER, SARI, ActingKind.PLT, NEW_YEAR), True),
        (Acting(OTHER, RATNA, ActingKind.PLT, NEW_YEAR), True),
        (Acting(OTHER, AGUS, ActingKind.PLT, NEW_YEAR), False),
        (Acting(BUDI, RATNA, ActingKind.PLT, NEW_YEAR), False),
        (Acting(OTHER, BUDI, ActingKind.PLH, NEW_YEAR, TODAY - days(days=1)), False),
        (Acting(OTHER, BUDI, ActingKind.PLH, TODAY + days(days=9)), True),
    ],
)
def test_who_acts_in_the_next_posts_is_near(acting: Acting, near: bool) -> None:
    assert line(actings=[acting]).actings_near(BUDI, TODAY) == ([acting] if near else [])
