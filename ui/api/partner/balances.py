"""Balances and usage: how much is left, and what it went to."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from core.billing.balance.periods import CATEGORIES, Period
from core.integration.api.usage import UsageReport
from core.integration.shapes.values import moment
from ui.api.partner.amounts import number
from ui.api.partner.answers import answer
from ui.api.partner.asked import optional_id, path_id, usage_asked
from ui.api.partner.call import PARTNER, Call, Called
from ui.api.partner.describe import parameter, told
from ui.api.partner.schemas.balances import Balances, ClientBalance

_CLIENT = f"{PARTNER}/clients/{{client_id}}/info/balance"
_CHANNEL = f"{PARTNER}/clients/{{client_id}}/channels/{{channel_id}}/info/balance"
_TIME = {"type": "integer", "format": "int64", "minimum": 0, "maximum": 4_102_444_800}
_PERIOD = (
    parameter(
        "start_date",
        "Unix seconds (UTC); the day that it falls on is the first one counted.",
        _TIME,
        1_767_225_600,
    ),
    parameter(
        "end_date",
        "Unix seconds (UTC); the day that it falls on is the last one counted. Now without it.",
        _TIME,
        1_769_817_600,
    ),
    parameter(
        "granularity",
        "How long a period is.",
        {"type": "string", "enum": ["day", "month"], "default": "month"},
        "month",
    ),
)
_ID = {"type": "string", "maxLength": 64}
_NARROWED = (
    parameter("client_id", "Of this client only.", _ID, "f167CmCL"),
    parameter("channel_id", "Of this channel only.", _ID, "f167CmCH"),
)
_ABOUT = (
    "Usage by the day on which it was charged (UTC), as the ledger has it. The balance is the"
    " partner's own where it pays for the client's messages. Without dates: twelve months, or"
    " thirty days. 5 calls in 30 seconds"
)


def routes(router: APIRouter) -> None:
    @router.get(
        f"{PARTNER}/balance",
        **told(
            "Get the partner's balance",
            Balances,
            about="One row per currency. 5 calls in 30 seconds.",
        ),
    )
    def get_balance(call: Called) -> Response:
        who = call.who
        call.rates.count_balance(who.tenant.partner_id, "partner", hourly=False)
        rows = call.hub.partner_api.usage.balances(who)
        return answer([{"currency": row.currency, "total": number(row)} for row in rows])

    @router.get(
        _CLIENT,
        **told(
            "Get a client's balance and usage", ClientBalance, about=f"{_ABOUT}.", query=_PERIOD
        ),
    )
    def get_client_balance(call: Called) -> Response:
        return _report(call, client_id=path_id(call, "client_id"))

    @router.get(
        _CHANNEL,
        **told(
            "Get a channel's balance and usage",
            ClientBalance,
            about=f"{_ABOUT} and 10 in an hour for each channel.",
            query=_PERIOD,
        ),
    )
    def get_channel_balance(call: Called) -> Response:
        place = {name: path_id(call, name) for name in ("client_id", "channel_id")}
        return _report(call, **place)

    @router.get(
        f"{PARTNER}/usage",
        **told(
            "Get usage",
            ClientBalance,
            about="Of the whole partner, one client or one channel.",
            query=(*_PERIOD, *_NARROWED),
        ),
    )
    def get_usage(call: Called) -> Response:
        who, asked = call.who, usage_asked(call)
        place = {name: optional_id(call, name) for name in ("client_id", "channel_id")}
        return answer(_shape(call.hub.partner_api.usage.report(who, asked, **place)))


def _report(call: Call, *, client_id: str, channel_id: str = "") -> Response:
    who = call.who
    subject = f"{client_id}/{channel_id}"
    call.rates.count_balance(who.tenant.partner_id, subject, hourly=bool(channel_id))
    report = call.hub.partner_api.usage.report(
        who, usage_asked(call), client_id=client_id, channel_id=channel_id
    )
    return answer(_shape(report))


def _shape(report: UsageReport) -> dict[str, Any]:
    renewal: dict[str, Any] = {}
    if report.renewed is not None:
        renewal = {"date": moment(report.renewed_at), "amount": number(report.renewed)}
    return {
        "balance": number(report.balance),
        "currency": report.balance.currency,
        "last_renewal": renewal,
        "estimated_template_cost": number(report.template_cost),
        "granularity": report.granularity.value,
        "usage": [_period(period) for period in report.periods],
    }


def _period(period: Period) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "period_date": f"{period.first:%Y-%m-%d}T00:00:00Z",
        "quantity": period.quantity,
        "paid_quantity": period.paid,
        "free_quantity": period.quantity - period.paid,
        "free_tier": period.free_tier,
        "free_entry_point": period.free_entry_point,
    }
    for category in CATEGORIES:
        use = period.categories[category]
        shape |= {
            f"{category}_quantity": use.quantity,
            f"{category}_paid_quantity": use.paid,
            f"{category}_price": number(period.price(category)),
        }
    return shape | {"total_price": number(period.total)}
