"""What the yearly record says, from rows: a final year, who is who in it, its archived evaluation, and the records before it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.final_results import FinalYear
from models.exchange import Exchange, Party, Standing, record_of
from models.vocabulary import Rating

AROUND = text(
    """
    SELECT a.id AS appraisal_id, s.nip, s.name, s.grade, s.post, su.name AS unit,
           r.nip AS rater_nip, r.name AS rater_name, r.grade AS rater_grade, r.post AS rater_post, ru.name AS rater_unit,
           (SELECT f ->> 'sha256' FROM jsonb_array_elements(k.manifest -> 'files') f WHERE f ->> 'name' = 'evaluation.pdf') AS document,
           (SELECT coalesce(array_agg(x.id ORDER BY x.made_at, x.id), '{}') FROM push x
             WHERE x.person_id = a.person_id AND x.year = a.year AND x.state IN ('sent', 'superseded')) AS replaces
      FROM appraisal a JOIN person s ON s.id = a.person_id JOIN unit su ON su.id = a.unit_id
      JOIN person r ON r.id = a.snapshot ->> 'rated_by' JOIN unit ru ON ru.id = r.unit_id
      LEFT JOIN archive k ON k.appraisal_id = a.id AND k.revision = a.revision
     WHERE a.id = ANY(:ids)
    """
)
PARTY = ("nip", "name", "grade", "post", "unit")


async def around_of(connection: AsyncConnection, appraisals: Collection[str]) -> Mapping[str, RowMapping]:
    """By appraisal, who is who in it; nothing of one whose rater is not of the roster."""
    rows = (await connection.execute(AROUND, {"ids": sorted(appraisals)})).mappings()
    return {row["appraisal_id"]: row for row in rows}


def body_of(key: str, year: FinalYear, exchange: Exchange | None, around: RowMapping | None) -> str:
    """The record as it goes out. Raises `LookupError` or `ValueError`, with a sentence, where the result has none."""
    if exchange is None:
        raise LookupError("the policy of this cycle has no codes for the record")
    if around is None:
        raise LookupError("nobody of the roster is on record as the rater")
    it = Standing(
        key=key,
        appraisal=year.appraisal,
        revision=year.revision,
        year=year.result.year,
        label=year.result.label,
        result=Rating(year.lines["result_rating"]),
        behaviour=Rating(year.lines["behaviour_rating"]),
        subject=Party(*(around[name] for name in PARTY)),
        rater=Party(*(around[f"rater_{name}"] for name in PARTY)),
        document=around["document"],
        replaces=around["replaces"],
    )
    return json.dumps(record_of(exchange.skp22, it), ensure_ascii=False)
