"""The papers say what happened, whatever people typed, and are PDF/A."""

from __future__ import annotations

import io
import json
import re
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from activities.documents import DocumentFacts, Kind, content_hash, render
from activities.documents.compose import compose
from activities.documents.glyphs import showable
from models.shelf import load
from models.vocabulary import Action, EngineAction, Form, OrganisationLabel, Role, StandIn, State
from tests.workflow._year import EMPLOYEE, PEOPLE, SENIOR, SUPERVISOR, TOP, Year

PACK = load("permenpanrb-6-2022")
HOSTILE = '#set page(fill: red) $x^2$ *tebal* _miring_ <label> @ref "kutip" \\ \\u{41} `raw` // k /* */ #panic("!") = J'
FOREIGN = "中文 ꦗꦮ 😀 العربية ไทย \u202eterbalik \x07\ue000"
KINDS: tuple[Kind, ...] = ("plan", "evaluation", "appeal")


def facts(year: Year, kind: Kind) -> DocumentFacts:
    made = compose(year.dossier(), PACK, kind)
    assert made is not None
    return made


def leaves(pdf: bytes) -> list[str]:
    """The text of each page, without the places where a long word may break and without line ends."""
    texts = (page.extract_text().replace("\u200b", "") for page in PdfReader(io.BytesIO(pdf)).pages)
    return [re.sub(r"\s+", " ", text) for text in texts]


def read(pdf: bytes) -> str:
    return " ".join(leaves(pdf))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def whole_year() -> Year:
    return Year(PACK).planned().rated().appealed().decided({"result_rating": "above", "behaviour_rating": "above"})


def acted(year: Year, action: Action, standing: StandIn | None, post_of: str | None = None, **head: object) -> Year:
    """The same year, where whoever did this did it in another's post."""
    year.events = [
        event.model_copy(
            update={**head, "data": event.data.model_copy(update={"standing": standing, "post_of": post_of})}
        )
        if event.action is action
        else event
        for event in year.events
    ]
    return year


def test_the_plan_names_both_people_the_results_and_who_signed() -> None:
    year = Year(PACK).planned()
    text = read(render("plan", facts(year, "plan")))
    for person in (PEOPLE[EMPLOYEE], PEOPLE[SUPERVISOR]):
        assert person.name in text
        assert person.nip in text
        assert person.post in text
    assert "Layanan perizinan selesai tepat waktu" in text
    assert "Persentase izin yang terbit sesuai standar waktu" in text
    assert "Berorientasi Pelayanan" in text
    assert "Disetujui secara elektronik, peristiwa no. 3" in text
    assert "[ttd:pejabat_penilai]" in text
    assert "8 Januari 2027" in text


def test_the_evaluation_shows_the_label_and_every_line_of_its_way() -> None:
    year = Year(PACK).planned().rated().accepted()
    made = facts(year, "evaluation")
    text = squeezed(read(render("evaluation", made)))
    assert made.result is not None
    assert made.result.label == "Baik"
    for line in made.result.lines:
        assert squeezed(line) in text
    assert squeezed("Menjadi teladan di unit kerja.") in text
    assert PEOPLE[SENIOR].nip in text
    assert "SEMENTARA" not in text
    assert squeezed("Diterima oleh pegawai") in text


def test_block_four_names_the_organisations_label_its_pattern_and_then_the_persons() -> None:
    year = Year(PACK).planned().rated()
    assert facts(year, "evaluation").result == facts(year.labelled(OrganisationLabel.BAIK), "evaluation").result
    made = facts(year.labelled(OrganisationLabel.ISTIMEWA), "evaluation")
    assert made.result is not None
    assert (made.result.organisation, made.result.label) == ("Istimewa", "Baik")
    assert "Predikat sebelumnya" not in {line.title for line in made.result.before}
    assert made.result.distribution == "sebagian besar, paling banyak 70 %, Sangat Baik"
    assert squeezed("sebagian besar, paling banyak 70 %, Sangat Baik") in squeezed(read(render("evaluation", made)))


