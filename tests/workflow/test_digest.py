"""What can wait is told by one mail each working morning, if it is still true then; what changes rights never waits."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from temporalio import activity
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from activities.deliver import Patience
from activities.digest import DIGEST_ID, Digests, Gathered, GatherInput, ensure_digest
from activities.outbox import tell
from activities.people import move_line
from deploy.supervisor import until
from deploy.worker import build_worker
from models.vocabulary import Action, Form, Role
from models.windows import WindowRow, resolve
from tests.workflow._post import PACK, Mailbox, Post, copied_year, reminded, returned
from tests.workflow._year import APPRAISAL, EMPLOYEE, SENIOR, SUPERVISOR, Year
from workflows.digest import DigestWorkflow

THURSDAY = datetime(2027, 1, 7, 1, 30, tzinfo=UTC)
"""08:30 WIB on the morning after the acts of these years."""


def wib(month: int, day: int, hour: int = 8, minute: int = 30) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=7)


def submitted() -> Year:
    """A plan that waits for the supervisor."""
    year = Year(PACK)
    return year.act(Action.SUBMIT_PLAN, Role.EMPLOYEE, EMPLOYEE, form=year.copy(Form.PLAN, EMPLOYEE))


async def more_people(post: Post, count: int) -> None:
    """As many colleagues with the same supervisor, year and notice."""
    async with post.database.transaction() as connection:
        for statement in (
            "INSERT INTO person SELECT (jsonb_populate_record(p, jsonb_build_object('id', ids.id, 'nip', ids.nip, "
            "'name', 'Pegawai ' || ids.n))).* FROM person p, ids WHERE p.id = :employee",
            "INSERT INTO tenure SELECT (jsonb_populate_record(t, jsonb_build_object('person_id', ids.id))).* "
            "FROM tenure t, ids WHERE t.person_id = :employee",
            copied_year("jsonb_build_object('id', ids.id, 'person_id', ids.id)", "appraisal a, ids")
            + " WHERE a.id = :appraisal",
            "INSERT INTO event SELECT (jsonb_populate_record(e, jsonb_build_object('appraisal_id', ids.id))).* "
            "FROM event e, ids WHERE e.appraisal_id = :appraisal",
            "INSERT INTO notice SELECT (jsonb_populate_record(o, jsonb_build_object('id', o.id || ids.n, "
            "'appraisal_id', ids.id))).* FROM notice o, ids WHERE o.appraisal_id = :appraisal",
        ):
            ids = (
                "WITH ids AS (SELECT n, md5('more' || n)::uuid::text AS id, "
                "lpad(n::text, 18, '0') AS nip FROM generate_series(1, :count) n) "
            )
            values = {"count": count, "employee": EMPLOYEE, "appraisal": APPRAISAL}
            used = {name: value for name, value in values.items() if f":{name}" in ids + statement}
            await connection.execute(text(ids + statement), used)


async def test_three_hundred_forms_that_wait_are_one_mail(post: Post, mailbox: Mailbox) -> None:
    await post.lived(submitted())
    await more_people(post, 299)
    assert await post.deliverer().drain() == [], "nothing of it is urgent"
    assert await post.morning(THURSDAY) == ["sent"]
    [(recipients, mail)] = mailbox.mails
    assert recipients == ("orang1@contoh.go.id",)
    assert "300" in mail["Subject"]
    [body] = mailbox.bodies()
    assert "Rencana kinerja (SKP) telah dikirim (300)" in body
    assert "dan 287 lainnya" in body
    assert len([line for line in body.splitlines() if line.lstrip().startswith(("*", "-"))]) <= 17
    assert body.count("https://siklus.go.id/") == 1
    [digest] = await post.digests()
    assert f"Siklus-Digest: {digest['id']}" in body
    assert (digest["state"], digest["attempts"], digest["body"]) == ("sent", 1, None)
    assert set(await post.states()) == {"sent"}
    assert await post.morning(THURSDAY + timedelta(days=1)) == [], "told once"


async def test_the_most_urgent_kind_comes_first(post: Post, mailbox: Mailbox) -> None:
    await post.lived(submitted())
    await post.change(
        "INSERT INTO notice SELECT (jsonb_populate_record(n, jsonb_build_object('id', 'late', 'text', 'overdue', "
        "'facts', n.facts || '{\"due_at\": \"2027-01-05T00:00:00+00:00\"}'))).* FROM notice n"
    )
    assert await post.morning(THURSDAY) == ["sent"]
    [body] = mailbox.bodies()
    assert body.index("Lewat tenggat: Rencana kinerja (SKP)") < body.index("Rencana kinerja (SKP) telah dikirim")
    assert "lewat tenggat 5 Januari 2027" in body


# ── when ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_before_half_past_eight_nobody_is_mailed(post: Post, mailbox: Mailbox) -> None:
    await post.lived(submitted())
    assert await post.morning(THURSDAY - timedelta(seconds=1)) == []
    assert mailbox.mails == []


MORNINGS = {
    "a Thursday": (5, wib(1, 7), True),
    "a Sunday": (5, wib(1, 10), False),
    "a Sunday of a six-day unit": (6, wib(1, 10), False),
    "a Saturday of a five-day unit": (5, wib(1, 9), False),
    "a Saturday of a six-day unit": (6, wib(1, 9), True),
    "Idul Fitri": (5, wib(3, 10), False),
    "Idul Fitri in a six-day unit": (6, wib(3, 10), False),
    "late on a Thursday, because nothing ran in the morning": (5, wib(1, 7, 15), True),
}


@pytest.mark.parametrize("day", MORNINGS)
async def test_a_morning_is_a_working_day_in_the_persons_own_week(post: Post, mailbox: Mailbox, day: str) -> None:
    week, at, mailed = MORNINGS[day]
    await post.lived(submitted())
    await post.change(f"UPDATE person SET work_week = {week}")
    assert await post.morning(at) == (["sent"] if mailed else [])
    assert len(mailbox.mails) == mailed
    assert set(await post.states()) == ({"sent"} if mailed else {"pending"}), "what is not told waits"


async def test_the_agencys_own_days_count(post: Post, mailbox: Mailbox) -> None:
    await post.lived(submitted())
    await post.change("INSERT INTO agency_day VALUES ('2027-01-07', false, 'Hari jadi'), ('2027-01-09', true, 'Ganti')")
    assert await post.morning(wib(1, 7)) == []
    assert await post.morning(wib(1, 9)) == ["sent"]
    assert len(mailbox.mails) == 1


async def test_the_east_is_mailed_before_the_west(post: Post, mailbox: Mailbox) -> None:
    await post.lived(submitted())
    await post.change(
        "INSERT INTO notice SELECT (jsonb_populate_record(n, jsonb_build_object('id', n.id || p.name, 'text', "
        "'year_begun', 'person_id', p.id, 'appraisal_id', NULL, 'event_seq', NULL))).* FROM notice n, person p "
        "WHERE p.id = ANY(:people)",
        people=[EMPLOYEE, SENIOR],
    )
    await post.change(
        "UPDATE notice SET text = 'role_revoked', facts = '{\"role\": \"hr\"}', at_once = false, appraisal_id = NULL, "
        "event_seq = NULL"
    )
    for person, zone in ((EMPLOYEE, "WIT"), (SUPERVISOR, "WITA"), (SENIOR, "WIB")):
        await post.change("UPDATE person SET zone = :zone WHERE id = :id", zone=zone, id=person)
    for hour in (0, 1, 2):
        assert await post.morning(datetime(2027, 1, 6, 23, 30, tzinfo=UTC) + timedelta(hours=hour)) == ["sent"]
    assert [to for (to,), _ in mailbox.mails] == [f"orang{n}@contoh.go.id" for n in (0, 1, 2)]


@pytest.mark.parametrize("action", [Action.RETURN_PLAN, Action.SUBMIT_RATING, Action.DECIDE_APPEAL])
async def test_what_changes_rights_is_told_at_once_also_on_a_sunday(
    post: Post, mailbox: Mailbox, action: Action
) -> None:
    year = returned() if action is Action.RETURN_PLAN else Year(PACK).planned().rated()
    if action is Action.DECIDE_APPEAL:
        year = year.appealed().decided()
    await post.lived(year, told=False)
    await post.tell(year, next(event for event in year.events if event.action is action))
    post.clock.now = wib(1, 10)
    assert "sent" in await post.deliverer().drain()
    assert "orang0@contoh.go.id" in [to for (to,), _ in mailbox.mails]


# ── what is still true ───────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_reminder_whose_work_is_still_to_do_is_in_the_mornings_mail(post: Post, mailbox: Mailbox) -> None:
    await post.lived(reminded())
    assert await post.morning(THURSDAY) == ["sent"]
    assert "Menunggu Anda: Rencana kinerja (SKP): paling lambat 31 Januari 2027" in mailbox.bodies()[0]


async def exits(post: Post) -> None:
    """Everybody's last day is the sixth of January."""
    await post.change(
        "INSERT INTO personnel_change (id, person_id, kind, effective, why, actor, at) "
        "SELECT id, id, 'exit', '2027-01-07', 'resign', 'hr', '2027-01-06 00:00Z' FROM person"
    )
    await post.change("UPDATE tenure SET valid_until = '2027-01-06'")
    await moved(post)


