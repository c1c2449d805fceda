"""Notices reach people by real mail, or wait, or are dropped because their reason is gone; none is ever lost or counted twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import ActivityEnvironment

from activities.deliver import DELIVERY_ID, Channels, DeliverInput, Patience, ensure_delivery
from activities.outbox import tell
from deploy.home import free_port
from deploy.supervisor import until
from deploy.worker import build_worker
from models.vocabulary import Action, EngineAction, Form, Role
from tests.workflow._post import PACK, Mailbox, Post, returned
from tests.workflow._year import APPRAISAL, EMPLOYEE, Year
from workflows.delivery import DeliveryWorkflow


async def test_a_mail_reaches_its_person_with_the_notices_id_and_a_link(post: Post, mailbox: Mailbox) -> None:
    await post.lived(returned())
    assert await post.deliverer().drain() == ["sent"]
    [row] = await post.rows()
    assert (row["state"], row["attempts"], row["sent_at"], row["last_error"]) == ("sent", 1, post.clock.now, None)
    [(recipients, mail)] = mailbox.mails
    assert recipients == ("orang0@contoh.go.id",)
    assert mail["Subject"] == "Formulir Anda dikembalikan"
    assert "siklus@contoh.go.id" in mail["From"]
    [body] = mailbox.bodies()
    assert f"Siklus-Notice: {row['id']}" in body
    assert "Sari Dewi Lestari, S.Kom." in body
    assert f"https://siklus.go.id/penilaian/{APPRAISAL}" in body
    assert "31 Januari 2027" in body


async def test_no_comment_and_no_label_is_in_a_mail(post: Post, mailbox: Mailbox) -> None:
    await post.lived(returned())
    await post.deliverer().drain()
    assert "Rahasia" not in mailbox.bodies()[0]


async def test_a_result_is_announced_without_its_label(post: Post, mailbox: Mailbox) -> None:
    year = Year(PACK).planned().rated()
    await post.lived(year, told=False)
    received = next(e for e in year.events if e.action is EngineAction.RECEIVE_LABEL)
    await post.tell(year, received)
    assert "sent" in await post.deliverer().drain()
    for label in PACK.scoring.labels.values():
        assert not any(f" {label.id} " in body for body in mailbox.bodies())


async def test_mail_is_tried_again_when_the_server_is_back_and_recorded_once(post: Post, mailbox: Mailbox) -> None:
    await post.lived(returned())
    mailbox.close()
    assert await post.deliverer().drain() == ["pending"]
    [row] = await post.rows()
    assert row["attempts"] == 1
    assert row["last_error"]
    assert row["next_try_at"] == post.clock.now + post.patience.first
    mailbox.open()
    assert await post.deliverer().drain() == [], "nothing is tried before its time"
    post.clock.now += post.patience.first
    assert await post.deliverer().drain() == ["sent"]
    post.clock.now += timedelta(days=30)
    assert await post.deliverer().drain() == []
    assert len(mailbox.mails) == 1
    [row] = await post.rows()
    assert (row["state"], row["attempts"], row["last_error"]) == ("sent", 2, None)


async def test_after_the_last_attempt_a_notice_has_failed_and_holds_up_nobody(post: Post, mailbox: Mailbox) -> None:
    post.patience = Patience(attempts_max=3)
    await post.lived(returned())
    mailbox.close()
    fates = []
    for _ in range(5):
        fates += await post.deliverer().drain()
        post.clock.now += timedelta(days=1)
    assert fates == ["pending", "pending", "failed"]


async def test_what_reached_its_person_is_not_sent_again_because_another_channel_is_dead(
    post: Post, mailbox: Mailbox
) -> None:
    dead = (f"json://127.0.0.1:{free_port()}/{{to}}", f"json://127.0.0.1:{free_port()}/")
    post.channels = Channels("https://siklus.go.id", mailbox.url, "siklus@contoh.go.id", dead)
    await post.lived(returned())
    assert await post.deliverer().drain() == ["sent"]
    post.clock.now += timedelta(days=30)
    assert await post.deliverer().drain() == []
    assert len(mailbox.mails) == 1
    [row] = await post.rows()
    assert row["state"] == "sent"
    assert row["last_error"], "what the others said is kept"


async def test_a_shared_channel_is_told_once_and_only_what_reached_its_person(post: Post, mailbox: Mailbox) -> None:
    everybody = f"mailto://127.0.0.1:{mailbox.port}/?to=semua@contoh.go.id&from=siklus@contoh.go.id&mode=insecure"
    unreachable = f"json://127.0.0.1:{free_port()}/?of={{to}}"
    post.channels = Channels("https://siklus.go.id", unreachable, "siklus@contoh.go.id", (everybody,))
    await post.lived(returned())
    assert await post.deliverer().drain() == ["pending"]
    assert mailbox.mails == []
    post.channels = Channels("https://siklus.go.id", mailbox.url, "siklus@contoh.go.id", (everybody,))
    post.clock.now += timedelta(days=1)
    assert await post.deliverer().drain() == ["sent"]
    assert sorted(to for to, _ in mailbox.mails) == [("orang0@contoh.go.id",), ("semua@contoh.go.id",)]


@pytest.mark.parametrize("attempts", range(1, 40))
def test_patience_grows_to_its_limit_and_never_shrinks(attempts: int) -> None:
    patience = Patience()
    assert patience.first <= patience.until_next(attempts) <= patience.until_next(attempts + 1) <= patience.longest


async def test_the_first_attempt_does_not_wait_for_the_time_of_a_simulated_year(post: Post, mailbox: Mailbox) -> None:
    await post.lived(returned())
    [row] = await post.rows()
    assert row["next_try_at"] > post.clock.now
    assert await post.deliverer().drain() == ["sent"]
    assert len(mailbox.mails) == 1


async def test_what_happened_is_told_even_if_more_happened_since(post: Post, mailbox: Mailbox) -> None:
    await post.lived(returned())
    await post.change("UPDATE appraisal SET state = 'plan.reviewing'")
    assert await post.deliverer().drain() == ["sent"]
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize("address", ["NULL", "''", "'tanpa alamat'", "'a@contoh.go.id,b@contoh.go.id'"])
async def test_whoever_has_no_usable_address_finds_it_on_the_outbox_page(
    post: Post, mailbox: Mailbox, address: str
) -> None:
    await post.lived(returned())
    await post.change(f"UPDATE person SET email = {address}")
    assert await post.deliverer().drain() == ["shown"]
    assert mailbox.mails == []


async def test_without_a_channel_every_notice_is_shown(post: Post) -> None:
    post.channels = Channels()
    await post.lived(returned())
    assert await post.deliverer().drain() == ["shown"]
    [row] = await post.rows()
    assert (row["state"], row["attempts"], row["sent_at"]) == ("shown", 0, None)


async def test_a_name_cannot_add_a_header_or_a_placeholder(post: Post, mailbox: Mailbox) -> None:
    year = Year(PACK)
    name = "Sari\r\nBcc: jahat@contoh.go.id {due} {0}"
    year.people[EMPLOYEE] = year.people[EMPLOYEE].model_copy(update={"name": name})
    year.act(Action.SUBMIT_PLAN, Role.EMPLOYEE, EMPLOYEE, form=year.copy(Form.PLAN, EMPLOYEE))
    await post.lived(year)
    await post.change("UPDATE notice SET at_once = true")
    assert await post.deliverer().drain() == ["sent"]
    for recipients, mail in mailbox.mails:
        assert len(recipients) == 1
        assert mail["Bcc"] is None
        assert "{due}" in mail["Subject"]


async def test_deliverers_side_by_side_send_each_notice_once(post: Post, mailbox: Mailbox) -> None:
    await post.lived(returned())
    keys = sorted(PACK.texts.keys() - {"form_returned"})[:12]
    await post.change(
        "INSERT INTO notice (id, appraisal_id, event_seq, person_id, text, facts, at, at_once, state, attempts, next_try_at) "
        "SELECT gen_random_uuid()::text, appraisal_id, event_seq, person_id, t.key, facts, at, true, 'pending', 0, next_try_at "
        f"FROM notice, unnest(ARRAY{keys}) AS t(key)"
    )
    done = await asyncio.gather(*(post.deliverer().drain() for _ in range(3)))
    await asyncio.gather(*(post.deliverer().drain() for _ in range(3)))
    assert sum(len(states) for states in done) <= 13
    assert set(await post.states()) == {"sent"}
    sent = [line for body in mailbox.bodies() for line in body.splitlines() if line.startswith("Siklus-Notice:")]
    assert len(sent) == len(set(sent)) == 13


async def test_a_broken_template_is_one_notices_problem_only(post: Post, mailbox: Mailbox) -> None:
    await post.lived(returned())
    await post.change(
        "INSERT INTO notice (id, appraisal_id, event_seq, person_id, text, facts, at, at_once, state, attempts, next_try_at) "
        "SELECT gen_random_uuid()::text, appraisal_id, event_seq, person_id, 'no_such_text', facts, at, true, 'pending', 0, "
        "next_try_at FROM notice LIMIT 1"
    )
    assert sorted(await post.deliverer().drain()) == ["pending", "sent"]
    assert len(mailbox.mails) == 1


async def test_a_cycle_whose_pack_cannot_be_read_holds_up_no_other_mail_and_is_told_when_it_can(
    post: Post, mailbox: Mailbox
) -> None:
    await post.lived(returned())
    async with post.database.transaction() as connection:
        person = (await connection.execute(text("SELECT id FROM person ORDER BY nip DESC LIMIT 1"))).scalar_one()
        granted = {"role": "hr", "person": person}
        await connection.execute(text("INSERT INTO role_grant (person_id, role) VALUES (:id, 'hr')"), {"id": person})
        await tell(connection, [person], "role_granted", at=post.clock.now, actor=None, facts=granted, at_once=True)
    await post.change("UPDATE cycle SET pack = jsonb_set(pack, '{id}', 'null')")
    assert sorted(await post.deliverer().drain()) == ["pending", "sent"]
    kept = next(row for row in await post.rows() if row["state"] == "pending")
    assert "cannot be read" in kept["last_error"]
    await post.change("UPDATE cycle SET pack = jsonb_set(pack, '{id}', to_jsonb(policy))")
    post.clock.now += timedelta(hours=1)
    assert await post.deliverer().drain() == ["sent"]
    assert len(mailbox.mails) == 2


async def test_a_round_wakes_for_a_notice_that_comes_while_it_rests(post: Post, mailbox: Mailbox) -> None:
    year = await post.lived(returned(), told=False)
    environment = ActivityEnvironment()
    wish = DeliverInput(seconds=60, rest_seconds=60)
    going = asyncio.create_task(environment.run(post.deliverer().deliver, wish))
    await until(post.somebody_listens)
    await post.tell(year)
    await until(mailbox.has_mail)
    environment.worker_shutdown()
    assert (await going).sent == 1


async def test_the_workflow_delivers_and_is_started_only_once(
    post: Post, mailbox: Mailbox, engine_address: str
) -> None:
    client = await Client.connect(engine_address, data_converter=pydantic_data_converter)
    queue = f"delivery-{uuid4().hex[:8]}"
    await post.lived(returned())
    async with build_worker(
        client, task_queue=queue, workflows=[DeliveryWorkflow], activities=[post.deliverer().deliver]
    ):
        await ensure_delivery(client, queue)
        handle = client.get_workflow_handle(DELIVERY_ID)
        run = (await handle.describe()).run_id
        await ensure_delivery(client, queue)
        assert (await handle.describe()).run_id == run
        await until(mailbox.has_mail)
    await handle.terminate()
    assert await post.states() == ["sent"]
    assert len(mailbox.mails) == 1
