"""Who sees whom."""

from __future__ import annotations

import pytest

from tests.world import World


async def test_hr_finds_everybody_page_by_page(year: World) -> None:
    seen: list[str] = []
    params: dict[str, str | int] = {"limit": 7}
    while True:
        page = (await year.get("/people", "hr", **params)).json()
        seen += [person["nip"] for person in page["items"]]
        if page["next"] is None:
            break
        params["cursor"] = page["next"]
    assert len(seen) == len(set(seen)) == page["total"]
    assert set(year.people.values()) <= set(seen)


async def test_a_search_takes_its_signs_literally(year: World) -> None:
    assert (await year.get("/people", "hr", q="%")).json()["total"] == 0
    nip = year.people["employee"]
    assert [p["nip"] for p in (await year.get("/people", "hr", q=nip)).json()["items"]] == [nip]


async def test_a_unit_counts_with_what_is_below_it(year: World) -> None:
    person = (await year.get(f"/people/{year.people['employee']}", "hr")).json()
    inside = (await year.get("/people", "hr", unit=person["unit_code"])).json()
    assert person["nip"] in {p["nip"] for p in inside["items"]}
    assert inside["total"] < (await year.get("/people", "hr")).json()["total"]


async def test_a_supervisor_sees_the_line_below_and_an_employee_only_herself(year: World) -> None:
    below = {p["nip"] for p in (await year.get("/people", "supervisor", limit=200)).json()["items"]}
    assert year.people["employee"] in below
    assert year.people["supervisor"] not in below
    assert (await year.get("/people", "employee")).json()["total"] == 0
    assert (await year.get(f"/people/{year.people['employee']}", "employee")).status_code == 200
    stranger = await year.get(f"/people/{year.people['hr']}", "employee")
    nobody = await year.get("/people/190001011990011009", "employee")
    assert stranger.json()["code"] == nobody.json()["code"] == "not_yours"


async def test_a_person_comes_with_her_years(year: World) -> None:
    person = (await year.get(f"/people/{year.people['employee']}", "employee")).json()
    assert person["supervisor"]["nip"] == year.people["supervisor"]
    (mine,) = person["appraisals"]
    row = await year.row(str(mine["id"]))
    assert (mine["state"], mine["ending"], mine["label"]) == (row["state"], None, None)


@pytest.mark.capability("S05")
async def test_policies_are_readable_by_everybody(year: World) -> None:
    listed = (await year.get("/policies", "employee")).json()
    for item in listed["items"]:
        pack = (await year.get(f"/policies/{item['id']}", "employee")).json()
        assert (pack["id"], pack["version"]) == (item["id"], item["version"])
    assert (await year.get("/policies/none", "employee")).status_code == 404
