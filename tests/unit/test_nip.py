"""A NIP is refused only for what the contract names."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.nip import birth_date, check_nip


@pytest.mark.parametrize(
    ("nip", "code"),
    [
        ("198503152010012001", None),
        ("199208172023212034", None),  # PPPK: year of appointment and 21
        ("200002292025041001", None),
        ("199902292025041001", "bad_birth_date"),
        ("198513152010012001", "bad_birth_date"),
        ("000001012010012001", "bad_birth_date"),
        ("19850315201001200", "bad_nip"),
        ("1985031520100120011", "bad_nip"),
        ("19850315 201001 2001", "bad_nip"),
        ("19850315201001200O", "bad_nip"),
        ("١٩٨٥٠٣١٥٢٠١٠٠١٢٠٠١", "bad_nip"),
        ("", "bad_nip"),
    ],
)
def test_a_nip_is_eighteen_digits_that_begin_with_a_real_date(nip: str, code: str | None) -> None:
    assert check_nip(nip) == code


@given(born=st.dates(date(1900, 1, 1), date(2099, 12, 31)), rest=st.from_regex(r"[0-9]{10}", fullmatch=True))
def test_every_birth_date_is_read_back(born: date, rest: str) -> None:
    nip = f"{born:%Y%m%d}{rest}"
    assert check_nip(nip) is None
    assert birth_date(nip) == born


@given(st.text())
def test_reading_a_birth_date_raises_exactly_where_the_check_names_a_problem(text: str) -> None:
    if check_nip(text) is None:
        birth_date(text)
    else:
        with pytest.raises(ValueError):
            birth_date(text)
