"""What a verb is called with: somebody's ids where it takes ids, plausible values elsewhere."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, get_args

from core.access import Permission
from core.accounts.results import ChannelQuery, NewTemplate
from core.accounts.template_lists import TemplateQuery
from core.audit.service import AuditQuery
from core.audit.trail import TrailQuery
from core.billing.balance.messages import Slice
from core.billing.invoices.details import DetailsForm
from core.billing.invoices.listing import InvoiceQuery
from core.billing.payments.listing import PaymentQuery
from core.billing.payments.quoting import Quote
from core.billing.renewal.entities import Mode
from core.integration.api.lists import ListQuery
from core.integration.api.usage import UsageAsked
from core.integration.outbound.catalogue import NAMES
from core.integration.outbound.views import DeliveryFilters
from core.money import Money
from core.onboarding.shared_numbers import SharedNumber
from core.partners.entities import Role
from core.subscriptions.states import CancelReason, PlanName, Tier
from core.support.states import RequestKind
from core.support.views import InboxQuery
from core.whereabouts import Thing
from tests.security.matrix.services import Verb

# The name of a parameter that carries an id, and the table whose key it is.
IDS: dict[str, str] = {
    "card_id": "card",
    "canned_id": "support_canned_answer",
    "change_id": "plan_change",
    "channel_id": "channel",
    "client_id": "client",
    "conversation_id": "support_conversation",
    "delivery_id": "webhook_delivery",
    "endpoint_id": "webhook_endpoint",
    "id_": "channel",
    "event_id": "event",
    "file_id": "support_file",
    "file_ids": "support_file",
    "flow_id": "flow",
    "invitation_id": "invitation",
    "invoice_id": "invoice",
    "key": "ledger_entry",
    "key_id": "api_key",
    "partner_id": "partner",
    "payment_id": "payment",
    "person_id": "person",
    "refund_id": "payment_refund",
    "run_id": "onboarding_run",
    "session_id": "user_session",
    "template_id": "template",
    "user_id": "api_user",
    "view_id": "saved_view",
    "visit_id": "card_page_visit",
    "waba_id": "waba_account",
}
BULK = frozenset({"file_ids"})
# Where a page of a list goes on; ids of rows, opaque or plain.
CURSORS = frozenset({"after", "before", "before_id", "cursor"})
# Where text of the caller's is looked for.
SEARCHES = frozenset({"numbers", "query", "search", "text", "asked", "filters", "slice_"})

_MONEY = Money.of("10.00", "EUR")
# By name, or by type: plausible enough to get as far as the row that the id names.
SAMPLES: dict[Any, Any] = {
    "amount": "50",
    "body": b"{}",
    "category": "UTILITY",
    "ceiling": "",
    "code": "DE",
    "content": b"{}",
    "description": "",
    "email": "somebody@acme.example",
    "end": date(2026, 11, 1),
    "event": min(NAMES),
    "given": {
        "name": "taken",
        "category": "UTILITY",
        "language": "en",
        "components": [{"type": "BODY", "text": "Hello"}],
    },
    "key": "a-key",
    "levels": ["5"],
    "month": "2026-10",
    "name": "Taken",
    "origins": ["https://acme-messaging.com"],
    "pin": "123456",
    "query": "q=x",
    "region": "DE",
    "request_hash": "0" * 64,
    "role": "member",
    "return_url": "https://hub.test/billing/cards",
    "solution_id": "123456789012345",
    "subject": "Taken",
    "start": date(2026, 10, 1),
    "text": "123456789012345",
    "threshold": "10",
    "title": "Taken",
    "token": "x" * 22,
    "top_up": "50",
    "url": "http://localhost:9001/hook",
    "username": "taken-over",
    "user_name": "",
    "version": "0" * 64,
    "why": "because",
    "wording": lambda _action: ("word", "sentence"),
    AuditQuery: AuditQuery(),
    CancelReason: next(iter(CancelReason)),
    ChannelQuery: ChannelQuery(),
    date: date(2026, 10, 1),
    DeliveryFilters: DeliveryFilters(),
    DetailsForm: DetailsForm(
        legal_name="Acme",
        email="a@acme.example",
        address="Street 1",
        postal_code="10115",
        city="Berlin",
        country="DE",
    ),
    InboxQuery: InboxQuery(),
    InvoiceQuery: InvoiceQuery(),
    ListQuery: ListQuery(),
    Mode: next(iter(Mode)),
    NewTemplate: NewTemplate(name="taken", language="en", category="UTILITY", body="Hello"),
    PaymentQuery: PaymentQuery(),
    Permission: Permission.ACCOUNTS,
    Thing: Thing.CHANNEL,
    TrailQuery: TrailQuery(),
    PlanName: next(iter(PlanName)),
    Quote: Quote(net=_MONEY, fee=_MONEY, tax=_MONEY, token="x" * 22),
    RequestKind: next(iter(RequestKind)),
    Role: Role.MEMBER,
    Slice: Slice(start=date(2026, 10, 1), end=date(2026, 11, 1)),
    TemplateQuery: TemplateQuery(),
    Tier: next(iter(Tier)),
    UsageAsked: UsageAsked(),
    bool: True,
    int: 1,
    bytes: b"x",
}

_PLAIN = (str, int, bool, bytes, date)

Ids = Mapping[str, Any]


class MissingSampleError(LookupError):
    """A parameter that nobody has said anything about."""


def ids_of(verb: Verb) -> list[str]:
    """The parameters that carry an id of a row."""
    return [p.name for p in verb.parameters if is_id(verb, p)]


def is_id(verb: Verb, parameter: inspect.Parameter) -> bool:
    if parameter.name == "key":  # of a request to the API, or of an entry of the books
        return verb.name.endswith(".entry")
    return parameter.name in IDS


def arguments(verb: Verb, ids: Ids, **changes: Any) -> dict[str, Any]:
    """By keyword; raises MissingSampleError for a parameter that has to be described first."""
    given: dict[str, Any] = {}
    for parameter in verb.parameters:
        name = parameter.name
        if name in changes:
            given[name] = changes[name]
        elif is_id(verb, parameter):
            given[name] = _id(parameter, ids[IDS[name]])
        elif name == "facts":
            given[name] = {"person_id": ids["person"], "role": "member"}
        elif name == "told":
            given[name] = SharedNumber(waba_id="1", solution_id="1", client_id=ids["client"])
        elif parameter.default is parameter.empty:
            given[name] = _sample(verb, parameter)
    return given


def query_of(verb: Verb, name: str) -> Any:
    """What the parameter asks for by itself."""
    parameter = next(each for each in verb.parameters if each.name == name)
    kinds = (parameter.annotation, *get_args(parameter.annotation))
    kind = next((k for k in kinds if isinstance(k, type) and k in SAMPLES), str)
    return "" if kind is str else SAMPLES[kind]


def about(value: Any, ids: Ids) -> list[Any]:
    """The query, asking for somebody else's things, once by each field that can name them."""
    texts = {
        "actor": ids["person"],
        "after": str(ids["channel"]),
        "before": str(ids["channel"]),
        "before_id": ids["event"],
        "channel_id": ids["channel"],
        "client_id": ids["client"],
        "cursor": str(ids["payment"]),
        "endpoint_id": ids["webhook_endpoint"],
        "filters": {"id": str(ids["channel"])},
        "search": ids["name"],
        "text": ids["name"],
    }
    if isinstance(value, str):
        return [ids["name"]]
    fields = getattr(type(value), "__dataclass_fields__", {})
    return [replace(value, **{name: texts[name]}) for name in fields if name in texts]


def _id(parameter: inspect.Parameter, found: Any) -> Any:
    if parameter.name in BULK:
        return (found,)
    is_number = "int" in str(parameter.annotation)
    return found if isinstance(found, int) and is_number else str(found)


def _sample(verb: Verb, parameter: inspect.Parameter) -> Any:
    kind = parameter.annotation
    keys = (parameter.name, kind) if kind in _PLAIN else (kind, parameter.name)
    for key in keys:
        if isinstance(key, str | type) and key in SAMPLES:
            return SAMPLES[key]
    raise MissingSampleError(
        f"hub.{verb.name} takes {parameter.name}: {parameter.annotation}. If it is an id, say of"
        " which table in IDS of tests/security/matrix/arguments.py, else give a value in SAMPLES."
    )
