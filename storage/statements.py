"""Reads a SQLAlchemy statement: which tables it touches and by which way.

"Raw" is whatever the ORM's filter cannot reach: text, tables without their mapped class, sources
that the ORM takes as they are. Unknown ways count as raw, so that the guard fails closed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.orm.context import FromStatement
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import ColumnClause, TextClause
from sqlalchemy.sql.expression import Delete, Insert, Select, Update
from sqlalchemy.sql.selectable import Alias, FromClause, Join, TableClause


@dataclass(frozen=True, slots=True)
class Touched:
    """Tenant tables of a statement: reached through mapped classes, and reached past them."""

    tables: frozenset[str]
    raw: frozenset[str]


def touched_by(statement: Executable, tenant_tables: frozenset[str]) -> Touched:
    """Every tenant table anywhere in the statement: joins, subqueries, CTEs, unions, DML."""
    tables: set[str] = set()
    raw: set[str] = set()
    for element in visitors.iterate(statement):  # type: ignore[arg-type]
        mapped = _is_mapped(element)
        for name in _tables_of(element):
            if name in tenant_tables:
                tables.add(name)
                if not mapped and isinstance(element, ColumnClause):
                    raw.add(name)
        raw |= {name for name in _raw_sources(element) if name in tenant_tables}
        if _hides_sql(element):
            raw.add("text")
    return Touched(frozenset(tables), frozenset(raw))


def new_owners(statement: Any, parameters: Any) -> set[Any]:
    """The partner ids that an INSERT or UPDATE writes; an unreadable one counts as None."""
    rows: list[Mapping[Any, Any]] = [getattr(statement, "_values", None) or {}]
    rows.append(dict(getattr(statement, "_ordered_values", None) or ()))
    for block in getattr(statement, "_multi_values", ()):
        rows.extend(block)
    rows.extend([parameters] if isinstance(parameters, Mapping) else parameters or [])
    owners = {_plain(value) for row in rows for key, value in row.items() if _names_owner(key)}
    if getattr(statement, "select", None) is not None:  # INSERT ... SELECT: nobody can tell whose
        owners.add(None)
    return owners


def _names_owner(key: Any) -> bool:
    return (key if isinstance(key, str) else getattr(key, "key", "")) == "partner_id"


def _plain(value: Any) -> Any:
    plain = getattr(value, "value", None) if hasattr(value, "compare") else value
    return plain if isinstance(plain, str) else None


def _is_mapped(element: Any) -> bool:
    return "parentmapper" in getattr(element, "_annotations", ())


def _tables_of(element: Any) -> Iterator[str]:
    source = element
    if isinstance(element, ColumnClause):
        source = element.table
    elif isinstance(element, Insert | Update | Delete):
        source = element.table
    while isinstance(source, Alias):
        source = source.element
    if isinstance(source, TableClause):
        yield source.name


def _raw_sources(element: Any) -> Iterator[str]:
    """Tables that this SELECT or DML names without the ORM knowing their class."""
    if isinstance(element, Select):
        for source in element.get_final_froms() if not _is_orm(element) else _named(element):
            yield from _bare_tables(source)
    elif isinstance(element, Insert | Update | Delete) and not _is_orm(element):
        yield from _tables_of(element)
    elif isinstance(element, FromStatement):
        # The ORM runs such a source as it stands: no criteria reach it.
        for inner in visitors.iterate(element.element):
            yield from _tables_of(inner)


def _is_orm(element: Any) -> bool:
    return bool(element._propagate_attrs.get("compile_state_plugin") == "orm")


def _named(select: Any) -> Iterator[Any]:
    yield from select._from_obj
    for join in select._setup_joins:
        yield join[0]


def _bare_tables(source: Any) -> Iterator[str]:
    if isinstance(source, Join):
        yield from _bare_tables(source.left)
        yield from _bare_tables(source.right)
    elif isinstance(source, FromClause) and not _is_mapped(source):
        yield from _tables_of(source)


def _hides_sql(element: Any) -> bool:
    if isinstance(element, TextClause):
        return True
    # literal_column("...") may hold anything; a star, a number or a plain name is harmless.
    if not (isinstance(element, ColumnClause) and element.is_literal):
        return False
    return not str(element.name).replace("_", "").replace("*", "").isalnum() and element.name != "*"
