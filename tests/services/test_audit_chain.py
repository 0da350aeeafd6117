"""The chain over all events: nothing is forgotten, and whatever is tampered with is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select
from typer.testing import CliRunner

from core.audit.entities import AuditLink
from core.audit.sealing import BATCH, LOOK_BACK, STRETCH, Sealing
from core.audit.verifying import UNSEALED_FOR, Fault, Verifying
from core.clock import FixedClock
from core.events import Event, EventType, record
from core.origin import EventOrigin, Whence, coming_from
from core.partners.entities import Partner
from core.ports import Everything, Scope, Tenant
from storage.database import SqlDatabase
from storage.engines import is_sqlite, writing_engine
from tests import factories
from ui.operator_audit import AuditCommands

TEST = Everything("test")


@pytest.fixture
def partner_id(database: SqlDatabase) -> str:
    with database.transaction(TEST) as session:
        return factories.make_partner(session).id


@pytest.fixture
def sealing(database: SqlDatabase, clock: FixedClock) -> Sealing:
    return Sealing(database, clock)


@pytest.fixture
def verifying(database: SqlDatabase, clock: FixedClock) -> Verifying:
    return Verifying(database, clock)


Tell = Callable[..., list[int]]


@pytest.fixture
def tell(database: SqlDatabase, clock: FixedClock, partner_id: str) -> Tell:
    """Write so many events; their ids."""

    def write(number: int = 1, *, actor: str = "somebody") -> list[int]:
        with database.transaction(Tenant(partner_id)) as session:
            told = [
                record(
                    session,
                    clock,
                    EventType.CAP_CHANGED,
                    partner_id=partner_id,
                    subject=("client", "c1"),
                    actor=actor,
                    data={"micros": each, "word": "München ✓", "before_micros": None},
                )
                for each in range(number)
            ]
            session.flush()
            return [each.id or 0 for each in told]

    return write


def tamper(database: SqlDatabase, *statements: str, **values: Any) -> None:
    """As somebody with the database's password would: the triggers go first."""
    with behind_the_hub(database) as connection:
        for off in _OFF if is_sqlite(database.writer) else _DISABLED:
            connection.execute(text(off))
        for statement in statements:
            used = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(text(statement), used)
        if not is_sqlite(database.writer):  # the next test gets this database again
            for off in _DISABLED:
                connection.execute(text(off.replace("DISABLE", "ENABLE")))


_GUARDED = ("event", "audit_link")
_DISABLED = [f"ALTER TABLE {table} DISABLE TRIGGER append_only" for table in _GUARDED]
_OFF = [
    f"DROP TRIGGER IF EXISTS append_only_{table}_{act}"
    for table in _GUARDED
    for act in ("update", "delete")
]


@contextmanager
def behind_the_hub(database: SqlDatabase) -> Iterator[Connection]:
    """A connection that no guard of the hub watches."""
    engine = writing_engine(database.writer.url, connections=1)
    try:
        with engine.begin() as connection:
            if not is_sqlite(engine):
                connection.execute(text("SELECT set_config('hub.scope', 'everything', true)"))
            yield connection
    finally:
        engine.dispose()


def put_in(database: SqlDatabase, statement: str) -> None:
    """Behind the hub's back."""
    with behind_the_hub(database) as connection:
        connection.execute(text(statement))


def test_every_event_is_sealed_once_and_the_chain_holds(
    sealing: Sealing, verifying: Verifying, tell: Tell
) -> None:
    assert verifying.verify().head == ""
    tell(3)
    assert sealing.run() == 3
    assert sealing.run() == 0
    first = verifying.verify()
    tell(2)
    assert verifying.verify().waiting == 2
    sealing.run()
    verdict = verifying.verify(first.head)
    assert (verdict.links, verdict.waiting, verdict.broken) == (5, 0, None)
    assert verdict.head != first.head


def test_an_event_that_commits_behind_a_higher_one_is_not_forgotten(
    sealing: Sealing, verifying: Verifying, tell: Tell, database: SqlDatabase, clock: FixedClock
) -> None:
    low, _ = tell(2)
    # What a transaction that is still open holds back; SQLite's only writer cannot show it.
    held_back = "CREATE TABLE held_back AS SELECT * FROM event WHERE id = :low"
    gone = "DELETE FROM event WHERE id = :low"
    tamper(database, held_back.replace(":low", str(low)), gone, low=low)
    assert sealing.run() == 1
    put_in(database, "INSERT INTO event SELECT * FROM held_back")
    put_in(database, "DROP TABLE held_back")
    clock.advance(LOOK_BACK / 2)
    assert sealing.run() == 1
    assert verifying.verify().links == 2
    clock.advance(3 * LOOK_BACK)
    put_in(database, f"INSERT INTO event {_copy(0)} FROM event WHERE id = 1")
    assert sealing.run() == 0  # nothing is open that long
    assert sealing.run(everything=True) == 1


