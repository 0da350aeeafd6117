"""What the verbs of the webhooks work with: ports, an endpoint's row, its secrets, its tale."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from core.access import Gate, Permission, Principal
from core.accounts.entities import Channel
from core.clock import Clock, SystemClock
from core.errors import Conflict, InvalidInput, NotFound, TargetRefused
from core.events import EventType, record
from core.integration.outbound.entities import WebhookEndpoint
from core.partners.entities import Partner
from core.partners.platform_secret import current_secrets
from core.ports import ChangeFeed, Database, Outgoing, TargetCheck, Vault
from core.settings import Settings

SUBJECT = "webhook_endpoint"
_MAY = Permission.SETTINGS


def headers_context(endpoint_id: str) -> str:
    """The vault's context of an endpoint's own headers."""
    return f"webhook_endpoint:{endpoint_id}:headers"


@dataclass(frozen=True, kw_only=True)
class Room:
    """One per process. `wall` is what receivers' clocks agree with, also where ours is moved."""

    gate: Gate
    database: Database
    clock: Clock
    vault: Vault
    outgoing: Outgoing
    feed: ChangeFeed
    settings: Settings
    wall: Clock = field(default_factory=SystemClock)

    @contextmanager
    def reading(self, who: Principal) -> Iterator[Session]:
        """An owner's look."""
        with self.gate.reading(who, _MAY) as session:
            yield session

    @contextmanager
    def writing(self, who: Principal) -> Iterator[Session]:
        """An owner's transaction."""
        with self.gate.writing(who, _MAY) as session:
            yield session

    def check(self, who: Principal, url: str) -> TargetCheck:
        """Whether the address may be called; outside any transaction. Raises InvalidInput."""
        with self.reading(who):
            pass  # nobody else has names looked up
        try:
            return self.outgoing.check(url)
        except TargetRefused as error:
            why = error.about.get("why", "")
            raise InvalidInput(code="bad_target", field="url", why=why) from error

    def seal(self, endpoint_id: str, headers: dict[str, str]) -> str:
        text = json.dumps(headers, ensure_ascii=True) if headers else ""
        return text and self.vault.seal(text, context=headers_context(endpoint_id))

    def open(self, endpoint_id: str, sealed: str) -> dict[str, str]:
        """The endpoint's own headers."""
        if not sealed:
            return {}
        told = json.loads(self.vault.open(sealed, context=headers_context(endpoint_id)))
        return {str(name): str(value) for name, value in told.items()}

    def secrets(self, session: Session, partner_id: str) -> list[str]:
        """What the partner's webhooks are signed with now."""
        partner = session.get_one(Partner, partner_id)
        return current_secrets(partner, self.vault, self.clock.now())

    def tell(
        self, session: Session, type_: EventType, endpoint: WebhookEndpoint, by: str, **data: Any
    ) -> None:
        """Open pages hear of it after the commit; `data` holds no secret."""
        record(
            session,
            self.clock,
            type_,
            partner_id=endpoint.partner_id,
            subject=(SUBJECT, endpoint.id),
            actor=by,
            data=data | {"is_main": endpoint.is_main},
        )


def found(session: Session, endpoint_id: str, *, is_locked: bool = False) -> WebhookEndpoint:
    """The endpoint, not a removed one; raises NotFound."""
    statement = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id)
    if is_locked:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    endpoint = session.exec(statement).one_or_none()
    if endpoint is None or endpoint.removed_at is not None:
        raise NotFound("no such endpoint", endpoint_id=endpoint_id)
    return endpoint


def require_on(endpoint: WebhookEndpoint) -> None:
    """Raises Conflict (`endpoint_off`) for one that nothing is sent to."""
    if endpoint.off_at is not None:
        raise Conflict(code="endpoint_off", endpoint_id=endpoint.id)


def of_number(session: Session, channel_id: str) -> WebhookEndpoint | None:
    """The number's webhook; raises NotFound for a number outside the session's scope."""
    _number(session, channel_id)
    its = col(WebhookEndpoint.channel_id) == channel_id
    there = col(WebhookEndpoint.removed_at).is_(None)
    return session.exec(select(WebhookEndpoint).where(its, there)).one_or_none()


def hold_number(session: Session, channel_id: str) -> str:
    """It gets its webhook in this transaction; what people call the number.

    Raises NotFound, Conflict (`has_webhook`).
    """
    channel = _number(session, channel_id, is_locked=True)
    if of_number(session, channel_id) is not None:
        raise Conflict(code="has_webhook", channel_id=channel_id)
    number = channel.display_phone_number or (channel.phone_number and f"+{channel.phone_number}")
    return number or channel.name[:80]


def _number(session: Session, channel_id: str, *, is_locked: bool = False) -> Channel:
    channel = session.get(Channel, channel_id, with_for_update=is_locked or None)
    if channel is None:
        raise NotFound("no such channel", channel_id=channel_id)
    return channel
