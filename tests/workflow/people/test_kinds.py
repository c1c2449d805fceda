"""Whoever becomes another kind of employee stays in the post: the line goes on with it, and so does whoever acts there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.endings import Played, until_rating
from tests.workflow.people.changes import MAY, imported, named, planned, row_of, tasks_of
from tests.world import YEAR, World

PEOPLE = 60

NEW_YEAR = datetime(YEAR + 1, 1, 5, 3, tzinfo=UTC)


def another_kind(said: dict[str, str]) -> dict[str, str]:
    return {"jenis_pegawai": "PPPK" if said["jenis_pegawai"] != "PPPK" else "PNS"}


@pytest.mark.case("3.3")
@pytest.mark.case("3.25")
async def test_another_supervisor_takes_over_what_is_open_though_she_is_of_another_kind_since(
    year: World, who: Played
) -> None:
    """DOMAIN 3.25: in January she is a PNS in the same post; whoever supervises that post then rates the year before."""
    await until_rating(year, who)
    year.now = NEW_YEAR
    said = await row_of(year, who.employee)
    told = await imported(year, said | another_kind(said) | {"tmt": f"{YEAR + 1}-01-01"})
    assert named(told, "kind_changed")
    await year.bring(who.appraisal)
    _, new = await year.elsewhere(who.employee)
    body = {"supervisor": new, "effective": NEW_YEAR.date().isoformat(), "reason": "Pejabat baru."}
    await year.decided(who.employee, "supervisor", body)
    assert (await year.seen(who.appraisal))["supervisor"]["nip"] == new  # type: ignore[index]
    assert who.appraisal in await tasks_of(year, new)
    assert who.appraisal not in await tasks_of(year, who.supervisor)


@pytest.mark.case("3.4")
@pytest.mark.case("3.25")
@pytest.mark.parametrize("ahead", [{}, {"tmt": f"{YEAR}-05-25"}], ids=["known today", "still to come"])
async def test_who_acts_in_a_post_goes_on_though_its_holder_is_of_another_kind(
    year: World, who: Played, ahead: dict[str, str]
) -> None:
    """DOMAIN 3.4: whoever comes under the post later comes under him who acts in it too."""
    await planned(year, who)
    plt = await Played.of(year, await year.next_clerk())
    while plt.supervisor == who.supervisor:
        plt = await Played.of(year, await year.next_clerk())
    said = await row_of(year, plt.employee)
    await imported(year, said | {"plt_untuk": who.supervisor, "plt_mulai": f"{YEAR}-01-05", "plt_selesai": ""})
    year.now = MAY
    holder = await row_of(year, who.supervisor)
    assert named(await imported(year, holder | another_kind(holder) | ahead), "kind_changed")
    other = await Played.of(year, await year.next_clerk())
    body = {"supervisor": who.supervisor, "effective": f"{YEAR}-05-26", "reason": "Mutasi."}
    await year.decided(other.employee, "supervisor", body)
    year.now = datetime(YEAR, 5, 27, 3, tzinfo=UTC)
    for one in (who, other):
        assert (await year.seen(one.appraisal))["supervisor"]["nip"] == plt.employee  # type: ignore[index]
