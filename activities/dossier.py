"""Everything of one appraisal in one structure, complete enough that a stranger verifies it without us.

Events stand exactly as they were hashed; what the law may have erased stands apart with its salt, so the chain verifies
after an erasure too. Loaded in one transaction; the only clock is the caller's `at`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import cast

from pydantic import JsonValue
from sqlalchemy import RowMapping, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.credited import credited_elsewhere
from activities.facts import Facts
from activities.people import Agency, People
from activities.record import event_of
from activities.segments import segments
from activities.superior_plan import superior_plan
from models.access import Parties
from models.appraisal import ENGINE_ACTOR, Event, Frozen, Snapshot
from models.forms import results_of
from models.line import Officer
from models.policy import PolicyPack
from models.segments import Segment
from models.vocabulary import Role, Zone
from models.workdays import local_day

FORMAT = "siklus-dossier/1"

README = """\
The full record of one appraisal. To verify it without Siklus, with any SHA-256 and any JSON library:
1. canonical(x) = JSON of x, keys sorted, no blanks between tokens, UTF-8, non-ASCII characters as they are. In Python:
   json.dumps(x, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
2. events: in the order of "seq", 1, 2, 3 ... without a gap. For each: sha256(canonical(event without its "hash"))
   equals its "hash"; its "previous_hash" equals the "hash" of the one before, and for the first it is 64 zeros. The last
   "hash" equals "trail_head".
3. forms: sha256(salt + canonical(data)) equals "sha256" (the salt as UTF-8 bytes before the JSON). An event that sent a
   form names it in data.form: "copy_id" is the form's "id", and both hashes are equal.
4. texts (comments, reasons): sha256(salt + canonical(body)) equals "sha256"; events name them by "id" and "sha256".
5. Where "data" or "body" is null it was erased as the law asks (UU 27/2022): the chain still holds, the content is gone.
6. manifest.json beside this file has the SHA-256 of every file of this record; the agency keeps the manifest's own.
7. evidence: the files that were handed in, by name, size and SHA-256 of their bytes; the agency keeps the files beside the
   records, not in them. "noted" counts what the daily log and the observations held; "acknowledged" says when the employee
   took note of her criteria, and by which edition of the policy ("digest"). None of these is hashed by an event.
   Where the policy was corrected while the cycle ran, "policy_version" says which a form or an outcome was made by, and
   data.policy which an event was.
Instants are UTC. Persons are named by opaque ids; "people" says who they were when this was made, but of the employee
   ("subject") the post, level, kind and unit in which this appraisal ended; "since" and "until" are the days it is about.
   "outcomes" count the credit of all its months; those in "credited_elsewhere" count in another appraisal of the year instead.
"""

APPRAISAL = text(
    """
    SELECT a.*, c.name AS cycle_name, c.policy FROM appraisal a JOIN cycle c ON c.id = a.cycle_id WHERE a.id = :id
    """
)
EVENTS = text("SELECT * FROM event WHERE appraisal_id = :id ORDER BY seq")
FORMS = text("SELECT * FROM form_copy WHERE appraisal_id = :id ORDER BY created_at, id")
OUTCOMES = text("SELECT * FROM outcome WHERE appraisal_id = :id ORDER BY created_at, id")
TEXTS = text("SELECT id, salt, sha256, body, author_id FROM text WHERE id IN :ids ORDER BY id").bindparams(
    bindparam("ids", expanding=True)
)
EVIDENCE = text("SELECT * FROM evidence WHERE appraisal_id = :id ORDER BY written_at, id")
NOTED = text(
    """
    SELECT count(*) FILTER (WHERE replaced_at IS NULL) AS entries, count(replaced_at) AS corrections,
           count(DISTINCT day) FILTER (WHERE replaced_at IS NULL) AS days,
           count(*) FILTER (WHERE replaced_at IS NULL AND achievement) AS achievements,
           (SELECT count(*) FROM observation WHERE appraisal_id = :id) AS observations
      FROM log_entry WHERE appraisal_id = :id
    """
)
ACKNOWLEDGED = text(
    "SELECT digest, policy_version, at FROM acknowledgement WHERE appraisal_id = :id ORDER BY at, digest"
)
PERSONS = text(
    """
    SELECT p.id, p.nip, p.name, p.grade, p.post, p.level, p.kind, u.name AS unit
      FROM person p JOIN unit u ON u.id = p.unit_id WHERE p.id IN :ids ORDER BY p.id
    """
).bindparams(bindparam("ids", expanding=True))
UNIT_NAMES = text("SELECT id, name FROM unit WHERE id IN :ids").bindparams(bindparam("ids", expanding=True))

Json = dict[str, JsonValue]


class DossierPerson(Frozen):
    nip: str
    name: str
    grade: str | None
    post: str
    level: str
    kind: str
    unit: str


class DossierCycle(Frozen):
    id: str
    name: str
    year: int
    policy: str
    policy_version: int
    policy_digest: str


class DossierForm(Frozen):
    id: str
    form: str
    period: int
    revision: int
    author: str
    version: int
    data: Json | None
    salt: str
    sha256: str
    policy_version: int | None = None
    """The version of the policy that it was found whole by, where the cycle has gone by several."""
    created_at: datetime


class DossierText(Frozen):
    id: str
    author: str
    body: str | None
    salt: str
    sha256: str


class DossierOutcome(Frozen):
    id: str
    revision: int
    copy_id: str
    label: str
    outcome: Json
    policy_version: int | None = None
    """The version of the policy that it was scored by, where the cycle has gone by several."""
    created_at: datetime


class DossierEvidence(Frozen):
    """A file that was handed in; its bytes are no part of the record."""

    id: str
    name: str
    media_type: str
    bytes: int
    sha256: str
    result: str | None
    author: str
    written_at: datetime


class DossierNoted(Frozen):
    """How much was noted while the year ran; what it said stays in the rows."""

    entries: int = 0
    days: int = 0
    achievements: int = 0
    corrections: int = 0
    observations: int = 0


class DossierAcknowledgement(Frozen):
    """The employee took note of the criteria, by this edition of the policy."""

    digest: str
    policy_version: int
    at: datetime


class Dossier(Frozen):
    """`roles` says who stood around the employee on the day of `at`; who really acted stands in the events."""

    format: str = FORMAT
    readme: str = README
    appraisal_id: str
    revision: int
    segment: int
    state: str | None
    ending: str | None
    trail_seq: int
    trail_head: str
    at: datetime
    zone: Zone
    since: date
    """The first day of the year, or of the part of it, that this is about."""
    until: date
    """And the last."""
    agency: str
    unit: str
    cycle: DossierCycle
    subject: str
    roles: dict[str, str | None]
    superior_results: dict[str, str]
    """The results of the supervisor's own plan, that this plan's results refer to: id and title."""
    people: dict[str, DossierPerson]
    snapshot: Json | None
    events: tuple[Json, ...]
    forms: tuple[DossierForm, ...]
    texts: tuple[DossierText, ...]
    outcomes: tuple[DossierOutcome, ...]
    credited_elsewhere: tuple[int, ...] = ()
    """The months, 1 to 12, that another appraisal of this year credits; an outcome here is about all of its own."""
    evidence: tuple[DossierEvidence, ...] = ()
    noted: DossierNoted = DossierNoted()
    acknowledged: tuple[DossierAcknowledgement, ...] = ()

    def folded(self) -> Snapshot | None:
        """Where the appraisal stands; None before it was launched."""
        return None if self.snapshot is None else Snapshot.model_validate(self.snapshot)

    def trail(self) -> tuple[Event, ...]:
        return tuple(Event.model_validate({"from_state": None} | event) for event in self.events)

    def form(self, copy_id: str) -> DossierForm:
        """The copy of that id. Raises `KeyError`."""
        return next((f for f in self.forms if f.id == copy_id), None) or _missing(copy_id)


def _missing(copy_id: str) -> DossierForm:
    raise KeyError(copy_id)


async def dossier(
    connection: AsyncConnection, appraisal_id: str, *, at: datetime, facts: Facts, people: People
) -> tuple[Dossier, PolicyPack]:
    """Everything of one appraisal as it is in this transaction, and the pack it runs by, or ran by to its end.

    Raises `KeyError` where there is no such appraisal.
    """
    wanted = {"id": appraisal_id}
    row = (await connection.execute(APPRAISAL, wanted)).mappings().one_or_none()
    if row is None:
        raise KeyError(appraisal_id)
    pack = await facts.pack_of_year(
        connection, row["cycle_id"], Snapshot.model_validate(row["snapshot"]) if row["snapshot"] else None
    )
    editions = await facts.editions(connection, row["cycle_id"])
    versions = {one.number: one.pack.version for one in editions} if len(editions) > 1 else {}
    agency = await people.agency(connection)
    events = [event_of(r) for r in (await connection.execute(EVENTS, wanted)).mappings()]
    forms = (await connection.execute(FORMS, wanted)).mappings().all()
    outcomes = (await connection.execute(OUTCOMES, wanted)).mappings().all()
    files = (await connection.execute(EVIDENCE, wanted)).mappings().all()
    noted = (await connection.execute(NOTED, wanted)).mappings().one()
    acknowledged = (await connection.execute(ACKNOWLEDGED, wanted)).mappings().all()
    texts = await _texts(connection, events)
    zone = Zone(row["zone"])
    around, roles = _roles(row, agency, local_day(at, zone))
    named = {row["person_id"], *roles.values(), *(f["author_id"] for f in (*forms, *files)), *(t.author for t in texts)}
    for event in events:
        data = event.data
        named |= {event.actor, event.on_behalf_of, data.supervisor, data.post_of, data.holder or None}
    units = agency.unit_path(row["unit_id"])
    segment = (await segments(connection, [appraisal_id], at))[appraisal_id]
    names = {r.id: r.name for r in await connection.execute(UNIT_NAMES, {"ids": list(units)})}
    named_people = await _people(connection, {p for p in named if p is not None and p != ENGINE_ACTOR})
    whole = Dossier(
        appraisal_id=appraisal_id,
        revision=row["revision"],
        segment=row["segment"],
        state=row["state"],
        ending=row["ending"],
        trail_seq=row["seq"],
        trail_head=row["last_hash"],
        at=at,
        zone=zone,
        since=segment.first,
        until=segment.last,
        agency=names[units[-1]],
        unit=names[units[0]],
        cycle=DossierCycle(
            id=row["cycle_id"],
            name=row["cycle_name"],
            year=row["year"],
            policy=row["policy"],
            policy_version=pack.version,
            policy_digest=pack.digest,
        ),
        subject=row["person_id"],
        roles=roles,
        superior_results=await _superior_results(connection, row["cycle_id"], around.supervisor, pack),
        people=_placed(named_people, row["person_id"], segment, names[units[0]]),
        snapshot=row["snapshot"],
        events=tuple(hashed(event) for event in events),
        forms=tuple(_form(f, versions) for f in forms),
        texts=texts,
        credited_elsewhere=tuple(
            sorted(await credited_elsewhere(connection, row["person_id"], row["year"], appraisal_id, at))
        ),
        outcomes=tuple(_outcome(o, versions) for o in outcomes),
        evidence=tuple(_evidence(f) for f in files),
        noted=DossierNoted(**{name: noted[name] for name in DossierNoted.model_fields}),
        acknowledged=tuple(DossierAcknowledgement(**row) for row in acknowledged),
    )
    return whole, pack


def hashed(event: Event) -> Json:
    """The event as JSON, with exactly the fields its hash covers, and the hash."""
    return cast(Json, event.model_dump(mode="json", exclude_none=True))


def _roles(row: RowMapping, agency: Agency, day: date) -> tuple[Parties, dict[str, str | None]]:
    snapshot = row["snapshot"] or {}
    around = agency.parties_stored(row["id"], row["person_id"], day, row["supervisor_override"], snapshot)
    level = snapshot.get("visit", {}).get("level", 0)
    asked = (Role.EMPLOYEE, Role.SUPERVISOR, Role.SENIOR, Role.APPEAL_AUTHORITY)
    return around, {role.value: around.person_in(role, level) for role in asked}


def _placed(people: dict[str, DossierPerson], subject: str, segment: Segment, unit: str) -> dict[str, DossierPerson]:
    """The same people, the employee in the place that this appraisal is about."""
    said = {name: segment.place[name] for name in ("post", "level", "kind")}
    return {**people, subject: people[subject].model_copy(update={**said, "unit": unit})}


async def _superior_results(
    connection: AsyncConnection, cycle: str, supervisor: Officer, pack: PolicyPack
) -> dict[str, str]:
    plan = await superior_plan(connection, cycle, supervisor)
    return {result.id: result.title for result in results_of(pack, plan)} if isinstance(plan, dict) else {}


async def _texts(connection: AsyncConnection, events: list[Event]) -> tuple[DossierText, ...]:
    ids = {ref.id for event in events for ref in (event.comment, event.data.authority) if ref is not None}
    rows = (await connection.execute(TEXTS, {"ids": sorted(ids)})).mappings() if ids else ()
    return tuple(
        DossierText(id=r["id"], author=r["author_id"], body=r["body"], salt=r["salt"], sha256=r["sha256"]) for r in rows
    )


async def _people(connection: AsyncConnection, ids: set[str]) -> dict[str, DossierPerson]:
    rows = (await connection.execute(PERSONS, {"ids": sorted(ids)})).mappings()
    return {r["id"]: DossierPerson(**{name: r[name] for name in DossierPerson.model_fields}) for r in rows}


def _form(row: RowMapping, versions: Mapping[int, int]) -> DossierForm:
    said = {name: row[name] for name in DossierForm.model_fields if name not in ("author", "policy_version")}
    return DossierForm(author=row["author_id"], policy_version=versions.get(row["policy_edition"]), **said)


def _outcome(row: RowMapping, versions: Mapping[int, int]) -> DossierOutcome:
    said = {name: row[name] for name in DossierOutcome.model_fields if name != "policy_version"}
    return DossierOutcome(policy_version=versions.get(row["policy_edition"]), **said)


def _evidence(row: RowMapping) -> DossierEvidence:
    return DossierEvidence(
        author=row["author_id"], **{name: row[name] for name in DossierEvidence.model_fields if name != "author"}
    )
