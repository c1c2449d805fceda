"""Forms at the desk: what a form asks of this person, the draft somebody types, the copy that is sent.

A draft belongs to its author and is never overwritten by anybody; what is sent is an immutable copy whose salted hash goes into the trail.
All that is written into one form of one appraisal, by whomever, is counted by one counter: so the higher version is always the later text.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.facts import Edition
from activities.segments import post_of, segments
from activities.superior_plan import superior_plan
from api.loading import Loaded
from api.problems import FieldProblem, Problem
from models.appraisal import FormRef, Snapshot, form_slot
from models.folding import OF_AN_OBJECTION
from models.forms import FormContext, problems, results_of
from models.language import Bilingual
from models.policy import PolicyPack
from models.trail import salted_hash
from models.vocabulary import Form, Stage
from models.ways import WAITS_ON

CONTEXT = text("SELECT data FROM form_copy WHERE id = :copy")
DRAFT = text(
    """
    SELECT version, data FROM draft
     WHERE appraisal_id = :appraisal AND form = :form AND period = :period AND author_id = :author
    """
)
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:slot, 0))")
LATEST = text(
    """
    SELECT coalesce(max(version), 0) FROM draft WHERE appraisal_id = :appraisal AND form = :form AND period = :period
    """
)
SAVE = text(
    """
    INSERT INTO draft (appraisal_id, form, period, author_id, version, data, saved_at)
    VALUES (:appraisal, :form, :period, :author, :version, CAST(:data AS jsonb), :at)
    ON CONFLICT (appraisal_id, form, period, author_id)
    DO UPDATE SET version = excluded.version, data = excluded.data, saved_at = excluded.saved_at
    """
)
SENT_BEFORE = """
    FROM event e JOIN form_copy f ON f.id = e.data -> 'form' ->> 'copy_id'
   WHERE e.appraisal_id = :appraisal AND f.form = :form AND f.period = :period
     AND f.author_id = :author AND f.version = :version AND f.data = CAST(:data AS jsonb)
