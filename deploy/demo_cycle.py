"""The demo agency's year, opened through the api as its HR officer would: calls of the contract and nothing else.

Its calendar lies around today, so that whoever starts the demo finds the plan's window open, whatever the season.
"""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import httpx

from deploy.demo import generate, personas
from deploy.errors import OperatorError
from deploy.settings import Settings
from deploy.token import issue

POLICY = "permenpanrb-6-2022"
Window = dict[str, str]
LOOK_EVERY_SECONDS = 0.25
LAUNCH_LOOKS_MAX = 480


class DemoCycleError(OperatorError):
    """The demo's year could not be opened; the next start goes on."""


def demo_calendar(today: date) -> dict[str, Window]:
    """Windows around today, in the order of a year but closer together."""

    def window(opens: int, due: int, closes: int) -> Window:
        days = {"opens_at": opens, "due_at": due, "closes_at": closes}
        return {name: (today + timedelta(days=after)).isoformat() for name, after in days.items()}

    return {
        "plan": window(-7, 21, 45),
        "midyear.1": window(60, 80, 100),
        "self_assessment": window(120, 140, 150),
        "rating": window(130, 160, 180),
        "calibration": window(130, 170, 190),
    }


async def open_demo_cycle(settings: Settings, today: date) -> bool:
    """Create and open the cycle on a running stack, unless one was opened, and return when everybody's year has begun.

    Going on after a crash makes no second one. Whether there is such a year now: it is opened for the demo's own agency
    only, known by its HR officer, and on any other roster nothing is touched.

    Raises:
        DemoCycleError: the api refused, or did not answer.
    """
    hr = next(persona["nip"] for persona in personas(generate()) if persona["key"] == "hr")
    base = f"http://{settings.host}:{settings.port}/api/v1"
    headers = {"Authorization": f"Bearer {issue(settings, hr)}"}
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=60) as http:
        try:
            return await _open(http, today)
        except httpx.HTTPStatusError as refused:
            raise DemoCycleError(
                f"the demo's year was not opened: the api answered {refused.response.text}"
            ) from refused
        except httpx.HTTPError as lost:
            raise DemoCycleError(f"the demo's year was not opened: the api did not answer ({lost})") from lost


async def _open(http: httpx.AsyncClient, today: date) -> bool:
    me = await http.get("/me")
    if me.status_code == httpx.codes.FORBIDDEN:
        return False
    cycles = (await http.get("/cycles")).raise_for_status().json()["items"]
    if "hr" not in me.raise_for_status().json()["roles"]:
        # It may have begun long ago, and another be HR since.
        return any(one["state"] not in ("draft", "opening") for one in cycles)
    if cycles:
        cycle = cycles[0]["id"]
    else:
        wish = {
            "policy": POLICY,
            "year": today.year,
            "name": f"Penilaian kinerja {today.year}",
            "calendar": demo_calendar(today),
        }
        made = await http.post("/cycles", json=wish, headers={"Idempotency-Key": "demo-cycle"})
        cycle = made.raise_for_status().json()["id"]
    if not any(one["state"] != "draft" for one in cycles):
        (await http.post(f"/cycles/{cycle}/open", headers={"Idempotency-Key": "demo-open"})).raise_for_status()
    for _ in range(LAUNCH_LOOKS_MAX):
        if not (await http.get(f"/cycles/{cycle}/progress")).raise_for_status().json()["pending"]:
            break
        await asyncio.sleep(LOOK_EVERY_SECONDS)
    return True