def test_a_result_that_may_still_be_appealed_is_marked_as_provisional_on_every_page() -> None:
    reader = PdfReader(io.BytesIO(render("evaluation", facts(Year(PACK).planned().rated(), "evaluation"))))
    assert len(reader.pages) > 1
    assert all("SEMENTARA" in page.extract_text() for page in reader.pages)


CAPACITIES: tuple[tuple[dict[str, object], str | None], ...] = (
    ({"standing": None}, None),
    ({"standing": StandIn.PLT, "post_of": SUPERVISOR}, "Plt. Kepala Bidang Pelayanan Perizinan"),
    ({"standing": StandIn.PLH, "post_of": SUPERVISOR}, "Plh. Kepala Bidang Pelayanan Perizinan"),
    ({"standing": StandIn.SUPERIOR, "post_of": SUPERVISOR}, "a.n. Kepala Bidang Pelayanan Perizinan"),
    ({"standing": StandIn.PYB}, "a.n. Pejabat Penilai Kinerja"),
    ({"standing": None, "on_behalf_of": SUPERVISOR}, "a.n. Kepala Bidang Pelayanan Perizinan"),
    (
        {"standing": StandIn.PLT, "post_of": SUPERVISOR, "on_behalf_of": SENIOR},
        "a.n. Plt. Kepala Bidang Pelayanan Perizinan",
    ),
    (
        {"role": Role.SENIOR, "on_behalf_of": SUPERVISOR, "standing": StandIn.PLT, "post_of": SENIOR},
        "a.n. Kepala Bidang Pelayanan Perizinan, Plt. Kepala Dinas",
    ),
)


@pytest.mark.parametrize(("more", "capacity"), CAPACITIES, ids=lambda v: v if isinstance(v, str) else "")
def test_a_substitute_signs_as_letters_have_it(more: dict[str, Any], capacity: str | None) -> None:
    year = acted(Year(PACK).planned().rated(), Action.SUBMIT_RATING, **more)
    made = facts(year, "evaluation")
    assert made.signatures[1].capacity == capacity
    assert made.signatures[1].name == PEOPLE[SUPERVISOR].name
    note = made.people[1].note
    assert (note is None) == (capacity is None)
    if capacity is not None:
        assert squeezed(capacity) in squeezed(read(render("evaluation", made)))
        assert note is not None
        assert note.startswith(capacity)


def test_a_decision_of_the_pyb_in_nobodys_place_names_his_office() -> None:
    made = facts(acted(whole_year(), Action.DECIDE_APPEAL, StandIn.PYB), "appeal")
    assert made.signatures[2].capacity == "Pejabat yang Berwenang"


def test_a_plan_that_nobody_approved_is_marked_as_not_in_force() -> None:
    year = Year(PACK)
    year.act(Action.SUBMIT_PLAN, Role.EMPLOYEE, EMPLOYEE, form=year.copy(Form.PLAN, EMPLOYEE))
    assert "BELUM BERLAKU" in read(render("plan", facts(year, "plan")))


def test_a_plan_whose_approval_was_taken_back_carries_no_approval() -> None:
    year = Year(PACK).planned()
    year.act(Action.RETURN_PLAN, Role.SUPERVISOR, SUPERVISOR, comment=year.comment("Terlalu cepat.", SUPERVISOR))
    text = read(render("plan", facts(year, "plan")))
    assert "BELUM BERLAKU" in text
    assert "Diajukan secara elektronik, peristiwa no. 2" in text
    assert "Disetujui secara elektronik" not in text


