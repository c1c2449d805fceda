"""What other programs are told: one kind for an event, nothing of a person, and a signature that anybody's library believes."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest

from models.hooks import OF_CYCLE, Happening, HookKind, fate_of, keys_of, kind_of, signed
from models.trail_actions import CONCERNED, EVERYBODYS, TrailAction
from models.vocabulary import Action, EngineAction, State

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEXT = "whsec_" + base64.b64encode(bytes(range(32))).decode()
MESSAGE, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", '{"test": 2432232314}'
AT = datetime.fromtimestamp(1614265330, UTC)
PUBLISHED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
"""The vector that the libraries of Standard Webhooks test themselves by."""
BY_OPENSSL = "v1,O4Gjv1HqPqsMrjmczoggs/sWA8gZD0VyHG+fLh4+ktI="
"""printf '%s' 'ID.TIMESTAMP.BODY' | openssl dgst -sha256 -mac HMAC -macopt hexkey:000102…1f -binary | base64"""


def test_the_signature_is_that_of_the_published_vector() -> None:
    assert signed(keys_of(SECRET), MESSAGE, AT, BODY) == {
        "webhook-id": MESSAGE,
        "webhook-timestamp": "1614265330",
        "webhook-signature": PUBLISHED,
    }


def test_while_one_secret_replaces_the_other_each_signs() -> None:
    made = signed(keys_of(f"{NEXT} {SECRET}"), MESSAGE, AT, BODY)["webhook-signature"]
    assert made.split() == [BY_OPENSSL, PUBLISHED]


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        SECRET.removeprefix("whsec_"),
        "whsec_" + base64.b64encode(b"x" * 23).decode(),
        "whsec_" + base64.b64encode(b"x" * 65).decode(),
        "whsec_hidden!",
        f"{SECRET} {NEXT} {SECRET}",
    ],
)
def test_a_secret_that_is_none_is_refused_without_being_quoted(wrong: str) -> None:
    with pytest.raises(ValueError, match="secret") as refused:
        keys_of(wrong)
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    ("action", "before", "after", "kind"),
    [
        (EngineAction.OPEN, None, State.PLAN_DRAFTING, HookKind.STATE_CHANGED),
        (Action.SUBMIT_PLAN, State.PLAN_DRAFTING, State.PLAN_REVIEWING, HookKind.STATE_CHANGED),
        (EngineAction.REACH_RUNG, State.PLAN_REVIEWING, State.PLAN_REVIEWING, None),
        (Action.SUSPEND, State.PLAN_REVIEWING, State.PLAN_REVIEWING, None),
        (EngineAction.ARCHIVE, State.FINALISATION_RUNNING, State.FINALISATION_DONE, HookKind.FINAL),
        (Action.REOPEN, State.FINALISATION_DONE, State.RATING_DRAFTING, HookKind.REOPENED),
        (TrailAction.CYCLE_CLOSED, None, None, HookKind.CYCLE_CLOSED),
        (TrailAction.LABEL_CHANGED, None, None, HookKind.LABEL_SET),
        (TrailAction.PERSON_LEFT, None, None, None),
    ],
)
def test_an_event_is_of_the_kind_that_tells_most(
    action: str, before: str | None, after: str | None, kind: HookKind | None
) -> None:
    assert kind_of(action, before, after) is kind


def test_every_kind_is_of_some_event_and_of_a_cycle_s_only_what_is_everybody_s() -> None:
    of_years = {HookKind.STATE_CHANGED, HookKind.FINAL, HookKind.REOPENED}
    assert of_years | set(OF_CYCLE.values()) == set(HookKind)
    assert set(OF_CYCLE) <= EVERYBODYS


def test_a_message_says_where_to_ask_and_is_the_same_each_time() -> None:
    one = Happening(HookKind.FINAL, "6a1f2c4e", "c1", 31, datetime(2028, 1, 20, 3, 4, 5, tzinfo=UTC))
    assert json.loads(one.body()) == {
        "type": "appraisal.final",
        "id": one.id,
        "at": "2028-01-20T03:04:05+00:00",
        "appraisal_id": "6a1f2c4e",
        "cycle": "c1",
        "seq": 31,
    }
    assert one.body() == one.body()
    assert "." not in one.id, "what is signed is parted by dots"
    label = Happening(HookKind.LABEL_SET, "c1", "c1", 31, one.at)
    assert json.loads(label.body())["appraisal_id"] is None
    assert label.id != one.id
    assert not set(CONCERNED) & set(json.loads(label.body()))


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        (200, "taken"),
        (204, "taken"),
        (410, "gone"),
        (301, "later"),
        (400, "later"),
        (401, "later"),
        (404, "later"),
        (503, "later"),
    ],
)
def test_no_answer_refuses_an_event_for_good(status: int, fate: str) -> None:
    assert fate_of(status) == fate
