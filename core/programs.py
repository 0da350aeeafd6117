"""Whether a program's key or token lets it act, read in the transaction of the act itself.

The half of `core.access` that knows programs; nobody but the gate asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, null, select, true
from sqlmodel import Session, col

from core.errors import Forbidden, HubError, NotSignedIn
from core.partners.api_entities import ApiKey, ApiToken, SystemUser
from core.partners.entities import Partner
from core.ports import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What a program showed: an API key by its id, or an access token by its hash."""

    kind: Literal["key", "token"]
    id: str


def refusal_of(
    session: Session,
    now: datetime,
    credential: Credential,
    tenant: Tenant,
    *,
    permission: str,
    writes: bool,
) -> HubError | None:
    """Why the program may not; None when it may. A permission is a scope of the same name."""
    statement = _KEY if credential.kind == "key" else _TOKEN
    row = session.execute(statement, {"asked": credential.id}).one_or_none()
    if row is None or row.partner_id != tenant.partner_id or row.ended_at is not None:
        return NotSignedIn(code="credential_ended")
    if row.expires_at is not None and row.expires_at <= now:
        return NotSignedIn(code="token_expired")
    if row.disabled_at is not None or not row.is_allowed:
        return NotSignedIn(code="credential_ended")
    if not _allow(row.scopes, permission, writes=writes):
        return Forbidden(code="scope_missing", permission=permission)
    return None


def _allow(scopes: list[str], permission: str, *, writes: bool) -> bool:
    needed = {permission} if writes else {permission, f"{permission}:read"}
    return bool(needed & set(scopes))


# Built once; the session's scope lets no key of another partner in.
_KEY: Any = select(
    col(ApiKey.partner_id),
    col(ApiKey.revoked_at).label("ended_at"),
    null().label("expires_at"),
    null().label("disabled_at"),
    true().label("is_allowed"),
    col(ApiKey.scopes),
).where(col(ApiKey.id) == bindparam("asked"))

_TOKEN: Any = (
    select(
        col(ApiToken.partner_id),
        col(ApiToken.revoked_at).label("ended_at"),
        col(ApiToken.expires_at),
        col(SystemUser.disabled_at),
        col(Partner.token_login).label("is_allowed"),
        col(SystemUser.scopes),
    )
    .join_from(ApiToken, SystemUser, col(SystemUser.id) == col(ApiToken.system_user_id))
    .join(Partner, col(Partner.id) == col(ApiToken.partner_id))
    .where(col(ApiToken.id_hash) == bindparam("asked"))
)
