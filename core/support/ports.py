"""What support needs of the slices below and from outside, beside the hub's common ports."""

from __future__ import annotations

from typing import Protocol

from sqlmodel import Session

from core.billing.invoices.details import DetailsForm
from core.billing.invoices.entities import BillingDetails
from core.billing.ledger import Payer
from core.subscriptions.views import DowngradePreview, Facts
from core.uploads.rules import Kind

MAIL_JOB = "support_mail"


class Plans(Protocol):
    """`core.subscriptions.service.Subscriptions`, in the caller's transaction."""

    def preview_downgrade_of(self, session: Session, partner_id: str) -> DowngradePreview: ...

    def downgrade_of(self, session: Session, partner_id: str, *, by: str) -> DowngradePreview: ...

    def facts_of(self, session: Session, partner_id: str) -> Facts: ...


class Details(Protocol):
    """`core.billing.invoices.service.Invoices`, in the caller's transaction."""

    def keep_details(
        self, session: Session, payer: Payer, form: DetailsForm, *, by: str = "client"
    ) -> BillingDetails: ...


class Drawing(Protocol):
    """`core.uploads.pictures.Pictures`."""

    def drawn(self, content: bytes, kind: Kind) -> tuple[bytes, Kind]: ...
