"""A pack that does not hold together is refused before a year can rest on it."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from models import shelf
from models.pack_file import resolved
from models.policy import BROUGHT_FORWARD, PolicyPack
from models.vocabulary import Action, EngineAction, Form, Role, Silence, Stage, State
from models.ways import WAITS_ON

DEFAULT = "permenpanrb-6-2022"
PACK = shelf.load(DEFAULT)
DATA: dict[str, Any] = resolved((shelf.SHIPPED / f"{DEFAULT}.toml").read_text(encoding="utf-8"), {})


def field(data: dict[str, Any], form: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(f for f in data["forms"][form]["fields"] if f["name"] == name)
    return found


def inner(data: dict[str, Any], form: str, name: str, within: str) -> dict[str, Any]:
    found: dict[str, Any] = next(f for f in field(data, form, name)["fields"] if f["name"] == within)
    return found


BROKEN: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a state that waits has no step": (lambda d: d["steps"].pop("rating.drafting"), "rating.drafting waits"),
    "a step names a ladder that is not there": (
        lambda d: d["steps"]["plan.drafting"].update(ladder="rope"),
        "the ladder 'rope'",
    ),
    "a step names a window that is not there": (lambda d: d["calendar"].pop("plan"), "needs the window 'plan'"),
    "more periods than windows": (lambda d: d["stages"].update(midyear_periods=2), "needs the window 'midyear.2'"),
    "a number of periods that divides no year": (lambda d: d["stages"].update(midyear_periods=3), "midyear_periods"),
    "a window closes before it is due": (
        lambda d: d["calendar"]["plan"].update(closes={"month": 1, "day": 30}),
        "in this order",
    ),
    "a day that does not exist every year": (
        lambda d: d["calendar"]["plan"].update(due={"month": 2, "day": 29}),
        "no day 29 in month 2",
    ),
    "silence that means nothing": (lambda d: d["steps"]["plan.drafting"].update(silence="shrug"), "silence"),
    "a rating without a code outside": (lambda d: d["exchange"]["skp22"]["ratings"].pop("below"), "no code for below"),
    "two labels of one code outside": (lambda d: d["exchange"]["skp22"]["labels"].update(baik=1), "the same code"),
    "a form is missing": (lambda d: d["forms"].pop("rating"), "no form 'rating'"),
    "a form draws from criteria that are not there": (lambda d: d.pop("criteria"), "draws from 'criteria:behaviour'"),
    "two criteria of one id": (lambda d: d["criteria"]["behaviour"].append(d["criteria"]["behaviour"][0]), "same id"),
    "a plan without results": (
        lambda d: field(d, "plan", "results").pop("results_titled_by"),
        "no rows that are its results",
    ),
    "results without a key": (lambda d: field(d, "plan", "results")["fields"].pop(0), "needs a key"),
    "two keys": (
        lambda d: field(d, "plan", "results")["fields"].append({**inner(d, "plan", "results", "id"), "name": "id2"}),
        "more than one key",
    ),
    "a field twice": (lambda d: d["forms"]["answer"]["fields"].append(d["forms"]["answer"]["fields"][0]), "one name"),
    "an unknown kind of field": (lambda d: field(d, "answer", "explanation").update(type="poem"), "poem"),
    "a name that is no name": (lambda d: field(d, "answer", "explanation").update(name="Pen jelasan"), "pattern"),
    "rows that must be there and need not": (
        lambda d: field(d, "plan", "results").update(min_rows=0),
        "required exactly when it needs a row",
    ),
    "more rows needed than allowed": (
        lambda d: field(d, "plan", "results").update(min_rows=3, max_rows=2),
        "more rows than it may have",
    ),
    "a kind of row that nobody can choose": (
        lambda d: field(d, "plan", "results").update(at_least={"field": "kind", "value": "penting"}),
        "does not offer penting",
    ),
    "a kind of row by a field that is no choice": (
        lambda d: field(d, "plan", "results").update(at_least={"field": "title", "value": "utama"}),
        "no choice 'title'",
    ),
    "a rule about a value that nobody can choose": (
        lambda d: d["forms"]["rating"]["rules"][0].update(values=["stellar"]),
        "does not offer stellar",
    ),
    "a rule that requires a field that is not there": (
        lambda d: d["forms"]["rating"]["rules"][0].update(require=["essay"]),
        "the field 'essay'",
    ),
    "an example that is no option": (
        lambda d: field(d, "plan", "approach").update(example="lisan"),
        "none of its options",
    ),
    "an option twice": (
        lambda d: field(d, "plan", "approach")["options"].append(field(d, "plan", "approach")["options"][0]),
        "offers a value twice",
    ),
    "a choice without options": (lambda d: field(d, "plan", "approach").pop("options"), "from a list or from a source"),
    "a link that must exist though the superior may have no plan": (
        lambda d: inner(d, "plan", "results", "superior_result").update(required=True),
        "its source may be empty",
    ),
    "an unknown source": (
        lambda d: inner(d, "plan", "results", "superior_result").update(options_from="moon"),
        "options_from",
    ),
    "a text longer than it may be": (
        lambda d: field(d, "answer", "explanation").update(min_length=3000, max_length=200),
        "longer than it may be",
    ),
    "a least length that is not required": (
        lambda d: field(d, "midyear", "support_needed").update(min_length=20),
        "has to be required",
    ),
    "an example too long for its field": (
        lambda d: field(d, "answer", "explanation").update(max_length=5),
        "does not fit its own length",
    ),
    "a link whose example is none": (
        lambda d: field(d, "answer", "explanation").update(link=True),
        "needs a link as its example",
    ),
    "a cell of the matrix is missing": (lambda d: d["scoring"]["matrix"]["above"].pop("below"), "no cell for above"),
    "a label that nobody knows": (lambda d: d["scoring"]["matrix"]["above"].update(below="cukup"), "cukup"),
    "an unknown method": (lambda d: d["scoring"].update(method="dice"), "method"),
    "a label without a name": (lambda d: d["scoring"]["labels"].pop("baik"), "needs a name"),
    "a line without a sentence": (lambda d: d["scoring"]["why"].pop("label"), "no sentence for 'label'"),
    "a sentence that uses what it cannot know": (
        lambda d: d["scoring"]["why"]["label"].update(en="{salary}"),
        "uses salary",
    ),
    "a credit table without a label": (
        lambda d: d["scoring"]["credit"]["percentages"].pop("kurang"),
        "no percentage for kurang",
    ),
    "a notice of something that never happens": (
        lambda d: d["notices"][0].update(on="full_moon"),
        "'full_moon' ever happens",
    ),
    "a notice of a lapse that is none": (
        lambda d: d["notices"][0].update(on="lapse:goes"),
        "'lapse:goes' ever happens",
    ),
    "a notice of no particular rung": (lambda d: d["notices"][0].update(on="reach_rung"), "'reach_rung' ever happens"),
    "a notice without its text": (lambda d: d["texts"].pop("reminder"), "names the text 'reminder'"),
    "a due day that comes nearer, told without its text": (
        lambda d: d["texts"].pop("brought_forward"),
        "the notice on 'brought_forward' names the text 'brought_forward'",
    ),
    "a text that no notice uses": (
        lambda d: d["texts"].update(poem=copy.deepcopy(d["texts"]["reminder"])),
        "no notice uses the text poem",
    ),
    "a notice that tells a score": (
        lambda d: d["texts"]["result_ready"]["body"].update(en="You got {label}"),
        "may not say label",
    ),
    "a notice to nobody": (lambda d: d["notices"][0].update(to=[]), "to"),
    "a sentence in one language only": (lambda d: d["title"].pop("en"), "title.en"),
    "a key that the pack does not have": (lambda d: d.update(weather="fine"), "weather"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_pack_that_does_not_hold_together_is_refused(case: str) -> None:
    broken = copy.deepcopy(DATA)
    change, says = BROKEN[case]
    change(broken)
    with pytest.raises(ValidationError, match=says):
        PolicyPack.model_validate(broken)


@pytest.mark.parametrize("pack_id", ["", "pp-0-1900", "../policy", "permenpanrb-6-2022.toml"])
def test_a_pack_that_does_not_exist_is_not_found(pack_id: str) -> None:
    with pytest.raises(KeyError):
        shelf.load(pack_id)


@pytest.mark.parametrize("pack_id", shelf.pack_ids())
def test_a_pack_is_named_as_its_file(pack_id: str) -> None:
    assert shelf.load(pack_id).id == pack_id


@pytest.mark.parametrize("pack_id", shelf.pack_ids())
def test_a_stored_copy_is_the_same_pack_however_its_keys_are_ordered(pack_id: str) -> None:
    pack = shelf.load(pack_id)
    stored = pack.model_dump(mode="json")
    shuffled = {key: stored[key] for key in reversed(stored)}
    again = PolicyPack.model_validate(shuffled)
    assert again == pack
    assert again.digest == pack.digest


def test_another_figure_makes_another_digest() -> None:
    changed = copy.deepcopy(DATA)
    changed["steps"]["appeal.open"]["days"] = 15
    assert PolicyPack.model_validate(changed).digest != PACK.digest


def test_a_pack_frozen_before_there_were_plans_for_a_plt_keeps_its_digest() -> None:
    changed = copy.deepcopy(DATA)
    del changed["stages"]["acting_plan"]
    before = PolicyPack.model_validate(changed)
    assert not before.stages.acting_plan
    assert before.digest != PACK.digest
    assert PolicyPack.model_validate(before.model_dump(mode="json")).digest == before.digest


def test_a_pack_that_asks_nobody_to_take_part_has_the_digest_of_before_there_was_such_a_table() -> None:
    of_before = PACK.model_dump(mode="json")
    del of_before["participation"]
    assert PolicyPack.model_validate(of_before).digest == PACK.digest
    asking = copy.deepcopy(DATA) | {"participation": {"consultation": True}}
    assert PolicyPack.model_validate(asking).digest != PACK.digest


def test_a_pack_frozen_before_results_could_be_made_known_keeps_its_digest_and_makes_none_known() -> None:
    changed = copy.deepcopy(DATA)
    del changed["publication"]
    before = PolicyPack.model_validate(changed)
    assert (before.digest, before.publication.results) == (PACK.digest, "own")
    changed["publication"] = {"results": "named"}
    assert PolicyPack.model_validate(changed).digest != before.digest


def test_a_pack_frozen_before_it_said_what_follows_a_result_keeps_its_digest_and_proposes_nothing() -> None:
    changed = copy.deepcopy(DATA)
    before = PolicyPack.model_validate(changed)
    assert (before.digest, before.follow_ups, before.nine_box) == (PACK.digest, (), None)
    said = {"id": "Sangat Baik.", "en": "Very good."}
    changed["follow_ups"] = [
        {"kind": "award", "title": said, "why": said, "source": "PP 30/2019", "labels": ["sangat_baik"]}
    ]
    assert PolicyPack.model_validate(changed).digest != before.digest


@pytest.mark.parametrize("table", ["exchange", "on_request"])
def test_a_pack_frozen_before_there_was_such_a_table_keeps_its_digest_and_has_none(table: str) -> None:
    """So it sends no result outside, and knows no evaluation on request."""
    changed = copy.deepcopy(DATA)
    del changed[table]
    before = PolicyPack.model_validate(changed)
    stored = before.model_dump(mode="json")
    del stored[table]
    assert (getattr(before, table), PolicyPack.model_validate(stored).digest) == (None, before.digest)
    assert before.digest != PACK.digest


def test_a_pack_frozen_before_it_said_what_a_level_needs_keeps_its_digest_and_says_nothing_of_it() -> None:
    changed = copy.deepcopy(DATA)
    del changed["scoring"]["credit"]["needs"]
    before = PolicyPack.model_validate(changed)
    stored = before.model_dump(mode="json")
    del stored["scoring"]["credit"]["needs"]
    assert before.scoring.credit is not None
    assert (before.scoring.credit.needs, PolicyPack.model_validate(stored).digest) == ({}, before.digest)
    changed["scoring"]["credit"]["needs"] = DATA["scoring"]["credit"]["needs"]
    assert PolicyPack.model_validate(changed).digest == PACK.digest != before.digest


def test_a_pack_frozen_before_a_notice_said_where_its_event_leads_keeps_its_digest() -> None:
    changed = copy.deepcopy(DATA)
    changed["notices"] = [notice for notice in changed["notices"] if "into" not in notice]
    used = {notice["text"] for notice in changed["notices"]}
    changed["texts"] = {name: said for name, said in changed["texts"].items() if name in used}
    before = PolicyPack.model_validate(changed)
    stored = before.model_dump(mode="json")
    for notice in stored["notices"]:
        del notice["into"]
    for step in stored["steps"].values():
        del step["recorded_days"]
    optional = ("examples", "competency", "fairness", "follow_ups", "programme", "nine_box", "exchange", "min_service")
    for name in [name for name in optional if not stored[name]]:
        del stored[name]
    del stored["calendar_rules"]["opens_early_days_max"]
    del stored["participation"]
    del stored["rater_training"]
    del stored["feedback"]
    del stored["public_input"]
    del stored["publication"]
    canonical = json.dumps(stored, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert before.digest == hashlib.sha256(canonical.encode()).hexdigest()
    assert before.digest != PACK.digest


def test_calibration_is_switched_on_by_one_line() -> None:
    changed = copy.deepcopy(DATA)
    changed["stages"]["calibration"] = "label_and_board"
    flow = PolicyPack.model_validate(changed).flow()
    assert (flow.needs_label, flow.board) == (True, True)


def test_a_pack_without_mid_year_self_assessment_and_appeal_needs_none_of_their_forms() -> None:
    changed = copy.deepcopy(DATA)
    changed["stages"] = {"midyear_periods": 0, "self_assessment": False, "appeal": False}
    for form in ("midyear", "self_assessment", "appeal", "answer", "decision"):
        del changed["forms"][form]
    for state in [s for s in changed["steps"] if s.partition(".")[0] in ("midyear", "self_assessment", "appeal")]:
        del changed["steps"][state]
    pack = PolicyPack.model_validate(changed)
    assert pack.needed_forms == (Form.PLAN, Form.RATING)
    assert Stage.APPEAL not in {state.stage for state in pack.waiting_states}


def test_silence_never_rates_anybody_in_the_default_pack() -> None:
    assert PACK.steps[State.RATING_DRAFTING].silence is Silence.TAKEOVER
    assert PACK.steps[State.APPEAL_DECIDING].silence is Silence.ESCALATE
    accepting = [state for state, step in PACK.steps.items() if step.silence is Silence.ACCEPT]
    assert accepting == [State.APPEAL_OPEN]


def test_fourteen_calendar_days_to_appeal_run_from_delivery() -> None:
    step = PACK.steps[State.APPEAL_OPEN]
    assert (step.basis, step.days, step.day_kind, step.undelivered_days) == ("delivery", 14, "calendar", 5)


@pytest.mark.parametrize("key", sorted(PACK.texts))
def test_every_notice_leads_to_the_appraisal_and_tells_no_result(key: str) -> None:
    text = PACK.texts[key]
    for sentence in (text.body.id, text.body.en):
        assert "{link}" in sentence
    told = f"{text.subject} {text.body}".lower()
    for label in PACK.scoring.labels.values():
        assert f" {label.id.lower()} " not in told


@pytest.mark.parametrize(
    "action",
    [
        "return_plan",
        "submit_rating",
        "decide_appeal",
        "cancel",
        "reopen",
        "suspend",
        "begin_leave",
        "end_leave",
        "close_segment",
        "end_unrated",
    ],
)
def test_what_changes_rights_is_told_at_once(action: str) -> None:
    rows = PACK.notices_on(action, None, State.APPEAL_OPEN)
    assert rows
    assert all(row.at_once for row in rows)
    assert any(Role.EMPLOYEE in row.to for row in rows)


TO_MANY = (
    *(EngineAction.LAPSE, EngineAction.REACH_RUNG, EngineAction.RECEIVE_LABEL, EngineAction.OPEN_WINDOW),
    BROUGHT_FORWARD,
)
"""What a shared deadline or label brings to everybody under one officer at one instant."""


@pytest.mark.parametrize("pack_id", shelf.pack_ids())
def test_no_officer_gets_a_mail_for_each_of_his_people_when_a_common_deadline_passes(pack_id: str) -> None:
    notices = [n for n in shelf.load(pack_id).notices if n.on.partition(":")[0] in TO_MANY]
    flooding = [(n.on, n.text) for n in notices if n.at_once and set(n.to) != {Role.EMPLOYEE}]
    assert flooding == []
    texts = shelf.load(pack_id).texts
    assert [n.text for n in notices if not n.at_once and texts[n.text].heading is None] == [], "gathered under one line"


@pytest.mark.parametrize("state", PACK.waiting_states)
def test_every_rung_and_lapse_of_the_pack_tells_somebody(state: State) -> None:
    ladder = PACK.steps[state].ladder
    for rung in PACK.ladders[ladder] if ladder else ():
        assert PACK.notices_on(f"{EngineAction.REACH_RUNG}:{rung.act}", state)
    assert PACK.notices_on(EngineAction.LAPSE, state)


def test_whoever_a_reminder_reaches_is_whoever_it_waits_on() -> None:
    reminded = {state: PACK.notices_on("reach_rung:remind", state)[0].to for state in PACK.waiting_states[:-1]}
    assert reminded[State.PLAN_DRAFTING] == (Role.EMPLOYEE,)
    assert reminded[State.PLAN_REVIEWING] == (Role.SUPERVISOR,)
    assert reminded[State.APPEAL_DECIDING] == (Role.APPEAL_AUTHORITY,)


@pytest.mark.parametrize("pack_id", shelf.pack_ids())
def test_of_a_day_that_comes_nearer_whoever_is_waited_on_hears_in_the_morning_and_nobody_else(pack_id: str) -> None:
    pack = shelf.load(pack_id)
    for state in pack.waiting_states:
        told = [(notice.to, notice.at_once) for notice in pack.notices_on(BROUGHT_FORWARD, state, state)]
        waits_on = WAITS_ON[state]
        assert told == ([] if waits_on in (None, Role.ENGINE) else [((waits_on,), False)]), state


def test_every_action_that_another_person_waits_for_is_told() -> None:
    silent = {Action.ACKNOWLEDGE_RESULT}
    told = {notice.on for notice in PACK.notices}
    assert {action for action in Action if action not in told} == silent


def test_whom_a_reopened_year_waits_on_is_told_of_it() -> None:
    for into in (State.RATING_DRAFTING, State.APPEAL_DECIDING):
        told = {role for notice in PACK.notices_on(Action.REOPEN, State.FINALISATION_DONE, into) for role in notice.to}
        assert WAITS_ON[into] in told
    elsewhere = PACK.notices_on(Action.REOPEN, State.FINALISATION_DONE, State.RATING_DRAFTING)
    assert not any(Role.APPEAL_AUTHORITY in notice.to for notice in elsewhere)


def test_every_move_of_the_engine_that_gives_somebody_work_or_time_is_told() -> None:
    told = {notice.on.partition(":")[0] for notice in PACK.notices}
    silent = {EngineAction.SCORE, EngineAction.RESTORE, EngineAction.PROLONG_LEAVE}
    assert {move for move in EngineAction if move not in told} == silent
