"""Delivery: one workflow, always running, that keeps a round of `deliver` going."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from workflows import rounds

with workflow.unsafe.imports_passed_through():
    from activities.deliver import Deliverer, DeliverInput

RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=500), maximum_interval=timedelta(seconds=30))


@workflow.defn(name="DeliveryWorkflow")
class DeliveryWorkflow:
    """Runs under the id `delivery`, for ever."""

    @workflow.run
    async def run(self, start: DeliverInput) -> None:
        await rounds.go_round(Deliverer.deliver, start, RETRY)
