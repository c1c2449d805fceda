"""What happens when, durably: one appraisal, one cycle, one improvement programme, one delivery, one digest, one exchange, the hooks.

A workflow waits, compares instants and calls activities; it holds no rule, no client, no database and no clock.
"""

from workflows.appraisal import AppraisalWorkflow
from workflows.cycle import CycleWorkflow
from workflows.delivery import DeliveryWorkflow
from workflows.digest import DigestWorkflow
from workflows.exchange import ExchangeWorkflow
from workflows.hooks import HooksWorkflow
from workflows.programme import ProgrammeWorkflow

WORKFLOWS = (
    *(AppraisalWorkflow, CycleWorkflow, ProgrammeWorkflow),
    *(DeliveryWorkflow, DigestWorkflow, ExchangeWorkflow, HooksWorkflow),
)
