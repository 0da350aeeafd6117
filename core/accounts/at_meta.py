"""A WABA with its token in the clear, for calls outside of any transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from core.access import Gate, Permission, Principal
from core.accounts import details
from core.accounts.cursors import is_storable
from core.accounts.entities import WabaAccount
from core.clock import Clock
from core.errors import Conflict, NotFound
from core.ports import Vault


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)  # its token is never printed
class AtMeta:
    """`id` is the hub's, `external_id` Meta's."""

    id: str
    external_id: str
    token: str


class WabaDoor:
    """Opens WABAs for people who may work with accounts."""

    def __init__(self, gate: Gate, clock: Clock, vault: Vault) -> None:
        self.gate = gate
        self.clock = clock
        self._vault = vault

    def of_channel(self, who: Principal, channel_id: str) -> AtMeta:
        """The number's WABA. Raises NotFound, Conflict (no_token)."""
        with self.gate.reading(who, Permission.ACCOUNTS) as session:
            _, waba = details.find(session, who.tenant.partner_id, channel_id)
        return self._opened(waba, channel_id=channel_id)

    def of_waba(self, who: Principal, waba_id: str) -> AtMeta:
        """The WABA by the hub's id. Raises NotFound, Conflict (no_token)."""
        with self.gate.reading(who, Permission.ACCOUNTS) as session:
            waba = waba_of(session, who.tenant.partner_id, waba_id)
        return self._opened(waba, waba_account_id=waba_id)

    def _opened(self, waba: WabaAccount, **about: str) -> AtMeta:
        if not can_call(waba, self.clock.now()):
            raise Conflict(code="no_token", **about)
        token = token_of(self._vault, waba)
        return AtMeta(id=waba.id, external_id=waba.external_id, token=token)


def can_call(waba: WabaAccount, now: datetime) -> bool:
    """Whether there is a token for Meta that has not run out."""
    expires = waba.token_expires_at
    return bool(waba.token) and not waba.removed and not (expires and expires <= now)


def token_of(vault: Vault, waba: WabaAccount) -> str:
    """The WABA's token in the clear; ask `can_call` first."""
    return vault.open(waba.token, context=token_context(waba.external_id))


def token_context(waba_external_id: str) -> str:
    """The vault's context of a WABA's business token."""
    return f"waba_account:{waba_external_id}:token"


def pin_context(phone_id: str) -> str:
    """The vault's context of a number's two-step PIN."""
    return f"channel:{phone_id}:pin"


def waba_of(session: Session, partner_id: str, waba_id: str) -> WabaAccount:
    """The partner's WABA; raises NotFound for an unknown and for another partner's."""
    waba = session.get(WabaAccount, waba_id) if is_storable(waba_id) else None
    if waba is None or waba.partner_id != partner_id:
        raise NotFound("no such WABA", waba_account_id=waba_id)
    return waba
