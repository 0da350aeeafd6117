"""What every verb of the integration settings works with: ports, the partner's row, its tale."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from core.access import Gate, Permission, Principal, partner_of
from core.clock import Clock
from core.events import Event, EventType, record
from core.integration.settings.views import IntegrationView, SecretState
from core.partners.entities import Partner
from core.ports import Meta, Vault
from core.settings import Settings

SUBJECT = "integration"


@dataclass(frozen=True, kw_only=True)
class Room:
    """One per process."""

    gate: Gate
    clock: Clock
    vault: Vault
    meta: Meta
    settings: Settings

    @contextmanager
    def writing(self, who: Principal, *, fresh: bool = False) -> Iterator[tuple[Session, Partner]]:
        """An owner's transaction on the partner's row, locked; `fresh` where a secret is told."""
        with self.gate.writing(who, Permission.SETTINGS, fresh=fresh) as session:
            yield session, partner_of(session, who, is_locked=True)

    @contextmanager
    def reading(self, who: Principal) -> Iterator[tuple[Session, Partner]]:
        """The same for looking."""
        with self.gate.reading(who, Permission.SETTINGS) as session:
            yield session, partner_of(session, who)

    def change(
        self, session: Session, partner: Partner, who: Principal, column: str, value: Any
    ) -> None:
        """Set a column and tell of it; the same value again changes and tells nothing."""
        before = getattr(partner, column)
        if before == value:
            return
        setattr(partner, column, value)
        session.add(partner)
        self.tell(
            session,
            EventType.INTEGRATION_CHANGED,
            partner,
            who,
            field=column,
            before=before,
            after=value,
        )

    def tell(
        self, session: Session, type_: EventType, partner: Partner, who: Principal, **data: Any
    ) -> None:
        """Open pages hear of it after the commit; `data` holds no secret."""
        record(
            session,
            self.clock,
            type_,
            partner_id=partner.id,
            subject=(SUBJECT, partner.id),
            actor=who.person_id,
            data=data,
        )

    def view(self, session: Session, partner: Partner) -> IntegrationView:
        """The row as the page shows it."""
        until = partner.platform_secret_previous_until
        rotates = until is not None and self.clock.now() < until
        return IntegrationView(
            partner_id=partner.id,
            brand_name=partner.brand_name,
            solution_id=partner.solution_id,
            solution_status=partner.solution_status,
            redirect_url=partner.redirect_url,
            extra_origins=tuple(partner.extra_origins),
            region_default=partner.region_default,
            secret=SecretState(
                exists=bool(partner.platform_secret),
                made_at=_made_at(session, partner.id),
                previous_until=until if rotates else None,
            ),
            io_signature=partner.io_signature,
        )


def _made_at(session: Session, partner_id: str) -> Any:
    found = (
        select(Event.at)
        .where(Event.partner_id == partner_id, Event.type == EventType.PLATFORM_SECRET_MADE.value)
        .order_by(col(Event.id).desc())
        .limit(1)
    )
    return session.exec(found).first()
