"""What a refusal says to people: words and local time in the sentence, codes and instants in the other members."""

from __future__ import annotations

import pytest
from fastapi import Request
from sqlalchemy.exc import DBAPIError

from api.problems import as_document, language, of_database, problem
from models.vocabulary import Language

MIDNIGHT = "2027-06-30T17:00:00+00:00"
SENTENCES: list[tuple[str, dict[str, str], Language, str]] = [
    (
        "not_now",
        {"state": "rating.drafting", "waits_on": "supervisor"},
        "id",
        "tahap “Menunggu penilaian atasan” dan menunggu pejabat penilai kinerja.",
    ),
    (
        "not_now",
        {"state": "self_assessment.drafting", "waits_on": "appeal_authority"},
        "en",
        "at “self assessment drafting” and waits on appeal authority.",
    ),
    ("not_now", {"state": "execution.running", "waits_on": ""}, "id", "menunggu –."),
    ("cycle_state", {"state": "opening"}, "id", "tahap “sedang dibuka”."),
    ("form_missing", {"form": "self_assessment"}, "id", "Formulir “Laporan diri” belum"),
    ("form_missing", {"form": "self_assessment"}, "en", "the form “self assessment”."),
    ("not_open_yet", {"opens_at": MIDNIGHT}, "id", "dibuka pada 1 Juli 2027, 00.00 WIB."),
    ("not_open_yet", {"opens_at": MIDNIGHT}, "en", "opens at 1 July 2027, 00:00 WIB."),
    ("lapsed", {"lapsed_at": "2027-12-31T23:59:00+07:00"}, "id", "berakhir pada 31 Desember 2027, 23.59 WIB."),
    ("lapsed", {"lapsed_at": "soon"}, "en", "ended at soon."),
    ("not_now", {"state": "a.new_state"}, "id", "tahap “a.new_state” dan menunggu –."),
]


@pytest.mark.parametrize(("code", "about", "spoken", "said"), SENTENCES)
def test_the_sentence_has_words_and_the_members_keep_the_codes(
    code: str, about: dict[str, str], spoken: Language, said: str
) -> None:
    document = as_document(problem(code, about), spoken)
    assert said in str(document["detail"])
    assert {name: document[name] for name in about} == about


@pytest.mark.parametrize(
    ("wished", "spoken"),
    [
        ("", "id"),
        ("en", "en"),
        ("EN-us", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("de, en", "en"),
        ("de", "id"),
        ("*", "id"),
        ("id, en", "id"),
        ("en, id", "en"),
        ("en;q=0.2, id;q=0.8", "id"),
        ("id;q=0.5,en;q=0.7", "en"),
        ("en;q=0", "id"),
        ("en; q=0.5", "en"),
        ("en;q=abc", "id"),
        ("en;q=inf", "id"),
        ("english", "id"),
    ],
)
def test_the_language_that_the_caller_prefers_is_spoken(wished: str, spoken: Language) -> None:
    headers = [(b"accept-language", wished.encode())]
    assert language(Request({"type": "http", "headers": headers})) == spoken


@pytest.mark.parametrize(
    ("sqlstate", "code"),
    [("40P01", "database_away"), ("40001", "database_away"), ("55P03", "database_away"), ("23505", "internal_error")],
)
def test_a_race_that_the_database_decided_against_is_tried_again_and_a_refusal_is_not(sqlstate: str, code: str) -> None:
    cause = type("Told", (Exception,), {"sqlstate": sqlstate})()
    assert of_database(DBAPIError("UPDATE", {}, cause)).code == code