"""
WAS_SENT = text(f"SELECT EXISTS (SELECT {SENT_BEFORE})")
WAS_ABOUT_ANOTHER = text(
    f"""
    SELECT EXISTS (SELECT {SENT_BEFORE} AND EXISTS (
           SELECT FROM event l WHERE l.appraisal_id = e.appraisal_id AND l.seq > e.seq
              AND (l.action = 'reopen' OR l.to_state = 'rating.drafting'
                   OR (l.action = 'receive_label' AND l.to_state = 'appeal.open' AND :form <> 'appeal'))))
    """
)
"""Whether these words were sent before a rating that was given anew, a decision that was opened again, or about an objection that
another label of the organisation made void; who objected may say the same of that label."""
PLAN_MAY_CHANGE = frozenset({Stage.PLAN, Stage.EXECUTION, Stage.MIDYEAR})
"""Out of these no way leads back to a plan; an amendment that was refused, or never sent, stays one."""
COPY = text("SELECT id, version, data, author_id FROM form_copy WHERE id = :copy")
FREEZE = text(
    """
    INSERT INTO form_copy (id, appraisal_id, revision, form, period, author_id, version, data, salt, sha256, policy_edition, created_at)
    VALUES (:id, :appraisal, :revision, :form, :period, :author, :version, CAST(:data AS jsonb), :salt, :sha256, :edition, :at)
    ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING sha256
    """
)


@dataclass(frozen=True)
class Draft:
    """What was written; `copy_id` where it is a copy that was sent."""

    version: int
    data: Mapping[str, object]
    copy_id: str | None = None


@dataclass(frozen=True)
class Slot:
    """One form of one appraisal as one person works on it: her own draft, and what was last sent in it, by whomever."""

    draft: Draft | None
    sent: Draft | None
    settled: bool = False
    """Nothing more will be sent in it: what was, is the form."""

    @property
    def held(self) -> Draft | None:
        """What she is shown, her next save builds on and an act of hers would send: of the two, what was written later.

        Another's copy in the place of her draft counts as later where the versions are equal: she has not seen it.
        """
        if self.draft is None or self.sent is None:
            return self.draft or self.sent
        if self.settled:
            return self.sent
        later = self.draft.version > self.sent.version
        same = (self.draft.version, self.draft.data) == (self.sent.version, self.sent.data)
        return self.draft if later or same else self.sent

    @property
    def version(self) -> int:
        """The version of what she is shown; 0 where that is nothing."""
        return self.held.version if self.held else 0

    @property
    def superseded(self) -> Draft | None:
        """Her own draft, where a copy that was sent stands in its place. It is kept until she saves again."""
        return None if self.held is self.draft else self.draft


async def context_of(
    connection: AsyncConnection, loaded: Loaded, pack: PolicyPack, form: Form, now: datetime
) -> FormContext:
    """What the form has to know about the person: her post, her plan in force, and for the plan the superior's."""
    snapshot = loaded.snapshot
    own: object = None
    above: object = None
    if form is not Form.PLAN and snapshot is not None and snapshot.plan_in_force is not None:
        own = (await connection.execute(CONTEXT, {"copy": snapshot.plan_in_force.copy_id})).scalar_one_or_none()
    if form is Form.PLAN:
        above = await superior_plan(connection, loaded.cycle_id, loaded.around.supervisor)
    segment = (await segments(connection, [loaded.id], now))[loaded.id]
    return replace(
        post_of(segment, loaded.row, loaded.agency, now),
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


async def slot_of(connection: AsyncConnection, snapshot: Snapshot, form: Form, period: int, author: str) -> Slot:
    """The form as this person works on it. Who may see what was sent is the caller's to ask.

    What she once sent of an objection to another rating is no draft of the next one: she begins anew, and sends nothing by mistake.
    """
    asked = {"appraisal": snapshot.appraisal_id, "form": form.value, "period": period, "author": author}
    mine = (await connection.execute(DRAFT, asked)).one_or_none()
    draft = Draft(mine.version, mine.data) if mine else None
    ref = snapshot.forms.get(form_slot(form, period or None))
    if draft is not None and ref is None and form in OF_AN_OBJECTION:
        draft = None if await _sent(connection, WAS_ABOUT_ANOTHER, asked, draft) else draft
    row = (await connection.execute(COPY, {"copy": ref.copy_id})).one_or_none() if ref else None
    sent = Draft(row.version, row.data or {}, row.id) if row else None
    settled = form is Form.PLAN and snapshot.state.stage not in PLAN_MAY_CHANGE
    return Slot(draft, sent, settled)


async def unsent(
    connection: AsyncConnection, appraisal_id: str, form: Form, period: int, author: str, slot: Slot
) -> bool:
    """Whether her superseded draft holds words that nobody but she has ever seen."""
    draft = slot.superseded
    if draft is None:
        return False
    asked = {"appraisal": appraisal_id, "form": form.value, "period": period, "author": author}
    return not await _sent(connection, WAS_SENT, asked, draft)


async def _sent(connection: AsyncConnection, when: TextClause, asked: Mapping[str, object], draft: Draft) -> bool:
    written = {"version": draft.version, "data": json.dumps(draft.data)}
    found: bool = (await connection.execute(when, {**asked, **written})).scalar_one()
    return found


async def save_draft(
    connection: AsyncConnection,
    snapshot: Snapshot,
    form: Form,
    period: int,
    author: str,
    data: Mapping[str, object],
    expected: int | None,
    at: datetime,
) -> None:
    """Keep a draft under the next version.

    Raises `version_conflict` where the form is not the one the author last saw, `not_now` where no way leads back to it.
    """
    where: dict[str, object] = {"appraisal": snapshot.appraisal_id, "form": form.value, "period": period}
    await connection.execute(ONE_AT_A_TIME, {"slot": f"form/{snapshot.appraisal_id}/{form.value}/{period}"})
    slot = await slot_of(connection, snapshot, form, period, author)
    if expected is not None and expected != slot.version:
        raise Problem("version_conflict", version=slot.version)
    if slot.settled and slot.sent is not None:
        waits_on = WAITS_ON[snapshot.state]
        raise Problem("not_now", state=snapshot.state.value, waits_on=waits_on.value if waits_on else "")
    latest: int = (await connection.execute(LATEST, where)).scalar_one()
    version = max(slot.version, latest) + 1
    written = {"author": author, "version": version, "data": json.dumps(data), "at": at}
    await connection.execute(SAVE, where | written)


async def freeze(
    connection: AsyncConnection,
    loaded: Loaded,
    snapshot: Snapshot,
    edition: Edition,
    form: Form,
    author: str,
    expected: int | None,
    at: datetime,
) -> tuple[FormRef, Mapping[str, object]]:
    """Copy what the author is shown as it will be sent, after it was found whole.

    That is her draft, or another's copy that was sent since: then she sends that one again. Raises `form_missing`, `version_conflict`,
    `form_incomplete`. The same words found whole by the same pack are the same copy, also where it was asked before and not recorded.
    """
    period = period_of(form, snapshot, None)
    slot = await slot_of(connection, snapshot, form, period, author)
    held = slot.held
    if held is None:
        raise Problem("form_missing", form=form.value)
    if expected is not None and expected != held.version:
        raise Problem("version_conflict", version=held.version)
    context = await context_of(connection, loaded, edition.pack, form, at)
    found = problems(edition.pack, form, context, held.data)
    if found:
        raise Problem("form_incomplete", errors=[FieldProblem(p.pointer, p.code, p.message) for p in found])
    name = f"copy/{loaded.id}/{snapshot.revision}/{form.value}/{period}/{author}/{held.copy_id or held.version}"
    name += "" if edition.named is None else f"/v{edition.named}"
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
            "version": held.version,
            "data": json.dumps(held.data),
            "salt": salt,
            "sha256": salted_hash(salt, held.data),
            "edition": edition.number,
            "at": at,
        },
    )
    ref = FormRef(form=form, period=period or None, copy_id=copy_id, sha256=stored.scalar_one(), version=held.version)
    return ref, held.data
