"""When a person's morning comes, what its one mail says, and what no mail can say."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.digest import LINES_MAX, Entry, compose, morning_by, next_morning, next_round
from models.digest import MORNING as MORNING_HOUR
from models.language import Bilingual
from models.notices import WORDS, AgencyText, agency_notices
from models.policy import NoticeText
from models.shelf import load, pack_ids
from models.vocabulary import Label, OrganisationLabel, Rating, Zone
from models.workdays import AgencyDays, PersonClock, at_time, local_day

PACKS = {key: load(key) for key in pack_ids()}
NOTICES = agency_notices()
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
CLOCKS = st.builds(
    PersonClock.of,
    st.sampled_from(list(Zone)),
    st.sampled_from([5, 6]),
    st.builds(AgencyDays, off=st.frozensets(st.dates(date(2026, 1, 1), date(2028, 12, 31)), max_size=5)),
)
MORNING = datetime(2027, 1, 7, 1, 30, tzinfo=UTC)


# ── when ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(INSTANTS, CLOCKS)
def test_a_morning_is_half_past_eight_of_a_working_day_and_the_first_that_comes(at: datetime, who: PersonClock) -> None:
    morning = next_morning(at, who)
    day = who.day_of(morning)
    assert morning >= at
    assert who.calendar.is_working(day)
    assert who.calendar.previous_working(day) < who.day_of(at) or next_morning(at - timedelta(days=1), who) < at
    hours = {Zone.WIB: (1, 30), Zone.WITA: (0, 30), Zone.WIT: (23, 30)}
    assert (morning.hour, morning.minute) == hours[who.zone]


@given(INSTANTS, CLOCKS)
def test_the_morning_of_a_day_has_come_from_then_on_until_midnight(at: datetime, who: PersonClock) -> None:
    morning = morning_by(at, who)
    if morning is None:
        assert not who.calendar.is_working(who.day_of(at)) or next_morning(at, who) > at
    else:
        assert morning <= at
        assert who.day_of(morning) == who.day_of(at)
        assert morning_by(morning, who) == morning


@given(INSTANTS, CLOCKS)
def test_the_rounds_miss_nobodys_morning(at: datetime, who: PersonClock) -> None:
    morning, come = next_morning(at + timedelta(microseconds=1), who), at
    while come < morning:
        come = next_round(come)
    assert come == morning


@pytest.mark.parametrize("pack_id", sorted(PACKS))
@pytest.mark.parametrize("reader", list(Zone))
@pytest.mark.parametrize("employee", list(Zone))
def test_what_a_day_brings_is_in_that_days_mail_wherever_its_reader_is(
    pack_id: str, employee: Zone, reader: Zone
) -> None:
    pack, day = PACKS[pack_id], date(2027, 1, 7)
    last = at_time(day, time(pack.rung_hour), employee) + timedelta(seconds=pack.jitter.seconds)
    assert local_day(last, reader) == day
    assert last < at_time(day, MORNING_HOUR, reader)


@given(INSTANTS)
def test_three_rounds_are_a_day_and_the_east_comes_first(at: datetime) -> None:
    first = next_round(at)
    assert first > at
    assert next_round(next_round(next_round(first))) == first + timedelta(days=1)
    midnight = datetime(2027, 1, 6, 15, tzinfo=UTC)
    wit = next_round(midnight)
    assert [local_day(wit, zone).day for zone in (Zone.WIT, Zone.WIB)] == [7, 7]
    assert (wit.hour, next_round(wit).hour, next_round(next_round(wit)).hour) == (23, 0, 1)


# ── what it says ─────────────────────────────────────────────────────────────────────────────────────────────────────────

HEADINGS = st.integers(0, 25).map(lambda n: Bilingual(id=f"Perihal <{n}>", en=f"Kind <{n}>"))
DUES = st.none() | st.integers(-9, 9).map(lambda days: MORNING + timedelta(days=days))
ENTRIES = st.lists(
    st.builds(
        lambda heading, about, due: Entry(heading, about, due, None if due is None else Bilingual(id="d", en="d")),
        HEADINGS,
        st.none() | st.sampled_from(["Sari", "Budi", "Ratna"]),
        DUES,
    ),
    min_size=1,
    max_size=400,
)


def said(entries: list[Entry], language: str = "id") -> list[str]:
    body = compose(entries, MORNING, "https://siklus/", NOTICES.digest, language).body
    return [line for line in body.splitlines() if line.lstrip().startswith(("* ", "- "))]


@given(ENTRIES, st.sampled_from(["id", "en"]))
def test_a_digest_is_short_whatever_waits(entries: list[Entry], language: str) -> None:
    assert 1 <= len(said(entries, language)) <= LINES_MAX + 1


@given(ENTRIES)
def test_every_notice_is_counted_in_some_line(entries: list[Entry]) -> None:
    counted = 0
    for line in said(entries):
        if line.startswith("* "):
            more = re.search(r"dan (\d+) lainnya$", line) or re.search(r"> \((\d+)\)$", line)
            counted += int(more.group(1)) if more else 1
    assert counted == len(entries)
    assert str(len(entries)) in compose(entries, MORNING, "", NOTICES.digest, "id").subject


@given(ENTRIES)
def test_the_most_urgent_kind_stands_first(entries: list[Entry]) -> None:
    def rank(entry: Entry) -> tuple[bool, datetime]:
        return not entry.overdue(MORNING), entry.due_at or datetime.max.replace(tzinfo=UTC)

    urgent = min(rank(entry) for entry in entries)
    assert any(said(entries)[0].startswith(f"* {entry.heading.id}") for entry in entries if rank(entry) == urgent)


def test_one_digest_has_one_link() -> None:
    entries = [Entry(Bilingual(id="A", en="A"), "Sari") for _ in range(30)]
    assert compose(entries, MORNING, "https://siklus/", NOTICES.digest, "id").body.count("https://") == 1


# ── what no mail can say ─────────────────────────────────────────────────────────────────────────────────────────────────

TEXTS: dict[str, NoticeText | AgencyText] = {
    **{f"{key}/{name}": text for key, pack in PACKS.items() for name, text in pack.texts.items()},
    **{f"agency/{name}": text for name, text in NOTICES.texts.items()},
}


def sentences(text: NoticeText | AgencyText) -> list[str]:
    return [said for one in (text.subject, text.body, text.heading) if one for said in (one.id, one.en)]


def rating_words() -> set[str]:
    """Everything a result could be told by: labels and ratings as codes and in both languages, by every pack."""
    words = {member.value for kind in (Label, OrganisationLabel, Rating) for member in kind}
    for pack in PACKS.values():
        words |= {said for label in pack.scoring.labels.values() for said in (label.id, label.en)}
    return {word.lower() for word in words} | {"ekspektasi", "expectation", "nilai akhir", "score", "skor", "predikat"}


@pytest.mark.parametrize("key", sorted(TEXTS))
def test_no_word_of_a_result_is_in_a_text(key: str) -> None:
    for sentence in sentences(TEXTS[key]):
        for word in rating_words():
            assert not re.search(rf"(?<![\w]){re.escape(word)}(?![\w])", sentence.lower()), f"{word!r} in {sentence!r}"


@pytest.mark.parametrize("field", sorted(type(NOTICES.digest).model_fields))
def test_no_word_of_a_result_stands_around_a_digest(field: str) -> None:
    around = getattr(NOTICES.digest, field)
    for word in rating_words():
        assert not re.search(rf"(?<![\w]){re.escape(word)}(?![\w])", f"{around.id} {around.en}".lower())


@pytest.mark.parametrize("key", sorted(name for name in TEXTS if name.startswith("agency/")))
def test_an_agency_wide_text_says_both_languages_the_same_facts_and_leads_somewhere(key: str) -> None:
    text = TEXTS[key]
    assert isinstance(text, AgencyText)
    assert "{link}" in text.body.id
    assert "{link}" in text.body.en
    for said in (text.subject, text.body):
        assert set(re.findall(r"{(\w+)}", said.id)) == set(re.findall(r"{(\w+)}", said.en)) <= WORDS


def test_a_text_with_a_word_that_nothing_fills_is_refused() -> None:
    said = {"id": "Nilai: {label}", "en": "Label: {label}"}
    with pytest.raises(ValueError, match="may not say label"):
        AgencyText.model_validate({"subject": said, "body": said})


def test_whatever_waits_for_a_morning_has_a_heading_there() -> None:
    for pack in PACKS.values():
        for notice in pack.notices:
            assert notice.at_once or pack.texts[notice.text].heading is not None, notice.text