@pytest.mark.parametrize("approved", [True, False], ids=["approved and taken back", "never approved"])
def test_a_plan_that_stays_in_force_carries_its_own_approval_whatever_became_of_an_amendment(approved: bool) -> None:
    year = Year(PACK).planned()
    amended = year.example(Form.PLAN)
    year.act(Action.AMEND_PLAN, Role.EMPLOYEE, EMPLOYEE, form=year.copy(Form.PLAN, EMPLOYEE, amended))
    if approved:
        year.act(Action.APPROVE_PLAN, Role.SUPERVISOR, SUPERVISOR)
    year.act(Action.RETURN_PLAN, Role.SUPERVISOR, SUPERVISOR, comment=year.comment("Belum perlu.", SUPERVISOR))
    made = facts(year, "plan")
    assert made.watermark is None
    assert [str(signature.note).partition(",")[2][:16] for signature in made.signatures] == [
        " peristiwa no. 2",
        " peristiwa no. 3",
    ]


def test_the_appeal_has_its_three_texts_and_the_label_before_and_after() -> None:
    text = read(render("appeal", facts(whole_year(), "appeal")))
    blocks = ("KEBERATAN (tanggal", "PENJELASAN PEJABAT PENILAI ATAS KEBERATAN", "KEPUTUSAN ATASAN PEJABAT PENILAI")
    places = [text.index(block) for block in blocks]
    assert places == sorted(places)
    assert "Realisasi triwulan IV belum diperhitungkan" in text
    assert "Predikat sebelum keberatan Baik" in text
    assert "Predikat setelah keputusan Sangat Baik" in text


def test_an_evaluation_changed_by_an_appeal_shows_the_new_rating_and_the_old_label() -> None:
    made = facts(whole_year(), "evaluation")
    assert made.result is not None
    shown = {line.title: line.text for line in made.result.before}
    assert shown["Rating hasil kerja"] == "Di atas ekspektasi"
    assert shown["Predikat sebelumnya"] == "Baik (revisi 1)"
    assert made.result.label == "Sangat Baik"


@pytest.mark.parametrize("kind", KINDS)
def test_every_document_is_pdf_a_with_its_ids_on_every_page(kind: Kind) -> None:
    made = facts(whole_year(), kind)
    pdf = render(kind, made)
    reader = PdfReader(io.BytesIO(pdf))
    metadata = str(reader.trailer["/Root"]["/Metadata"].get_object().get_data(), "utf-8")  # type: ignore[index]
    assert re.search(r"pdfaid:part[>=\"]+2", metadata)
    assert re.search(r"pdfaid:conformance[>=\"]+B", metadata)
    for number, page in enumerate(reader.pages, 1):
        text = squeezed(page.extract_text())
        assert made.trail_head in text
        assert content_hash(made) in text
        assert made.appraisal_id in text
        assert f"Halaman{number}dari{len(reader.pages)}" in text


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_facts_give_the_same_bytes(kind: Kind) -> None:
    assert render(kind, facts(whole_year(), kind)) == render(kind, facts(whole_year(), kind))


@pytest.mark.parametrize("kind", KINDS)
def test_what_looks_like_markup_is_printed_and_never_obeyed(kind: Kind) -> None:
    year = Year(PACK)
    year.people[EMPLOYEE] = PEOPLE[EMPLOYEE].model_copy(update={"name": HOSTILE, "post": FOREIGN})
    data = year.example(Form.PLAN)
    data["results"][0]["title"] = HOSTILE
    year.planned(results=data["results"]).rated(result_reason=HOSTILE).appealed()
    assert squeezed(HOSTILE) in squeezed(read(render(kind, facts(year, kind))))


def test_a_name_of_three_hundred_characters_and_a_text_over_pages_lose_nothing() -> None:
    year = Year(PACK)
    name = "Siti" * 75
    year.people[EMPLOYEE] = PEOPLE[EMPLOYEE].model_copy(update={"name": name})
    sentences = " ".join(f"Kalimat nomor {n} tentang pekerjaan." for n in range(110))
    year.planned().rated(result_reason=sentences, strengths=sentences)
    pdf = render("evaluation", facts(year, "evaluation"))
    assert len(PdfReader(io.BytesIO(pdf)).pages) > 3
    text = squeezed(read(pdf))
    assert name in text
    assert all(squeezed(f"Kalimat nomor {n} tentang") in text for n in range(110))