async def comes_back(post: Post, day: date) -> None:
    """Everybody again, under the same superior."""
    await post.change(
        "INSERT INTO tenure (person_id, valid_from, supervisor_id, outside)"
        " SELECT person_id, :day, supervisor_id, outside FROM tenure",
        day=day,
    )
    await moved(post)


async def moved(post: Post) -> None:
    async with post.database.transaction() as connection:
        await move_line(connection)


LOST: dict[str, Callable[[Post], Awaitable[None]]] = {
    "the work was done in the night": lambda p: p.change("UPDATE appraisal SET state = 'midyear.drafting'"),
    "the form came back, which is another visit": lambda p: p.change(
        "UPDATE appraisal SET entered_at = '2027-02-01 00:00Z'"
    ),
    "the appraisal is suspended": lambda p: p.change("UPDATE appraisal SET suspended = true"),
    "the year is finished": lambda p: p.change("UPDATE appraisal SET state = 'finalisation.done'"),
    "the person has left": lambda p: p.change("UPDATE person SET active = false"),
    "the person's exit is recorded": lambda p: exits(p),
    "the appraisal has another supervisor": lambda p: p.change(
        "UPDATE appraisal SET supervisor_override = :senior", senior=SENIOR
    ),
}


@pytest.mark.parametrize("why", LOST)
async def test_what_lost_its_reason_in_the_night_is_not_in_the_mornings_mail(
    post: Post, mailbox: Mailbox, why: str
) -> None:
    await post.lived(submitted())
    assert [row["person_id"] for row in await post.rows()] == [SUPERVISOR]
    await LOST[why](post)
    assert await post.morning(THURSDAY) == ["dropped"]
    assert mailbox.mails == []
    [row] = await post.rows()
    assert (row["state"], row["attempts"]) == ("dropped", 0)
    assert row["last_error"]


