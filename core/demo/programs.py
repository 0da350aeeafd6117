"""An API key and a system user for each demo partner, so that programs run at once; sandbox only.

Their secrets are known to everybody, like the rest of the demo world.
"""

from __future__ import annotations

from typing import Any

from sqlmodel import select

from core.clock import Clock
from core.demo.world import PARTNERS, DemoPartner
from core.integration.credentials.secret_forms import hash_password, shown
from core.partners.api_entities import EVERYTHING, ApiKey, SystemUser
from core.partners.entities import Partner
from core.ports import Database, Tenant
from core.secret_hash import hash_secret


def plant_programs(database: Database, clock: Clock) -> None:
    """Each demo partner that is there has a key and a system user; once."""
    for partner in PARTNERS:
        _plant(database, clock, partner)


def programs_of(partner_id: str) -> dict[str, Any]:
    """What `demo --json` tells of a partner's programs; nothing for one that is no demo partner."""
    partner = next((each for each in PARTNERS if each.id == partner_id), None)
    if partner is None:
        return {}
    user = {"username": _username(partner), "password": _password(partner)}
    return {"api_key": _key(partner), "system_user": user}


def _plant(database: Database, clock: Clock, partner: DemoPartner) -> None:
    with database.reading(Tenant(partner.id)) as session:
        is_there = session.get(Partner, partner.id) is not None
        has_key = session.exec(select(ApiKey.id).where(ApiKey.id == _row_id(partner))).first()
    if not is_there or has_key:
        return
    password_hash, now = hash_password(_password(partner)), clock.now()
    owned: dict[str, Any] = {
        "id": _row_id(partner),
        "partner_id": partner.id,
        "scopes": [scope.value for scope in EVERYTHING],
        "created_by": "hub",
        "created_at": now,
    }
    with database.transaction(Tenant(partner.id)) as session:
        key = _key(partner)
        session.add(ApiKey(name="Demo key", key_hash=hash_secret(key), prefix=shown(key), **owned))
        session.add(
            SystemUser(
                username=_username(partner),
                name="Demo system user",
                password_hash=password_hash,
                password_at=now,
                **owned,
            )
        )


def _row_id(partner: DemoPartner) -> str:
    return f"{partner.prefix}Demo000000000"[:16]


def _key(partner: DemoPartner) -> str:
    return f"phk_Demo{partner.prefix}KnownToEverybody000000000"


def _username(partner: DemoPartner) -> str:
    return f"api@{partner.prefix.lower()}.example"


def _password(partner: DemoPartner) -> str:
    return f"Demo{partner.prefix}KnownToEverybody0"
