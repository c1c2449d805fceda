"""All pages."""

from __future__ import annotations

from api.web import appraisal, calendar, criteria, cycle, form, home, person, result, sign_in, spread, team, trail

ROUTERS = (
    *(sign_in.router, home.router, appraisal.router, criteria.router, form.router, team.router),
    *(cycle.router, calendar.router),
    *(trail.router, person.router, result.router, spread.router),
)
