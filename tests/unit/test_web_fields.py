"""What a form's page shows and what a browser posts are each other's inverse, for every form of every pack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.web import written
from api.web.fields import Field, Kind, form_fields, number_shown
from api.web.pointing import Pointer, at_fields, pointers
from api.web.typed import edited, form_data, goes_on, number, started
from models.form_spec import FormContext, ResultRef
from models.forms import example, malformed, problems, schema
from models.shelf import load, pack_ids
from models.vocabulary import Form, JobLevel, Zone

RESULTS = (ResultRef("r1", "Layanan dasar"), ResultRef("r2", "Laporan keuangan"))
CONTEXT = FormContext(level=JobLevel.AHLI_MUDA, superior_results=RESULTS, results=RESULTS)
FORMS = [(name, form) for name in pack_ids() for form in Form if form in load(name).forms]


def posted(field: Field) -> Iterator[tuple[str, str]]:
    """What a browser sends of a page with these fields, whoever wrote them: empty inputs too, and no box that is not ticked."""
    if field.kind in (Kind.GROUP, Kind.ROWS):
        if field.kind is Kind.GROUP and field.name:
            yield field.name, ""
        for inner in field.inside:
            yield from posted(inner)
    elif field.kind is Kind.CHOICES:
        yield from ((field.name, one) for one in field.chosen)
    else:
        yield field.name, field.value.replace("\n", "\r\n")


def read_back(node: Mapping[str, Any], data: Mapping[str, object], spoken: str = "id") -> dict[str, object]:
    return form_data(node, posted(form_fields(node, data, spoken=spoken)), spoken)


@pytest.mark.parametrize(("pack", "form"), FORMS)
@pytest.mark.parametrize("spoken", ["id", "en"])
def test_what_a_page_shows_of_a_whole_form_is_what_it_sends(pack: str, form: Form, spoken: str) -> None:
    whole = example(load(pack), form, CONTEXT)
    assert read_back(schema(load(pack), form, CONTEXT, spoken), whole, spoken) == whole


@pytest.mark.parametrize(("pack", "form"), FORMS)
def test_a_page_of_an_empty_form_sends_nothing_malformed(pack: str, form: Form) -> None:
    node = schema(load(pack), form, CONTEXT, "id")
    begun = read_back(node, started(node, {}))
    assert malformed(load(pack), form, CONTEXT, begun) == []


@pytest.mark.parametrize(("pack", "form"), FORMS)
def test_every_problem_of_a_form_finds_a_field_or_the_form_itself(pack: str, form: Form) -> None:
    node = schema(load(pack), form, CONTEXT, "id")
    data = started(node, {})
    found = problems(load(pack), form, CONTEXT, data)

    def names(field: Field) -> Iterator[str]:
        yield field.name
        for inner in field.inside:
            yield from names(inner)

    assert {one.pointer for one in found} <= set(names(form_fields(node, data)))


@pytest.mark.parametrize("pack", pack_ids())
def test_a_row_more_and_a_row_less_is_the_plan_as_it_was(pack: str) -> None:
    node = schema(load(pack), Form.PLAN, CONTEXT, "id")
    whole = example(load(pack), Form.PLAN, CONTEXT)
    lists = [key for key, value in whole.items() if isinstance(value, list) and isinstance(value[0], dict)]
    for key in lists:
        rows = whole[key]
        assert isinstance(rows, list)
        more = edited(node, whole, f"add:/{key}")
        assert more[key][:-1] == rows  # type: ignore[index]
        assert malformed(load(pack), Form.PLAN, CONTEXT, more) == []
        assert read_back(node, more) == more, "an empty row is kept while it is filled in"
        assert edited(node, more, f"remove:/{key}/{len(rows)}") == whole
    assert edited(node, whole, "add:/nothing") == whole
    assert edited(node, whole, "remove:/nothing/7") == whole


def test_a_list_takes_no_more_rows_than_it_may_have() -> None:
    node = schema(load("permenpanrb-6-2022"), Form.PLAN, CONTEXT, "id")
    data: dict[str, object] = {}
    for _ in range(300):
        data = edited(node, data, "add:/results")
    rows = data["results"]
    assert isinstance(rows, list)
    assert len(rows) == node["properties"]["results"]["maxItems"]  # type: ignore[index]
    assert next(field for field in form_fields(node, data).inside if field.name == "/results").full


@pytest.mark.parametrize("spoken", ["id", "en"])
@given(value=st.one_of(st.integers(-(10**12), 10**12), st.floats(-1e9, 1e9).map(lambda one: round(one, 4))))
def test_a_number_is_read_as_it_is_shown_in_the_language_of_the_page(spoken: str, value: int | float) -> None:
    assert number(number_shown(value, spoken), spoken) == value
    assert number(written.read(number_shown(value, spoken), spoken), spoken) == value


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("1.234", 1234),
        ("1.234.567,5", 1234567.5),
        ("12,5", 12.5),
        ("12.5", 12.5),
        (" 95 ", 95),
        ("-3", -3),
        ("1 000", 1000),
        ("sembilan", "sembilan"),
        ("1.23.4", "1.23.4"),
        ("1e9", "1e9"),
        ("٣", "٣"),
        ("9" * 400, "9" * 400),
    ],
)
def test_numbers_as_people_there_write_them(typed: str, read: object) -> None:
    assert number(typed) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("1,234", 1234),
        ("1,234,567.5", 1234567.5),
        ("12.5", 12.5),
        ("12,5", 12.5),
        ("1.234", 1.234),
        ("1,23,4", "1,23,4"),
        ("nine", "nine"),
    ],
)
def test_numbers_as_people_write_them_in_english(typed: str, read: object) -> None:
    assert number(typed, "en") == read


def test_what_was_typed_is_read_with_its_thousands_set_off_but_a_year_stays_a_year() -> None:
    node = {"type": "object", "properties": {"target": {"type": "number", "title": "Target"}}}
    for spoken, of in (("id", {12345.25: "12.345,25", 2027: "2027"}), ("en", {12345.25: "12,345.25", 2027: "2027"})):
        for value, said in of.items():
            (field,) = form_fields(node, {"target": value}, spoken=spoken).inside
            assert field.said == said
    (field,) = form_fields(node, {"target": "dua belas"}).inside
    assert field.said == "dua belas"


def test_dates_instants_and_figures_as_people_write_them_in_each_language() -> None:
    at = datetime(2027, 1, 31, 9, 0, tzinfo=UTC)
    assert written.day(date(2027, 1, 31), "id") == "31 Januari 2027"
    assert written.day(date(2027, 1, 31), "en") == "31 January 2027"
    assert written.instant(at, Zone.WIB, "id") == "31 Januari 2027, 16.00 WIB"
    assert written.instant(at, Zone.WIT, "en") == "31 January 2027, 18:00 WIT"
    assert (written.figure(1234.5, "id"), written.figure(1234.5, "en")) == ("1.234,5", "1,234.5")
    assert (written.decimal("88.5", "id"), written.decimal("88.5", "en")) == ("88,5", "88.5")


def test_what_is_no_number_is_shown_again_as_it_was_typed() -> None:
    node = {"type": "object", "properties": {"target": {"type": "number", "title": "Target"}}}
    (field,) = form_fields(node, form_data(node, [("/target", "dua belas")])).inside
    assert field.value == "dua belas"


DEFAULT = schema(load("permenpanrb-6-2022"), Form.PLAN, CONTEXT, "id")


def test_nobody_begins_before_an_empty_page_nor_before_an_empty_row() -> None:
    begun = started(DEFAULT, {})
    assert begun["results"] == [{"id": "r1", "indicators": [{}]}]
    assert edited(DEFAULT, begun, "add:/results")["results"][1] == {"id": "r2", "indicators": [{}]}  # type: ignore[index]


def test_after_a_button_of_a_list_one_goes_on_at_the_new_row_or_at_the_list() -> None:
    more = edited(DEFAULT, started(DEFAULT, {}), "add:/results")
    assert goes_on("add:/results", more) == "/results/1"
    assert goes_on("remove:/results/1", edited(DEFAULT, more, "remove:/results/1")) == "/results"
    assert goes_on("save", more) == ""
    assert goes_on("add:/nothing", more) == "/nothing"


@pytest.mark.parametrize("place", ["9" * 5000, "²", "-1", "x"])
def test_a_button_for_a_row_that_is_not_there_changes_nothing(place: str) -> None:
    begun = started(DEFAULT, {})
    for pressed in (f"remove:/results/{place}", f"add:/results/{place}/indicators", f"add:/results/{place}"):
        assert edited(DEFAULT, begun, pressed) == begun


def test_a_part_that_is_needed_is_sent_empty_so_that_each_of_its_fields_is_named_and_any_other_is_not_sent() -> None:
    sent = read_back(DEFAULT, started(DEFAULT, {}))
    assert set(sent["behaviours"]) == set(DEFAULT["properties"]["behaviours"]["properties"])  # type: ignore[index,call-overload]
    decision = schema(load("permenpanrb-6-2022"), Form.DECISION, CONTEXT, "id")
    assert read_back(decision, {"decision": "stands"}) == {"decision": "stands"}


def test_what_is_one_line_stays_one_in_however_many_it_is_typed() -> None:
    sent = form_data(DEFAULT, [("/results/0/title", "Layanan\r\nperizinan"), ("/results/0/id", "r1")])
    assert sent["results"] == [{"id": "r1", "title": "Layanan perizinan"}]


@pytest.mark.parametrize(("given", "needed"), [({}, False), ({"rating": {"result_rating": "above"}}, True)])
def test_what_a_part_needs_is_marked_where_that_part_is_given(given: dict[str, object], needed: bool) -> None:
    """A decision that lets the result stand has no new rating, so nothing of it is asked for."""
    node = schema(load("permenpanrb-6-2022"), Form.DECISION, CONTEXT, "id")
    (rating,) = [one for one in form_fields(node, given).inside if one.name == "/rating"]
    assert {one.required for one in rating.inside if "rating" in one.name.rpartition("/")[2]} == {needed}
    assert {one.required for one in form_fields(node, given).inside if one.name == "/reason"} == {True}


def test_a_problem_at_what_nobody_sees_stands_at_the_closest_field_above_it() -> None:
    form = form_fields(DEFAULT, example(load("permenpanrb-6-2022"), Form.PLAN, CONTEXT))
    found = at_fields(form, {"/results/0/id": ["Sama."], "/nowhere/3": ["Tidak dikenal."], "/approach": ["Pilih."]})
    assert found == {"/results/0": ["Sama."], "": ["Tidak dikenal."], "/approach": ["Pilih."]}


def test_the_list_at_the_top_names_each_problem_with_its_place_in_the_order_of_the_page() -> None:
    data = example(load("permenpanrb-6-2022"), Form.PLAN, CONTEXT)
    wrong = {"/results/0/indicators/0/target": ["Target wajib diisi."], "/approach": ["Pilih."], "": ["Terlalu besar."]}
    assert pointers(form_fields(DEFAULT, data, wrong)) == [
        Pointer("", "", "Terlalu besar."),
        Pointer("f-approach", "", "Pilih."),
        Pointer(
            "f-results-0-indicators-0-target",
            "Rencana hasil kerja 1, Indikator kinerja individu 1",
            "Target wajib diisi.",
        ),
    ]