def test_signatures_never_stand_on_a_page_of_their_own_nor_among_the_annexes() -> None:
    for many in range(40):
        year = Year(PACK).planned().rated(strengths="Teliti dan dapat diandalkan. " * (many + 1)).accepted()
        (signed,) = [p for p in leaves(render("evaluation", facts(year, "evaluation"))) if "[ttd:pejabat_penilai]" in p]
        assert "Catatan dan rekomendasi" in signed
        assert "Lampiran" not in signed


def test_a_letter_without_a_glyph_is_shown_by_its_number() -> None:
    shown = showable(FOREIGN)
    assert "[U+4E2D][U+6587]" in shown
    assert "[U+202E]" in shown
    assert "\x07" not in shown
    assert "العربية" in shown


@settings(max_examples=25)
@given(text=st.text(min_size=1, max_size=80))
def test_any_text_at_all_can_be_printed(text: str) -> None:
    made = facts(Year(PACK).planned(), "plan")
    assert render("plan", made.model_copy(update={"subject": text, "notice": text})).startswith(b"%PDF")


def test_an_erased_form_says_so_instead_of_its_content() -> None:
    year = Year(PACK).planned()
    year.forms[0] = year.forms[0].model_copy(update={"data": None})
    assert "dihapus sesuai UU 27/2022" in read(render("plan", facts(year, "plan")))


def test_there_is_no_document_before_there_is_something_to_print() -> None:
    year = Year(PACK)
    assert [compose(year.dossier(), PACK, kind) for kind in KINDS] == [None, None, None]
    year.planned().rated().cancelled()
    assert compose(year.dossier(), PACK, "evaluation") is None


def test_the_dossier_is_plain_json() -> None:
    whole = whole_year().dossier()
    assert type(whole).model_validate_json(json.dumps(whole.model_dump(mode="json"))) == whole


def test_a_reopened_rating_is_not_signed_by_an_acceptance_of_the_one_before() -> None:
    year = whole_year()
    year.engine(EngineAction.ARCHIVE)
    authority = year.comment("Putusan inspektorat.", TOP)
    year.act(Action.REOPEN, Role.HR, TOP, to=State.RATING_DRAFTING, authority=authority, comment=authority)
    assert compose(year.dossier(), PACK, "appeal") is None
    data = year.example(Form.RATING) | {"result_rating": "as_expected", "behaviour_rating": "as_expected"}
    year.act(Action.SUBMIT_RATING, Role.SUPERVISOR, SUPERVISOR, form=year.copy(Form.RATING, SUPERVISOR, data))
    made = facts(year, "evaluation")
    assert [bool(signature.note) for signature in made.signatures] == [False, True, False]
    assert made.revision == 2
    assert made.watermark == "SEMENTARA"
    assert compose(year.dossier(), PACK, "appeal") is None


def test_what_she_read_before_another_label_is_no_signature_under_the_result_of_the_new_one() -> None:
    year = Year(PACK).planned().rated()
    year.act(Action.ACKNOWLEDGE_RESULT, Role.EMPLOYEE, EMPLOYEE)
    assert facts(year, "evaluation").signatures[0].note is not None
    year.labelled(OrganisationLabel.ISTIMEWA)
    assert facts(year, "evaluation").signatures[0].note is not None, "her own result is the same"
    year.outcomes.append(year.outcomes[-1].model_copy(update={"id": "another", "label": "kurang"}))
    year.engine(EngineAction.RECEIVE_LABEL, outcome_id="another", label=9)
    assert facts(year, "evaluation").signatures[0].note is None
    assert facts(year.accepted(), "evaluation").signatures[0].note is not None


def test_the_instant_of_a_document_may_have_microseconds() -> None:
    made = facts(Year(PACK).planned(), "plan").model_copy(
        update={"at": datetime.fromisoformat("2027-06-01T10:00:00.123456+07:00")}
    )
    assert render("plan", made).startswith(b"%PDF")
