"""All activities of a worker process, built on one database, one engine client and one store."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from obstore.store import ObjectStore
from temporalio.client import Client

from activities.archive import Archivist
from activities.deliver import Channels, Deliverer
from activities.digest import Digests
from activities.facts import Facts
from activities.hooks import HookEndpoint, HookSender
from activities.launch import Launcher
from activities.people import People
from activities.programme_time import ProgrammeKeeper
from activities.push import Endpoint, Pusher
from activities.record import Recorder
from activities.score import Scorer
from models.database import Database


def build(
    database: Database,
    client: Client,
    task_queue: str,
    store: ObjectStore,
    channels: Channels,
    endpoint: Endpoint | None = None,
    hooks: Sequence[HookEndpoint] = (),
) -> Sequence[Callable[..., object]]:
    """The bound activities to register; they share what is held in memory."""
    facts, people = Facts(), People()
    recorder = Recorder(database, facts, people)
    scorer = Scorer(database, facts, people)
    launcher = Launcher(database, facts, client, task_queue)
    return [
        recorder.record,
        recorder.consult,
        recorder.park,
        scorer.score,
        scorer.score_by_label,
        Archivist(database, facts, people, store).archive,
        Deliverer(database, people, facts, channels).deliver,
        Digests(database).gather,
        ProgrammeKeeper(database, facts, people).look,
        Pusher(database, facts, endpoint).push,
        HookSender(database, hooks).tell,
        launcher.launch,
        launcher.begin_segment,
        launcher.retry_failed,
        launcher.count_cycle,
        launcher.step_cycle,
    ]
