"""The yearly record for SIASN: its codes are a pack's, its names the service's, and what an answer means is a table."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from models.exchange import DOOR_SHUT, WAIT_MAX, Exchange, Party, Standing, record_of, verdict, wait_asked
from models.shelf import load, pack_ids
from models.vocabulary import Label, Rating

NOW = datetime(2028, 2, 1, 3, tzinfo=UTC)
SARI = Party(
    "199003122015032004", "Sari Dewi Lestari, S.Kom.", "Penata Muda Tk. I (III/b)", "Pranata Komputer", "Dinas Kominfo"
)
BUDI = Party("198001012005011001", "Drs. Budi Santoso, M.Si.", None, "Kepala Bidang Aplikasi", "Dinas Kominfo")
STANDING = Standing(
    key="0e7e2c4e-0000-4000-8000-000000000001",
    appraisal="6a1f2c4e-0000-4000-8000-000000000002",
    revision=2,
    year=2027,
    label=Label.BAIK,
    result=Rating.AS_EXPECTED,
    behaviour=Rating.ABOVE,
    subject=SARI,
    rater=BUDI,
    document="ab" * 32,
    replaces=("0e7e2c4e-0000-4000-8000-000000000000",),
)
GOLDEN = """{
  "tahun": 2027,
  "pnsDinilaiNip": "199003122015032004",
  "pnsDinilaiNama": "Sari Dewi Lestari, S.Kom.",
  "hasilKinerjaNilai": 2,
  "perilakuKerjaNilai": 1,
  "kuadranKinerjaNilai": 2,
  "penilaiNipNrp": "198001012005011001",
  "penilaiNama": "Drs. Budi Santoso, M.Si.",
  "penilaiGolongan": null,
  "penilaiJabatan": "Kepala Bidang Aplikasi",
  "penilaiUnorNama": "Dinas Kominfo",
  "statusPenilai": "ASN",
  "siklus": {
    "jenis": "skp22",
    "kunci": "0e7e2c4e-0000-4000-8000-000000000001",
    "penilaian": "6a1f2c4e-0000-4000-8000-000000000002",
    "revisi": 2,
    "predikat": "baik",
    "dokumenSha256": "abababababababababababababababababababababababababababababababab",
    "menggantikan": [
      "0e7e2c4e-0000-4000-8000-000000000000"
    ]
  }
}"""


def shipped() -> Exchange:
    found = load("permenpanrb-6-2022").exchange
    assert found is not None
    return found


def test_the_record_is_this_to_the_letter() -> None:
    assert json.dumps(record_of(shipped().skp22, STANDING), indent=2) == GOLDEN


RATINGS = {Rating.ABOVE: 1, Rating.AS_EXPECTED: 2, Rating.BELOW: 3}
LABELS = {
    Label.SANGAT_BAIK: 1,
    Label.BAIK: 2,
    Label.BUTUH_PERBAIKAN: 3,
    Label.KURANG: 4,
    Label.SANGAT_KURANG: 5,
}


@pytest.mark.parametrize("rating", Rating)
def test_each_rating_has_its_code(rating: Rating) -> None:
    record = record_of(shipped().skp22, replace(STANDING, result=rating, behaviour=Rating.BELOW))
    assert (record["hasilKinerjaNilai"], record["perilakuKerjaNilai"]) == (RATINGS[rating], 3)
    record = record_of(shipped().skp22, replace(STANDING, behaviour=rating, result=Rating.BELOW))
    assert (record["hasilKinerjaNilai"], record["perilakuKerjaNilai"]) == (3, RATINGS[rating])


@pytest.mark.parametrize("label", Label)
def test_each_label_has_its_code(label: Label) -> None:
    assert record_of(shipped().skp22, replace(STANDING, label=label))["kuadranKinerjaNilai"] == LABELS[label]


def test_packs_of_two_ratings_have_codes_and_packs_that_count_have_none() -> None:
    for name in pack_ids():
        pack = load(name)
        assert (pack.exchange is not None) == (pack.scoring.method == "quadrant"), name


# ── what an answer means ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_what_was_taken_is_done(status: int) -> None:
    assert verdict(status, None, NOW).fate == "taken"


@pytest.mark.parametrize("status", [400, 404, 405, 406, 409, 410, 413, 415, 422, 451])
def test_what_speaks_of_the_record_is_for_good_however_long_one_would_wait(status: int) -> None:
    assert verdict(status, "60", NOW) == verdict(status, None, NOW)
    assert verdict(status, None, NOW).fate == "refused"


@pytest.mark.parametrize("status", [401, 403, 407])
def test_a_door_that_is_shut_says_nothing_of_the_record_and_is_not_hammered(status: int) -> None:
    assert (verdict(status, None, NOW).fate, verdict(status, None, NOW).pause) == ("later", DOOR_SHUT)


@pytest.mark.parametrize("status", [100, 301, 302, 307, 408, 425, 429, 500, 501, 502, 503, 504, 599])
def test_everything_else_is_brought_again(status: int) -> None:
    assert verdict(status, None, NOW).fate == "later"


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("0", timedelta(0)),
        ("120", timedelta(seconds=120)),
        (" 120 ", timedelta(seconds=120)),
        ("9" * 5000, WAIT_MAX),
        ("Tue, 01 Feb 2028 03:10:00 GMT", timedelta(minutes=10)),
        ("Tue, 01 Feb 2028 03:10:00 -0000", timedelta(minutes=10)),
        ("Tue, 01 Feb 2028 02:00:00 GMT", None),
        ("Tue, 01 Feb 2033 03:10:00 GMT", WAIT_MAX),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("Tue, 99 Feb 2028 03:10:00 GMT", None),
        ("Tue, 01 Feb 99999 03:10:00 GMT", None),
    ],
)
def test_how_long_an_answer_asks_to_wait(said: str | None, wait: timedelta | None) -> None:
    assert wait_asked(said, NOW) == wait
