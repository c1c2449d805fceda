"""The civil servant's number (NIP): 18 digits that begin with a date of birth.

Only what the contract demands is refused: exactly 18 ASCII digits of which the first eight are a real date. The rest
(six digits of appointment, one of gender, three of serial) is for people: PPPK and older numbers fill it in other ways.
"""

from __future__ import annotations

from datetime import date

NIP_DIGITS = 18


def has_nip_shape(text: str) -> bool:
    """18 ASCII digits; `str.isdigit` alone would let Arabic-Indic digits pass."""
    return len(text) == NIP_DIGITS and text.isascii() and text.isdigit()


def birth_date(nip: str) -> date:
    """Raise `ValueError` where `check_nip` would name a problem."""
    if not has_nip_shape(nip):
        raise ValueError("a NIP has 18 digits")
    return date(int(nip[:4]), int(nip[4:6]), int(nip[6:8]))


def check_nip(text: str) -> str | None:
    """The problem's code, `bad_nip` or `bad_birth_date`, or None."""
    if not has_nip_shape(text):
        return "bad_nip"
    try:
        birth_date(text)
    except ValueError:
        return "bad_birth_date"
    return None
