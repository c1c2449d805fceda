"""What is kept of an address, and what HR may make of what was said of a unit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.remarks import DecisionProblem, RemarkState, decision_problem, disguised, network_of
from models.shelf import load, pack_ids

PENDING, ACCEPTED, PUBLISHED, REJECTED = RemarkState


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("203.0.113.7", "::ffff:203.0.113.7", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::1%eth1", True),
        (None, "no address", True),
        ("", "203.0.113.7", False),
    ],
)
def test_one_connection_is_one_address(one: str | None, other: str | None, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same


@given(st.ip_addresses().map(str), st.text(min_size=1), st.text(min_size=1))
def test_what_is_kept_of_an_address_tells_neither_it_nor_that_it_was_here_another_day(
    address: str, salt: str, another: str
) -> None:
    kept = disguised(address, salt)
    assert kept == disguised(address, salt)
    assert address not in kept
    assert (kept == disguised(address, another)) is (salt.encode() == another.encode())


@pytest.mark.parametrize(
    ("was", "wanted", "praises", "reason", "expected"),
    [
        (PENDING, ACCEPTED, False, False, None),
        (PENDING, REJECTED, False, False, DecisionProblem.REASON_MISSING),
        (PENDING, REJECTED, False, True, None),
        (PENDING, PUBLISHED, True, False, None),
        (PENDING, PUBLISHED, False, True, DecisionProblem.NOTHING_TO_FOLLOW),
        (ACCEPTED, PUBLISHED, True, False, DecisionProblem.REASON_MISSING),
        (PUBLISHED, ACCEPTED, True, True, None),
        (REJECTED, ACCEPTED, False, False, DecisionProblem.REASON_MISSING),
    ],
)
def test_what_is_refused_or_decided_anew_says_why_and_only_praise_of_a_programme_is_made_visible(
    was: RemarkState, wanted: RemarkState, praises: bool, reason: bool, expected: DecisionProblem | None
) -> None:
    assert decision_problem(was, wanted, praises_programme=praises, has_reason=reason) is expected


def test_a_pack_says_whether_the_public_is_heard() -> None:
    assert {one for one in pack_ids() if load(one).public_input.open} == {"denpasar-capaian"}
    assert {one for one in pack_ids() if load(one).public_input.programmes} == {"gayungan"}
