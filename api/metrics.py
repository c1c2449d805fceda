"""What is counted while the process serves, in a registry of its own.

Labels come from fixed sets only (route templates, words of the vocabulary), never from what somebody sent.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()
REQUESTS = Counter("siklus_http_requests", "Requests answered", ["method", "route", "status"], registry=REGISTRY)
DURATION = Histogram(
    "siklus_http_request_duration_seconds",
    "From the first byte in to the last byte out",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
ACTS = Counter("siklus_acts", "Actions on appraisals, by what came of them", ["action", "outcome"], registry=REGISTRY)
"""`outcome`: `recorded`, `accepted` (record late), or the code of the refusal."""

APPRAISALS = Gauge("siklus_appraisals", "Launched appraisals by state", ["state"], registry=REGISTRY)
PARKED = Gauge("siklus_appraisals_parked", "Appraisals whose record is blocked", registry=REGISTRY)
OUTBOX = Gauge("siklus_outbox_notices", "Notices not yet sent", ["state"], registry=REGISTRY)
