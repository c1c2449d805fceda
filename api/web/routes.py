"""All pages."""

from __future__ import annotations

from api.web import (
    appeal,
    appraisal,
    calendar,
    criteria,
    cycle,
    evidence,
    feedback,
    form,
    home,
    log,
    observations,
    public,
    results,
    sign_in,
    team,
)

ROUTERS = (
    *(sign_in.router, home.router, appraisal.router, criteria.router, form.router, team.router),
    *(cycle.router, calendar.router),
    *(log.router, evidence.router, observations.router, appeal.router),
    *(feedback.router, public.router, results.router),
)
