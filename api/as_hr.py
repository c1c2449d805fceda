"""Who decides as HR about people of whom she is none."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from activities.people import Agency
from api.security import Caller
from models.vocabulary import GrantedRole


def is_hr_beside(agency: Agency, caller: Caller, concerned: Collection[str], today: date) -> bool:
    """Whether the caller decides as HR, and is none of whom it is about; where all HR officers are, a PyB who is not does."""
    if caller.person_id in concerned:
        return False
    officers = agency.holders(GrantedRole.HR, today)
    nobody = bool(officers) and set(officers) <= set(concerned)
    return GrantedRole.HR in caller.granted or (nobody and GrantedRole.PYB in caller.granted)
