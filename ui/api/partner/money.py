"""Ledger, invoices, auto-renewal and subscription: what the hub adds about money."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from core.billing.balance.results import StatementEntry
from core.billing.invoices.entities import Invoice, InvoiceLine
from core.billing.renewal.entities import Mode
from core.billing.renewal.service import Explained
from core.errors import InvalidInput
from core.integration.api.invoices import INVOICES
from core.integration.api.ledger import ENTRIES
from core.integration.api.lists import Page
from core.integration.shapes.values import moment, told as without_missing
from core.money import Money
from core.subscriptions.views import Overview
from ui.api.partner.amounts import number
from ui.api.partner.answers import answer, listed
from ui.api.partner.asked import optional_id, path_id
from ui.api.partner.call import PARTNER, Call, Called
from ui.api.partner.describe import parameter, told
from ui.api.partner.schemas.balances import LedgerList
from ui.api.partner.schemas.money import (
    AutoRenewal,
    AutoRenewalChange,
    InvoiceDetails,
    InvoiceList,
    SubscriptionObject,
)

_TAG = "Money"
_CLIENT = (
    parameter(
        "client_id",
        "Of a client that pays for itself; the partner's own without it.",
        {"type": "string", "maxLength": 64},
        "f167CmCL",
    ),
)
