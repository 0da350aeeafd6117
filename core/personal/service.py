"""What is known of a person: told as a whole, and forgotten, at the person's own wish.

The operator's verbs, reachable from the command line only. Events stay: they name people by id,
and the id leads to a pseudonym from then on. What the law wants kept is kept, and said.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Table, delete, func, update
from sqlmodel import Session, col, select

from core.clock import Clock
from core.events import Event, EventType, record
from core.origin import EventOrigin
from core.partners.entities import Invitation, Membership, Person
from core.partners.members import remove_member
from core.personal.columns import KEPT
from core.personal.free_text import Pseudonym, hide
from core.personal.ties import TIES, By, Somebody, Tie, condition, rows_of, somebody, table_of
from core.ports import Database, Everything

_SCOPE = Everything("a person's own data, told or erased as the law demands")
# Worth nothing to the person, and much to a thief.
_SECRET = re.compile(
    r".*_hash|salt|token|id_token|pin|meta_code|fingerprint|provider_.*|action_url"
)
_BY_OPERATOR = "hub"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What became of it: rows by table, and what is kept by law."""

    pseudonym: str
    rewritten: Mapping[str, int]
    removed: Mapping[str, int]
    kept: Mapping[str, int]
    files: int  # sent to support; what is in them, only people can tell


class Personal:
    """Export and erasure; every verb is in the record of each partner concerned."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def export(self, asked: str) -> dict[str, list[dict[str, Any]]]:
        """Everything held about somebody, as JSON values by table.

        `asked` is an e-mail address, or the id of a person or client. Raises NotFound.
        """
        told: dict[str, dict[Any, dict[str, Any]]] = {}
        with self._database.reading(_SCOPE) as session:
            who = somebody(session, asked)
            for tie in TIES:
                rows = told.setdefault(tie.table, {})
                rows |= {_key(tie, row): _told(row) for row in rows_of(session, tie, who)}
        with self._database.transaction(_SCOPE) as session:
            self._tell(session, who, EventType.PERSON_EXPORTED)
        return {table: [*rows.values()] for table, rows in told.items() if rows}

    def erase(self, asked: str) -> Erased:
        """Nothing of the person is left but what the law wants kept; all of it or nothing.

        Raises NotFound; Conflict (`last_owner`) while a partner would be left without an owner.
        """
        with self._database.transaction(_SCOPE) as session:
            who = somebody(session, asked)
            instead = _pseudonym()
            self._end_access(session, who)
            self._tell(session, who, EventType.PERSON_ERASED)
            session.flush()
            kept = _counted(session, who, lambda tie: tie.table in KEPT)
            files = _counted(session, who, lambda tie: tie.table == "support_file")
            removed = _remove(session, who)
            origins = _erase_origins(session, who, self._clock.now())
            rewritten = _rewrite(session, who, instead) | {"event_origin": origins}
            rewritten["texts"] = hide(session, who, instead)
            session.expire_all()
        return Erased(
            pseudonym=instead.name,
            rewritten={table: number for table, number in rewritten.items() if number},
            removed=removed,
            kept=kept,
            files=sum(files.values()),
        )

    def _end_access(self, session: Session, who: Somebody) -> None:
        """No membership, no desk, no door that stands open."""
        works = select(Membership).where(
            col(Membership.person_id).in_(sorted(who.person_ids)),
            col(Membership.removed_at).is_(None),
        )
        for row in session.exec(works).all():
            remove_member(session, self._clock, row.partner_id, row.person_id, by=_BY_OPERATOR)
        people = select(Person).where(col(Person.id).in_(sorted(who.person_ids)))
        for person in session.exec(people):
            person.is_staff = False
            session.add(person)
        invited = select(Invitation).where(
            func.lower(col(Invitation.email)).in_(sorted(who.emails)),
            col(Invitation.accepted_at).is_(None),
            col(Invitation.withdrawn_at).is_(None),
        )
        for invitation in session.exec(invited):
            invitation.withdrawn_at, invitation.token_hash = self._clock.now(), ""
            session.add(invitation)

    def _tell(self, session: Session, who: Somebody, type_: EventType) -> None:
        person = next(iter(sorted(who.person_ids)), "")
        client = next(iter(sorted(who.client_ids)), "")
        subject = ("person", person) if person else ("client", client)
        for partner_id in sorted(who.partner_ids):
            record(session, self._clock, type_, partner_id=partner_id, subject=subject)


def _pseudonym() -> Pseudonym:
    short = secrets.token_hex(4)
    return Pseudonym(name=f"Erased person {short}", email=f"erased-{short}@erased.invalid")


def _counted(session: Session, who: Somebody, wanted: Any) -> dict[str, int]:
    counts: dict[str, set[Any]] = {}
    for tie in TIES:
        if wanted(tie):
            rows = rows_of(session, tie, who)
            counts.setdefault(tie.table, set()).update(_key(tie, row) for row in rows)
    return {table: len(found) for table, found in counts.items() if found}


def _key(tie: Tie, row: Mapping[str, Any]) -> tuple[Any, ...]:
    """By which a row is the same one, whichever tie leads to it."""
    return tuple(row[column.name] for column in table_of(tie).primary_key.columns)


def _remove(session: Session, who: Somebody) -> dict[str, int]:
    counts: dict[str, int] = {}
    for tie in TIES:
        if tie.goes and who.values(tie.by):
            gone = session.execute(delete(table_of(tie)).where(condition(tie, who)))
            counts[tie.table] = getattr(gone, "rowcount", 0)
    return {table: number for table, number in counts.items() if number}


def _rewrite(session: Session, who: Somebody, instead: Pseudonym) -> dict[str, int]:
    """Rows are found by address as well, so those ties come before the address changes."""
    counts: dict[str, int] = {}
    for tie in sorted(TIES, key=lambda each: each.by is not By.EMAIL):
        if not tie.erases or tie.table == "event_origin" or not who.values(tie.by):
            continue
        values = {name: _instead(table_of(tie), name, instead) for name in tie.erases}
        done = session.execute(update(table_of(tie)).where(condition(tie, who)).values(**values))
        counts[tie.table] = counts.get(tie.table, 0) + getattr(done, "rowcount", 0)
    return counts


def _instead(table: Table, column: str, instead: Pseudonym) -> Any:
    if isinstance(table.c[column].type, JSON):
        return {}
    if column == "email":
        return instead.email
    return instead.name if column.endswith("name") else ""


def _erase_origins(session: Session, who: Somebody, now: datetime) -> int:
    """Where the person acted from: their own, and those of a client's steps of onboarding."""
    runs = [row["id"] for tie in _runs() for row in rows_of(session, tie, who)]
    named = select(Event.origin).where(
        col(Event.subject_type) == "onboarding_run",
        col(Event.subject_id).in_(runs),
        col(Event.actor) == "client",
    )
    ids = {origin for origin in session.exec(named) if origin}
    own = col(EventOrigin.actor).in_(sorted(who.person_ids)) | col(EventOrigin.id).in_(sorted(ids))
    done = session.execute(
        update(EventOrigin).where(own).values(address="", agent="", salt="", erased_at=now)
    )
    return int(getattr(done, "rowcount", 0))


def _runs() -> list[Tie]:
    return [tie for tie in TIES if tie.table == "onboarding_run"]


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in row.items() if not _SECRET.fullmatch(name)}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
