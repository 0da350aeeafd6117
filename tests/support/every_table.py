"""One row of every tenant table for a partner, made from the tables as they are.

A new table has its row without anybody writing one; what a CHECK or a format asks for beyond its
list of words stands in `_SPECIAL`.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table
from sqlmodel import AutoString, Session, SQLModel

from core.billing.entities import LedgerAccount
from core.columns import UtcDateTime, metadata
from core.partners.entities import Partner
from storage.tenancy import tenant_classes

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
# By table and column, or by the name of a column wherever it stands.
_SPECIAL: dict[str, Any] = {
    "currency": "EUR",
    "country": "DE",
    "actor": "meta",
    "url": "https://hooks.partner.example/hub",
    "webhook_hour.hour": AT.replace(minute=0),
    "invitation.role": "member",
    "plan_change.status": "done",
    "support_conversation.messages": 1,
    "licence.until": AT,
    "licence.open_key": None,
    "invoice.net_micros": 1_000_000,
    "invoice.tax_micros": 0,
    "invoice.gross_micros": 1_000_000,
    "invoice.payable_micros": 1_000_000,
}
_WORDS = re.compile(r"^\(?\s*(\w+) IN \(([^)]*)\)")


class OneOfEach:
    """The rows of one partner; `ids` are their keys by table, as tuples."""

    def __init__(self, partner_id: str) -> None:
        self.partner_id = partner_id
        self.ids: dict[str, tuple[Any, ...]] = {}

    def add_to(self, session: Session) -> None:
        """Everything is there, in an order that foreign keys accept."""
        classes = _mapped()
        for table in metadata.sorted_tables:
            if table.name in tenant_classes() or table.name == "person":
                row = self.row(classes[table.name])
                session.add(row)
                if isinstance(row, LedgerAccount):
                    other = self.row(LedgerAccount)
                    other.id = self._other_account  # type: ignore[attr-defined]
                    session.add(other)
                session.flush()
                self.ids[table.name] = tuple(getattr(row, c.key) for c in table.primary_key)

    @property
    def _other_account(self) -> str:
        """An entry moves money between two."""
        return f"{self.partner_id}:other"

    def row(self, cls: type[SQLModel]) -> SQLModel:
        """A row with the least that its table asks for."""
        table: Table = cls.__table__  # type: ignore[attr-defined]
        values = {
            column.key: self._value(table, column)
            for column in table.columns
            if _must_be_given(cls, column)
        }
        return cls(**values)

    def _value(self, table: Table, column: Column[Any]) -> Any:
        key = f"{table.name}.{column.key}"
        if key == "ledger_entry.credit_account":
            return self._other_account
        if key in _SPECIAL or column.key in _SPECIAL:
            return _SPECIAL.get(key, _SPECIAL.get(column.key))
        if column.key == "partner_id" or key == "partner.id":
            return self.partner_id
        for link in column.foreign_keys:
            return self._referred(link)
        if (word := _first_word(table, column.key)) is not None:
            return word
        return self._plain(table, column)

    def _referred(self, link: ForeignKey) -> Any:
        (found, *_) = self.ids[link.column.table.name]
        return found

    def _plain(self, table: Table, column: Column[Any]) -> Any:
        if isinstance(column.type, UtcDateTime):
            return AT
        kind = str if isinstance(column.type, AutoString) else column.type.python_type
        simple: dict[type, Any] = {int: 1, bool: False, dict: {}, list: [], bytes: b"x"}
        if kind in simple:
            return 10_000 if column.key.endswith("micros") else simple[kind]
        if kind is date:
            return AT.date()
        if kind is str:
            most = getattr(column.type, "length", None) or 64
            return f"{self.partner_id[:4]}{table.name}{column.key}"[-most:]
        raise TypeError(f"{table.name}.{column.key}: say in _SPECIAL what stands there ({kind})")


def _must_be_given(cls: type[SQLModel], column: Column[Any]) -> bool:
    field = cls.model_fields.get(column.key)
    is_owner = column.key == ("id" if cls is Partner else "partner_id")
    is_special = f"{cls.__tablename__}.{column.key}" in _SPECIAL
    return field is None or field.is_required() or is_owner or is_special


def _first_word(table: Table, name: str) -> str | None:
    checks = (c for c in table.constraints if isinstance(c, CheckConstraint))
    for check in checks:
        found = _WORDS.match(str(check.sqltext))
        if found and found[1] == name:
            return found[2].split(",")[0].strip().strip("'")
    return None


def _mapped() -> dict[str, type[SQLModel]]:
    found: dict[str, type[SQLModel]] = {}
    waiting: list[type[SQLModel]] = [SQLModel]
    while waiting:
        cls = waiting.pop()
        waiting += cls.__subclasses__()
        if hasattr(cls, "__table__"):
            found[str(cls.__tablename__)] = cls
    return found
