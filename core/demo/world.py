"""The demo world as plain data: two partners, their people, clients and numbers in every state.

The same values become rows of the hub (`core.demo.plant`) and, outside of it, what the sandbox's
Meta and identity provider know (`sandbox_seed`). Ids are fixed so that links to it stay good.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

Json = dict[str, Any]

_REGIONS = {
    "DE": "+49 1555 000",
    "GB": "+44 7700 900",
    "US": "+1 202 555 0",
    "BR": "+55 11 90000 0",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPerson:
    """Somebody who can sign in; `roles` maps a partner's id to a role."""

    subject: str
    name: str
    email: str
    roles: dict[str, str] = field(default_factory=dict)
    is_staff: bool = False
    is_known: bool = True  # False: the provider knows him, the hub does not


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoClient:
    """A business with one WABA; `waba` overrides what Meta says of it."""

    number: int
    name: str
    contact: str
    country: str = "DE"
    waba: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoChannel:
    """A phone number of client `client`; `meta` is what Meta says, `hub` what the hub says.

    Times in `hub` are counted from the moment of planting.
    """

    number: int
    client: int
    name: str
    meta: Json = field(default_factory=dict)
    hub: Json = field(default_factory=dict)
    waba: Json = field(default_factory=dict)  # a WABA of its own with these values


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPartner:
    """A partner with everything it owns."""

    id: str
    prefix: str
    digit: int
    name: str
    billing_model: str
    currency: str
    country: str
    color: str
    clients: tuple[DemoClient, ...]
    channels: tuple[DemoChannel, ...]

    @property
    def solution_id(self) -> str:
        return f"70000000000000{self.digit}"

    def row_id(self, number: int, kind: str) -> str:
        """The hub's id of client, WABA or channel `number`."""
        return f"{self.prefix}{number:03d}{kind}"

    def meta_id(self, kind: int, number: int) -> str:
        """Meta's id; kind 1 is a WABA, 2 a phone number, 3 a business, 4 a template."""
        return f"{kind}0{self.digit}0{number:011d}"

    def phone(self, channel: DemoChannel) -> str:
        """A number from a range set aside for fiction or not in use, as people write it."""
        country = self.client(channel.client).country
        return f"{_REGIONS[country]}{channel.number + 100 * self.digit:03d}"

    def client(self, number: int) -> DemoClient:
        return next(client for client in self.clients if client.number == number)

    def waba_number(self, channel: DemoChannel) -> int:
        """Which WABA the channel is on: its client's, or one of its own above 500."""
        return 500 + channel.number if channel.waba else channel.client


def access_token(partner: DemoPartner, waba_number: int) -> str:
    """The business token that the sandbox takes for a demo WABA; worth nothing anywhere else."""
    return f"EAADEMO{partner.prefix}{waba_number:06d}"


def _live(limit: str, quality: str = "GREEN", **more: Any) -> Json:
    more_ = {"whatsapp_business_manager_messaging_limit": limit, "quality_rating": quality}
    return {"status": "CONNECTED"} | more_ | more


_ACME_CLIENTS = (
    DemoClient(number=1, name="Nordlicht Reisen", contact="Jana Petersen"),
    DemoClient(number=2, name="Bäckerei Sommer", contact="Uwe Sommer"),
    DemoClient(number=3, name="Casa Verde Imóveis", contact="Luiza Prado", country="BR"),
    DemoClient(number=4, name="Harbour Dental", contact="Owen Price", country="GB"),
    DemoClient(number=5, name="Kaffeerösterei Brandt", contact="Mila Brandt"),
    DemoClient(
        number=6,
        name="Velo Werk",
        contact="Timo Krause",
        waba={"business_verification_status": "pending"},
    ),
    DemoClient(number=7, name="Hotel Alpenblick", contact="Rosa Huber"),
    DemoClient(number=8, name="Marina Yachts", contact="Neil Grant", country="GB"),
    DemoClient(
        number=9,
        name="Tea & Thyme",
        contact="Asha Rao",
        country="GB",
        waba={"business_verification_status": "not_verified"},
    ),
    DemoClient(number=10, name="PixelForge Games", contact="Max Winter"),
    DemoClient(number=11, name="Studio Okapi", contact="Lea Marx"),
    DemoClient(number=12, name="Clínica Sorriso", contact="Caio Reis", country="BR"),
)

