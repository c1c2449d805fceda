"""All pages."""

from __future__ import annotations

from api.web import (
    appraisal,
    calendar,
    choosing,
    criteria,
    cycle,
    form,
    home,
    lending,
    live,
    opening,
    outbox,
    people,
    person,
    result,
    sign_in,
    spread,
    team,
    trail,
)

ROUTERS = (
    *(sign_in.router, choosing.router, home.router, appraisal.router, criteria.router, form.router, team.router),
    *(cycle.router, calendar.router),
    *(opening.router, live.router, lending.router, people.router, outbox.router),
    *(trail.router, person.router, result.router, spread.router),
)
