"""What balances need of accounts, which billing does not know: names, and telling of numbers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from sqlmodel import Session

from core.billing.ledger import Payer
from core.events import EventType


class Numbers(Protocol):
    """In the caller's transaction; its scope must cover the partner."""

    def clients(self, session: Session, partner_id: str, ids: Collection[str]) -> dict[str, str]:
        """Names by id; those that are not the partner's are missing."""
        ...

    def accounts(self, session: Session, partner_id: str, after: str, limit: int) -> dict[str, str]:
        """Names by id of clients that have an account, behind `after`, by id."""
        ...

    def find_clients(
        self, session: Session, partner_id: str, text: str, limit: int
    ) -> dict[str, str]:
        """Names by id of clients whose name contains `text`, by name."""
        ...

    def has_left(self, session: Session, partner_id: str, client_id: str) -> bool:
        """Whether the client had numbers, and none of them works any more."""
        ...

    def client_of(self, session: Session, partner_id: str, channel_id: str) -> str:
        """Whose number it is; '' for one that is not the partner's."""
        ...

    def channels(self, session: Session, partner_id: str, ids: Collection[str]) -> dict[str, str]:
        """Display name and number by id."""
        ...

    def tell(
        self,
        session: Session,
        type_: EventType,
        payer: Payer,
        *,
        at: datetime,
        reason: str,
        but: Collection[str],
    ) -> int:
        """Record an event for each number that the payer pays for; how many there were.

        Numbers of clients in `but` are left out. A direct-paid partner itself pays for none.
        """
        ...


class Addressee(Protocol):
    """How a payer is called, and whom to write about its money."""

    @property
    def name(self) -> str: ...

    @property
    def brand(self) -> str:
        """Of the partner, in whose name a client is written to."""
        ...

    @property
    def people(self) -> list[tuple[str, str]]:
        """Address and language of each."""
        ...


class Addressees(Protocol):
    """Who stands behind a payer."""

    def contact(self, session: Session, payer: Payer) -> Addressee:
        """Raises NotFound for a payer that is none of the session's partner."""
        ...
