"""Meta's three ways of charging and from when each applies; data, never edited, only added to.

Days are those of the WABA's own time zone. Source: contracts/meta.md section 10.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

_SOURCE = "https://developers.facebook.com/docs/whatsapp/pricing"
_CHECKED = date(2026, 11, 22)


@dataclass(frozen=True, slots=True, kw_only=True)
class RatePolicy:
    """Rules for messages delivered from `effective_from` on and before `effective_to`.

    `pricing_model` is Meta's word in webhooks. `free_service_messages` counts per number and
    calendar month; None where service messages cost nothing at all.
    """

    id: str
    effective_from: date
    effective_to: date | None
    pricing_model: str
    per_conversation: bool = False
    free_service_messages: int | None = None
    source: str = _SOURCE
    checked: date = _CHECKED

    @property
    def charges_service(self) -> bool:
        return self.free_service_messages is not None


CONVERSATIONS = RatePolicy(
    id="CBP-2023-06",
    effective_from=date(2023, 6, 1),
    effective_to=date(2025, 7, 1),
    pricing_model="CBP",
    per_conversation=True,
)
PER_MESSAGE = RatePolicy(
    id="PMP-2025-07",
    effective_from=date(2025, 7, 1),
    effective_to=date(2026, 10, 1),
    pricing_model="PMP",
)
SERVICE_CHARGED = RatePolicy(
    id="PMP-2026-10",
    effective_from=date(2026, 10, 1),
    effective_to=None,
    pricing_model="PMP",
    free_service_messages=1_000,
)

POLICIES = (CONVERSATIONS, PER_MESSAGE, SERVICE_CHARGED)


@lru_cache(maxsize=1_000)
def policy_on(day: date) -> RatePolicy | None:
    """The policy in force on a day of the WABA's time zone; None before the first one."""
    for policy in POLICIES:
        ends = policy.effective_to
        if policy.effective_from <= day and (ends is None or day < ends):
            return policy
    return None
