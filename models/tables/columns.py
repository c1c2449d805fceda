"""Kinds of columns that more than one table has."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, DateTime
from sqlalchemy.dialects.postgresql import JSONB

Json = dict[str, object]


def instant(*, nullable: bool = True) -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=nullable)


def json_column(*, nullable: bool = False) -> Column[object]:
    return Column(JSONB(none_as_null=True), nullable=nullable)
