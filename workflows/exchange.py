"""Exchange: one workflow, always running where an endpoint is set, that keeps a round of `push` going."""

from __future__ import annotations

from temporalio import workflow

from workflows import rounds

with workflow.unsafe.imports_passed_through():
    from activities.push import Pusher, PushInput


@workflow.defn(name="ExchangeWorkflow")
class ExchangeWorkflow:
    """Runs under the id `exchange`, for ever."""

    @workflow.run
    async def run(self, start: PushInput) -> None:
        await rounds.go_round(Pusher.push, start)
