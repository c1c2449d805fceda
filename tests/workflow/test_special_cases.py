"""Cases that break a naive workflow, each played on the real parts in skipped time; docs/cases.md lists them all."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import pytest
from obstore import get_async
from obstore.store import ObjectStore, S3Store
from sqlalchemy import text

from models.trail import sha256
from tests.endings import JANUARY, JULY, Played, accepted, at, exited, until_rating
from tests.world import YEAR, World


async def planned(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await year.done(who.appraisal, "approve_plan", who.supervisor)


async def events_of(year: World, who: Played) -> list[dict[str, object]]:
    items = (await year.get(f"/appraisals/{who.appraisal}/events", "hr", limit=200)).json()["items"]
    return [e for e in items if e["source"] == "appraisal"]


@pytest.mark.case("3.8")
async def test_a_final_result_is_corrected_by_a_new_revision_and_the_old_one_stays(year: World, who: Played) -> None:
    await accepted(year, who)
    first = await archived(year, who)
    wish = {"to": "rating.drafting", "reason": "Bukti baru ditemukan.", "authority": "SK 12/2028"}
    refused = await year.post(f"/appraisals/{who.appraisal}/actions/reopen", who.supervisor, wish)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    await year.done(who.appraisal, "reopen", "hr", wish)
    row = await year.row(who.appraisal)
    assert row["revision"] == 2
    earlier = await year.get(f"/appraisals/{who.appraisal}/forms/rating", who.supervisor, revision=1)
    assert earlier.json()["data"]["result_rating"]
    again = {"result_rating": "below", "result_reason": "Bukti baru."}
    await year.send(who.appraisal, "rating", "submit_rating", who.supervisor, again)
    await year.done(who.appraisal, "accept_result", who.employee)
    assert (await archived(year, who))["record.json"] != first["record.json"]
    query = text("SELECT revision FROM archive WHERE appraisal_id = :id ORDER BY revision")
    async with year.database.transaction() as connection:
        assert (await connection.execute(query, {"id": who.appraisal})).scalars().all() == [1, 2]


@pytest.mark.case("3.2")
async def test_who_goes_to_another_agency_is_rated_to_her_last_day_and_takes_the_record_along(
    year: World, who: Played
) -> None:
    """DOMAIN 3.2: the archive is the package, whole and with the digest of each file."""
    await exited(year, who)
    listed = await archived(year, who)
    assert {"record.json", "plan.pdf", "evaluation.pdf"} <= set(listed)
    row = await year.row(who.appraisal)
    place = f"{YEAR}/{row['cycle_id']}/{who.appraisal}/r1"
    assert year.rooms.archive is not None
    for name, digest in listed.items():
        taken = await (await get_async(year.rooms.archive, f"{place}/{name}")).bytes_async()
        assert sha256(bytes(taken)) == digest
    record = json.loads(bytes(await (await get_async(year.rooms.archive, f"{place}/record.json")).bytes_async()))
    assert record["ending"] == "exited"
    assert "exit" in [event["action"] for event in record["events"]]


async def archived(year: World, who: Played) -> dict[str, str]:
    """The digests of the newest archive's files, once there is one."""
    query = text("SELECT revision, manifest FROM archive WHERE appraisal_id = :id ORDER BY revision DESC LIMIT 1")
    for _ in range(400):
        if (await year.row(who.appraisal))["snapshot"].get("archived"):  # type: ignore[attr-defined]
            async with year.database.transaction() as connection:
                manifest = (await connection.execute(query, {"id": who.appraisal})).one().manifest
            return {file["name"]: file["sha256"] for file in manifest["files"]}
        await asyncio.sleep(0.05)
    raise AssertionError("it was never archived")


