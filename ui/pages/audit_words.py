"""What the record says: each kind of event with its title, group and look; who, and where from.

Titles of numbers, templates and integration are those of the timelines (`event_words`).
"""

from __future__ import annotations

import json
import re
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from core.audit.differences import Difference, differences, rest
from core.audit.trail import Happened
from core.events import STAFF_ONLY, EventType
from core.money import MICROS, Money
from ui import format as words
from ui.components import Tone
from ui.pages import event_words, support_words
from ui.pages.audit_titles import GROUPS
from ui.pages.session_words import device

ALL = ""
# What only repeats, or places for machines.
_UNSAID = frozenset(
    {"told", "told_at", "side", "is_main", "currency"}
    # Ids that nobody knows; what the event is about is named beside it.
    | {"client_id", "invoice_id", "request", "invitation", "change_id", "about"}
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_STATE = re.compile(r"[a-z]+(?:_[a-z]+)+")
_ACTORS = {"client": "The client", "meta": "Meta", "hub": "The hub"}
_FIELDS = {
    "levels_micros": "Alert levels",
    "micros": "Cap",
    "region": "Storage region",
    "partner_payload": "Your own reference",
    "max_channels": "Most numbers",
    "assigned_to": "Taken on by",
    "logo_hash": "Logo",
    "brand_color": "Brand colour",
    "clients_may_add_numbers": "Clients may add numbers",
}
_KINDS: dict[str, str] = {kind.value: word for kind, (_, word) in support_words.KINDS.items()}
_SUBJECTS = {
    "channel": ("Number", "/accounts/{}"),
    "licence": ("Licence", "/accounts/{}"),
    "client": ("Client", ""),
    "waba": ("WhatsApp account", ""),
    "template": ("Template", ""),
    "person": ("Person", "/users"),
    "invitation": ("Invitation", "/users"),
    "session": ("Session", ""),
    "profile": ("Profile", "/profile"),
    "integration": ("Integration", "/integration"),
    "webhook_endpoint": ("Webhook endpoint", "/integration/webhooks?endpoint={}"),
    "api_key": ("API key", "/integration/keys"),
    "system_user": ("System user", "/integration/keys"),
    "onboarding_run": ("Onboarding", "/onboarding-runs/{}"),
    "invoice": ("Invoice", "/billing/invoices/{}"),
    "payment": ("Payment", "/billing/payments/{}"),
    "card": ("Card", "/billing/cards"),
    "credit": ("Credit balance", "/billing/balance"),
    "billing_details": ("Billing details", "/billing/details"),
    "subscription": ("Subscription", "/billing/subscriptions"),
    "renewal": ("Auto-renewal", "/billing/auto-renewal"),
    "conversation": ("Conversation", "/support/{}"),
}


def groups() -> dict[str, str]:
    """What the list can be narrowed to, in the order of the navigation."""
    return {ALL: "All kinds"} | {key: group.word for key, group in GROUPS.items()}


def types_of(group: str) -> frozenset[str]:
    """The kinds of a group; none for all."""
    return GROUPS[group].types if group in GROUPS else frozenset()


def group_of(type_: str) -> str:
    """The word of the group that a kind stands in."""
    return next((group.word for group in GROUPS.values() if type_ in group.types), "Other")


def title(type_: str) -> tuple[str, str, Tone]:
    """Icon, title and tone."""
    return event_words.title(type_)


def types_called(text: str) -> frozenset[str]:
    """Kinds whose title has the text in it."""
    wanted = text.casefold()
    shown = (type_.value for type_ in EventType if type_.value not in STAFF_ONLY)
    return frozenset(each for each in shown if wanted in title(each)[1].casefold())


def who(row: Happened) -> str:
    """A name; programs and the hub are said to be what they are."""
    if row.actor in _ACTORS:
        return _ACTORS[row.actor]
    if row.actor.startswith("key:"):
        return f"API key {row.actor_name}".strip()
    if row.actor.startswith("user:"):
        return f"System user {row.actor_name}".strip()
    return row.actor_name or "Somebody who has left"


def where(row: Happened) -> str:
    """An address, or why there is none."""
    if row.is_staff:
        return "The operator's desk"
    if row.is_erased:
        return "Erased"
    return row.address


def browser(row: Happened) -> str:
    """`Firefox on Windows` for a person; programs as they name themselves."""
    if not row.agent:
        return ""
    is_program = row.actor.startswith(("key:", "user:"))
    return row.agent.split(" ", 1)[0] if is_program else device(row.agent)


def wording(row: Happened) -> tuple[str, str, str]:
    """For the export: what, who, where from."""
    return title(row.type)[1], who(row), where(row)


def subject(row: Happened) -> tuple[str, str, str]:
    """Name, kind and address of what it is about; the address may be ''."""
    kind, path = _SUBJECTS.get(
        row.subject_type, (row.subject_type.replace("_", " ").capitalize(), "")
    )
    name = _subject_name(row)
    return name or kind, kind if name else "", path.format(row.subject_id) if path else ""


def kind_of(subject_type: str) -> str:
    """What events of that subject are about, in a word."""
    return _SUBJECTS.get(subject_type, (subject_type.replace("_", " ").capitalize(), ""))[0]


def _subject_name(row: Happened) -> str:
    """Its name today; else what the event itself calls it: an invoice's number, a key's name."""
    if row.subject_name:
        is_number = row.subject_type == "licence"
        return words.phone(row.subject_name) if is_number else row.subject_name
    if row.subject_type == "conversation":
        return _KINDS.get(row.data.get("kind", ""), "")
    named = ((name, row.data.get(name)) for name in ("number", "name", "phone_number", "username"))
    return next(
        (event_words.value(name, told) for name, told in named if isinstance(told, str) and told),
        "",
    )


def changes(row: Happened, zone: tzinfo) -> list[tuple[str, str, str]]:
    """Name, before and after of each value that changed."""
    return [
        (_field(each), *_before_and_after(row, each, zone))
        for each in differences(row.data, row.earlier)
        if each.before != each.after
    ]


def _before_and_after(row: Happened, each: Difference, zone: tzinfo) -> tuple[str, str]:
    if each.name == "logo_hash":  # pictures differ, and their hashes tell nobody how
        another = "another picture" if each.before else "a picture"
        return "a picture" if each.before else "nothing", another if each.after else "nothing"
    before, after = (_value(row, each.name, told, zone) for told in (each.before, each.after))
    return before, after


def more(row: Happened, zone: tzinfo) -> str:
    """What else was told, in short; what says nothing is left out."""
    told = rest(row.data, row.earlier)
    return ", ".join(
        f"{_label(row, name)}: {_value(row, name, each, zone)}"
        for name, each in told.items()
        if name not in _UNSAID and each not in (None, "", [], {})
    )


def raw(row: Happened) -> str:
    """The event's data as it is kept."""
    return json.dumps(row.data, indent=2, ensure_ascii=False, sort_keys=True)


def _value(row: Happened, name: str, told: Any, zone: tzinfo) -> str:
    """A value as people read it: amounts with their currency, people by name."""
    if told is None or told in ("", [], {}):
        return "nothing"
    if name.endswith("micros"):
        return _amount(told, str(row.data.get("currency", "")))
    if isinstance(told, list):
        return ", ".join(_value(row, name, each, zone) for each in told)
    if isinstance(told, dict):
        return ", ".join(f"{_named(key)}: {_value(row, key, of, zone)}" for key, of in told.items())
    if isinstance(told, str) and _MOMENT.fullmatch(told):
        return _moment(told, zone)
    kind = _KINDS.get(str(told)) if name == "kind" else None
    text = kind or row.people.get(str(told)) or event_words.value(name, told)
    return text.replace("_", " ") if _STATE.fullmatch(text) else text


def _moment(told: str, zone: tzinfo) -> str:
    """As every time is shown; what only looks like one is told as it is."""
    try:
        return words.exact(datetime.fromisoformat(told), zone)
    except (ValueError, OverflowError):
        return told


def _amount(told: Any, currency: str) -> str:
    if isinstance(told, dict):
        return ", ".join(_amount(micros, code) for code, micros in told.items())
    if isinstance(told, list):
        return ", ".join(_amount(micros, currency) for micros in told)
    if not isinstance(told, int):
        return str(told)
    return words.money(Money(told, currency)) if currency else f"{Decimal(told) / MICROS:,.2f}"


def _field(each: Difference) -> str:
    return _FIELDS.get(each.name) or event_words.COLUMNS.get(each.name) or _named(each.name)


def _label(row: Happened, name: str) -> str:
    """What stopped messages is over once they go on."""
    is_over = name == "reason" and row.type == EventType.OUTBOUND_RESUMED
    return "No longer" if is_over else _named(name)


def _named(name: str) -> str:
    if name == "micros":
        return "Amount"
    return name.removesuffix("_micros").removesuffix("_id").replace("_", " ").capitalize()
