"""Forms at the desk: what a form asks of this person, the draft somebody types, the copy that is sent.

A draft belongs to its author and is never overwritten by anybody; what is sent is an immutable copy whose salted hash goes into the trail.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.loading import Loaded
from api.problems import FieldProblem, Problem
from models.appraisal import FormRef, Snapshot, TextRef, form_slot
from models.forms import FormContext, problems, results_of
from models.language import Bilingual
from models.policy import PolicyPack
from models.trail import salted_hash
from models.vocabulary import EmployeeKind, Form, JobLevel

CONTEXT = text("SELECT data FROM form_copy WHERE id = :copy")
SUPERIOR_PLAN = text(
    """
    SELECT f.data FROM appraisal a JOIN form_copy f ON f.id = a.snapshot -> 'plan_in_force' ->> 'copy_id'
     WHERE a.cycle_id = :cycle AND a.person_id = :superior ORDER BY a.segment DESC LIMIT 1
    """
)
DRAFT = text(
    """
    SELECT version, data FROM draft
     WHERE appraisal_id = :appraisal AND form = :form AND period = :period AND author_id = :author
    """
)
SAVE = text(
    """
    INSERT INTO draft (appraisal_id, form, period, author_id, version, data, saved_at)
    VALUES (:appraisal, :form, :period, :author, :base + 1, CAST(:data AS jsonb), :at)
    ON CONFLICT (appraisal_id, form, period, author_id)
    DO UPDATE SET version = draft.version + 1, data = excluded.data, saved_at = excluded.saved_at
     WHERE CAST(:expected AS integer) IS NULL OR draft.version = :expected
    RETURNING version
    """
)
COPY = text("SELECT id, version, data, author_id FROM form_copy WHERE id = :copy")
FREEZE = text(
    """
    INSERT INTO form_copy (id, appraisal_id, revision, form, period, author_id, version, data, salt, sha256, created_at)
    VALUES (:id, :appraisal, :revision, :form, :period, :author, :version, CAST(:data AS jsonb), :salt, :sha256, :at)
    ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING sha256
    """
)
KEEP_TEXT = text(
    """
    INSERT INTO text (id, salt, sha256, body, author_id) VALUES (:id, :salt, :sha256, :body, :author)
    ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING sha256
    """
)


@dataclass(frozen=True)
class Draft:
    version: int
    data: Mapping[str, object]


async def context_of(connection: AsyncConnection, loaded: Loaded, pack: PolicyPack, form: Form) -> FormContext:
    """What the form has to know about the person: her post, her plan in force, and for the plan the superior's."""
    row, snapshot = loaded.row, loaded.snapshot
    superior = loaded.around.supervisor
    own: object = None
    above: object = None
    if form is not Form.PLAN and snapshot is not None and snapshot.plan_in_force is not None:
        own = (await connection.execute(CONTEXT, {"copy": snapshot.plan_in_force.copy_id})).scalar_one_or_none()
    if form is Form.PLAN and superior.person_id is not None:
        asked = {"cycle": loaded.cycle_id, "superior": str(superior.person_id)}
        above = (await connection.execute(SUPERIOR_PLAN, asked)).scalar_one_or_none()
    return FormContext(
        level=JobLevel(str(row["level"])),
        kind=EmployeeKind(str(row["kind"])),
        family=str(row["family"]) if row["family"] else None,
        is_top=superior.person_id is None or superior.outside,
        superior_results=results_of(pack, above) if isinstance(above, dict) else (),
        results=results_of(pack, own) if isinstance(own, dict) else (),
    )


def period_of(form: Form, snapshot: Snapshot, asked: int | None) -> int:
    """The period a form is about, 0 for forms without one. Raises `invalid_input` for a period the year does not have."""
    if form is not Form.MIDYEAR:
        if asked not in (None, 0):
            raise _no_such_period()
        return 0
    period = asked or snapshot.period or max(1, snapshot.periods_done)
    if not 1 <= period <= snapshot.flow.periods:
        raise _no_such_period()
    return period


def _no_such_period() -> Problem:
    message = Bilingual(id="Periode ini tidak ada pada tahun ini.", en="This year has no such period.")
    return Problem("invalid_input", errors=[FieldProblem("/period", "unknown_period", message)])


async def draft_of(
    connection: AsyncConnection, appraisal_id: str, form: Form, period: int, author: str
) -> Draft | None:
    asked = {"appraisal": appraisal_id, "form": form.value, "period": period, "author": author}
    row = (await connection.execute(DRAFT, asked)).one_or_none()
    return Draft(row.version, row.data) if row else None


async def sent_copy(connection: AsyncConnection, snapshot: Snapshot, form: Form, period: int) -> Draft | None:
    """What was last sent in this slot, by whomever."""
    ref = snapshot.forms.get(form_slot(form, period or None))
    if ref is None:
        return None
    row = (await connection.execute(COPY, {"copy": ref.copy_id})).one_or_none()
    return Draft(row.version, row.data or {}) if row else None


async def freeze(
    connection: AsyncConnection,
    loaded: Loaded,
    snapshot: Snapshot,
    pack: PolicyPack,
    form: Form,
    author: str,
    expected: int | None,
    at: datetime,
) -> tuple[FormRef, Mapping[str, object]]:
    """Copy the author's draft as it will be sent, after it was found whole.

    Raises `form_missing`, `version_conflict`, `form_incomplete`. The same draft version always gives the same copy.
    """
    period = period_of(form, snapshot, None)
    draft = await draft_of(connection, loaded.id, form, period, author)
    if draft is None:
        raise Problem("form_missing", form=form.value)
    if expected is not None and expected != draft.version:
        raise Problem("version_conflict", version=draft.version)
    context = await context_of(connection, loaded, pack, form)
    found = problems(pack, form, context, draft.data)
    if found:
        raise Problem("form_incomplete", errors=[FieldProblem(p.pointer, p.code, p.message) for p in found])
    name = f"copy/{loaded.id}/{snapshot.revision}/{form.value}/{period}/{author}/{draft.version}"
    copy_id, salt = str(uuid5(NAMESPACE_URL, name)), secrets.token_hex(16)
    stored = await connection.execute(
        FREEZE,
        {
            "id": copy_id,
            "appraisal": loaded.id,
            "revision": snapshot.revision,
            "form": form.value,
            "period": period,
            "author": author,
            "version": draft.version,
            "data": json.dumps(draft.data),
            "salt": salt,
            "sha256": salted_hash(salt, draft.data),
            "at": at,
        },
    )
    ref = FormRef(form=form, period=period or None, copy_id=copy_id, sha256=stored.scalar_one(), version=draft.version)
    return ref, draft.data


async def keep_text(connection: AsyncConnection, name: str, body: str, author: str) -> TextRef:
    """Store a sentence once under a name; its salted hash is what the trail keeps."""
    text_id, salt = str(uuid5(NAMESPACE_URL, f"text/{name}")), secrets.token_hex(16)
    stored = await connection.execute(
        KEEP_TEXT,
        {"id": text_id, "salt": salt, "sha256": salted_hash(salt, body), "body": body, "author": author},
    )
    return TextRef(id=text_id, sha256=stored.scalar_one())
