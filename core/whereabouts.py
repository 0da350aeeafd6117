"""Whose is the thing behind an address: for a person who works for several partners.

Only the person's own partners are looked through, and of them those where the role would show it.
So nobody learns whether an id of somebody else's exists: for them it is as if it did not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import Any

from sqlmodel import col, select

from core.access import Permission, Principal
from core.accounts.cursors import is_storable
from core.accounts.entities import Channel
from core.billing.entities import LedgerEntry
from core.billing.invoices.entities import Invoice
from core.billing.payments.entities import Payment
from core.events import Event
from core.integration.outbound.entities import Delivery
from core.numbers import number_of
from core.onboarding.entities import OnboardingRun
from core.partners.sessions import PartnerSummary
from core.ports import Database, Tenant
from core.support.entities import Conversation


class Thing(StrEnum):
    """What has a page of its own in the dashboard."""

    CHANNEL = "channel"
    RUN = "onboarding_run"
    INVOICE = "invoice"
    PAYMENT = "payment"
    LEDGER_ENTRY = "ledger_entry"
    DELIVERY = "delivery"
    CONVERSATION = "conversation"
    EVENT = "event"


_OWNERS: dict[Thing, tuple[Any, Any]] = {  # the id of the address, whose it is
    Thing.CHANNEL: (Channel.id, Channel.partner_id),
    Thing.RUN: (OnboardingRun.id, OnboardingRun.partner_id),
    Thing.INVOICE: (Invoice.id, Invoice.partner_id),
    Thing.PAYMENT: (Payment.id, Payment.partner_id),
    Thing.LEDGER_ENTRY: (LedgerEntry.key, LedgerEntry.partner_id),
    Thing.DELIVERY: (Delivery.id, Delivery.partner_id),
    Thing.CONVERSATION: (Conversation.id, Conversation.partner_id),
    Thing.EVENT: (Event.id, Event.partner_id),
}
_NUMBERED = (Thing.DELIVERY, Thing.EVENT)
_Memberships = Callable[[Principal], list[tuple[PartnerSummary, str]]]


class Whereabouts:
    """Reads only; `memberships` are those of a live session, as they are now."""

    def __init__(self, database: Database, memberships: _Memberships) -> None:
        self._database = database
        self._memberships = memberships

    def elsewhere(
        self, who: Principal, thing: Thing, id_: str, needed: Permission
    ) -> PartnerSummary | None:
        """Another partner of the person's that has this thing and would show it to them.

        None for a thing of anybody else's, and for one that is not there; both take the same
        look. Raises NotSignedIn.
        """
        own = self._others(who, needed)
        key = _key(thing, id_)
        if key is None:
            return None
        return next((each for each in own if self._has(each.id, thing, key)), None)

    def _others(self, who: Principal, needed: Permission) -> list[PartnerSummary]:
        """The person's other partners, where the role allows it."""
        return [
            partner
            for partner, role in self._memberships(who)
            if partner.id != who.partner_id and replace(who, role=role).may(needed)
        ]

    def _has(self, partner_id: str, thing: Thing, key: str | int) -> bool:
        column, owner = _OWNERS[thing]
        found = select(col(column)).where(col(column) == key, col(owner) == partner_id)
        with self._database.reading(Tenant(partner_id)) as session:
            return session.exec(found.limit(1)).first() is not None


def _key(thing: Thing, id_: str) -> str | int | None:
    """The id as the column has it; None for what no column could hold."""
    if thing in _NUMBERED:
        return number_of(id_)
    return id_ if is_storable(id_) else None
