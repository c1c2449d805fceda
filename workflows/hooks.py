"""Hooks: one workflow, always running where an endpoint is set, that keeps a round of `tell_hooks` going."""

from __future__ import annotations

from temporalio import workflow

from workflows import rounds

with workflow.unsafe.imports_passed_through():
    from activities.hooks import HookInput, HookSender


@workflow.defn(name="HooksWorkflow")
class HooksWorkflow:
    """Runs under the id `hooks`, for ever."""

    @workflow.run
    async def run(self, start: HookInput) -> None:
        await rounds.go_round(HookSender.tell, start)
