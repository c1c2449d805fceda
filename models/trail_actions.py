"""What the trails of a cycle and of the agency tell, and whose business each of it is.

What everybody of a cycle lives by (its state, its calendar, an outage, a unit's label) is everybody's to read. What was decided about a
person is hers, and of a delegation or a recusal the two's; besides, HR's and the auditor's (decision 16).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class TrailAction(StrEnum):
    """What happened to a cycle, to the roster or to somebody in it; an appraisal's own trail has `Action` and `EngineAction`."""

    CYCLE_CREATED = "cycle_created"
    CYCLE_OPENED = "cycle_opened"
    CYCLE_CLOSING = "cycle_closing"
    CYCLE_CLOSED = "cycle_closed"
    CYCLE_CANCELLED = "cycle_cancelled"
    CONSULTATION_BEGUN = "consultation_begun"
    CRITERIA_COMMENTED = "criteria_commented"
    COMMENT_ANSWERED = "comment_answered"
    CALENDAR_CHANGED = "calendar_changed"
    POLICY_CORRECTED = "policy_corrected"
    OUTAGE_RECORDED = "outage_recorded"
    AGENCY_DAYS_CHANGED = "agency_days_changed"
    NUDGED = "nudged"
    NOTICES_RETRIED = "notices_retried"
    LABEL_SET = "label_set"
    LABEL_CHANGED = "label_changed"
    DISTRIBUTION_EXPLAINED = "distribution_explained"
    ROSTER_IMPORTED = "roster_imported"
    INDICATORS_IMPORTED = "indicators_imported"
    ROLE_GRANTED = "role_granted"
    ROLE_REVOKED = "role_revoked"
    SUPERVISOR_CHANGED = "supervisor_changed"
    ACTING_CHANGED = "acting_changed"
    PERSON_TRANSFERRED = "person_transferred"
    TRANSFER_TAKEN_BACK = "transfer_taken_back"
    UNIT_MOVED = "unit_moved"
    UNIT_REORGANISED = "unit_reorganised"
    UNITS_HUNG = "units_hung"
    LEAVE_RECORDED = "leave_recorded"
    LEAVE_TAKEN_BACK = "leave_taken_back"
    PERSON_LEFT = "person_left"
    SERVICE_ELSEWHERE = "service_elsewhere"
    SERVICE_ELSEWHERE_CORRECTED = "service_elsewhere_corrected"
    SERVICE_ELSEWHERE_WITHDRAWN = "service_elsewhere_withdrawn"
    SERVICE_ELSEWHERE_DOCUMENT = "service_elsewhere_document"
    CREDIT_OPENING_RECORDED = "credit_opening_recorded"
    EVALUATION_REQUESTED = "evaluation_requested"
    DELEGATION_OFFERED = "delegation_offered"
    DELEGATION_ACCEPTED = "delegation_accepted"
    DELEGATION_DECLINED = "delegation_declined"
    DELEGATION_ENDED = "delegation_ended"
    RECUSAL_DECLARED = "recusal_declared"
    RECUSAL_WITHDRAWN = "recusal_withdrawn"
    TRAININGS_RECORDED = "trainings_recorded"
    EARLIER_YEARS_IMPORTED = "earlier_years_imported"
    EARLIER_YEAR_CORRECTED = "earlier_year_corrected"
    TEAM_RECORDED = "team_recorded"
    REMARK_DECIDED = "remark_decided"
    FOLLOW_UP_DECIDED = "follow_up_decided"
    RESULTS_EXPORTED = "results_exported"
    RESULTS_RESENT = "results_resent"
    PROGRAMME_BEGUN = "programme_begun"
    PROGRAMME_ENDED = "programme_ended"


EVERYBODYS = frozenset(
    {
        TrailAction.CYCLE_CREATED,
        TrailAction.CYCLE_OPENED,
        TrailAction.CYCLE_CLOSING,
        TrailAction.CYCLE_CLOSED,
        TrailAction.CYCLE_CANCELLED,
        TrailAction.CONSULTATION_BEGUN,
        TrailAction.CALENDAR_CHANGED,
        TrailAction.POLICY_CORRECTED,
        TrailAction.OUTAGE_RECORDED,
        TrailAction.AGENCY_DAYS_CHANGED,
        TrailAction.NUDGED,
        TrailAction.NOTICES_RETRIED,
        TrailAction.LABEL_SET,
        TrailAction.LABEL_CHANGED,
        TrailAction.ROSTER_IMPORTED,
        TrailAction.INDICATORS_IMPORTED,
        TrailAction.EARLIER_YEARS_IMPORTED,
        TrailAction.UNITS_HUNG,
        TrailAction.RESULTS_EXPORTED,
        TrailAction.RESULTS_RESENT,
    }
)
"""What speaks of no single person: days, units and counts. All else is about somebody, also what a later edition adds and forgets here;
so is why a unit's ratings break the pattern, which in a small unit tells them."""

CONCERNED = ("person", "principal", "delegate", "officer")
"""Where an event's data name whom it is about."""


OF_YEARS = "already_lapsed"
"""Where data of an event that is everybody's name years: each is told of its own, HR and the auditor of all."""


def about(action: str, data: Mapping[str, object]) -> frozenset[str] | None:
    """The ids of whom an event is about; None where it is everybody's."""
    if action in EVERYBODYS:
        return None
    return frozenset(str(data[name]) for name in CONCERNED if data.get(name))


def as_told(data: Mapping[str, object], appraisal_id: str) -> dict[str, object]:
    """An event's data as whoever reads one year is told them: of other years nothing."""
    named = data.get(OF_YEARS)
    own = [one for one in named if one == appraisal_id] if isinstance(named, list) else []
    return {name: value for name, value in data.items() if name != OF_YEARS} | ({OF_YEARS: own} if own else {})
