"""One employee's year: waits, asks `models.lifecycle`, compares instants, calls activities. No rule of its own.

People's acts come as the update `act`: its validator refuses without a trace in history, its handler is synchronous and only
moves the snapshot on, so handlers never interleave. The loop hands the events to `record`, keeps one timer for the next moment, and
continues as new at quiet points only.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import datetime, timedelta
from typing import NamedTuple

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.archive import Archivist
    from activities.launch import Launcher
    from activities.parking import RECORD_BLOCKED
    from activities.record import SUPERSEDED, Recorder
    from activities.score import Scorer
    from models import lifecycle
    from models.appraisal import (
        AppraisalInput,
        ArchiveInput,
        Command,
        ConsultInput,
        Event,
        LabelScore,
        Moment,
        ParkInput,
        Receipt,
        RecordInput,
        ScoreInput,
        Snapshot,
        Timing,
    )
    from models.folding import born, evolve, needs_scoring, rated_copy
    from models.vocabulary import EngineAction, State

RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=30))
TIMEOUT = timedelta(seconds=30)
ARCHIVE_RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_attempts=3)
ARCHIVE_REST = timedelta(minutes=10)
"""After a store that failed; twice as long after each further time, to `ARCHIVE_REST_MAX`."""
ARCHIVE_REST_MAX = timedelta(hours=6)
KEY_REUSED = "key_reused"
WITHOUT_LABEL = "without-label"
"""The patch since which a label that is gone when it is scored is none that is received."""


@workflow.defn(name="AppraisalWorkflow")
class AppraisalWorkflow:
    """Runs under the id `appraisal/{uuid}/r{revision}` from opening to archive."""

    @workflow.init
    def __init__(self, start: AppraisalInput) -> None:
        # An act may be validated before `run` begins, so everything a validator reads is set here.
        self._snapshot: Snapshot = start.snapshot
        self._timing: Timing | None = start.timing
        self._pending: list[Event] = []
        self._facts_revision = 0
        self._sooner: Sooner | None = None
        self._parked = False
        self._superseded = False
        self._upgrade = False
        self._archive_failures = 0
        self._alarm: tuple[datetime, asyncio.Task[None]] | None = None
        # Whoever restores cannot know whether the run that is gone came so far; beginning it twice begins it once.
        self._successor_due = start.restoring and _closed(start.snapshot)
        if not start.snapshot.last_hash:
            self._begin(start.snapshot)
        elif start.restoring:
            self._engine(Command.of_engine(EngineAction.RESTORE, incarnation=start.snapshot.incarnation + 1))

    def _begin(self, seed: Snapshot) -> None:
        first = lifecycle.begin(seed, workflow.now())
        self._snapshot = born(first)
        self._pending.append(first)

    # ── what people and the agency tell it ──────────────────────────────────────────────────────────────────────────

    @workflow.update
    def act(self, command: Command) -> Receipt:
        """Take one act. An act already taken under the same key is answered again, for ever within this revision."""
        known = self._snapshot.receipts.get(command.key_hash)
        if known is not None:
            return known
        try:
            self._take(command)
        except lifecycle.Refused as refusal:  # another act of the same task came first
            raise _refused(refusal) from refusal
        return self._snapshot.receipts[command.key_hash]

    @act.validator
    def _may_act(self, command: Command) -> None:
        known = self._snapshot.receipts.get(command.key_hash)
        if known is not None:
            if known.fingerprint != command.fingerprint:
                raise ApplicationError(KEY_REUSED, type=KEY_REUSED, non_retryable=True)
            return
        if self._parked:
            raise ApplicationError(RECORD_BLOCKED, type=RECORD_BLOCKED, non_retryable=True)
        try:
            lifecycle.check(self._snapshot, command, workflow.now(), self._timing)
        except lifecycle.Refused as refusal:
            raise _refused(refusal) from refusal

    @workflow.signal
    def facts_changed(self, facts_revision: int) -> None:
        """A fact this appraisal rests on has at least this revision now; what changed is asked for, never told."""
        self._facts_revision = max(self._facts_revision, facts_revision)

    @workflow.signal
    def comes_earlier(self, facts_revision: int, wake: datetime) -> None:
        """Under facts of this revision something comes by `wake`, which may be before what it sleeps for; what, is asked then."""
        known = self._sooner or Sooner(facts_revision, wake)
        self._sooner = Sooner(max(known.facts_revision, facts_revision), min(known.wake, wake))

    @workflow.signal
    def try_again(self) -> None:
        """A person mended what an activity stumbled over."""
        self._parked = False

    @workflow.signal
    def upgrade(self) -> None:
        """Continue as new at the next quiet point, on the code of today."""
        self._upgrade = True

    @workflow.query
    def receipt(self, key_hash: str) -> Receipt | None:
        """What an act under this key was answered with, though the record may not show it yet."""
        return self._snapshot.receipts.get(key_hash)

    @workflow.query
    def snapshot(self) -> Snapshot:
        return self._snapshot

    # ── the loop ────────────────────────────────────────────────────────────────────────────────────────────────────

    @workflow.run
    async def run(self, start: AppraisalInput) -> None:
        if start.reopening:
            await self._await_reopening()
        while not self._over():
            await workflow.wait_condition(lambda: not self._parked)
            try:
                await self._step()
            except ActivityError as failed:
                await self._stumble(failed)
        self._stop_alarm()
        await workflow.wait_condition(workflow.all_handlers_finished)

    def _over(self) -> bool:
        return self._superseded or (self._snapshot.finished and not self._pending)

    async def _step(self) -> None:
        """Do the one thing that is next: what is pending first, what comes by itself last, then wait."""
        if self._pending:
            await self._record()
        elif self._successor_due:
            await self._begin_segment()
        elif self._facts_newer():
            await self._consult()
        elif (moment := self._due()) is not None:
            await self._happen(moment)
        elif self._snapshot.state in (State.FINALISATION_RUNNING, State.FINALISATION_DONE):
            await self._archive()
        elif self._upgrade or workflow.info().is_continue_as_new_suggested():
            # The next run would sleep for what this one knows.
            await (self._continue_as_new() if self._sooner is None else self._consult())
        else:
            self._set_alarm()
            await workflow.wait_condition(self._disturbed)

    async def _stumble(self, failed: ActivityError) -> None:
        """What no retry mends waits for a person, with everything it has; a later incarnation ends this one."""
        if not isinstance(failed.cause, ApplicationError):
            raise failed
        kind = failed.cause.type
        self._superseded = kind == SUPERSEDED
        if kind not in (SUPERSEDED, RECORD_BLOCKED):
            await self._park(f"{failed.activity_type}: {kind or failed.cause.message}")
        self._parked = not self._superseded

    async def _park(self, why: str) -> None:
        wish = ParkInput(appraisal_id=self._snapshot.appraisal_id, why=why)
        await workflow.execute_activity_method(Recorder.park, wish, start_to_close_timeout=TIMEOUT, retry_policy=RETRY)
        self._parked = True

    async def _await_reopening(self) -> None:
        """The act that reopens came with the start of this run; a refused one leaves nothing to do."""
        with contextlib.suppress(TimeoutError):
            await workflow.wait_condition(lambda: bool(self._pending), timeout=timedelta(minutes=1))

    def _disturbed(self) -> bool:
        rang = self._alarm is not None and self._alarm[1].done()
        return bool(self._pending) or rang or self._facts_newer() or self._upgrade or self._sleeps_too_long()

    def _facts_newer(self) -> bool:
        """Whether facts that are newer than those it knows are to be asked for now."""
        told = self._timing is not None and self._facts_revision > self._timing.facts_revision
        return told or (self._sooner is not None and self._sooner.wake <= workflow.now())

    def _sleeps_too_long(self) -> bool:
        return self._sooner is not None and (self._alarm is None or self._sooner.wake < self._alarm[0])

    async def _record(self) -> None:
        """Hand the pending events to the record, with the outcome of a rating among them."""
        if needs_scoring(self._snapshot):
            await self._score()
        batch = tuple(self._pending)
        wish = RecordInput(
            appraisal_id=self._snapshot.appraisal_id,
            revision=batch[-1].revision,
            incarnation=self._snapshot.incarnation,
            events=batch,
        )
        timing = await workflow.execute_activity_method(
            Recorder.record, wish, start_to_close_timeout=TIMEOUT, retry_policy=RETRY
        )
        del self._pending[: len(batch)]
        self._timing = timing
        if self._sooner is not None and self._sooner.facts_revision <= timing.facts_revision:
            self._sooner = None

    async def _score(self) -> None:
        copy_id = rated_copy(self._snapshot)
        if copy_id is None:
            return
        if self._snapshot.state is State.CALIBRATION_WAITING:
            await self._score_and_receive(copy_id)
            return
        wish = ScoreInput(
            appraisal_id=self._snapshot.appraisal_id,
            revision=self._snapshot.revision,
            copy_id=copy_id,
            at=workflow.now(),
            label=self._snapshot.label,
        )
        outcome_id = await workflow.execute_activity_method(
            Scorer.score, wish, start_to_close_timeout=TIMEOUT, retry_policy=RETRY
        )
        if rated_copy(self._snapshot) == copy_id:  # an act may have sent another one meanwhile
            self._engine(Command.of_engine(EngineAction.SCORE, outcome_id=outcome_id))

    async def _begin_segment(self) -> None:
        """The transfer is recorded, so the rest of her year begins in the new post, as an appraisal of its own."""
        await workflow.execute_activity_method(
            Launcher.begin_segment, self._snapshot.appraisal_id, start_to_close_timeout=TIMEOUT, retry_policy=RETRY
        )
        self._successor_due = False

    async def _score_by_label(self, copy_id: str) -> LabelScore:
        """What the rating comes to under the organisation label that holds now."""
        wish = ScoreInput(
            appraisal_id=self._snapshot.appraisal_id,
            revision=self._snapshot.revision,
            copy_id=copy_id,
            at=workflow.now(),
            before=self._snapshot.outcome_id,
        )
        return await workflow.execute_activity_method(
            Scorer.score_by_label, wish, start_to_close_timeout=TIMEOUT, retry_policy=RETRY
        )

    async def _score_and_receive(self, copy_id: str) -> None:
        """Score a rating that waits for a label; where one is known already it is received with the rating."""
        scored = await self._score_by_label(copy_id)
        if rated_copy(self._snapshot) != copy_id:  # an act may have sent another one meanwhile
            return
        waits = self._snapshot.state is State.CALIBRATION_WAITING and self._snapshot.suspended is None
        if waits and scored.label is not None:
            self._engine(_labelled(scored))
        else:
            self._engine(Command.of_engine(EngineAction.SCORE, outcome_id=scored.outcome_id))

    async def _receive_label(self, moment: Moment) -> None:
        copy_id = rated_copy(self._snapshot)
        scored = await self._score_by_label(copy_id or "")
        if self._pending or self._next() != moment:  # an act came meanwhile: it is recorded first
            return
        held = self._snapshot.state is not State.CALIBRATION_WAITING and scored.label == self._snapshot.label
        if (scored.label is None or held) and workflow.patched(WITHOUT_LABEL):  # its unit was hung elsewhere meanwhile
            await self._consult()
            return
        if not self._engine(_labelled(scored).model_copy(update={"effective_at": moment.at})):
            await self._park(f"the lifecycle refused a label in {self._snapshot.state.value}")

    async def _archive(self) -> None:
        wish = ArchiveInput(
            appraisal_id=self._snapshot.appraisal_id, revision=self._snapshot.revision, at=workflow.now()
        )
        try:
            await workflow.execute_activity_method(
                Archivist.archive, wish, start_to_close_timeout=timedelta(minutes=2), retry_policy=ARCHIVE_RETRY
            )
        except ActivityError as failed:
            if isinstance(failed.cause, ApplicationError) and failed.cause.non_retryable:
                raise
            await self._rest_before_archiving_again()
            return
        if not self._pending:  # an act that came meanwhile belongs into the archive too: once more
            self._engine(Command.of_engine(EngineAction.ARCHIVE))

    async def _rest_before_archiving_again(self) -> None:
        """The store is away or refuses: the clock of this step goes on, so that it comes on HR's list, and it is tried for ever."""
        moment, rest = self._next(), min(ARCHIVE_REST_MAX, ARCHIVE_REST * 2**self._archive_failures)
        self._archive_failures = min(self._archive_failures + 1, 10)
        if moment is not None:
            rest = min(rest, moment.wake - workflow.now())
        sooner = self._sooner
        if sooner is not None:
            rest = min(rest, sooner.wake - workflow.now())
        with contextlib.suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: bool(self._pending) or self._facts_newer() or self._sooner != sooner, timeout=rest
            )

    async def _consult(self) -> None:
        wish = ConsultInput(
            appraisal_id=self._snapshot.appraisal_id, revision=self._snapshot.revision, at=workflow.now()
        )
        asked, sooner = self._facts_revision, self._sooner
        self._timing = await workflow.execute_activity_method(
            Recorder.consult, wish, start_to_close_timeout=TIMEOUT, retry_policy=RETRY
        )
        if self._facts_revision == asked:  # a database set back knows less than was told; to ask again would not help
            self._facts_revision = self._timing.facts_revision
        if self._sooner == sooner:
            self._sooner = None

    # ── what happens by itself ──────────────────────────────────────────────────────────────────────────────────────

    def _next(self) -> Moment | None:
        """The next moment of this visit; none while what is known is of an earlier visit."""
        if self._timing is None or self._timing.visit != self._snapshot.visit.no:
            return None
        return self._timing.moments[0] if self._timing.moments else None

    def _due(self) -> Moment | None:
        moment = self._next()
        return moment if moment is not None and moment.wake <= workflow.now() else None

    async def _happen(self, moment: Moment) -> None:
        """A moment came: ask again whether it still holds, because a deadline may have moved, and let it happen."""
        if moment.action is EngineAction.RECEIVE_LABEL:  # that a label was set always holds
            await self._receive_label(moment)
            return
        if not (self._timing and moment.at <= (self._snapshot.visit.entered_at or moment.at)):
            await self._consult()
        if self._pending or self._next() != moment:
            return
        happened = self._engine(Command.of_moment(moment))
        self._successor_due = self._successor_due or (happened and moment.action is EngineAction.CLOSE_SEGMENT)
        if not happened:
            await self._park(f"the lifecycle refused {moment.action.value} in {self._snapshot.state.value}")

    def _engine(self, command: Command) -> bool:
        """Make an engine move; False where the lifecycle does not know it, which is wrong in code and for a person to see."""
        try:
            self._take(command)
        except lifecycle.Refused as refusal:
            workflow.logger.error("an engine move was refused", extra={"move": command.action, "code": refusal.code})
            return False
        return True

    def _take(self, command: Command) -> None:
        events = lifecycle.apply(self._snapshot, command, workflow.now(), self._timing)
        for event in events:
            self._snapshot = evolve(self._snapshot, event)
            self._pending.append(event)

    # ── waiting ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _set_alarm(self) -> None:
        """One timer for what comes first, kept while that is unchanged: restarting it would cost two events."""
        moment = self._next()
        wakes = [(moment.wake, moment.action.value)] if moment else []
        wakes += [(self._sooner.wake, "facts")] if self._sooner else []
        if not wakes:
            self._stop_alarm()
            return
        wake, why = min(wakes)
        if self._alarm is not None and self._alarm[0] == wake and not self._alarm[1].done():
            return
        self._stop_alarm()
        self._alarm = (wake, asyncio.create_task(workflow.sleep(wake - workflow.now(), summary=why)))

    def _stop_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm[1].cancel()
            self._alarm = None

    async def _continue_as_new(self) -> None:
        self._stop_alarm()
        await workflow.wait_condition(workflow.all_handlers_finished)
        if not self._pending:
            workflow.continue_as_new(AppraisalInput(snapshot=self._snapshot, timing=self._timing))


class Sooner(NamedTuple):
    """Word that under newer facts something comes by `wake`."""

    facts_revision: int
    wake: datetime


def _closed(snapshot: Snapshot) -> bool:
    """Whether a transfer ended this segment, so that another follows."""
    return not snapshot.flow.last_segment and snapshot.until is not None


def _labelled(scored: LabelScore) -> Command:
    same = scored.same_result or None
    return Command.of_engine(
        EngineAction.RECEIVE_LABEL, outcome_id=scored.outcome_id, label=scored.label, same_result=same
    )


def _refused(refusal: lifecycle.Refused) -> ApplicationError:
    return ApplicationError(refusal.code, refusal.about, type=refusal.code, non_retryable=True)
