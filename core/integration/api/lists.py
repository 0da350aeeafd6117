"""Pages of a list by offset, with the exact total: filters and sorts as tables of columns.

Source: contracts/partner-api.md, "Lists". A list says which keys it knows; one that it does not
know is refused by its name, never ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, and_, false, func, select
from sqlmodel import Session

from core.accounts.cursors import is_storable
from core.errors import InvalidInput

T = TypeVar("T")

Condition = Callable[[str], ColumnElement[bool]]
DEFAULT_ORDER = "-"
_DAY = 10  # letters of a date without a time


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """What is asked for; `sort` as the caller wrote it, filters AND-ed."""

    limit: int = 20
    offset: int = 0
    sort: tuple[str, ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Rows from `offset` on, and how many there are of them altogether."""

    items: list[T]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOf:
    """A list's tables: `key` names a row, `newest` is the default order, each with an index."""

    key: Any
    newest: Any
    filters: Mapping[str, Condition]
    sorts: Mapping[str, Any]
    # Further filters, which the list's service takes out and answers itself.
    beside: tuple[str, ...] = ()

    def ids(self, session: Session, query: ListQuery, *own: ColumnElement[bool]) -> Page[str]:
        """Ids of the page; `own` says whose rows. Raises InvalidInput (filters, sort)."""
        order = self.order(query.sort)
        found = select(self.key).where(*own, *self.conditions(query.filters))
        total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
        if query.offset >= total:
            return Page(items=[], total=total)
        ordered = found.order_by(*order).limit(query.limit).offset(query.offset)
        return Page(items=list(session.scalars(ordered)), total=total)

    def rows(
        self, session: Session, lines: Any, query: ListQuery, *own: ColumnElement[bool]
    ) -> Page[Any]:
        """The page's rows as `lines` selects them, entities or columns with the id. Like `ids`."""
        found = self.ids(session, query, *own)
        executed = session.execute(lines.where(self.key.in_(found.items)))
        is_entity = len(lines.column_descriptions) == 1
        by_id = {row.id: row for row in (executed.scalars() if is_entity else executed)}
        # One that has gone since its id was read is left out.
        return Page(items=[by_id[id_] for id_ in found.items if id_ in by_id], total=found.total)

    def conditions(self, filters: Mapping[str, str]) -> list[ColumnElement[bool]]:
        """One condition per filter; raises InvalidInput naming a key that is not known."""
        for key in filters:
            if key not in self.filters:
                raise InvalidInput(f"unknown filter: {key[:100]}", code="unknown_filter", field=key)
        return [
            self.filters[key](value) if is_storable(value) else false()
            for key, value in filters.items()
        ]

    def order(self, sort: tuple[str, ...]) -> list[Any]:
        """Columns to order by, the id last so that pages do not overlap."""
        columns = []
        for name in sort:
            if name in ("", DEFAULT_ORDER):
                continue
            column = self.sorts.get(name.removeprefix("-"))
            if column is None:
                raise InvalidInput(f"cannot sort by: {name[:100]}", code="unknown_sort", field=name)
            columns.append(column.desc() if name.startswith("-") else column.asc())
        columns = columns or [self.newest.desc()]
        return [*columns, self.key.desc()]


def equals(column: Any) -> Condition:
    """The column has exactly this text."""
    return lambda value: column == value


def unless_unknown(column: Any) -> Condition:
    """The same, but `unknown` filters nothing.

    Typed programs write it for a status that was not set, and no row has it.
    """
    return lambda value: and_(True) if value == "unknown" else column == value


def is_flag(column: Any) -> Condition:
    """The column is true or false, as written in JSON; another text fits no row."""
    flags = {"true": True, "false": False}
    return lambda value: column.is_(flags[value.lower()]) if value.lower() in flags else false()


def always(known: str | None) -> Condition:
    """A field with the same value on every row; None: with no value at all."""
    return lambda value: and_(True) if value == known else false()


@dataclass(frozen=True, slots=True)
class At:
    """The moment to the second, or the whole day when no time is given (UTC)."""

    column: Any

    def __call__(self, value: str) -> ColumnElement[bool]:
        try:
            start = datetime.fromisoformat(value.strip())
            start = start.replace(tzinfo=UTC) if start.tzinfo is None else start.astimezone(UTC)
            start = start.replace(microsecond=0)
            length = timedelta(days=1) if len(value.strip()) <= _DAY else timedelta(seconds=1)
            end = start + length
        except (ValueError, OverflowError) as error:
            raise InvalidInput("not a date", code="invalid_filter", field=value[:100]) from error
        return and_(self.column >= start, self.column < end)


def at(column: Any) -> At:
    """The column is at this moment, or on this day."""
    return At(column)
