"""Ledger, invoices, auto-renewal and subscription: what the hub adds about money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Response

from core.billing.renewal.entities import Mode
from core.integration.api.invoices import INVOICES
from core.integration.api.ledger import ENTRIES
from core.integration.api.lists import Page
from core.money import Money
from ui.api.partner import money_shapes
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

_INVOICES = f"{PARTNER}/invoices"
_RENEWAL = f"{PARTNER}/auto_renewal"
_CLIENT = (
    parameter(
        "client_id",
        "Of a client that pays for itself; the partner's own without it.",
        {"type": "string", "maxLength": 64},
        "f167CmCL",
    ),
)
_PDF = {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}


def routes(router: APIRouter) -> None:
    _ledger(router)
    _invoices(router)
    _auto_renewal(router)

    @router.get(f"{PARTNER}/subscription", **told("Get the subscription", SubscriptionObject))
    def get_subscription(call: Called) -> Response:
        return answer(money_shapes.subscription(call.hub.subscriptions.overview(call.who)))


def _ledger(router: APIRouter) -> None:
    @router.get(
        f"{PARTNER}/ledger",
        **told("List ledger entries", LedgerList, lists=ENTRIES, query=_CLIENT),
    )
    def list_entries(call: Called) -> Response:
        who, query, client_id = call.who, call.listing(), optional_id(call, "client_id")
        found = call.hub.partner_api.ledger.page(who, query, client_id)
        entries = [money_shapes.entry(row) for row in found.items]
        return listed("entries", Page(items=entries, total=found.total), query)


def _invoices(router: APIRouter) -> None:
    @router.get(_INVOICES, **told("List invoices", InvoiceList, lists=INVOICES))
    def list_invoices(call: Called) -> Response:
        who, query = call.who, call.listing()
        found = call.hub.partner_api.invoices.page(who, query)
        rows = [money_shapes.invoice(row) for row in found.items]
        return listed("invoices", Page(items=rows, total=found.total), query)

    @router.get(
        f"{_INVOICES}/{{invoice_id}}",
        **told("Get an invoice with its lines", InvoiceDetails),
    )
    def get_invoice(call: Called) -> Response:
        who = call.who
        view = call.hub.billing.invoices.invoice(who, path_id(call, "invoice_id"))
        return answer(money_shapes.invoice_with_lines(view))

    pdf = told("Get an invoice's PDF", InvoiceDetails)
    pdf["responses"] = pdf["responses"] | {200: {"description": "The PDF.", "content": _PDF}}
    pdf["responses"][409] = pdf["responses"][404] | {"description": "Not drawn yet."}

    @router.get(f"{_INVOICES}/{{invoice_id}}/pdf", **pdf, response_class=Response)
    def get_pdf(call: Called) -> Response:
        who = call.who
        file = call.hub.billing.invoices.pdf(who, path_id(call, "invoice_id"))
        name = {"Content-Disposition": f'attachment; filename="{file.name}"'}
        return Response(file.content, media_type="application/pdf", headers=name)


def _auto_renewal(router: APIRouter) -> None:
    @router.get(_RENEWAL, **told("Get auto-renewal", AutoRenewal, query=_CLIENT))
    def get_auto_renewal(call: Called) -> Response:
        who, client_id = call.who, optional_id(call, "client_id")
        return answer(
            money_shapes.auto_renewal(call.hub.billing.renewal.explain(who, client_id=client_id))
        )

    @router.patch(
        _RENEWAL,
        **told(
            "Change auto-renewal",
            AutoRenewal,
            about="What is given is changed. `threshold` and `top_up` are own figures (mode `own`);"
            " an empty `ceiling` is none.",
            takes=AutoRenewalChange,
            query=_CLIENT,
        ),
    )
    def change_auto_renewal(call: Called) -> Response:
        who, wish = call.who, call.body(AutoRenewalChange)
        return answer(_changed(call, who, wish, optional_id(call, "client_id")))


def _changed(call: Call, who: Any, wish: AutoRenewalChange, client_id: str) -> dict[str, Any]:
    renewal = call.hub.billing.renewal
    now = renewal.explain(who, client_id=client_id)
    if wish.model_fields_set - {"is_paused"}:
        has_own = wish.threshold is not None or wish.top_up is not None
        mode = wish.mode or (Mode.OWN if has_own else now.mode)
        ceiling = money_shapes.text(now.ceiling) if now.ceiling else ""
        now = renewal.modify(
            who,
            mode=mode,
            threshold=_figure(wish.threshold, now.threshold),
            top_up=_figure(wish.top_up, now.top_up),
            ceiling=ceiling if wish.ceiling is None else _ceiling(wish.ceiling),
            client_id=client_id,
        )
    if wish.is_paused is not None and wish.is_paused != now.is_paused:
        act = renewal.pause if wish.is_paused else renewal.start_again
        now = act(who, client_id=client_id)
    return money_shapes.auto_renewal(now)


def _figure(wished: int | Decimal | None, now: Money) -> str:
    return money_shapes.text(now) if wished is None else f"{Decimal(wished):f}"


def _ceiling(wished: int | Decimal | str) -> str:
    return wished if isinstance(wished, str) else f"{Decimal(wished):f}"
