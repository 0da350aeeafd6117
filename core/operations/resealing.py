"""Seals what lies in the database anew with the first vault key, so that an older one can go.

Nothing is opened for long or shown. Rows that change meanwhile are left to the next run: whoever
changed them has used the first key already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, inspect, update
from sqlmodel import Session, SQLModel, col, select

from core.accounts.at_meta import pin_context, token_context
from core.accounts.entities import Channel, WabaAccount
from core.integration.outbound.entities import WebhookEndpoint
from core.integration.outbound.room import headers_context
from core.onboarding.entities import OnboardingRun
from core.onboarding.room import run_context
from core.partners.entities import Partner, UserSession
from core.partners.platform_secret import platform_secret_context
from core.partners.sessions import hint_context
from core.ports import Database, Everything, Vault

# `v1.`, an id of at most 32 letters, and the dot behind it.
_START = 36
_BATCH = 200
_SCOPE = Everything("operations: secrets are sealed with the newest key")


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column of sealed texts ('' for none), and the context that each row's was sealed with."""

    row: type[SQLModel]
    column: str
    context: Callable[[Any], str]

    @property
    def attribute(self) -> Any:
        return getattr(self.row, self.column)


# Not here: what lives for a day at the most (answers kept for repeated writes of programs, codes
# in mails that wait to be sent). An old key stays in the settings for that day.
SEALED = (
    Sealed(Partner, "platform_secret", lambda row: platform_secret_context(row.id)),
    Sealed(Partner, "platform_secret_previous", lambda row: platform_secret_context(row.id)),
    Sealed(WabaAccount, "token", lambda row: token_context(row.external_id)),
    Sealed(Channel, "pin", lambda row: pin_context(row.external_id)),
    Sealed(OnboardingRun, "token", lambda row: run_context(row.id, "token")),
    Sealed(OnboardingRun, "pin", lambda row: run_context(row.id, "pin")),
    Sealed(OnboardingRun, "meta_code", lambda row: run_context(row.id, "meta_code")),
    Sealed(UserSession, "id_token", lambda row: hint_context(row.id_hash)),
    Sealed(WebhookEndpoint, "headers", lambda row: headers_context(row.id)),
)


@dataclass(slots=True)
class Resealed:
    """How many texts are sealed by the first key now, and how many no key here opens."""

    done: int = 0
    lost: int = 0


def key_of(text: str) -> str:
    """The id of the key that a text was sealed with; '' for what is not sealed."""
    version, _, rest = text.partition(".")
    return rest.partition(".")[0] if version == "v1" else ""


def keys_in_use(database: Database) -> set[str]:
    """Ids of all keys without which something in the database could not be read."""
    found: set[str] = set()
    with database.reading(_SCOPE) as session:
        for place in SEALED:
            starts = select(func.substr(col(place.attribute), 1, _START)).distinct()
            found |= {key_of(start) for start in session.exec(starts)}
    return found - {""}


def reseal(database: Database, vault: Vault) -> Resealed:
    """Every sealed text that another key sealed is sealed by the first one."""
    first = key_of(vault.seal("", context="the id of the first key"))
    told = Resealed()
    for place in SEALED:
        for rows in _batches(database, place, first):
            with database.transaction(_SCOPE) as session:
                for row in rows:
                    _reseal(session, vault, place, row, told)
    return told


def _batches(database: Database, place: Sealed, first: str) -> Iterator[list[Any]]:
    (key,) = inspect(place.row).primary_key
    start = f"v1.{first}."
    # No LIKE: its `_` is any letter, and SQLite's knows no capitals; an id may have both.
    other = func.substr(col(place.attribute), 1, len(start)) != start
    wanted = select(place.row).where(col(place.attribute) != "", other).order_by(key).limit(_BATCH)
    with database.reading(_SCOPE) as session:
        rows = list(session.exec(wanted))
    while rows:
        yield rows
        last = inspect(rows[-1]).identity[0]
        with database.reading(_SCOPE) as session:
            rows = list(session.exec(wanted.where(key > last)))


def _reseal(session: Session, vault: Vault, place: Sealed, row: Any, told: Resealed) -> None:
    was, context = getattr(row, place.column), place.context(row)
    try:
        plain = vault.open(was, context=context)
    except ValueError:
        told.lost += 1
        return
    (key,) = inspect(place.row).primary_key
    same = update(place.row).where(key == inspect(row).identity[0], place.attribute == was)
    session.execute(same.values({place.column: vault.seal(plain, context=context)}))
    told.done += 1
