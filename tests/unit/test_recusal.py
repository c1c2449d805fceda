"""Who is close to somebody neither rates her nor decides about her, whatever else he is; the next in the chain does."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.access import parties, roles
from models.delegation import Delegation
from models.line import Acting, ActingKind, Line, Tenure
from models.recusal import Recusal, refusal, relation_kinds
from models.vocabulary import GrantedRole, Role, StandIn

NEW_YEAR, DAY = date(2027, 1, 1), date(2027, 6, 15)
SARI, BUDI, RATNA, AGUS, WATI, PYB, PYB_2 = (UUID(int=n) for n in range(1, 8))
PEOPLE = [SARI, BUDI, RATNA, AGUS, WATI, PYB, PYB_2]
CHAIN = [
    Tenure(SARI, BUDI, False, NEW_YEAR),
    Tenure(WATI, BUDI, False, NEW_YEAR),
    Tenure(BUDI, RATNA, False, NEW_YEAR),
    Tenure(RATNA, AGUS, False, NEW_YEAR),
    Tenure(AGUS, None, True, NEW_YEAR),
    Tenure(PYB, None, True, NEW_YEAR),
    Tenure(PYB_2, None, True, NEW_YEAR),
]


def back(*people: UUID, about: UUID = SARI, start: date = NEW_YEAR) -> list[Recusal]:
    return [Recusal(person, about, start) for person in people]


def line(*recusals: Recusal, lent: Collection[Delegation] = (), actings: Collection[Acting] = ()) -> Line:
    return Line(CHAIN, actings, [PYB, PYB_2], delegations=lent, recusals=recusals)


def lent(principal: UUID, delegate: UUID) -> Delegation:
    return Delegation(principal, delegate, NEW_YEAR, date(2027, 12, 31))


@pytest.mark.parametrize(
    ("people", "supervisor", "senior", "appeal"),
    [
        ((), BUDI, RATNA, (RATNA, PYB, PYB_2)),
        ((BUDI,), RATNA, AGUS, (AGUS, PYB, PYB_2)),
        ((RATNA,), BUDI, AGUS, (AGUS, PYB, PYB_2)),
        ((PYB,), BUDI, RATNA, (RATNA, PYB_2)),
        ((BUDI, RATNA), AGUS, PYB, (PYB, PYB_2)),
        ((BUDI, RATNA, AGUS), PYB, PYB_2, (PYB_2,)),
        ((BUDI, RATNA, AGUS, PYB), PYB_2, None, ()),
        ((BUDI, RATNA, AGUS, PYB, PYB_2), None, None, ()),
    ],
)
def test_whoever_steps_back_is_passed_over_for_the_next(
    people: tuple[UUID, ...], supervisor: UUID | None, senior: UUID | None, appeal: tuple[UUID, ...]
) -> None:
    around = parties(str(SARI), DAY, line(*back(*people)))
    assert (around.supervisor.person_id, around.senior.person_id) == (supervisor, senior)
    assert tuple(one.person_id for one in around.appeal) == appeal


def test_it_is_about_one_person_and_begins_on_its_day() -> None:
    agency = line(*back(BUDI, start=DAY))
    assert parties(str(SARI), DAY - timedelta(days=1), agency).supervisor.person_id == BUDI
    assert parties(str(SARI), DAY, agency).supervisor.person_id == RATNA
    assert parties(str(WATI), DAY, agency).supervisor.person_id == BUDI


def test_what_the_next_does_is_marked_as_done_in_anothers_post_and_in_nobodys_name() -> None:
    around = parties(str(SARI), DAY, line(*back(BUDI)))
    assert around.standing(str(RATNA), Role.SUPERVISOR) == (StandIn.SUPERIOR, str(BUDI))
    assert around.on_behalf_of(str(RATNA), Role.SUPERVISOR) is None


def test_a_part_of_the_year_that_is_closed_asks_who_is_close_today() -> None:
    agency = line(*back(BUDI, start=DAY))
    around = parties(str(SARI), DAY, agency, until=date(2027, 3, 31))
    assert around.supervisor.person_id == RATNA


def test_a_reassignment_does_not_bring_back_who_stepped_back() -> None:
    around = parties(str(SARI), DAY, line(*back(BUDI)), reassigned=str(BUDI))
    assert around.supervisor.person_id == RATNA


def test_a_plt_steps_back_like_a_holder() -> None:
    agency = line(*back(WATI), actings=[Acting(WATI, BUDI, ActingKind.PLT, NEW_YEAR)])
    assert parties(str(SARI), DAY, agency).supervisor.person_id == RATNA


@pytest.mark.parametrize(
    ("delegation", "recused", "role"),
    [
        (lent(BUDI, WATI), WATI, Role.SUPERVISOR),
        (lent(RATNA, WATI), WATI, Role.SENIOR),
        (lent(RATNA, WATI), WATI, Role.APPEAL_AUTHORITY),
        (lent(BUDI, WATI), BUDI, Role.SUPERVISOR),
    ],
)
def test_nobody_acts_for_another_about_whom_he_is_close_to_nor_for_who_stepped_back(
    delegation: Delegation, recused: UUID, role: Role
) -> None:
    assert str(WATI) in parties(str(SARI), DAY, line(lent=[delegation])).delegates_in(role)
    around = parties(str(SARI), DAY, line(*back(recused), lent=[delegation]))
    assert str(WATI) not in around.delegates_in(role)
    assert roles(str(WATI), (), around) == frozenset()


@pytest.mark.parametrize(
    ("granted", "left"),
    [
        (GrantedRole.BOARD, frozenset()),
        (GrantedRole.PYB, frozenset()),
        (GrantedRole.HR, {Role.HR}),
        (GrantedRole.AUDITOR, {Role.AUDITOR}),
    ],
)
def test_of_granted_roles_those_that_decide_about_a_result_are_not_his_about_her(
    granted: GrantedRole, left: Collection[Role]
) -> None:
    agency = line(*back(WATI))
    assert roles(str(WATI), (granted,), parties(str(SARI), DAY, agency)) == left
    assert roles(str(WATI), (granted,), parties(str(AGUS), DAY, agency)) != frozenset()


def test_a_dispute_about_the_holder_is_settled_once_he_stepped_back_and_one_about_a_plt_is_not() -> None:
    disputed = parties(str(SARI), DAY, line()).superior
    assert disputed == str(BUDI)
    assert parties(str(SARI), DAY, line(*back(BUDI))).superior == str(RATNA)
    acted = line(*back(BUDI), actings=[Acting(WATI, BUDI, ActingKind.PLT, NEW_YEAR)])
    assert parties(str(SARI), DAY, acted).superior == disputed


@given(st.sets(st.sampled_from(PEOPLE)), st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE))))
def test_whoever_stepped_back_decides_nothing_about_her_by_whatever_way(
    people: set[UUID], lendings: list[tuple[UUID, UUID]]
) -> None:
    agency = line(*back(*people - {SARI}), lent=[lent(a, b) for a, b in lendings if a != b])
    around = parties(str(SARI), DAY, agency)
    for one in people - {SARI}:
        held = [roles(str(one), (GrantedRole.BOARD, GrantedRole.PYB), around, level=level) for level in range(4)]
        assert held == [frozenset()] * 4
        assert str(one) not in around.officers


# ── which may be declared ───────────────────────────────────────────────────────────────────────────────────────────

WANTED = Recusal(BUDI, SARI, DAY)


@pytest.mark.parametrize(
    ("wanted", "kind", "known", "deciding", "why"),
    [
        (WANTED, "family", (), {BUDI}, None),
        (WANTED, "marriage", {RATNA}, {BUDI}, None),
        (replace(WANTED, person=SARI), "family", (), {SARI}, ("about", "of_oneself")),
        (WANTED, "friendship", (), {BUDI}, ("kind", "unknown_kind")),
        (WANTED, "", (), {BUDI}, ("kind", "unknown_kind")),
        (WANTED, "family", {BUDI}, (), ("about", "already_recused")),
        (WANTED, "family", (), {RATNA}, ("about", "decides_nothing")),
        (WANTED, "family", (), (), ("about", "decides_nothing")),
    ],
)
def test_each_declaration_is_taken_or_refused_by_its_rule(
    wanted: Recusal, kind: str, known: Collection[UUID], deciding: Collection[UUID], why: tuple[str, str] | None
) -> None:
    assert refusal(wanted, kind, known, deciding) == why


def test_each_kind_of_relation_has_a_name_in_both_languages() -> None:
    assert {"family", "marriage", "business"} <= relation_kinds().keys()
    assert all(name.id and name.en for name in relation_kinds().values())
