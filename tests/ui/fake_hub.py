"""A hub with only what the frame asks of it: who is signed in, their partners, a feed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from core.access import Principal
from core.errors import NotSignedIn, Unavailable
from core.partners.sessions import PartnerSummary
from core.ports import Notice
from core.settings import Settings

NOW = datetime(2026, 3, 3, 14, 5, 9, tzinfo=UTC)
ACME = PartnerSummary(id="PAacme", brand_name="Acme Messaging", logo_hash="")
BETA = PartnerSummary(id="PAbeta", brand_name="Beta Connect", logo_hash="")


@dataclass
class FakeFeed:
    receivers: list[Callable[[list[Notice]], None]] = field(default_factory=list)

    def publish(self, notices: list[Notice]) -> None:
        for receive in list(self.receivers):
            receive(notices)

    def subscribe(self, receive: Callable[[list[Notice]], None]) -> Callable[[], None]:
        self.receivers.append(receive)
        return lambda: self.receivers.remove(receive)


@dataclass
class FakeSignIn:
    """Signed in is whose cookie is a key of `people`."""

    people: dict[str, tuple[Principal, list[PartnerSummary]]]
    is_down: bool = False

    def principal(self, secret: str) -> Principal:
        if self.is_down:
            raise Unavailable
        if secret not in self.people:
            raise NotSignedIn
        return self.people[secret][0]

    def memberships(self, who: Principal) -> list[tuple[PartnerSummary, str]]:
        partners = next(own for each, own in self.people.values() if each == who)
        return [(partner, who.role or "") for partner in partners]


class FakePartners:
    is_down = False

    def ready(self) -> None:
        if self.is_down:
            raise Unavailable


def principal(role: str | None = "owner", name: str = "Olga Owner", **values: Any) -> Principal:
    given = {
        "person_id": f"person-{role}",
        "name": name,
        "email": f"{role}@acme.example",
        "session_hash": f"hash-{role}",
        "partner_id": ACME.id,
        "role": role,
    }
    return Principal(**(given | values))


def fake_hub(**settings: Any) -> Any:
    """Cookies `owner`, `member` and `both` (a person of two partners) are signed in."""
    people = {
        "owner": (principal("owner"), [ACME]),
        "member": (principal("member", "Max Member"), [ACME]),
        "both": (principal("owner", "Bea Both", person_id="both"), [ACME, BETA]),
        "nobody": (principal(None, "Nils None", partner_id=None), []),
    }
    given = {"base_url": "http://test", "allowed_hosts": ["test"]} | settings
    return SimpleNamespace(
        settings=Settings(_env_file=None, **given),  # type: ignore[call-arg]
        clock=SimpleNamespace(now=lambda: NOW),
        feed=FakeFeed(),
        blobs=SimpleNamespace(),
        sign_in=FakeSignIn(people),
        partners=FakePartners(),
        accounts=SimpleNamespace(
            search=lambda _who, _text, limit=8: [],
            search_clients=lambda _who, _text, limit=5: [],
        ),
        billing=SimpleNamespace(
            invoices=SimpleNamespace(search=lambda _who, _text, limit=5: []),
        ),
        onboarding=SimpleNamespace(),
        inbound=SimpleNamespace(),
        support=SimpleNamespace(unread=lambda _who: 0),
        whereabouts=SimpleNamespace(elsewhere=lambda _who, _thing, _id, _needed: None),
        operations=None,
    )
