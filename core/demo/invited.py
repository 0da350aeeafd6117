"""Two people whom Acme has invited: one may still come, one waited too long; sandbox mode only.

Their mails were never sent. `Send again` on the Users page sends one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlmodel import select

from core.clock import Clock
from core.demo.world import ACME
from core.partners.entities import Invitation, Partner, Person, Role
from core.ports import Database, Everything

_INVITED: tuple[dict[str, Any], ...] = (
    {"id": "demoinvitedleila", "name": "Leila Haddad", "email": "leila@acme.example", "days": 2},
    {"id": "demoinvitedpaulo", "name": "Paulo Reis", "email": "paulo@acme.example", "days": 9},
)
_INVITED_BY = "ada@acme.example"


def plant_invited(database: Database, clock: Clock, lifetime: timedelta) -> None:
    """They are on Acme's list; once."""
    now = clock.now()
    with database.transaction(Everything("demo: who invited whom")) as session:
        ada = session.exec(select(Person).where(Person.email == _INVITED_BY)).first()
        if session.get(Partner, ACME.id) is None or ada is None:
            return
        for each in _INVITED:
            if session.get(Invitation, each["id"]) is not None:
                continue
            sent_at = now - timedelta(days=each["days"])
            session.add(
                Invitation(
                    id=each["id"],
                    partner_id=ACME.id,
                    name=each["name"],
                    email=each["email"],
                    role=Role.MEMBER.value,
                    invited_by=ada.id,
                    times_sent=1,
                    created_at=sent_at,
                    sent_at=sent_at,
                    expires_at=sent_at + lifetime,
                )
            )
