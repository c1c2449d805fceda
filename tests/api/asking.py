"""An agency with something behind every address of the contract, and what it takes to ask each so that it answers well."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
from sqlalchemy import text

from deploy.demo import generate, write_csv
from models.shelf import Shelf
from tests.api.noting import hand_in
from tests.api.others import listen, team, tell
from tests.endings import DECEMBER, JANUARY, Played
from tests.files import PDF
from tests.workflow.people.changes import imported, row_of
from tests.workflow.test_labels import launched
from tests.world import YEAR, World, open_cycle

PACK = "permenpanrb-6-2022"
TODAY = DECEMBER.date().isoformat()
FIRST_DAY = date(YEAR, 1, 1)
CAME_FROM = text(
    """
    INSERT INTO service_elsewhere (id, part, number, withdrawn, person_id, first_day, last_day, agency, result, document,
           recorded_by, recorded_at)
    SELECT 'came-from', 'came-from', 1, false, id, :day, :day, 'Kota Sebelah', 'baik', '800/1/2027', id, now() FROM person WHERE nip = :nip
    ON CONFLICT DO NOTHING
    """
)
BECAUSE = {"reason": "Sesuai kebutuhan."}
OURS = """extends = "permenpanrb-6-2022"
id = "kami"
version = {version}
source = "Perbup 1/2027"
title = {{ id = "Kami {version}", en = "Ours {version}" }}
"""


@dataclass
class Desk:
    """An agency's open cycle and one year in it whose result is there, as the calls below ask for them."""

    world: World
    cycle: str
    who: Played
    colleague: str
    days: int = 0
    announced: tuple[str, str] | None = None
    listening: tuple[str, str, str, str] | None = None
    followed: tuple[str, str, str] | None = None
    improving: tuple[str, str, str] | None = None

    async def get(self, path: str, who: str = "hr") -> httpx.Response:
        return await self.world.get(path, who)

    async def post(self, path: str, who: str = "hr", body: object = None) -> httpx.Response:
        return await self.world.post(path, who, body)

    async def of_cycle(self, step: str = "") -> httpx.Response:
        return await self.get(f"/cycles/{self.cycle}{step}")

    async def of_year(self, part: str = "", who: str = "hr") -> httpx.Response:
        return await self.get(f"/appraisals/{self.who.appraisal}{part}", who)

    async def outside(self, path: str) -> httpx.Response:
        return await self.world.http.get(path)

    async def make_cycle(self, **more: object) -> httpx.Response:
        return await self.post("/cycles", body={"policy": PACK, "year": YEAR + 1, "name": "SKP", **more})

    async def step(self, step: str) -> httpx.Response:
        """The step, on a cycle of its own for one small unit."""
        made = await self.make_cycle(units=["INSPEKTORAT"])
        path = f"/cycles/{made.json()['id']}"
        if step == "close":
            await self.post(f"{path}/open")
            await self._until_open(path)
        return await self.post(f"{path}/{step}")

    async def _until_open(self, path: str) -> None:
        for _ in range(500):
            if (await self.get(path)).json()["state"] == "open":
                return
            await asyncio.sleep(0.02)
        raise AssertionError("the cycle was not opened")

    async def of_results(self, path: str) -> httpx.Response:
        """Of a cycle of its own, the next year's in one office, that names who came to what; with a year in it that is final."""
        if self.announced is None:
            self.announced = await self._announce()
        cycle, appraisal = self.announced
        return await self.get(path.format(cycle=cycle, appraisal=appraisal))

    async def of_followed(self, path: str, decision: str | None = None) -> httpx.Response:
        """Of a cycle of its own whose pack says what follows a result; with a final year that leads to a promotion."""
        if self.followed is None:
            self.followed = await self._finished("bantul-kompetensi", 2)
        cycle, appraisal, nip = self.followed
        path = path.format(cycle=cycle, appraisal=appraisal, nip=nip)
        if decision is None:
            return await self.get(path)
        return await self.post(path, body={"decision": decision, "reason": "Sesuai kebutuhan."})

    async def of_programme(self, step: str) -> httpx.Response:
        """A step of a programme that is begun for it, on its day."""
        if self.improving is None:
            self.improving = await self._finished("pp-30-2019", 3)
        _, appraisal, nip = self.improving
        for one in (await self.get("/programmes", nip)).json()["items"]:
            await self.post(f"/programmes/{one['programme_id']}/cancellation", body=BECAUSE)
        made = await self.post(f"/appraisals/{appraisal}/programme", body=BECAUSE)
        mentor, path = str(made.json()["mentor"]["nip"]), f"/programmes/{made.json()['programme_id']}"
        if step in ("begin", "read", "list", "cancellation"):
            last = {"read": lambda: self.get(path), "list": lambda: self.get("/programmes")}
            last["cancellation"] = lambda: self.post(f"{path}/{step}", body=BECAUSE)
            return made if step == "begin" else await last[step]()
        goals = await self.post(f"{path}/goals", mentor, {"goals": ["Berkas tepat waktu."]})
        if step == "goals":
            return goals
        if step == "extension":
            return await self.post(f"{path}/{step}", body={"months": 1, **BECAUSE})
        world, before = self.world, self.world.now
        days = [one["due"] for one in goals.json()["checkpoints"]]
        day = days[0] if step == "checkpoints/1" else goals.json()["until"]
        world.now = datetime.fromisoformat(f"{day}T05:00:00Z")
        if step == "checkpoints/1":
            answer = await self.post(f"{path}/{step}", mentor, {"progress": "behind", "note": "Belum."})
        else:
            answer = await self.post(f"{path}/evaluation", mentor, {"outcome": "met", **BECAUSE})
            if step == "confirmation":
                answer = await self.post(f"{path}/{step}", body={"decision": "confirm", **BECAUSE})
        world.now = before
        return answer

    async def _announce(self) -> tuple[str, str]:
        cycle, appraisal, _ = await self._finished("sawahlunto-terbuka", 1)
        (await self.post(f"/cycles/{cycle}/close")).raise_for_status()
        return cycle, appraisal

    async def _finished(self, policy: str, later: int) -> tuple[str, str, str]:
        """A cycle of one office by that policy, so many years later, and in it one year to its end."""
        world, before = self.world, self.world.now
        cycle = await open_cycle(world, policy, YEAR + later, units=["SDN-001"])
        found = (await world.get("/appraisals", "hr", q="Yohanes Bria Seran", cycle=cycle)).json()["items"]
        appraisal, nip = str(found[0]["id"]), str(found[0]["employee"]["nip"])
        rater = (await world.seen(appraisal))["supervisor"]["nip"]  # type: ignore[index]
        days = timedelta(days=365 * later)
        world.now = JANUARY + days
        await world.takes_note(appraisal, nip)
        await world.send(appraisal, "plan", "submit_plan", nip)
        await world.done(appraisal, "approve_plan", rater)
        await world.pass_to(appraisal, DECEMBER + days)
        await world.send(appraisal, "self_assessment", "submit_self_assessment", nip)
        await world.send(appraisal, "rating", "submit_rating", rater)
        if (await world.row(appraisal))["state"] == "calibration.waiting":
            await world.labelled(appraisal)
        await world.done(appraisal, "accept_result", nip)
        await world.until(appraisal, "archive", 1)
        world.now = before
        return cycle, appraisal, nip

    async def move_calendar(self) -> httpx.Response:
        stale = (await self.of_cycle()).headers["ETag"]
        body = {"reason": "Surat edaran", "windows": {"plan": {"due_at": f"{YEAR}-02-15"}}, "unit": "DINKES"}
        headers = self.world.headers("hr", **{"If-Match": stale})
        return await self.world.http.put(f"/api/v1/cycles/{self.cycle}/calendar", headers=headers, json=body)

    async def correct_policy(self) -> httpx.Response:
        """Of a cycle of its own, of a pack of the agency's."""
        world, shelf = self.world, self.world.rooms.shelf
        with tempfile.TemporaryDirectory() as folder:
            world.rooms.shelf = Shelf(Path(folder))
            (Path(folder) / "kami.toml").write_text(OURS.format(version=1), encoding="utf-8")
            cycle = await open_cycle(world, "kami", YEAR + 4, units=["INSPEKTORAT"])
            (Path(folder) / "kami.toml").write_text(OURS.format(version=2), encoding="utf-8")
            seen = (await self.get(f"/cycles/{cycle}")).headers["ETag"]
            headers, body = world.headers("hr", **{"If-Match": seen}), {"policy": "kami", **BECAUSE}
            answer = await world.http.put(f"/api/v1/cycles/{cycle}/policy", headers=headers, json=body)
            world.rooms.shelf = shelf
        return answer

    async def import_roster(self) -> httpx.Response:
        rows = generate(40, seed=1, year=YEAR)
        rows[-1] |= {"jabatan": "Analis Kebijakan", "peran": "auditor", "nip_atasan": rows[1]["nip"]}
        rows[-2] |= {"unit": "BARU", "nama_unit": "Unit Baru"}
        files = {"file": ("pegawai.csv", write_csv(rows))}
        return await self.world.http.post("/api/v1/roster/imports", headers=self.world.headers("hr"), files=files)

    async def import_earlier_years(self) -> httpx.Response:
        """One that was given, one that is given otherwise, one of nobody."""
        path, headers = "/api/v1/people/earlier-years", self.world.headers("hr")
        for label, more in (("baik", ""), ("kurang", f"199001012015011999,{YEAR - 2},baik,SK\n")):
            written = f"nip,tahun,predikat,sumber\n{self.colleague},{YEAR - 2},{label},SK\n{more}"
            files, params = {"file": ("hasil.csv", written.encode())}, {"partial": "true"}
            answer = await self.world.http.post(path, headers=headers, files=files, params=params)
        return answer

    async def import_indicators(self) -> httpx.Response:
        """Into a cycle of a pack that counts them, in which nobody is yet: each row is told."""
        made = await self.post("/cycles", body={"policy": "gayungan", "year": YEAR + 2, "name": "Lain"})
        files = {"file": ("kehadiran.csv", f"nip;kehadiran\n{self.who.employee};90\n".encode())}
        path, params = f"/api/v1/cycles/{made.json()['id']}/indicators", {"partial": "true"}
        return await self.world.http.post(path, headers=self.world.headers("hr"), files=files, params=params)

    async def consulted(self) -> str:
        """A draft for everybody, of which the employee's colleague has something to say; its path."""
        path = f"/cycles/{(await self.make_cycle()).json()['id']}"
        await self.post(f"{path}/consultation", body={"days": 7, "purpose": "Agar adil."})
        await self.post(f"{path}/consultation/comments", self.colleague, {"text": "Terlalu banyak butir."})
        return path

    async def begin_consultation(self) -> httpx.Response:
        path = f"/cycles/{(await self.make_cycle()).json()['id']}/consultation"
        return await self.post(path, body={"days": 7, "purpose": "Agar adil."})

    async def read_consultation(self, part: str = "") -> httpx.Response:
        return await self.get(f"{await self.consulted()}/consultation{part}")

    async def comment(self) -> httpx.Response:
        said = {"text": "Bagaimana diukur?", "criterion": "criteria.behaviour.akuntabel"}
        return await self.post(f"{await self.consulted()}/consultation/comments", self.colleague, said)

    async def change_comment(self) -> httpx.Response:
        path = f"{await self.consulted()}/consultation/comments/1"
        return await self.world.put(path, self.colleague, {"text": "Terlalu sedikit butir."})

    async def answer_comment(self) -> httpx.Response:
        path = f"{await self.consulted()}/consultation/comments/1/answer"
        return await self.world.put(path, "hr", {"answer": "taken_up", "reason": "Dua butir digabung."})

    async def acknowledge(self) -> httpx.Response:
        digest = (await self.of_year()).json()["criteria"]["digest"]
        return await self.post(
            f"/appraisals/{self.who.appraisal}/acknowledgement", self.who.employee, {"digest": digest}
        )

    async def save_form(self) -> httpx.Response:
        path = f"/appraisals/{self.who.appraisal}/forms/answer"
        return await self.world.put(path, self.who.supervisor, {"data": {}})

    async def offer(self) -> httpx.Response:
        """The supervisor's powers to the employee's colleague, for a day of its own: offers of one day would chain."""
        self.days += 1
        day = (self.world.now + timedelta(days=self.days)).date().isoformat()
        body = {"to": self.colleague, "from": day, "until": day, "reason": "Dinas luar"}
        return await self.post("/delegations", self.who.supervisor, body)

    async def answer_offer(self, said: str) -> httpx.Response:
        made = (await self.offer()).json()["id"]
        return await self.post(f"/delegations/{made}/{said}", self.colleague)

    async def end_delegation(self) -> httpx.Response:
        made = (await self.offer()).json()["id"]
        return await self.world.http.delete(
            f"/api/v1/delegations/{made}", headers=self.world.headers(self.who.supervisor)
        )

    async def step_back(self) -> httpx.Response:
        """A supervisor from somebody of whom nothing else is asked."""
        person = await Played.of(self.world, await self.world.next_clerk())
        body = {"about": person.employee, "kind": "family", "reason": "Saudara kandung."}
        return await self.post("/recusals", person.supervisor, body)

    async def record_training(self) -> httpx.Response:
        taken = {"course": "rating_system", "date": TODAY, "valid_until": None}
        return await self.world.put(f"/people/{self.who.supervisor}/trainings", "hr", {"trainings": [taken]})

    async def record_team(self) -> httpx.Response:
        """Led by the employee's colleague, so that he may say something of her where the pack asks for it."""
        return await team(self.world, "hr", self.colleague, [self.who.employee])

    async def change_team(self) -> httpx.Response:
        made = (await self.record_team()).json()["id"]
        body = {"name": "Tim", "leader": self.colleague, "members": [self.who.employee], "from": TODAY, "until": TODAY}
        return await self.world.put(f"/teams/{made}", "hr", body)

    async def heard(self) -> tuple[str, str, str, str]:
        """In a cycle of its own that listens to others: its id, a year in it, who rates that, and who leads a team there.

        Whoever rates is of that office too, so that the cycle is for him; the list is in no order that lasts.
        """
        if self.listening is None:
            world = self.world
            made = await self.make_cycle(units=["DINKES"])
            cycle = str(made.json()["id"])
            await listen(world, cycle)
            await launched(world, cycle)
            items = (await world.get("/appraisals", "hr", cycle=cycle)).json()["items"]
            years = [await Played.of(world, one["employee"]["nip"], one["id"]) for one in items if one["state"]]
            inside = {one.employee for one in years} - {self.colleague}
            near = [one for one in years if one.employee in inside and one.supervisor in inside]
            who = next(one for one in near if one.senior != self.colleague)
            await team(world, "hr", self.colleague, [who.employee])
            self.listening = cycle, who.appraisal, who.supervisor, self.colleague
        return self.listening

    async def give_feedback(self) -> httpx.Response:
        _, appraisal, _, leader = await self.heard()
        return await tell(self.world, appraisal, leader)

    async def ask_for_feedback(self) -> httpx.Response:
        _, appraisal, rater, leader = await self.heard()
        return await self.post(f"/appraisals/{appraisal}/feedback/requests", rater, {"people": [leader]})

    async def read_feedback(self, part: str = "") -> httpx.Response:
        _, appraisal, rater, _ = await self.heard()
        return await self.get(f"/appraisals/{appraisal}/feedback{part}", rater)

    async def say(self) -> httpx.Response:
        await self.heard()
        said = {"kind": "praise", "text": "Cepat.", "programme": "Antrean daring"}
        return await self.world.http.post("/api/v1/public/units/DINKES/remarks", json=said)

    async def praise(self) -> httpx.Response:
        """By whoever rates there, since the cycle is for his unit."""
        cycle, _, rater, _ = await self.heard()
        body = {"unit": "DINKES", "programme": "Antrean daring", "text": "Layak dicontoh."}
        return await self.post(f"/cycles/{cycle}/praise", rater, body)

    async def make_visible(self) -> httpx.Response:
        made = (await self.praise()).json()["id"]
        cycle, _, _, _ = await self.heard()
        return await self.world.put(f"/cycles/{cycle}/remarks/{made}/decision", "hr", {"decision": "published"})

    async def read_remarks(self, part: str) -> httpx.Response:
        """Once something was said and made visible."""
        await self.make_visible()
        cycle, appraisal, _, _ = await self.heard()
        return await self.get(part.format(cycle=cycle, appraisal=appraisal))

    async def read_own_feedback(self) -> httpx.Response:
        _, _, _, leader = await self.heard()
        return await self.get("/me/feedback", leader)

    async def withdraw_recusal(self) -> httpx.Response:
        made = (await self.step_back()).json()["id"]
        return await self.post(f"/recusals/{made}/withdraw", body={"reason": "Keliru."})

    async def decide(self, what: str, **body: object) -> httpx.Response:
        """HR's decision about somebody of whom nothing else is asked."""
        nip = await self.world.next_clerk()
        if what == "transfer":
            body["unit"], body["supervisor"] = await self.world.elsewhere(nip)
        if what == "supervisor":
            _, body["supervisor"] = await self.world.elsewhere(nip)
        return await self.post(f"/people/{nip}/{what}", body=body)

    async def ask_for_evaluation(self) -> httpx.Response:
        """Of her whose year is under way, once her post earns credit points."""
        await imported(self.world, await row_of(self.world, self.who.employee) | {"jenjang": "Ahli Pertama"})
        months = {"from": f"{YEAR}-01", "until": f"{YEAR}-02", "reason": "Kenaikan pangkat.", "document": "800/1/2027"}
        return await self.post(f"/people/{self.who.employee}/evaluation", body=months)

    async def record_outage(self) -> httpx.Response:
        hours = {"from": f"{YEAR}-12-13T01:00:00+07:00", "to": f"{YEAR}-12-13T09:00:00+07:00"}
        return await self.post(f"/cycles/{self.cycle}/outages", body={**hours, "reason": "Pusat data padam"})

    async def change_days(self) -> httpx.Response:
        days = {f"{YEAR + 1}-01-12": {"kind": "off", "name": "Hari jadi kabupaten"}}
        return await self.world.put("/agency/days", "hr", {"days": days, "reason": "Keputusan bupati"})

    async def act_on_many(self) -> httpx.Response:
        hers = await self.world.appraisal_of("employee")
        body = {"ids": [hers, str(uuid4()), {"id": "none", "version": 1}], "comment": "Cuti."}
        return await self.post("/appraisals/actions/suspend", body=body)

    async def read_evidence(self) -> httpx.Response:
        made = await hand_in(self.world, self.who.appraisal, self.who.employee, "bukti.txt", b"Bukti.")
        return await self.of_year(f"/evidence/{made.json()['id']}")

    async def hand_in_document(self) -> httpx.Response:
        """Of what she is taken to have served elsewhere on the first day of the year, though she was here."""
        async with self.world.database.transaction() as connection:
            await connection.execute(CAME_FROM, {"nip": self.who.employee, "day": FIRST_DAY})
        path = f"/api/v1/people/{self.who.employee}/elsewhere/{FIRST_DAY}/document"
        files = {"file": ("skp.pdf", PDF)}
        return await self.world.http.post(path, headers=self.world.headers("hr"), files=files)

    async def put_right(self, said: Mapping[str, object], how: str = "") -> httpx.Response:
        """Of what HR records, or has recorded, of somebody who was still elsewhere then."""
        path = f"/people/{self.who.employee}/elsewhere"
        await self.post(path, body=said)
        path += f"/{said['from']}"
        if how:
            return await self.post(f"{path}/{how}", body=BECAUSE)
        return await self.world.put(path, "hr", {**said, **BECAUSE, "document": "800/21/2015"})

    async def read_document(self) -> httpx.Response:
        await self.hand_in_document()
        return await self.of_year(f"/elsewhere/{FIRST_DAY}/document")
