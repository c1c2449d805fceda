"""Which workflows cannot go on: their task fails again and again, which the engine reports and no rule mends.

Asked of the engine's own list, for a bounded number, and only when somebody looks at the work list; nothing else waits for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from temporalio.client import Client

from api.engine import asking

WEDGED = (
    "TemporalReportedProblems IS NOT NULL AND ExecutionStatus = 'Running'"
    " AND WorkflowType IN ('AppraisalWorkflow', 'CycleWorkflow')"
)
MOST = 200
"""As many as a person looks through; the next ones show when these are mended."""
PATIENCE = timedelta(seconds=3)


async def stuck(engine: Client) -> Mapping[str, str]:
    """The names of those workflows by what they are about (`appraisal/{id}`, `cycle/{id}`). Raises `engine_away`."""
    found: dict[str, str] = {}
    with asking():
        async for run in engine.list_workflows(WEDGED, page_size=MOST, limit=MOST, rpc_timeout=PATIENCE):
            found["/".join(run.id.split("/")[:2])] = run.id
    return found
