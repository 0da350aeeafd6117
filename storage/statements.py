"""Reads a SQLAlchemy statement: which tables it touches and by which way.

"Raw" is whatever the ORM's filter cannot reach: text, tables without their mapped class, sources
that the ORM takes as they are. Unknown ways count as raw, so that the guard fails closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.orm.context import FromStatement
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import ColumnClause, TextClause
from sqlalchemy.sql.expression import Delete, Insert, Select, Update
from sqlalchemy.sql.selectable import AliasedReturnsRows, TableClause
from sqlalchemy.util import LRUCache

_STATEMENTS = (Select, Insert, Update, Delete)
# As many as the engine keeps compiled, by default.
_KNOWN: LRUCache[Any, Touched] = LRUCache(500)


@dataclass(slots=True)
class Touched:
    """Tenant tables of a statement: reached through mapped classes, and reached past them."""

    tables: set[str] = field(default_factory=set)
    raw: set[str] = field(default_factory=set)


def touched_by(statement: Executable, tenant_tables: frozenset[str]) -> Touched:
    """Every tenant table anywhere in the statement: joins, subqueries, CTEs, unions, DML.

    Statements that differ in plain values only are read once: SQLAlchemy's own key, by which it
    takes compiled SQL for the same, holds everything else about them.
    """
    told = getattr(statement, "_generate_cache_key", lambda: None)()
    key = None if told is None else (told.key, tenant_tables)
    known = _KNOWN.get(key) if key is not None else None
    if known is not None:
        return known
    touched = Touched()
    _walk(statement, _Sources(), touched)
    touched.tables &= tenant_tables
    touched.raw &= tenant_tables | {"text"}
    if key is not None:
        _KNOWN[key] = touched
    return touched


def new_owners(statement: Any, parameters: Any, owner: str = "partner_id") -> set[Any]:
    """The partner ids that an INSERT or UPDATE writes into the column `owner`.

    An unreadable one counts as None.
    """
    rows: list[Mapping[Any, Any]] = [getattr(statement, "_values", None) or {}]
    rows.append(dict(getattr(statement, "_ordered_values", None) or ()))
    for block in getattr(statement, "_multi_values", ()):
        rows.extend(block)
    rows.extend([parameters] if isinstance(parameters, Mapping) else parameters or [])
    owners = {_plain(value) for row in rows for key, value in row.items() if _key(key) == owner}
    if getattr(statement, "select", None) is not None:  # INSERT ... SELECT: nobody can tell whose
        owners.add(None)
    return owners


@dataclass(slots=True)
class _Sources:
    """What one SELECT or DML statement reads from, its subqueries not included.

    A table or alias that is named by its class anywhere in the statement is filtered wherever it
    stands in it, for it is one and the same source; the ORM's own loads mix both ways.
    """

    named: set[Any] = field(default_factory=set)
    mapped: set[Any] = field(default_factory=set)


def _walk(element: Any, sources: _Sources, touched: Touched) -> None:
    if isinstance(element, _STATEMENTS):
        sources = _Sources()
        _walk_children(element, sources, touched)
        bare = sources.named - sources.mapped if _is_orm(element) else sources.named
        touched.raw.update(map(_name, bare))
        touched.tables.update(map(_name, sources.named))
        return
    if isinstance(element, FromStatement):
        # The ORM runs such a source as it stands: no criteria reach it.
        parts = [_source(part) for part in visitors.iterate(element.element)]
        touched.raw.update(_name(part) for part in parts if part is not None)
    if _hides_sql(element):
        touched.raw.add("text")
    source = _source(element)
    if source is not None:
        sources.named.add(source)
        if "parentmapper" in element._annotations:
            sources.mapped.add(source)
    if source is None or isinstance(element, ColumnClause):
        _walk_children(element, sources, touched)


def _walk_children(element: Any, sources: _Sources, touched: Touched) -> None:
    for child in element.get_children():
        _walk(child, sources, touched)


def _source(element: Any) -> Any:
    """The table or alias of a table that the element is or belongs to; None for all else."""
    source = element.table if isinstance(element, ColumnClause) else element
    return source if isinstance(_innermost(source), TableClause) else None


def _innermost(source: Any) -> Any:
    while isinstance(source, AliasedReturnsRows):
        source = source.element
    return source


def _name(source: Any) -> str:
    return str(_innermost(source).name)


def _is_orm(statement: Any) -> bool:
    return bool(statement._propagate_attrs.get("compile_state_plugin") == "orm")


def _hides_sql(element: Any) -> bool:
    if isinstance(element, TextClause):
        return True
    # literal_column("...") may hold anything; a star, a number or a plain name is harmless.
    if not (isinstance(element, ColumnClause) and element.is_literal):
        return False
    return element.name != "*" and not str(element.name).replace("_", "").isalnum()


def _key(column: Any) -> Any:
    return column if isinstance(column, str) else getattr(column, "key", "")


def _plain(value: Any) -> Any:
    # SQLAlchemy wraps plain values in bind parameters; an expression has no value to look at.
    plain = getattr(value, "value", None) if hasattr(value, "compare") else value
    return plain if isinstance(plain, str) else None
