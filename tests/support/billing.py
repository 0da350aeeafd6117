"""All of billing on twins, as the slices above it see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.access import Gate
from core.billing.invoices.document import InvoiceDocument
from core.billing.service import Billing, BillingPorts, put_together
from core.clock import Clock
from core.errors import NotFound, Unavailable
from core.ports import Database, Jobs, Mailer
from core.settings import Settings
from storage.contacts import SqlContacts
from storage.metering import SqlUsageBook
from storage.numbers import SqlNumbers
from storage.payers import SqlPayers
from tests.support.payments_twin import FakePayments


@dataclass
class FilesInMemory:
    """Blobs by their order."""

    kept: list[bytes] = field(default_factory=list)

    def put(self, content: bytes, media_type: str) -> str:
        self.kept.append(content)
        return f"{len(self.kept):08x}"

    def get(self, digest: str) -> tuple[bytes, str]:
        position = int(digest, 16) - 1
        if not 0 <= position < len(self.kept):
            raise NotFound(digest=digest)
        return self.kept[position], "application/pdf"


@dataclass
class Register:
    """The VAT register; it knows `registered` and is silent while `down`."""

    registered: set[str] = field(default_factory=set)
    down: bool = False

    def is_registered(self, vat_id: str) -> bool:
        if self.down:
            raise Unavailable(code="vat_register")
        return vat_id in self.registered


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingTwins:
    """Billing, and the two parties outside that a test moves."""

    billing: Billing
    provider: FakePayments
    register: Register


def billing_on_twins(
    *,
    database: Database,
    clock: Clock,
    jobs: Jobs,
    mailer: Mailer,
    settings: Settings,
    provider: FakePayments | None = None,
) -> BillingTwins:
    """Registers all durable work of billing with `jobs`."""
    outside: dict[str, Any] = {
        "provider": provider or FakePayments(clock),
        "register": Register(),
    }
    room = put_together(
        BillingPorts(
            gate=Gate(database, clock),
            database=database,
            clock=clock,
            jobs=jobs,
            settings=settings,
            mailer=mailer,
            blobs=FilesInMemory(),
            press=_press,
            statement_press=lambda statement: f"%PDF {statement.period.first}".encode(),
            usage=SqlUsageBook(),
            numbers=SqlNumbers(),
            payers=SqlPayers(),
            contacts=SqlContacts(),
            **outside,
        )
    )
    return BillingTwins(billing=room.billing, **outside)


def _press(document: InvoiceDocument) -> bytes:
    return f"%PDF {document.number}".encode()
