"""Who lets a decision pass: asked while he still holds it, since the line of the day after may name another."""

from __future__ import annotations

from activities.people import Agency
from models.appraisal import Moment, Snapshot, Timing
from models.vocabulary import EngineAction, Role, Silence, State, Zone
from models.workdays import local_day


def with_holder(timing: Timing, snapshot: Snapshot, agency: Agency, zone: Zone) -> Timing:
    """The timing with who lets a decision pass, where a lapse hands it on: whoever holds it on the last day by today's line."""
    if snapshot.state is not State.APPEAL_DECIDING or snapshot.flow.silence.get(snapshot.state) is not Silence.ESCALATE:
        return timing

    def named(moment: Moment) -> Moment:
        if moment.action is not EngineAction.LAPSE:
            return moment
        around = agency.parties_of(snapshot, local_day(moment.at, zone))
        holder = around.person_in(Role.APPEAL_AUTHORITY, snapshot.visit.level)
        return moment.model_copy(update={"holder": holder or ""})

    return timing.model_copy(update={"moments": tuple(named(moment) for moment in timing.moments)})
