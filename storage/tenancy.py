"""No statement sees or changes rows of a partner other than its session's, by default.

Every session of the process is watched, also one made by hand: without a scope a tenant table
cannot be touched at all. Row-level security (`storage.migrations.belts`) is the second belt.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NoReturn, TypeVar

from sqlalchemy import Connection, Executable, event, text
from sqlalchemy import inspect as sa_inspect
from sqlalchemy.orm import (
    LoaderCriteriaOption,
    ORMExecuteState,
    SessionTransaction,
    UOWTransaction,
    with_loader_criteria,
)
from sqlalchemy.orm import Session as AnySession
from sqlmodel import Session, SQLModel

from core.columns import PartnerOwned
from core.partners.entities import Partner
from core.ports import Everything, Scope, Tenant
from storage.engines import is_hasty
from storage.statements import Touched, new_owners, touched_by

S = TypeVar("S", bound=Executable)

# Known to this room only: a statement that carries it was written in `storage`, by hand.
_VETTED = object()


class TenancyError(RuntimeError):
    """A programming error: a statement or a row left its partner; never shown, never caught."""


class HubSession(Session):
    """A session that has no way around the guards below."""

    def connection(self, *args: Any, **options: Any) -> Connection:
        """Raises TenancyError inside a tenant's scope: a bare connection knows no partner."""
        if isinstance(scope_of(self), Tenant):
            _refuse("a bare connection inside a tenant's scope")
        return super().connection(*args, **options)

    def _no_bulk(self, *_args: Any, **_options: Any) -> NoReturn:
        _refuse("the legacy bulk methods, which pass by every guard")

    bulk_save_objects = _no_bulk
    bulk_insert_mappings = _no_bulk
    bulk_update_mappings = _no_bulk


def scope_of(session: AnySession) -> Scope | None:
    """Whose rows the session may touch; None: of no partner at all."""
    scope: Scope | None = session.info.get("scope")
    return scope


def vetted(statement: S) -> S:
    """The statement, allowed as it is; for storage only, which filters by partner itself."""
    return statement.execution_options(hub_vetted=_VETTED)


def bare_connection(session: AnySession) -> Connection:
    """The session's connection in its transaction; for storage only."""
    return Session.connection(session)


def tenant_classes() -> dict[str, type[SQLModel]]:
    """Every mapped class whose rows belong to one partner, by table name."""
    # New ones come with their tables, so as long as there are as many tables, there is none.
    return _tenant_classes(len(SQLModel.metadata.tables))


@lru_cache(maxsize=1)
def _tenant_classes(_tables: int) -> dict[str, type[SQLModel]]:
    classes = {str(cls.__tablename__): cls for cls in _mapped(PartnerOwned)}
    return classes | {"partner": Partner}


def owner_column(cls: type[SQLModel]) -> Any:
    """The mapped column that says whose row it is."""
    return getattr(cls, _owner_name(cls))


def _owner_name(cls: type[SQLModel]) -> str:
    return "id" if cls is Partner else "partner_id"


@event.listens_for(AnySession, "do_orm_execute")
def _filter(state: ORMExecuteState) -> None:
    scope = scope_of(state.session)
    if isinstance(scope, Everything):
        return
    if state.execution_options.get("hub_vetted") is _VETTED:
        return
    classes = tenant_classes()
    touched = touched_by(state.statement, frozenset(classes))
    if scope is None:
        if touched.raw or touched.tables:
            _refuse(f"{_names(touched)} without a scope")
        return
    if touched.raw:
        _refuse(f"{_names(touched)} outside the ORM")
    mapped = [classes[table] for table in sorted(touched.tables)]
    if state.is_insert or state.is_update:
        _check_values(state, scope, mapped)
    state.statement = state.statement.options(
        *(_only_own_rows(cls, scope.partner_id) for cls in mapped)
    )


def _only_own_rows(cls: type[SQLModel], partner_id: str) -> LoaderCriteriaOption:
    # Lambdas, because only those are put to an alias of the class as well; SQLAlchemy reads their
    # code once and keeps `partner_id` a bound parameter of the cached statement.
    if cls is Partner:
        return with_loader_criteria(cls, lambda row: row.id == partner_id, include_aliases=True)
    return with_loader_criteria(cls, lambda row: row.partner_id == partner_id, include_aliases=True)


def _check_values(state: ORMExecuteState, scope: Tenant, mapped: list[type[SQLModel]]) -> None:
    if not mapped:
        return
    if state.is_update and isinstance(state.parameters, list):
        _refuse("an update by a list of keys, which takes no filter")
    target = state.bind_mapper.class_ if state.bind_mapper is not None else mapped[0]
    owners = new_owners(state.statement, state.parameters, _owner_name(target))
    if state.is_insert and not owners:
        _refuse("an insert that does not name its partner")
    if owners - {scope.partner_id}:
        _refuse("an insert or update that gives a row to another partner")


@event.listens_for(AnySession, "before_flush")
def _guard_flush(session: AnySession, _context: UOWTransaction, _instances: Any) -> None:
    rows = [*session.new, *session.dirty, *session.deleted]
    if session.info.get("reading") and rows:
        raise RuntimeError("rows were changed in a transaction that only reads")
    scope = scope_of(session)
    if isinstance(scope, Everything):
        return
    for row in rows:
        if not isinstance(row, PartnerOwned | Partner):
            continue
        if scope is None:
            _refuse(f"a row of {type(row).__name__} without a scope")
        if _owners(row) != {scope.partner_id}:
            _refuse(f"a row of {type(row).__name__} that belongs to another partner")


def _owners(row: SQLModel) -> set[Any]:
    """Whose the row is and whose it was when it was loaded."""
    history = sa_inspect(row).attrs[_owner_name(type(row))].history
    return {*history.unchanged, *history.added, *history.deleted}


@event.listens_for(AnySession, "after_begin")
def _arm_row_level_security(
    session: AnySession, transaction: SessionTransaction, connection: Connection
) -> None:
    scope = scope_of(session)
    if connection.dialect.name != "postgresql" or transaction.nested or scope is None:
        return
    connection.execute(
        _ARM,
        {
            "scope": "everything" if isinstance(scope, Everything) else "tenant",
            "partner": scope.partner_id if isinstance(scope, Tenant) else "",
            "reading": "on" if session.info.get("reading") else "off",
            "hasty": is_hasty(connection),
        },
    )


# One round trip at the start of each transaction. A superuser, and a role with BYPASSRLS, passes by
# every policy, so such a login works as the role that the migration made for it. `set_config` with
# `true` is SET LOCAL: the next transaction of the pooled connection starts with nothing.
_ARM = text(
    "SELECT set_config('hub.scope', :scope, true), set_config('hub.partner_id', :partner, true),"
    " set_config('transaction_read_only', :reading, true),"
    " CASE WHEN :hasty THEN set_config('synchronous_commit', 'off', true) END,"
    " CASE WHEN rolsuper OR rolbypassrls THEN set_config('role', 'hub_app', true) END"
    " FROM pg_roles WHERE rolname = session_user"
)


def _mapped(base: type[SQLModel]) -> Iterable[type[SQLModel]]:
    for cls in base.__subclasses__():
        if hasattr(cls, "__table__"):
            yield cls
        yield from _mapped(cls)


def _names(touched: Touched) -> str:
    return ", ".join(sorted(touched.tables | touched.raw))


def _refuse(what: str) -> NoReturn:
    raise TenancyError(f"refused: {what}")