async def test_an_issued_document_stays_as_it_was_issued_whatever_she_is_called_later(year: World, who: Played) -> None:
    await accepted(year, who)
    path = f"/appraisals/{who.appraisal}/documents/evaluation.pdf"
    listed = await archived(year, who)
    issued = (await year.get(path, who.employee)).content
    async with year.database.transaction() as connection:
        rename = "UPDATE person SET name = 'Nama Baru', post = 'Jabatan Baru' WHERE nip = :nip"
        await connection.execute(text(rename), {"nip": who.employee})
    assert sha256(issued) == listed["evaluation.pdf"]
    assert (await year.get(path, who.employee)).content == issued


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_document_whose_archive_refuses_is_typeset_anew(
    year: World, who: Played, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store's keys were changed, or its folder: the paper is there all the same."""
    await accepted(year, who)
    await archived(year, who)
    asked = asyncio.Event()
    async with refusing_store(status, asked) as store:
        monkeypatch.setattr(year.rooms, "archive", store)
        answer = await year.get(f"/appraisals/{who.appraisal}/documents/evaluation.pdf", who.employee)
    assert asked.is_set()
    assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-")


@contextlib.asynccontextmanager
async def refusing_store(status: int, asked: asyncio.Event) -> AsyncIterator[ObjectStore]:
    """A bucket on the loopback that answers everything with this status."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        writer.write(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        keys = {"access_key_id": "none", "secret_access_key": "none", "region": "none"}
        yield S3Store("arsip", endpoint=f"http://127.0.0.1:{port}", client_options={"allow_http": True}, **keys)


@pytest.mark.case("3.9")
async def test_an_approval_is_taken_back_until_the_next_person_acts_and_then_no_more(year: World, who: Played) -> None:
    await planned(year, who)
    await year.done(who.appraisal, "return_plan", who.supervisor, {"comment": "Terlalu cepat saya setujui."})
    assert (await year.row(who.appraisal))["state"] == "plan.drafting"
    await planned_again(year, who)
    await year.send(who.appraisal, "plan", "amend_plan", who.employee)
    await year.done(who.appraisal, "recall_plan", who.employee)
    late = await year.act(who.appraisal, "return_plan", who.supervisor, {"comment": "Ternyata belum."})
    assert late.json()["code"] in ("not_now", "not_yours")


async def planned_again(year: World, who: Played) -> None:
    await year.done(who.appraisal, "submit_plan", who.employee)
    await year.done(who.appraisal, "approve_plan", who.supervisor)


@pytest.mark.case("3.11")
@pytest.mark.case("3.12")
async def test_a_colleague_be_she_the_leader_of_the_team_has_no_part_in_the_rating_and_is_not_waited_for(
    year: World, who: Played
) -> None:
    colleague = await year.next_clerk()
    await until_rating(year, who)
    await year.fill(who.appraisal, "rating", who.supervisor)
    assert (await year.get(f"/appraisals/{who.appraisal}/forms/rating", colleague)).status_code == 403
    for action in ("submit_rating", "return_self_assessment"):
        refused = await year.act(who.appraisal, action, colleague, {"comment": "Saya ketua timnya."})
        assert (refused.status_code, refused.json()["code"]) == (403, "not_yours"), action
    await year.done(who.appraisal, "submit_rating", who.supervisor)
    await year.labelled(who.appraisal)
    assert (await year.row(who.appraisal))["state"] == "appeal.open"
    acted = {e["role"] for e in await events_of(year, who)} - {"engine"}
    assert acted == {"employee", "supervisor"}


@pytest.mark.case("3.13")
async def test_a_head_approves_all_her_people_at_once_but_those_she_names(year: World) -> None:
    at(year, JANUARY)
    lead = await year.supervisor_of_many()
    appraisals = [await year.appraisal_of(nip) for nip in lead.people]
    for appraisal, nip in zip(appraisals, lead.people, strict=True):
        await year.send(appraisal, "plan", "submit_plan", nip)
    odd, *rest = appraisals
    await year.done(odd, "return_plan", lead.nip, {"comment": "Target belum terukur."})
    answer = await year.post("/appraisals/actions/approve_plan", lead.nip, {"ids": appraisals, "comment": "Baik."})
    results = {r["id"]: r for r in answer.json()["results"]}
    assert all(results[appraisal]["ok"] for appraisal in rest)
    assert results[odd]["problem"]["code"] == "not_now"


@pytest.mark.case("3.16")
async def test_a_plan_changed_in_the_year_needs_approval_and_the_old_one_holds_until_then(
    year: World, who: Played
) -> None:
    await planned(year, who)
    before = (await year.row(who.appraisal))["snapshot"]["plan_in_force"]  # type: ignore[index]
    await year.send(who.appraisal, "plan", "amend_plan", who.employee, {"approach": "kuantitatif"})
    row = await year.row(who.appraisal)
    assert (row["state"], row["snapshot"]["plan_in_force"]) == ("plan.reviewing", before)  # type: ignore[index]
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    after = (await year.row(who.appraisal))["snapshot"]["plan_in_force"]  # type: ignore[index]
    assert after["version"] > before["version"]


@pytest.mark.case("3.21")
async def test_what_was_sent_stays_as_it_was_sent_whatever_is_typed_later(year: World, who: Played) -> None:
    await planned(year, who)
    await year.pass_to(who.appraisal, JULY)
    await year.send(who.appraisal, "midyear", "submit_midyear", who.employee)
    sent = (await year.get(f"/appraisals/{who.appraisal}/forms/midyear", who.supervisor)).json()
    results = {k: {**one, "obstacles": "Diubah kemudian."} for k, one in sent["data"]["results"].items()}
    await year.fill(who.appraisal, "midyear", who.employee, {"results": results})
    seen = (await year.get(f"/appraisals/{who.appraisal}/forms/midyear", who.supervisor)).json()
    assert seen["data"] == sent["data"]
    hashes = [e["data"]["form"]["sha256"] for e in await events_of(year, who) if e["action"] == "submit_midyear"]  # type: ignore[index]
    assert len(hashes) == 1


@pytest.mark.case("3.22")
async def test_a_person_has_one_year_however_often_a_cycle_is_opened(year: World, who: Played) -> None:
    cycle = (await year.row(who.appraisal))["cycle_id"]
    again = await year.post(f"/cycles/{cycle}/open", "hr")
    assert (again.status_code, again.json()["code"]) == (409, "cycle_state")
    found = (await year.get("/appraisals", "hr", q=who.employee, cycle=str(cycle))).json()
    assert found["total"] == 1


@pytest.mark.case("3.23")
async def test_of_two_who_act_at_once_one_is_taken_and_the_other_told(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    approve, recall = await asyncio.gather(
        year.act(who.appraisal, "approve_plan", who.supervisor), year.act(who.appraisal, "recall_plan", who.employee)
    )
    assert sorted((approve.status_code, recall.status_code)) == [200, 409]
    assert len([e for e in await events_of(year, who) if e["action"] in ("approve_plan", "recall_plan")]) == 1
