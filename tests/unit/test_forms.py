"""What a form asks of one person, and what it refuses, with a pointer and a sentence for each."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from models import shelf
from models.form_problems import MALFORMED, PROBLEMS_MAX, SENTENCES, VALUES_MAX
from models.forms import FormContext, ResultRef, example, malformed, problems, results_of, schema
from models.policy import PolicyPack
from models.vocabulary import EmployeeKind, Form, JobLevel

PACK = shelf.load("permenpanrb-6-2022")
OWN = (ResultRef("r1", "Layanan perizinan"), ResultRef("r-2", "Laporan triwulan"))
ABOVE = (ResultRef("r1", "Indeks layanan publik"),)
STAFF = FormContext(level=JobLevel.PELAKSANA, superior_results=ABOVE, results=OWN)
ORPHAN = FormContext(level=JobLevel.PELAKSANA, results=OWN)
TOP = FormContext(level=JobLevel.JPT_PRATAMA, is_top=True, superior_results=ABOVE, results=OWN)

CONTEXTS = [
    FormContext(level=level, kind=kind, family=family, is_top=top, superior_results=above, results=own)
    for level, (kind, family), (top, above), own in product(
        JobLevel,
        [(EmployeeKind.PNS, None), (EmployeeKind.CPNS, "guru"), (EmployeeKind.PPPK, "pelayanan")],
        [(True, ()), (False, ()), (False, ABOVE)],
        [(), OWN],
    )
]

KEYWORDS_OF_OUR_OWN = {"x-unique", "x-titles", "x-multiline"}


def filled(form: Form, context: FormContext = STAFF) -> dict[str, Any]:
    return example(PACK, form, context)


def found(form: Form, data: object, context: FormContext = STAFF) -> list[tuple[str, str]]:
    return [(p.pointer, p.code) for p in problems(PACK, form, context, data)]


def changed(**changes: object) -> PolicyPack:
    """The default pack with some parts replaced."""
    return PolicyPack.model_validate(PACK.model_dump(mode="json") | changes)


# The example


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("language", ["id", "en"])
def test_the_example_of_every_form_may_be_submitted_whoever_the_person_is(form: Form, language: str) -> None:
    for context in CONTEXTS:
        document: Any = schema(PACK, form, context, language)
        (whole,) = document["examples"]
        assert problems(PACK, form, context, whole) == []
        assert malformed(PACK, form, context, whole) == []
        Draft202012Validator(document).validate(whole)


@pytest.mark.parametrize("form", Form)
def test_the_schema_is_a_valid_closed_json_document_with_a_title_for_every_field(form: Form) -> None:
    document = schema(PACK, form, STAFF, "id")
    Draft202012Validator.check_schema(document)
    assert json.loads(json.dumps(document)) == document
    for node in nodes(document):
        if node.get("type") == "object":
            assert node["additionalProperties"] is False
        for field in node.get("properties", {}).values():
            assert isinstance(field["title"], str)


def test_titles_are_in_the_language_of_the_caller_and_indonesian_for_any_other() -> None:
    titles = {language: schema(PACK, Form.APPEAL, STAFF, language)["title"] for language in ("id", "en", "fr")}
    assert titles == {"id": "Keberatan", "en": "Appeal", "fr": "Keberatan"}


def test_choices_carry_a_title_for_each_value() -> None:
    properties: Any = schema(PACK, Form.RATING, STAFF, "en")["properties"]
    assert properties["result_rating"]["enum"] == ["above", "as_expected", "below"]
    assert properties["result_rating"]["x-titles"]["below"] == "Below expectation"


def test_a_schema_handed_out_is_the_callers_own() -> None:
    schema(PACK, Form.ANSWER, STAFF, "id")["properties"].clear()  # type: ignore[attr-defined]
    assert problems(PACK, Form.ANSWER, STAFF, filled(Form.ANSWER)) == []


# The plan


def test_a_plan_needs_a_main_result() -> None:
    plan = filled(Form.PLAN)
    plan["results"][0]["kind"] = "tambahan"
    assert found(Form.PLAN, plan) == [("/results", "too_few_of_kind")]
    (problem,) = problems(PACK, Form.PLAN, STAFF, plan)
    assert problem.message.id == "Rencana hasil kerja: paling sedikit 1 dengan Jenis = Utama."
    assert problem.message.en == "Planned results: at least 1 with Kind = Main."


def test_every_planned_result_needs_an_indicator_with_its_target() -> None:
    plan = filled(Form.PLAN)
    plan["results"][0]["indicators"] = []
    assert found(Form.PLAN, plan) == [("/results/0/indicators", "required")]
    plan["results"][0]["indicators"] = [{"aspect": "waktu", "indicator": "Hari kerja"}]
    assert found(Form.PLAN, plan) == [("/results/0/indicators/0/target", "required")]


def test_two_results_cannot_have_one_key() -> None:
    plan = filled(Form.PLAN)
    plan["results"] *= 2
    assert found(Form.PLAN, plan) == [("/results/1/id", "duplicate_key")]
    assert malformed(PACK, Form.PLAN, STAFF, plan) == []


@pytest.mark.parametrize("key", ["a b", "r/1", "é", "x" * 25, "../r1"])
def test_the_key_of_a_result_is_short_and_plain(key: str) -> None:
    plan = filled(Form.PLAN)
    plan["results"][0]["id"] = key
    assert {pointer for pointer, _ in found(Form.PLAN, plan)} == {"/results/0/id"}


@pytest.mark.parametrize("behaviour", [criterion.id for criterion in PACK.criteria["behaviour"]])
def test_each_of_the_seven_behaviours_stands_in_the_plan(behaviour: str) -> None:
    plan = filled(Form.PLAN)
    del plan["behaviours"][behaviour]
    assert found(Form.PLAN, plan) == [(f"/behaviours/{behaviour}", "required")]


def test_a_result_may_be_linked_to_the_superiors_later() -> None:
    plan = filled(Form.PLAN)
    del plan["results"][0]["superior_result"]
    assert found(Form.PLAN, plan) == []


@pytest.mark.parametrize("context", [TOP, ORPHAN], ids=["at the top", "superior without a plan"])
def test_there_is_no_link_where_there_is_nothing_to_link_to(context: FormContext) -> None:
    assert "superior_result" not in filled(Form.PLAN, context)["results"][0]
    assert found(Form.PLAN, filled(Form.PLAN, STAFF), context) == [("/results/0/superior_result", "unknown_field")]


def test_a_link_to_a_result_that_the_superior_does_not_have_is_malformed() -> None:
    plan = filled(Form.PLAN)
    plan["results"][0]["superior_result"] = "r9"
    (problem,) = malformed(PACK, Form.PLAN, STAFF, plan)
    assert (problem.pointer, problem.code) == ("/results/0/superior_result", "unknown_value")


def test_later_forms_ask_about_the_results_of_the_plan() -> None:
    refs = results_of(PACK, filled(Form.PLAN))
    assert refs == (ResultRef("r1", "Layanan perizinan selesai tepat waktu"),)
    context = FormContext(level=JobLevel.PELAKSANA, results=refs)
    assert list(filled(Form.MIDYEAR, context)["results"]) == ["r1"]


# The rating, the appeal, the decision


@pytest.mark.parametrize("which", ["result", "behaviour"])
@pytest.mark.parametrize(("rating", "needs"), [("above", True), ("below", True), ("as_expected", False)])
@pytest.mark.parametrize("reason", [None, "", "  \n"])
def test_an_extreme_rating_needs_its_reason(which: str, rating: str, needs: bool, reason: str | None) -> None:
    data = filled(Form.RATING) | {f"{which}_rating": rating}
    if reason is not None:
        data[f"{which}_reason"] = reason
    assert found(Form.RATING, data) == ([(f"/{which}_reason", "required")] if needs else [])
    assert found(Form.RATING, data | {f"{which}_reason": "Karena buktinya."}) == []


def test_the_reason_that_is_missing_is_called_by_its_name() -> None:
    (problem,) = problems(PACK, Form.RATING, STAFF, filled(Form.RATING) | {"result_rating": "above"})
    assert problem.message.id == "Alasan rating hasil kerja wajib diisi."


def test_a_rating_of_something_that_the_plan_does_not_have_is_refused() -> None:
    data = filled(Form.RATING)
    data["results"]["r9"] = {"feedback": "Baik."}
    data["behaviours"]["ramah"] = {"feedback": "Baik."}
    expected = [("/results/r9", "unknown_field"), ("/behaviours/ramah", "unknown_field")]
    assert found(Form.RATING, data) == expected
    assert [(p.pointer, p.code) for p in malformed(PACK, Form.RATING, STAFF, data)] == expected


def test_every_result_gets_feedback_while_that_on_behaviour_is_free() -> None:
    data = filled(Form.RATING)
    del data["results"]["r-2"]
    del data["behaviours"]
    assert found(Form.RATING, data) == [("/results/r-2", "required")]


def test_a_changing_decision_needs_both_new_ratings_and_one_that_stands_none() -> None:
    decision = {"reason": "Bukti baru meyakinkan."}
    assert found(Form.DECISION, decision | {"decision": "stands"}) == []
    assert found(Form.DECISION, decision | {"decision": "changed"}) == [("/rating", "required")]
    half = decision | {"decision": "changed", "rating": {"result_rating": "above"}}
    assert found(Form.DECISION, half) == [("/rating/behaviour_rating", "required")]
    half["rating"] = {"result_rating": "above", "behaviour_rating": "above"}
    assert found(Form.DECISION, half) == []


def test_an_appeal_says_what_it_disputes_and_why() -> None:
    assert found(Form.APPEAL, {}) == [("/disputed", "required"), ("/grounds", "required")]
    assert found(Form.APPEAL, {"disputed": [], "grounds": " "}) == [("/disputed", "required"), ("/grounds", "required")]
    twice = filled(Form.APPEAL) | {"disputed": ["procedure", "procedure"]}
    assert ("/disputed", "duplicate") in found(Form.APPEAL, twice)


@pytest.mark.parametrize("link", ["contoh.go.id", "javascript:alert(1)", "https://", "file:///etc/passwd", "http:// a"])
def test_evidence_is_a_link_that_a_browser_opens(link: str) -> None:
    appeal = filled(Form.APPEAL)
    appeal["evidence"][0]["link"] = link
    assert found(Form.APPEAL, appeal) == [("/evidence/0/link", "bad_link")]


# Drafts


@pytest.mark.parametrize("form", Form)
def test_an_empty_draft_is_no_malformed_one_but_cannot_be_submitted(form: Form) -> None:
    assert malformed(PACK, form, STAFF, {}) == []
    assert problems(PACK, form, STAFF, {})


@pytest.mark.parametrize(
    ("pointer", "code", "data"),
    [
        ("", "wrong_type", None),
        ("", "wrong_type", []),
        ("", "wrong_type", "teks"),
        ("/approach", "wrong_type", {"approach": 1}),
        ("/approach", "unknown_value", {"approach": "lisan"}),
        ("/results", "wrong_type", {"results": {}}),
        ("/results/0", "wrong_type", {"results": [None]}),
        ("/results/0/title", "wrong_type", {"results": [{"title": True}]}),
        ("/results/0/title", "too_long", {"results": [{"title": "x" * 501}]}),
        ("/results/0/indicators", "too_many", {"results": [{"indicators": [{}] * 13}]}),
        ("/results", "too_many", {"results": [{}] * 21}),
        ("/salary", "unknown_field", {"salary": 1}),
        ("/behaviours/akuntabel/rating", "unknown_field", {"behaviours": {"akuntabel": {"rating": "above"}}}),
        ("/a~1b~0c", "unknown_field", {"a/b~c": 1}),
        ("", "unknown_field", {"x" * 101: 1}),
        ("", "bad_character", {"a\x00b": 1}),
        ("/approach", "bad_character", {"approach": "a\x00b"}),
        ("/results/0/title", "bad_character", {"results": [{"title": "\ud83d"}]}),
        ("/results/0/title", "bad_character", {"results": [{"title": "bel\x07"}]}),
        ("/approach", "bad_number", {"approach": 10**400}),
        ("/approach", "bad_number", {"approach": float("nan")}),
        ("/approach", "bad_number", {"approach": float("-inf")}),
        ("", "too_big", {"approach": "x" * 300_000}),
        ("", "too_big", {"results": [0] * (VALUES_MAX + 1)}),
        ("", "too_big", {str(i): i for i in range(VALUES_MAX + 1)}),
    ],
)
def test_even_a_draft_has_its_shape(pointer: str, code: str, data: object) -> None:
    assert [(p.pointer, p.code) for p in malformed(PACK, Form.PLAN, STAFF, data)] == [(pointer, code)]


def test_a_draft_nested_beyond_reason_is_refused_however_deep() -> None:
    deep: object = "x"
    for _ in range(100_000):
        deep = [deep]
    assert [p.code for p in malformed(PACK, Form.PLAN, STAFF, {"results": deep})] == ["too_deep"]


@pytest.mark.parametrize(
    "text", ["baris satu\nbaris dua\r\n\tmenjorok", "Ünïcödé 🙂 漢字", "e\u0301", "<b>tebal</b> & {}"]
)
def test_whatever_people_write_may_be_written(text: str) -> None:
    assert found(Form.ANSWER, {"explanation": text}) == []


def test_the_number_of_problems_is_bounded_and_the_malformed_come_first() -> None:
    data = {"results": [{} for _ in range(20)], **{f"x{i}": 1 for i in range(90)}}
    listed = problems(PACK, Form.PLAN, STAFF, data)
    assert len(listed) == PROBLEMS_MAX
    assert [p.code in MALFORMED for p in listed] == sorted((p.code in MALFORMED for p in listed), reverse=True)


# Other packs


def field(type_: str, **more: object) -> dict[str, object]:
    return {"type": type_, "name": "it", "title": {"id": "Itu", "en": "It"}, "required": True, **more}


def one_field(spec: dict[str, object]) -> PolicyPack:
    forms = PACK.model_dump(mode="json")["forms"]
    return changed(forms=forms | {"answer": {"title": {"id": "Formulir", "en": "Form"}, "fields": [spec]}})


@pytest.mark.parametrize(
    ("spec", "good", "bad", "code"),
    [
        (field("number", minimum=0, maximum=100), 99.5, 100.5, "too_large"),
        (field("number", minimum=0, maximum=100), 0, -0.1, "too_small"),
        (field("number"), 1, "1", "wrong_type"),
        (field("number"), 1, True, "wrong_type"),
        (field("integer", minimum=3), 3, 3.5, "wrong_type"),
        (field("date"), "2028-02-29", "2027-02-29", "bad_date"),
        (field("date"), "2027-01-04", "20270104", "bad_date"),
        (field("date"), "2027-01-04", "2027-1-4", "bad_date"),
        (field("boolean"), False, "ya", "wrong_type"),
        (field("text", min_length=20), "x" * 20, "pendek", "too_short"),
        (field("text", link=True, example="https://contoh.go.id"), "https://a.go.id/b", "a.go.id", "bad_link"),
        (field("choices", options_from="results"), ["r1"], ["r7"], "unknown_value"),
        (field("each", of="results", fields=[field("integer")]), {"r1": {"it": 1}, "r-2": {"it": 2}}, {}, "required"),
        (field("group", fields=[field("boolean")]), {"it": True}, {"it": 0}, "wrong_type"),
        (field("rows", min_rows=2, fields=[field("integer")]), [{"it": 1}, {"it": 1}], [{"it": 1}], "too_few"),
    ],
)
def test_a_pack_may_ask_for_any_kind_of_field(spec: dict[str, object], good: object, bad: object, code: str) -> None:
    if spec.get("options_from") == "results":
        spec = spec | {"required": False}
    pack = one_field(spec)
    assert problems(pack, Form.ANSWER, STAFF, {"it": good}) == []
    assert code in [p.code for p in problems(pack, Form.ANSWER, STAFF, {"it": bad})]
    assert problems(pack, Form.ANSWER, STAFF, example(pack, Form.ANSWER, STAFF)) == []


def test_an_optional_link_may_be_left_blank() -> None:
    pack = one_field(field("text", required=False, link=True, example="https://contoh.go.id"))
    assert problems(pack, Form.ANSWER, STAFF, {"it": ""}) == []
    assert [p.code for p in problems(pack, Form.ANSWER, STAFF, {"it": "www"})] == ["bad_link"]


def test_a_field_and_a_criterion_exist_only_for_those_they_are_meant_for() -> None:
    criteria = PACK.model_dump(mode="json")["criteria"]
    service = {"id": "waktu_layanan", "title": {"id": "Waktu layanan", "en": "Waiting time"}}
    criteria["behaviour"].append(service | {"when": {"families": ["pelayanan"]}})
    pack = changed(criteria=criteria)
    desk = FormContext(level=JobLevel.PELAKSANA, family="pelayanan", results=OWN)
    assert "waktu_layanan" in example(pack, Form.PLAN, desk)["behaviours"]  # type: ignore[operator]
    assert "waktu_layanan" not in example(pack, Form.PLAN, STAFF)["behaviours"]  # type: ignore[operator]

    lead = one_field(field("text", when={"levels": ["JPT Pratama"], "kinds": ["PNS"], "top": True}))
    assert [p.code for p in problems(lead, Form.ANSWER, TOP, {})] == ["required"]
    assert problems(lead, Form.ANSWER, STAFF, {}) == []


def test_a_form_the_pack_does_not_have_is_a_key_error() -> None:
    forms = {name: spec for name, spec in PACK.model_dump(mode="json")["forms"].items() if name != "midyear"}
    pack = changed(forms=forms, stages={"midyear_periods": 0})
    with pytest.raises(KeyError):
        schema(pack, Form.MIDYEAR, STAFF, "id")


# Properties

junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["above", "r1", "utama"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def mutated(draw: st.DrawFn) -> tuple[Form, FormContext, Any]:
    """An example with some parts removed, replaced, doubled or added."""
    form = draw(st.sampled_from(Form))
    context = draw(st.sampled_from([STAFF, ORPHAN, TOP]))
    data: Any = copy.deepcopy(example(PACK, form, context))
    for _ in range(draw(st.integers(1, 4))):
        holder, key = draw(st.sampled_from(list(places(data)) or [({}, "")]))
        match draw(st.sampled_from(["remove", "replace", "add", "double"])):
            case "remove" if holder:
                del holder[key]
            case "replace" if holder:
                holder[key] = draw(junk)
            case "double" if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[key]))
            case _ if isinstance(holder, dict):
                holder[draw(st.text(max_size=8))] = draw(junk)
    return form, context, data


def places(value: object) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict | list):
        for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
            yield value, key
            yield from places(inner)


def nodes(value: object) -> Iterator[dict[str, Any]]:
    """Every subschema of a schema document, itself first; `then` says nothing of other fields, so it is no form."""
    if isinstance(value, dict):
        yield value
        for key in ("items", "properties"):
            inner = value.get(key)
            for node in inner.values() if key == "properties" and isinstance(inner, dict) else [inner]:
                yield from nodes(node)


many = settings(max_examples=300)


@many
@given(mutated())
def test_whatever_is_sent_is_answered_with_pointers_codes_and_sentences(case: tuple[Form, FormContext, Any]) -> None:
    form, context, data = case
    for problem in problems(PACK, form, context, data):
        assert problem.pointer == "" or problem.pointer.startswith("/")
        assert problem.code in SENTENCES
        assert problem.message.id
        assert problem.message.en
        assert "{" not in problem.message.id + problem.message.en


@many
@given(mutated())
def test_whatever_is_malformed_also_cannot_be_submitted(case: tuple[Form, FormContext, Any]) -> None:
    form, context, data = case
    as_draft = malformed(PACK, form, context, data)
    submitted = problems(PACK, form, context, data)
    assert set(as_draft) <= set(submitted)
    assert {p.code for p in as_draft} <= MALFORMED
    assert as_draft == [p for p in submitted if p.code in MALFORMED]


@many
@given(mutated())
def test_a_program_that_holds_to_the_schema_is_never_refused_by_surprise(case: tuple[Form, FormContext, Any]) -> None:
    form, context, data = case
    unsaid = {"duplicate_key", "bad_date", "bad_character", "bad_number", "too_deep", "too_big"}
    ours = [p for p in problems(PACK, form, context, data) if p.code not in unsaid]
    theirs = Draft202012Validator(schema(PACK, form, context, "id"))
    assert theirs.is_valid(data) or problems(PACK, form, context, data)
    assert not (ours and theirs.is_valid(data))


@given(st.sampled_from(Form), junk)
def test_a_body_that_is_anything_at_all_never_raises(form: Form, data: object) -> None:
    problems(PACK, form, STAFF, data)
    malformed(PACK, form, STAFF, data)