@pytest.mark.parametrize("why", ["the person has left", "the person's exit is recorded"])
async def test_nothing_reaches_a_person_who_left_not_even_at_once(post: Post, mailbox: Mailbox, why: str) -> None:
    await post.lived(returned())
    post.clock.now = THURSDAY + timedelta(days=3)
    await LOST[why](post)
    assert await post.deliverer().drain() == ["dropped"]
    assert mailbox.mails == []


@pytest.mark.parametrize("at_once", [True, False])
async def test_who_came_back_after_an_exit_is_told_again(post: Post, mailbox: Mailbox, at_once: bool) -> None:
    await post.lived(returned() if at_once else submitted())
    await exits(post)
    await comes_back(post, date(2027, 1, 7))
    assert await post.morning(THURSDAY) == ["sent"]
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize(("back", "told"), [(date(2027, 2, 1), "dropped"), (date(2027, 1, 7), "sent")])
async def test_who_is_to_come_back_is_told_nothing_until_that_day(
    post: Post, mailbox: Mailbox, back: date, told: str, at_once: bool
) -> None:
    """Whoever is away has no mail, though the return is recorded already."""
    await post.lived(returned() if at_once else submitted())
    await exits(post)
    await comes_back(post, back)
    assert await post.morning(THURSDAY) == [told]
    assert len(mailbox.mails) == (told == "sent")
    assert [row["last_error"] for row in await post.rows()] == [None if told == "sent" else "the person has left"]


async def test_a_mail_whose_words_were_kept_is_not_sent_to_who_is_away_until_a_later_day(
    post: Post, mailbox: Mailbox
) -> None:
    """The worker died before it was sent."""
    await post.lived(submitted())
    await Digests(post.database).gather(GatherInput(at=THURSDAY))
    await post.change("UPDATE digest SET subject = 'Siklus', body = 'Menunggu Anda'")
    await exits(post)
    await comes_back(post, date(2027, 2, 1))
    post.clock.now = THURSDAY
    assert await post.deliverer().drain() == ["dropped"]
    assert mailbox.mails == []


