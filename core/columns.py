"""Columns that every entity shares: aware UTC times, short public ids, the owning partner.

Table models do not validate; whatever comes from outside passes a plain model first and meets
CHECK constraints behind. Naive times are refused at the column.
"""

from __future__ import annotations

import secrets
import string
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, MetaData
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

# Constraint names are part of migrations, so they follow a rule instead of the database's mood.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

metadata: MetaData = SQLModel.metadata

_BASE62 = string.ascii_letters + string.digits


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python, whatever the database keeps; naive values raise ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive time {value!r}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_id(kind: str, length: int = 6) -> str:
    """A short public id such as `f167CmPA`: base 62 plus a two-letter kind, first a letter.

    The leading letter matters for channels: readers that parse `[3ab...]` as a literal choke.
    """
    first = secrets.choice(string.ascii_letters)
    return first + "".join(secrets.choice(_BASE62) for _ in range(length - 1)) + kind


def new_key(length: int = 22) -> str:
    """A base-62 id that nobody guesses (22 characters: 131 bits)."""
    return "".join(secrets.choice(_BASE62) for _ in range(length))


def utc_field(*, nullable: bool = False, index: bool = False, **kw: Any) -> Any:
    """A UTC time column."""
    if nullable:
        kw.setdefault("default", None)
    return Field(sa_type=UtcDateTime, nullable=nullable, index=index, **kw)


def partner_id_field() -> Any:
    """The column that makes a table a tenant's: filtered, guarded and under row-level security."""
    return Field(foreign_key="partner.id", nullable=False, max_length=10)


class PartnerOwned(SQLModel):
    """Base of every table whose rows belong to one partner; `storage.tenancy` guards them all."""

    partner_id: str = partner_id_field()