class Counted:
    """A database that counts the transactions that may write."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database
        self.reading = database.reading
        self.begun = 0

    def transaction(
        self, scope: Scope, *, waits_for_disk: bool = True
    ) -> AbstractContextManager[Session]:
        self.begun += 1
        return self._database.transaction(scope, waits_for_disk=waits_for_disk)


def test_many_are_sealed_in_order_and_who_finds_nothing_takes_no_lock(
    verifying: Verifying, tell: Tell, database: SqlDatabase, clock: FixedClock
) -> None:
    counted = Counted(database)
    sealing = Sealing(counted, clock)
    assert (sealing.run(), counted.begun) == (0, 0)
    first, *_ = tell(BATCH + 2)
    far = _copy(first + 3 * STRETCH)
    put_in(database, f"INSERT INTO event {far} FROM event WHERE id = {first}")
    assert verifying.verify().waiting == BATCH + 3
    assert sealing.run() == BATCH + 3
    assert counted.begun == 3  # two for the many, one for the one that lies far above
    with database.reading(TEST) as session:
        sealed = session.exec(select(AuditLink.event_id).order_by(col(AuditLink.seq))).all()
    assert list(sealed) == [*range(first, first + BATCH + 2), first + 3 * STRETCH]
    assert (sealing.run(), sealing.run(everything=True), counted.begun) == (0, 0, 3)
    verdict = verifying.verify()
    assert (verdict.waiting, verdict.broken) == (0, None)


def _copy(id_: int) -> str:
    columns = "partner_id, type, subject_type, subject_id, at, actor, data"
    return f"(id, {columns}) SELECT {id_}, {columns}"


BREAKS: dict[str, tuple[Fault, str]] = {
    "changed": (Fault.CHANGED_EVENT, "UPDATE event SET actor = 'other' WHERE id = :second"),
    "data": (Fault.CHANGED_EVENT, "UPDATE event SET data = '{}' WHERE id = :second"),
    "deleted": (Fault.DELETED_EVENT, "DELETE FROM event WHERE id = :second"),
    "link": (Fault.CHANGED_LINK, "UPDATE audit_link SET hash = :zeros WHERE seq = 2"),
    "mended": (Fault.CHANGED_LINK, "UPDATE audit_link SET event_hash = :zeros WHERE seq = 2"),
    "backdated": (
        Fault.CHANGED_LINK,
        "UPDATE audit_link SET sealed_at = '2020-01-01 00:00:00.000000' WHERE seq = 2",
    ),
    "removed": (Fault.REMOVED_LINK, "DELETE FROM audit_link WHERE seq = 2"),
    "elsewhere": (
        Fault.CHANGED_ORIGIN,
        "UPDATE event_origin SET address = '9.9.9.9' WHERE actor = 'somebody'",
    ),
    "nowhere": (
        Fault.CHANGED_ORIGIN,
        "UPDATE event_origin SET address = '', erased_at = at WHERE actor = 'somebody'",
    ),
}


@pytest.mark.parametrize("how", BREAKS)
def test_what_was_tampered_with_is_found_at_its_place(
    sealing: Sealing, verifying: Verifying, tell: Tell, database: SqlDatabase, how: str
) -> None:
    with coming_from(Whence(address="192.0.2.7", agent="Browser")):
        _, second, _ = tell(3)
    sealing.run()
    assert verifying.verify().broken is None
    fault, statement = BREAKS[how]
    tamper(database, statement, second=second, zeros="0" * 64)
    broken = verifying.verify().broken
    assert broken is not None
    assert broken.fault is fault
    assert broken.seq == (1 if fault is Fault.CHANGED_ORIGIN else 2)


def test_an_event_that_was_put_in_is_found_by_its_time_and_by_its_place(
    sealing: Sealing, verifying: Verifying, tell: Tell, database: SqlDatabase, clock: FixedClock
) -> None:
    _, last = tell(2)
    sealing.run()
    clock.advance(2 * UNSEALED_FOR)
    assert verifying.verify().broken is None
    tell(1)
    assert verifying.verify().broken is None  # it is new
    clock.advance(2 * UNSEALED_FOR)
    broken = verifying.verify().broken
    assert broken is not None
    assert (broken.fault, broken.event_id) == (Fault.UNSEALED_EVENT, last + 1)
    sealing.run()
    assert verifying.verify().broken is None


def test_a_chain_whose_end_was_cut_off_has_lost_the_head_that_was_noted(
    sealing: Sealing, verifying: Verifying, tell: Tell, database: SqlDatabase
) -> None:
    *_, last = tell(3)
    sealing.run()
    head = verifying.verify().head
    tamper(
        database,
        "DELETE FROM audit_link WHERE seq = 3",
        "DELETE FROM event WHERE id = :last",
        last=last,
    )
    assert verifying.verify().broken is None  # which is why heads are noted elsewhere
    broken = verifying.verify(head).broken
    assert broken is not None
    assert broken.fault is Fault.LOST_HEAD


def test_a_record_that_ends_before_somebody_joined_was_cut_off_or_emptied(
    sealing: Sealing,
    verifying: Verifying,
    tell: Tell,
    database: SqlDatabase,
    clock: FixedClock,
) -> None:
    tell()
    clock.advance(UNSEALED_FOR)
    with database.transaction(TEST) as session:
        partner = session.exec(select(Partner)).one()
        person = factories.make_person(session)
        factories.make_membership(session, partner, person, created_at=clock.now())
    *_, last = tell()
    sealing.run()
    assert run(verifying)[0] == 0
    end = ("DELETE FROM audit_link WHERE event_id = :last", "DELETE FROM event WHERE id = :last")
    for statements in (end, ("DELETE FROM audit_link", "DELETE FROM event")):
        tamper(database, *statements, last=last)
        code, said = run(verifying)
        assert code == 1
        assert "its end was cut off, or it was emptied" in said
        assert "The chain holds" not in said


@pytest.mark.parametrize("statement", ["UPDATE audit_link SET seq = 9", "DELETE FROM audit_link"])
def test_links_are_neither_changed_nor_deleted(
    sealing: Sealing, tell: Tell, database: SqlDatabase, statement: str
) -> None:
    tell()
    sealing.run()
    with pytest.raises(DBAPIError, match="append-only"):
        put_in(database, statement)


def test_an_event_says_where_it_came_from_and_the_hubs_own_do_not(
    tell: Tell, database: SqlDatabase, partner_id: str
) -> None:
    with coming_from(Whence(address="192.0.2.7", agent="Browser")):
        tell(2)
        tell(1)
        tell(1, actor="hub")
    tell(1)

    def origins(session: Session) -> tuple[list[EventOrigin], list[str | None]]:
        named = session.exec(select(Event.origin).order_by(col(Event.id))).all()
        return list(session.exec(select(EventOrigin)).all()), list(named)

    with database.reading(Tenant(partner_id)) as session:
        (origin,), named = origins(session)
    assert (origin.address, origin.agent, origin.actor) == ("192.0.2.7", "Browser", "somebody")
    assert named == [origin.id] * 3 + [None, None]


def test_the_command_tells_the_head_and_ends_with_one_for_a_broken_chain(
    sealing: Sealing, verifying: Verifying, tell: Tell, database: SqlDatabase
) -> None:
    tell(2)
    sealing.run()
    head = verifying.verify().head
    code, said = run(verifying)
    assert (code, f"Head: {head}" in said, "2 events sealed" in said) == (0, True, True)
    assert run(verifying, "--head", head)[0] == 0
    assert run(verifying, "--head", "f" * 64)[0] == 1
    tamper(database, "UPDATE event SET actor = 'other'")
    code, said = run(verifying)
    assert code == 1
    assert "was changed after it was sealed (link 1)" in said


def run(verifying: Verifying, *arguments: str) -> tuple[int, str]:
    """Exit code and what was said."""

    @contextmanager
    def opened() -> Iterator[Any]:
        hub = SimpleNamespace(clock=verifying._clock)
        yield SimpleNamespace(database=verifying._database, hub=hub)

    commands = typer.Typer()
    AuditCommands(opened).add_to(commands)
    result = CliRunner().invoke(commands, ["audit", "verify", *arguments])
    return result.exit_code, result.output
