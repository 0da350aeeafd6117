"""The partner's platform secret: signs its webhooks, and its onboarding links to the hub.

Sealed at rest. While it is being rotated the one before stays good until a set moment, so that
no receiver of the partner has to change at the same second as the hub.
"""

from __future__ import annotations

from datetime import datetime

from core.partners.entities import Partner
from core.ports import Vault


def platform_secret_context(partner_id: str) -> str:
    """The vault's context of a partner's platform secret, the one before as well."""
    return f"partner:{partner_id}:platform_secret"


def current_secrets(partner: Partner, vault: Vault, now: datetime) -> list[str]:
    """Every secret that is good now, the newest first; empty when none was made yet."""
    sealed = [partner.platform_secret]
    until = partner.platform_secret_previous_until
    if until is not None and now < until:
        sealed.append(partner.platform_secret_previous)
    context = platform_secret_context(partner.id)
    return [vault.open(text, context=context) for text in sealed if text]
