"""What the models of answers have in common: each names every field, so an answer that holds one more is a defect a test can find.

No model runs at a request: routes answer plain JSON, the models are the OpenAPI document, and tests hold one against the other.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Exact(BaseModel):
    """These fields and no other. One that may be absent is `| MISSING`; one that is always there but may be empty is `| None`."""

    model_config = ConfigDict(extra="forbid")
