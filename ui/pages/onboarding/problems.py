"""Refusals and troubles as what a client reads: a card, or a sentence at a field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import HubError
from core.onboarding.views import Trouble, Turn
from ui.i18n import N_, Texts
from ui.pages.onboarding.advice import advice_of

_MINUTE, _HOUR = 60, 3600


_CHECK = N_("Please check this.")
# What is wrong with the billing details.
_FAULTS = {
    "needed": N_("This is needed on an invoice."),
    "too_long": N_("This is too long."),
    "unknown_country": N_("Please choose a country."),
    "not_an_address": N_("This e-mail address is not complete."),
    "vat_format": N_("This is not how a VAT ID of this country looks."),
    "vat_checksum": N_("This VAT ID has a typing error: its check digit does not fit."),
    "vat_country": N_("This VAT ID belongs to another country than the one above."),
}
# What is wrong with an amount.
_BY_CODE = {
    "amount_not_a_number": N_("An amount such as 50 or 99.50."),
    "amount_not_positive": N_("An amount above zero."),
    "amount_finer_than_cents": N_("At most two decimals."),
    "amount_too_small": N_("This is less than the smallest top-up."),
    "amount_too_large": N_("This is more than the largest top-up."),
    "amount_foreign_currency": N_("Amounts are in the currency of the prices."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What happened, whose turn it is, the way on; `small` is for support."""

    title: str
    text: str
    turn: str = ""
    small: str = ""
    is_calm: bool = False  # nobody has to do anything


def card_of(code: str, say: Texts, partner: str, about: Mapping[str, Any] | None = None) -> Card:
    """The card for a refusal of the way."""
    if code == "too_many_codes":
        return _too_many(say, int((about or {}).get("retry_after", 0)))
    title, text = advice_of(code)
    return Card(title=say(title, partner=partner), text=say(text, partner=partner))


def trouble_card(trouble: Trouble, say: Texts, partner: str) -> Card:
    """The card for why a run stands still."""
    title, text = advice_of(trouble.key)
    return Card(
        title=say(title, partner=partner),
        text=say(text, partner=partner),
        turn=turn_text(trouble.turn, say, partner),
        small=_for_support(trouble, say),
        is_calm=trouble.turn is Turn.HUB,
    )


def turn_text(turn: Turn, say: Texts, partner: str) -> str:
    """Whose turn it is, in the client's words."""
    return {
        Turn.CLIENT: say("It is your turn."),
        Turn.PARTNER: say("It is {partner}’s turn.", partner=partner),
        Turn.META: say("It is Meta’s turn."),
        Turn.HUB: say("We take care of it."),
        Turn.NOBODY: "",
    }[turn]


def wait_text(say: Texts, seconds: int) -> str:
    """How long to wait, in the unit that people would use."""
    if seconds >= 2 * _HOUR:
        hours = round(seconds / _HOUR)
        return say.count("Wait about {n} hour.", "Wait about {n} hours.", hours)
    minutes = max(1, -(-seconds // _MINUTE))
    return say.count("Wait about {n} minute.", "Wait about {n} minutes.", minutes)


def fields_of(error: HubError) -> tuple[str, ...]:
    """The fields that a refusal is about, the first one first; none for one of another kind."""
    if error.code in ("code_wrong", "code_expired", "code_locked"):
        return ("code",)
    if faults := error.about.get("faults"):
        return tuple(str(field) for field in faults)
    named = error.about.get("fields") or filter(None, [error.about.get("field")])
    return tuple(str(field) for field in named)


def field_text(field: str, error: HubError, say: Texts) -> str:
    """The sentence at the field."""
    if faults := error.about.get("faults"):
        return say(_FAULTS.get(faults.get(field, ""), _CHECK))
    left = int(error.about.get("tries_left", 0))
    if error.code == "code_wrong" and left:
        return say.count(
            "This code is not right. {n} try left.", "This code is not right. {n} tries left.", left
        )
    by_code = {
        "code_expired": say("This code is too old. Please ask for a new one."),
        "code_wrong": say("This code is not right, and it was the last try. Ask for a new code."),
        "code_locked": say("There were too many tries. Please ask for a new code."),
    }
    by_field = {
        "company": say("Please enter the name of your company."),
        "full_name": say("Please enter your name."),
        "email": say("This e-mail address is not complete."),
        "pin": say("A PIN has six digits."),
    }
    return by_code.get(error.code) or by_field.get(field) or say(_BY_CODE.get(error.code, _CHECK))


def _too_many(say: Texts, seconds: int) -> Card:
    if seconds <= _MINUTE:
        return Card(
            title=say("The last code has just been sent"),
            text=say("It can take a moment to arrive. Wait a minute before you ask for another."),
        )
    return Card(
        title=say("Too many codes for now"),
        text=say("For your safety we send no more at the moment.") + " " + wait_text(say, seconds),
    )


def _for_support(trouble: Trouble, say: Texts) -> str:
    """What Meta's support asks for, and Meta's own words: plain and untrusted, shown as text."""
    parts = []
    if trouble.meta_code is not None:
        parts.append(say("Meta’s error {code}", code=trouble.meta_code))
    if trouble.meta_message:
        parts.append(f"“{trouble.meta_message}”")
    if trouble.meta_session or trouble.trace_id:
        parts.append(say("reference {id}", id=trouble.meta_session or trouble.trace_id))
    return " · ".join(parts)