_NOT_LIVE: Json = {"live_at": None}

_ACME_CHANNELS = (
    DemoChannel(number=1, client=1, name="Nordlicht Reisen", meta=_live("TIER_UNLIMITED")),
    DemoChannel(number=2, client=1, name="Nordlicht Service", meta=_live("TIER_100K", "YELLOW")),
    DemoChannel(
        number=3,
        client=2,
        name="Bäckerei Sommer",
        meta=_live("TIER_2K"),
        hub={"cancelled_at": timedelta(days=-3)},
    ),
    DemoChannel(
        number=4,
        client=3,
        name="Casa Verde",
        meta=_live("TIER_10K"),
        hub={"cancelled_at": timedelta(days=-60), "terminated_at": timedelta(days=-22)},
    ),
    DemoChannel(
        number=5,
        client=4,
        name="Harbour Dental",
        meta=_live("TIER_2K"),
        hub={"status": "ready_for_migration"} | _NOT_LIVE,
    ),
    DemoChannel(
        number=6, client=5, name="Rösterei Brandt", meta=_live("TIER_2K", status="DISCONNECTED")
    ),
    DemoChannel(
        number=7, client=6, name="Velo Werk", meta=_live("TIER_250"), hub={"status": "error"}
    ),
    DemoChannel(number=8, client=9, name="Tea & Thyme", meta={"status": "MIGRATED"}),
    DemoChannel(number=9, client=7, name="Hotel Alpenblick", meta={"status": "DELETED"}),
    DemoChannel(
        number=10, client=8, name="Marina Yachts", meta=_live("TIER_10K", status="FLAGGED")
    ),
    DemoChannel(
        number=11, client=10, name="PixelForge", meta=_live("TIER_10K", status="RATE_LIMITED")
    ),
    DemoChannel(
        number=12,
        client=10,
        name="PixelForge Support",
        meta={"status": "PENDING"},
        hub={"status": "created"} | _NOT_LIVE,
    ),
    DemoChannel(
        number=13,
        client=11,
        name="Studio Okapi",
        meta={"status": "PENDING", "name_status": "DECLINED", "quality_rating": "UNKNOWN"},
    ),
    DemoChannel(
        number=14,
        client=11,
        name="Okapi Kurse",
        meta={"status": "UNVERIFIED", "code_verification_status": "NOT_VERIFIED"},
        hub={"status": "unverified"} | _NOT_LIVE,
    ),
    DemoChannel(
        number=15,
        client=12,
        name="Clínica Sorriso",
        meta={"status": "PENDING", "name_status": "PENDING_REVIEW"},
        hub=_NOT_LIVE,
    ),
    DemoChannel(
        number=16,
        client=2,
        name="Sommer Filiale",
        meta=_live("TIER_250", is_on_biz_app=True),
        hub={"consent": "pending"} | _NOT_LIVE,
    ),
    DemoChannel(
        number=17, client=4, name="Harbour Kids", meta=_live("TIER_2K"), hub={"consent": "revoked"}
    ),
    DemoChannel(
        number=18,
        client=5,
        name="Brandt Grosshandel",
        meta=_live("TIER_2K", status="RESTRICTED"),
        waba={
            "restrictions": [
                {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": 1924905600}
            ]
        },
    ),
    DemoChannel(
        number=19,
        client=7,
        name="Alpenblick Spa",
        meta=_live("TIER_2K", status="BANNED", quality_rating="RED"),
        waba={"ban_state": "DISABLE", "violation_type": "SCAM"},
    ),
    DemoChannel(
        number=20,
        client=8,
        name="Marina Charter",
        meta=_live("TIER_2K", "RED"),
        waba={"ban_state": "SCHEDULE_FOR_DISABLE", "ban_date": "December 20, 2026"},
    ),
    DemoChannel(
        number=21,
        client=3,
        name="Casa Verde Aluguel",
        meta=_live("TIER_250"),
        waba={"shared": False},
    ),
    DemoChannel(
        number=22,
        client=6,
        name="Velo Werkstatt",
        meta=_live("TIER_250"),
        waba={"token_expired": True},
    ),
    DemoChannel(
        number=23,
        client=9,
        name="Thyme Events",
        meta=_live("TIER_250"),
        waba={"account_review_status": "REJECTED"},
    ),
    DemoChannel(
        number=24,
        client=12,
        name="Sorriso Agenda",
        meta={"status": "HIBERNATING", "quality_rating": "LILAC"},
    ),
)

_BETA_CLIENTS = (
    DemoClient(number=1, name="Green Valley Farms", contact="Dana Reed", country="US"),
    DemoClient(number=2, name="Sunset Fitness", contact="Kyle Boone", country="US"),
    DemoClient(number=3, name="Juniper & Co", contact="Ivy Stone", country="US"),
    DemoClient(number=4, name="Northside Auto", contact="Ray Ortiz", country="US"),
)

_BETA_CHANNELS = (
    DemoChannel(number=1, client=1, name="Green Valley", meta=_live("TIER_10K")),
    DemoChannel(number=2, client=1, name="Green Valley Wholesale", meta=_live("TIER_10K")),
    DemoChannel(number=3, client=2, name="Sunset Fitness", meta=_live("TIER_2K", "YELLOW")),
    DemoChannel(number=4, client=3, name="Juniper & Co", meta=_live("TIER_250")),
    DemoChannel(number=5, client=4, name="Northside Auto", meta=_live("TIER_2K")),
    DemoChannel(
        number=6,
        client=4,
        name="Northside Parts",
        meta={"status": "PENDING"},
        hub={"status": "created"} | _NOT_LIVE,
    ),
)

ACME = DemoPartner(
    id="AcmeMsPA",
    prefix="Acm",
    digit=1,
    name="Acme Messaging",
    billing_model="partner_paid",
    currency="EUR",
    country="DE",
    color="#0F766E",
    clients=_ACME_CLIENTS,
    channels=_ACME_CHANNELS,
)
BETA = DemoPartner(
    id="BetaCoPA",
    prefix="Bet",
    digit=2,
    name="Beta Connect",
    billing_model="direct_paid",
    currency="USD",
    country="US",
    color="#7C3AED",
    clients=_BETA_CLIENTS,
    channels=_BETA_CHANNELS,
)
PARTNERS = (ACME, BETA)

PEOPLE = (
    DemoPerson(
        subject="demo-ada", name="Ada Martins", email="ada@acme.example", roles={ACME.id: "owner"}
    ),
    DemoPerson(
        subject="demo-ben", name="Ben Okafor", email="ben@acme.example", roles={ACME.id: "member"}
    ),
    DemoPerson(
        subject="demo-fay", name="Fay Turner", email="fay@acme.example", roles={ACME.id: "owner"}
    ),
    DemoPerson(
        subject="demo-carla",
        name="Carla Rossi",
        email="carla@beta.example",
        roles={BETA.id: "owner"},
    ),
    DemoPerson(
        subject="demo-dmitri",
        name="Dmitri Novak",
        email="dmitri@beta.example",
        roles={BETA.id: "member"},
    ),
    DemoPerson(
        subject="demo-eve",
        name="Eve Lindholm",
        email="eve@consulting.example",
        roles={ACME.id: "member", BETA.id: "owner"},
    ),
    DemoPerson(subject="demo-sam", name="Sam Patel", email="sam@hub.example", is_staff=True),
    DemoPerson(subject="demo-una", name="Una Nowak", email="una@nowhere.example", is_known=False),
)