async def test_nobody_is_told_he_is_late_after_he_was_given_more_time(post: Post, mailbox: Mailbox) -> None:
    await post.lived(reminded("overdue+1"))
    await post.change("UPDATE appraisal SET due_at = '2027-06-01 00:00Z'")
    assert set(await post.morning(THURSDAY)) == {"dropped"}
    assert mailbox.mails == []


async def test_a_calendar_that_was_moved_is_heard_though_no_appraisal_was_touched(post: Post, mailbox: Mailbox) -> None:
    await post.lived(reminded("overdue+1"))
    calendar = {**resolve(PACK, 2027), "plan": WindowRow(date(2027, 1, 2), date(2027, 5, 31), date(2027, 5, 31))}
    for key, window in calendar.items():
        await post.change(
            "INSERT INTO calendar_window (id, cycle_id, key, opens, due, closes) "
            "SELECT :key, id, :key, :opens, :due, :closes FROM cycle",
            **{"key": key, **{end: str(getattr(window, end)) for end in ("opens", "due", "closes")}},
        )
    await post.change("UPDATE cycle SET facts_revision = facts_revision + 1")
    assert set(await post.morning(THURSDAY)) == {"dropped"}
    assert mailbox.mails == []


async def test_one_notice_without_its_text_does_not_hold_up_the_morning(post: Post, mailbox: Mailbox) -> None:
    await post.lived(submitted())
    await post.change(
        'INSERT INTO notice SELECT (jsonb_populate_record(n, \'{"id": "odd", "text": "no_such_text"}\')).* '
        "FROM notice n"
    )
    assert await post.morning(THURSDAY) == ["sent"]
    assert "1" in mailbox.mails[0][1]["Subject"]
    assert sorted(await post.states()) == ["dropped", "sent"]


async def test_what_a_pack_that_cannot_be_read_keeps_from_being_said_is_in_a_later_mornings_mail(
    post: Post, mailbox: Mailbox
) -> None:
    await post.lived(submitted())
    await post.change("UPDATE cycle SET pack = jsonb_set(pack, '{id}', 'null')")
    assert await post.morning(THURSDAY) == ["dropped"], "nothing else was to be said"
    assert [(row["state"], row["attempts"]) for row in await post.rows()] == [("pending", 1)]
    await post.change("UPDATE cycle SET pack = jsonb_set(pack, '{id}', to_jsonb(policy))")
    assert await post.morning(THURSDAY + timedelta(days=1)) == ["sent"]
    assert len(mailbox.mails) == 1


# ── crashes, and channels that are down ──────────────────────────────────────────────────────────────────────────────────


async def test_a_morning_that_comes_twice_is_mailed_once(post: Post, mailbox: Mailbox) -> None:
    await post.lived(submitted())
    post.clock.now = THURSDAY
    digests = Digests(post.database)
    made = await asyncio.gather(*(digests.gather(GatherInput(at=THURSDAY)) for _ in range(4)))
    assert sum(one.digests for one in made) == 1
    await asyncio.gather(*(post.deliverer().drain() for _ in range(4)))
    await post.morning(THURSDAY + timedelta(hours=1))
    assert len(mailbox.mails) == 1
    assert len(await post.digests()) == 1


async def test_a_worker_killed_while_sending_sends_nobody_two_different_digests(post: Post, mailbox: Mailbox) -> None:
    await post.lived(submitted())
    await more_people(post, 20)
    url = post.database.engine.url.render_as_string(hide_password=False)
    sender = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.workflow._sender", url, mailbox.url, THURSDAY.isoformat()
    )
    mailbox.on_mail = sender.kill
    assert await sender.wait() == -signal.SIGKILL
    assert len(mailbox.mails) == 1, "it had left already"
    assert set(await post.states()) == {"pending"}, "and nobody knows"

    mailbox.on_mail = lambda: None
    await post.change("UPDATE appraisal SET state = 'midyear.drafting' WHERE id = :id", id=APPRAISAL)
    assert await post.morning(THURSDAY + timedelta(minutes=5)) == ["sent"]
    first, second = mailbox.bodies()
    assert first == second
    assert mailbox.mails[0][1]["Subject"] == mailbox.mails[1][1]["Subject"]
    [digest] = await post.digests()
    assert (digest["state"], digest["body"]) == ("sent", None)
    assert set(await post.states()) == {"sent"}


