"""The trail proves itself: anybody can recompute it with a hash function, and nothing in it can be changed unseen."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.appraisal import Event, EventData, Flow, TextRef
from models.trail import GENESIS, Break, breaks, canonical, event_hash, fingerprint, key_hash, salted_hash, sealed
from models.vocabulary import Action, EngineAction, Role, Silence, State
from tests.unit.lifecycle_play import Play, Who

A, E = Action, EngineAction

YEAR = tuple(
    Play()
    .appealed()
    .act(A.ANSWER_APPEAL, Who.SUPERVISOR)
    .act(A.EXTEND, Who.HR)
    .act(A.DECIDE_APPEAL, Who.APPEAL_AUTHORITY)
    .engine(E.ARCHIVE)
    .act(A.REOPEN, Who.HR)
    .events
)
"""A whole year with an appeal, and its reopening."""

LINES = [event.model_dump_json() for event in YEAR]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=8,
)


# ── one hash, by hand ───────────────────────────────────────────────────────────────────────────────────────────────

FIRST = (
    '{"action":"open","actor":"engine","appraisal_id":"appraisal-1","at":"2027-01-04T02:00:00Z","data":{"flow":'
    '{"appeal":true,"board":false,"last_segment":true,"needs_label":false,"periods":1,"self_assessment":true,'
    '"silence":{"plan.drafting":"takeover"}},"subject":"sari"},"effective_at":"2027-01-04T02:00:00Z",'
    '"previous_hash":"0000000000000000000000000000000000000000000000000000000000000000","revision":1,"role":"engine",'
    '"seq":1,"to_state":"plan.drafting","version":1}'
)
SECOND = (
    '{"action":"return_plan","actor":"budi","appraisal_id":"appraisal-1","at":"2027-02-01T03:04:05.000006Z","comment":'
    '{"id":"t-1","sha256":"ab"},"data":{"late":true},"effective_at":"2027-02-01T03:04:05.000006Z",'
    '"from_state":"plan.reviewing","previous_hash":"%s","revision":1,"role":"supervisor","seq":2,'
    '"to_state":"plan.drafting","version":2}'
)


def test_an_events_hash_is_sha_256_of_its_fields_in_order_and_nothing_else() -> None:
    """The two byte strings were written by hand; a field added with a default of its own would change them, and every old hash."""
    begun = datetime(2027, 1, 4, 2, 0, tzinfo=UTC)
    first = sealed(
        Event(
            appraisal_id="appraisal-1",
            revision=1,
            seq=1,
            at=begun,
            effective_at=begun,
            action=E.OPEN,
            actor="engine",
            role=Role.ENGINE,
            from_state=None,
            to_state=State.PLAN_DRAFTING,
            version=1,
            data=EventData(flow=Flow(silence={State.PLAN_DRAFTING: Silence.TAKEOVER}), subject="sari"),
            previous_hash="0" * 64,
        )
    )
    assert first.hash == hashlib.sha256(FIRST.encode()).hexdigest()
    returned = datetime(2027, 2, 1, 3, 4, 5, 6, tzinfo=UTC)
    second = sealed(
        Event(
            appraisal_id="appraisal-1",
            revision=1,
            seq=2,
            at=returned,
            effective_at=returned,
            action=A.RETURN_PLAN,
            actor="budi",
            role=Role.SUPERVISOR,
            from_state=State.PLAN_REVIEWING,
            to_state=State.PLAN_DRAFTING,
            version=2,
            comment=TextRef(id="t-1", sha256="ab"),
            data=EventData(late=True),
            previous_hash=first.hash,
        )
    )
    assert second.hash == hashlib.sha256((SECOND % first.hash).encode()).hexdigest()
    assert breaks([first, second]) == []


def test_a_stranger_verifies_a_whole_year_with_json_and_a_hash_function() -> None:
    previous = "0" * 64
    for line in LINES:
        event = json.loads(line)
        claimed = event.pop("hash")
        assert event["previous_hash"] == previous
        bare = json.dumps(without_empty(event), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert hashlib.sha256(bare.encode("utf-8")).hexdigest() == claimed
        previous = claimed


def without_empty(value: object) -> object:
    """As the published rule says: no field that is null."""
    if isinstance(value, dict):
        return {key: without_empty(inner) for key, inner in value.items() if inner is not None}
    return value


@given(JSON)
def test_the_canonical_form_says_the_same_in_one_way_only(value: object) -> None:
    assert json.loads(canonical(value)) == value
    assert canonical(json.loads(canonical(value))) == canonical(value)


def test_the_order_of_keys_and_the_script_of_a_text_do_not_matter() -> None:
    assert canonical({"b": 1, "a": "é"}) == canonical({"a": "é", "b": 1}) == '{"a":"é","b":1}'.encode()


# ── tampering ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_untouched_year_has_no_break() -> None:
    assert breaks(YEAR) == []
    assert YEAR[0].previous_hash == GENESIS


@settings(max_examples=300)
@given(st.data())
def test_any_changed_byte_of_any_event_breaks_the_chain(data: st.DataObject) -> None:
    """A change that reads as the same record is none; every other either is no event any more or breaks the chain."""
    number = data.draw(st.integers(0, len(LINES) - 1), label="event")
    raw = bytearray(LINES[number].encode())
    place = data.draw(st.integers(0, len(raw) - 1), label="byte")
    raw[place] = data.draw(st.integers(0, 255).filter(lambda b: b != raw[place]), label="becomes")
    try:
        changed = Event.model_validate_json(bytes(raw))
    except ValueError:
        return
    found = breaks([*YEAR[:number], changed, *YEAR[number + 1 :]])
    assert (found == []) == (changed == YEAR[number])


@given(st.integers(0, len(YEAR) - 1), st.sampled_from(sorted(set(Event.model_fields) - {"hash", "data"})))
def test_no_field_of_an_event_is_outside_its_hash(number: int, name: str) -> None:
    event = YEAR[number]
    other: dict[str, object] = {
        "at": event.at + timedelta(microseconds=1),
        "effective_at": event.effective_at + timedelta(microseconds=1),
        "revision": event.revision + 1,
        "seq": event.seq + 1,
        "version": event.version + 1,
        "period": 9,
        "action": A.CANCEL,
        "role": Role.AUDITOR,
        "from_state": State.CALIBRATION_WAITING,
        "to_state": State.CALIBRATION_WAITING,
        "comment": TextRef(id="other", sha256="0"),
    }
    changed = event.model_copy(update={name: other.get(name, "another")})
    assert event_hash(changed) != event.hash


@given(st.sampled_from(sorted(EventData.model_fields)))
def test_no_part_of_an_events_data_is_outside_its_hash(name: str) -> None:
    event = YEAR[-1]
    changed = event.data.model_copy(update={name: "another" if name != "flow" else Flow(periods=12)})
    dumped = event.model_copy(update={"data": changed}).model_dump(mode="json", exclude={"hash"}, warnings=False)
    assert canonical(dumped) != canonical(event.model_dump(mode="json", exclude={"hash"}))


@given(st.integers(0, len(YEAR) - 2))
def test_an_event_taken_out_is_missed(number: int) -> None:
    found = breaks([*YEAR[:number], *YEAR[number + 1 :]])
    assert [b.why for b in found] == ["gap", "link"]
    assert {b.seq for b in found} == {number + 2}


@given(st.integers(0, len(YEAR) - 1), st.integers(0, len(YEAR) - 1))
def test_two_events_that_changed_places_are_found(one: int, other: int) -> None:
    events = list(YEAR)
    events[one], events[other] = events[other], events[one]
    assert (breaks(events) == []) == (one == other)


def test_a_change_sealed_anew_breaks_at_the_next_link() -> None:
    forged = sealed(YEAR[3].model_copy(update={"actor": "somebody-else"}))
    assert breaks([*YEAR[:3], forged, *YEAR[4:]]) == [Break(YEAR[4].seq, "link")]


# ── what may be erased, and what is short ───────────────────────────────────────────────────────────────────────────


@given(
    JSON,
    st.text(st.characters(codec="ascii"), min_size=32, max_size=32),
    st.text(st.characters(codec="ascii"), min_size=32, max_size=32),
)
def test_a_salted_hash_says_nothing_without_its_salt(value: object, salt: str, other: str) -> None:
    assert salted_hash(salt, value) == hashlib.sha256(salt.encode() + canonical(value)).hexdigest()
    assert (salted_hash(salt, value) == salted_hash(other, value)) == (salt == other)
    assert salted_hash(salt, value) != hashlib.sha256(canonical(value)).hexdigest()


@pytest.mark.parametrize(
    "other",
    [("act", "sari", {"comment": "a"}), ("act2", "sari", {}), ("act", "budi", {}), ("act", "sari", {"to": None})],
)
def test_a_key_was_used_for_one_action_of_one_actor_with_one_body(other: tuple[str, str, dict[str, object]]) -> None:
    assert fingerprint("key", "act", "sari", {}) == fingerprint("key", "act", "sari", {})
    assert fingerprint("key", "act", "sari", {}) != fingerprint("key", *other)
    assert fingerprint("key", "act", "sari", {}) != fingerprint("other key", "act", "sari", {})


@given(st.text(st.characters(codec="utf-8"), max_size=64))
def test_a_key_is_kept_as_sixty_four_bits(key: str) -> None:
    assert key_hash(key) == hashlib.sha256(key.encode()).hexdigest()[:16]
