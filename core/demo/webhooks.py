"""A platform secret for each demo partner, and a webhook URL for the first; sandbox only.

The secrets are made when they are planted; `demo --json` tells those in force, so that programs
can judge signatures.
"""

from __future__ import annotations

import secrets
from typing import Any

from sqlmodel import Session, col, select

from core.clock import Clock
from core.demo.world import PARTNERS
from core.integration.outbound.entities import WebhookEndpoint
from core.partners.entities import Partner
from core.partners.platform_secret import current_secrets, platform_secret_context
from core.ports import Database, Tenant, Vault


def plant_webhooks(database: Database, clock: Clock, vault: Vault, *, receivers: str) -> None:
    """Once; `receivers` is where the sandbox's receivers are."""
    for partner in PARTNERS:
        with database.transaction(Tenant(partner.id)) as session:
            row = session.get(Partner, partner.id)
            if row is not None and not row.platform_secret:
                context = platform_secret_context(row.id)
                row.platform_secret = vault.seal(secrets.token_urlsafe(32), context=context)
                session.add(row)
            if row is not None and partner is PARTNERS[0]:
                _plant_main(session, clock, row, f"{receivers}/{partner.prefix.lower()}")


def webhooks_of(session: Session, partner: Partner, vault: Vault, clock: Clock) -> dict[str, Any]:
    """What `demo --json` tells of a partner's webhooks."""
    url = session.exec(
        select(WebhookEndpoint.url).where(
            WebhookEndpoint.partner_id == partner.id,
            col(WebhookEndpoint.is_main),
            col(WebhookEndpoint.removed_at).is_(None),
        )
    ).first()
    in_force = current_secrets(partner, vault, clock.now())
    return {"webhook_url": url or "", "platform_secret": in_force[0] if in_force else ""}


def _plant_main(session: Session, clock: Clock, partner: Partner, url: str) -> None:
    if session.exec(select(WebhookEndpoint.id).limit(1)).first() is not None:
        return
    now = clock.now()
    session.add(
        WebhookEndpoint(
            partner_id=partner.id,
            is_main=True,
            url=url,
            created_at=now,
            created_by="hub",
            modified_at=now,
        )
    )
