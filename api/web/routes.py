"""All pages."""

from __future__ import annotations

from api.web import (
    appeal,
    appraisal,
    calendar,
    choosing,
    criteria,
    cycle,
    evidence,
    feedback,
    form,
    home,
    lending,
    live,
    log,
    observations,
    opening,
    outbox,
    people,
    person,
    public,
    result,
    results,
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
    *(log.router, evidence.router, observations.router, appeal.router),
    *(feedback.router, public.router, results.router),
)
