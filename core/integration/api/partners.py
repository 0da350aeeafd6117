"""The partner itself, for the partner API."""

from __future__ import annotations

from sqlmodel import Session, col, select

from core.access import Permission, Principal, partner_of
from core.integration.api.room import Room
from core.integration.outbound.entities import WebhookEndpoint
from core.integration.shapes.partner import partner_object
from core.integration.shapes.values import Json
from core.subscriptions.entities import Subscription


class PartnerSelf:
    """What a partner's programs see of it; its settings have services of their own."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def one(self, who: Principal) -> Json:
        """The partner as the contract writes it."""
        with self._room.gate.reading(who, Permission.SETTINGS) as session:
            partner = partner_of(session, who)
            return partner_object(
                partner,
                base_url=self._room.settings.base_url,
                plan=_plan(session, partner.id),
                webhook_url=_webhook_url(session, partner.id),
            )


def _plan(session: Session, partner_id: str) -> str:
    found = select(Subscription.plan).where(col(Subscription.partner_id) == partner_id)
    return session.exec(found).one_or_none() or ""


def _webhook_url(session: Session, partner_id: str) -> str:
    found = select(WebhookEndpoint.url).where(
        col(WebhookEndpoint.partner_id) == partner_id,
        col(WebhookEndpoint.is_main),
        col(WebhookEndpoint.removed_at).is_(None),
    )
    return session.exec(found).one_or_none() or ""
