"""An onboarding's flight record as a timeline: each step, each Meta call, each error; pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.events import EventType
from core.onboarding.views import FlightEntry, Turn
from ui.components import Tone
from ui.lists import Entry
from ui.pages.onboarding_advice import advice_for_partner

_STEPS = {
    "code_sent": ("Code mailed to the client", "mail"),
    "email_confirmed": ("E-mail address confirmed", "check"),
    "prices_seen": ("Prices and terms opened", "eye"),
    "terms_accepted": ("Terms accepted", "check"),
    "details_saved": ("Billing details saved", "check"),
    "card_page_opened": ("Sent to the payment provider’s page", "external"),
    "card_added": ("Card added", "check"),
    "credit_begun": ("First top-up begun", "hourglass"),
    "credit_bought": ("First top-up paid", "check"),
    "credit_skipped": ("Goes on without credit", "play"),
    "resumed": ("Gone on from the mailed link", "link"),
    "popup_opened": ("Meta’s window opened", "external"),
    "popup_said": ("Meta’s window said more on its way out", "info"),
    "ids_received": ("Meta’s window named the account", "info"),
    "code_received": ("Code received from Meta", "key"),
    "message_late": ("Account named late, going on", "play"),
    "waba_shared": ("Meta told of the shared account", "bell"),
    "retried": ("Tried again", "refresh"),
    "pin_given": ("PIN given by the client", "lock"),
    "permission": ("Permission given", "check"),
    "token": ("Token received", "check"),
    "account": ("WhatsApp account found", "check"),
    "subscription": ("Webhooks subscribed", "check"),
    "numbers": ("Numbers found", "check"),
    "region": ("Storage region set", "check"),
    "pin": ("Two-step PIN set", "check"),
    "registration": ("Number registered", "check"),
    "app_data": ("Contacts and chats of the app requested", "check"),
    "confirmation": ("Confirmed by Meta", "check"),
    "templates": ("Templates read", "check"),
    "set_up": ("Everything is set up", "check"),
    "put_aside": ("Put aside: nothing happened for a long time", "pause"),
}
# What the hub asked of Meta, as people would say it; one for every name in the flight record.
_CALLS = {
    "exchange_code": "Exchange the code for a token",
    "solution_token": "Ask for a token by your solution",
    "debug_token": "Look into the token",
    "phone_numbers": "List the account’s numbers",
    "client_wabas": "Look for accounts that clients shared",
    "waba": "Read the WhatsApp account",
    "is_subscribed": "See whether webhooks come",
    "subscribe": "Subscribe to webhooks",
    "storage_region": "Read the storage region",
    "set_storage_region": "Set the storage region",
    "phone_number": "Read the number",
    "register": "Register the number",
    "sync_app_data:smb_app_state_sync": "Ask for the app’s contacts",
    "sync_app_data:history": "Ask for the app’s chats",
    "templates": "Read the templates",
}
# The gateway takes nothing else for a success (contracts/meta.md section 12).
_DONE = "Meta’s answer 200"
_TURNS = {
    Turn.CLIENT: "The client’s turn.",
    Turn.PARTNER: "Your turn.",
    Turn.META: "Meta’s turn.",
    Turn.HUB: "The hub takes care of it.",
}
# Said by name, in this order; everything else in an event is for programs.
_SAID = {
    "call": "call",
    "ending": "ending",
    "left_at": "left at",
    "attempt": "attempt",
    "waba_id": "WABA",
    "phone_id": "number id",
    "client_id": "client",
    "language": "language",
    "version": "version",
    "country": "country",
    "vat_state": "VAT ID",
    "brand": "brand",
    "last4": "card ending in",
}

Told = tuple[str, str, str, Tone]  # what, more, icon, tone


def entry_of(flight: FlightEntry) -> Entry:
    """One line of the timeline."""
    what, more, icon, tone = _told(flight)
    return Entry(key=str(flight.id), what=what, when=flight.at, more=more, icon=icon, tone=tone)


def call_name(call: str) -> str:
    """What a call of Meta is for; one that nobody listed keeps its name in readable form."""
    return _CALLS.get(call, call.replace("_", " ").capitalize())


def _told(flight: FlightEntry) -> Told:
    teller = _TELLERS.get(flight.kind)
    if teller is not None:
        return teller(flight.data)
    return flight.kind.replace("_", " ").capitalize(), _facts(flight.data), "dot", "neutral"


def _step(data: dict[str, Any]) -> Told:
    step = str(data.get("step", ""))
    what, icon = _STEPS.get(step, (step.replace("_", " ").capitalize(), "dot"))
    return what, _facts(data), icon, "success" if icon == "check" else "neutral"


def _finished(data: dict[str, Any]) -> Told:
    back = "Client sent back to you." if data.get("redirected") else "Ended on our page."
    return "Finished", back, "check-circle", "success"


def _call(data: dict[str, Any]) -> Told:
    name = call_name(str(data.get("call", "")))
    took = f"{data.get('ms', 0)} ms"
    if data.get("ok"):
        return name, _joined([_DONE, took]), "bolt", "neutral"
    if data.get("unreachable"):
        return f"Meta did not answer: {name}", took, "error", "danger"
    code = ".".join(str(data[key]) for key in ("meta_code", "subcode") if data.get(key))
    parts = [took, str(data.get("details", "")), _trace(data)]
    return f"Meta refused: {name}, code {code}", _joined(parts), "error", "danger"


def _error(data: dict[str, Any]) -> Told:
    happened, todo = advice_for_partner(str(data.get("key", "")))
    code = f" (Meta’s code {data['meta_code']})" if data.get("meta_code") else ""
    turn = _TURNS.get(data.get("turn", ""), "")
    said = f"Meta: “{data['meta_message']}”" if data.get("meta_message") else ""
    session = f"session {data['meta_session']}" if data.get("meta_session") else ""
    more = _joined([" ".join(filter(None, (turn, todo))), said, session, _trace(data)])
    if decline := str(data.get("decline_code", "")):
        more = _joined([more, f"bank: {decline.replace('_', ' ')}"])
    return happened + code, more, "alert", "warning"


def _trace(data: dict[str, Any]) -> str:
    return f"trace {data['trace_id']}" if data.get("trace_id") else ""


def _facts(data: dict[str, Any]) -> str:
    return _joined([f"{word} {data[key]}" for key, word in _SAID.items() if data.get(key)])


def _joined(parts: list[str]) -> str:
    return " · ".join(part for part in parts if part)


_TELLERS: dict[str, Callable[[dict[str, Any]], Told]] = {
    EventType.RUN_STARTED: lambda data: ("Link opened", _facts(data), "link", "info"),
    EventType.RUN_STEP: _step,
    EventType.RUN_META_CALL: _call,
    EventType.RUN_ERROR: _error,
    EventType.RUN_LINK_SENT: lambda _: ("Resume link sent", "", "send", "neutral"),
    EventType.RUN_FINISHED: _finished,
}
