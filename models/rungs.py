"""The rungs of a ladder by their keys: what each does, and whether it is counted from the due day or has a reason of its own.

`remind-7` and `overdue+1` are so many working days before and after; `hr_list+rating` and `hr_list+undelivered` come for what they name.
"""

from __future__ import annotations

REMIND = "remind"
TAKEOVER = "takeover"
HR_LIST = "hr_list"

NO_PLAN = f"{HR_LIST}+rating"
"""The rating window opened and there is no plan to rate by."""
UNDELIVERED = f"{HR_LIST}+undelivered"
"""The result was not proven delivered in time."""


def act_of(key: str) -> str:
    """What a rung does."""
    return key.partition("+")[0].partition("-")[0]


def counted(key: str) -> bool:
    """Whether a rung is counted from the due day, so that a later day brings it anew."""
    return key[-1:].isdigit()