async def test_a_dead_channel_is_tried_again_and_the_record_says_once(post: Post, mailbox: Mailbox) -> None:
    await post.lived(submitted())
    mailbox.close()
    assert await post.morning(THURSDAY) == ["pending"]
    [row] = await post.rows()
    assert (row["state"], row["attempts"]) == ("pending", 1)
    assert row["last_error"]
    mailbox.open()
    assert await post.deliverer().drain() == [], "not before its time"
    assert await post.morning(THURSDAY + post.patience.first) == ["sent"]
    assert len(mailbox.mails) == 1
    [digest] = await post.digests()
    assert (digest["state"], digest["attempts"], digest["last_error"]) == ("sent", 2, None)


async def test_a_refused_digest_is_asked_again_before_its_next_try(post: Post, mailbox: Mailbox) -> None:
    await post.lived(submitted())
    mailbox.close()
    await post.morning(THURSDAY)
    mailbox.open()
    await post.change("UPDATE appraisal SET state = 'midyear.drafting'")
    assert await post.morning(THURSDAY + post.patience.first) == ["dropped"]
    assert mailbox.mails == []


async def test_what_could_not_leave_all_day_is_in_the_next_mornings_mail(post: Post, mailbox: Mailbox) -> None:
    await post.lived(submitted())
    mailbox.close()
    await post.morning(wib(1, 8))
    mailbox.open()
    assert await post.morning(wib(1, 9)) == ["missed"], "a Saturday: nothing is mailed, though the server is back"
    assert mailbox.mails == []
    assert await post.morning(wib(1, 11)) == ["sent"]
    assert [digest["state"] for digest in await post.digests()] == ["missed", "sent"]
    assert len(mailbox.mails) == 1


async def test_after_the_last_attempt_its_notices_have_failed_and_others_go_on(post: Post, mailbox: Mailbox) -> None:
    post.patience = Patience(attempts_max=2)
    await post.lived(submitted())
    mailbox.close()
    await post.morning(THURSDAY)
    await post.morning(THURSDAY + timedelta(hours=1))
    assert await post.states() == ["failed"]
    assert await post.morning(THURSDAY + timedelta(hours=9)) == ["dropped"]
    mailbox.open()
    async with post.database.transaction() as connection:
        await tell(
            connection, [SUPERVISOR], "role_revoked", at=THURSDAY, actor=None, facts={"role": "hr"}, at_once=True
        )
    assert await post.deliverer().drain() == ["sent"]


async def test_without_a_channel_the_morning_is_shown(post: Post) -> None:
    await post.lived(submitted())
    await post.change("UPDATE person SET email = NULL")
    assert await post.morning(THURSDAY) == ["shown"]
    assert await post.states() == ["shown"]


# ── the workflow of the mornings ─────────────────────────────────────────────────────────────────────────────────────────


async def test_the_workflow_wakes_each_morning_of_each_zone_and_is_started_only_once(engine_address: str) -> None:
    bare = await Client.connect(engine_address, data_converter=pydantic_data_converter)
    skipper = TimeSkipper(bare, config=TimeSkippingConfig(enabled=False))
    asked: list[datetime] = []

    @activity.defn(name="gather_digests")
    async def gather(wish: GatherInput) -> Gathered:
        asked.append(wish.at)
        return Gathered()

    queue = f"digest-{uuid4().hex[:8]}"
    async with build_worker(skipper.client, task_queue=queue, workflows=[DigestWorkflow], activities=[gather]):
        await ensure_digest(skipper.client, queue)
        handle = skipper.client.get_workflow_handle(DIGEST_ID)
        run = (await handle.describe()).run_id
        await ensure_digest(skipper.client, queue)
        assert (await handle.describe()).run_id == run

        async def caught_up() -> bool:
            return bool(asked)

        await until(caught_up)
        await skipper.fast_forward(handle, timedelta(days=2))
    await handle.terminate()
    woken = asked[1:7]
    assert len(woken) == 6, "three zones, two days"
    assert {(at.hour, at.minute) for at in woken} == {(23, 30), (0, 30), (1, 30)}
