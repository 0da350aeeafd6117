"""What the mails about payments say, per kind and language; pure. A test holds them complete.

`{name}` is the payer, `{brand}` the partner in whose name a client is written to, `{amount}` money
as the language writes it. A mail leads an owner into the hub, a client to its own page.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency

from core.billing.payments.mail_text import LANGUAGES, Text
from core.billing.payments.mail_texts_cards import CARD_TEXTS
from core.billing.payments.mail_texts_disputes import DISPUTE_TEXTS
from core.billing.payments.mail_texts_payments import PAYMENT_TEXTS
from core.billing.payments.mail_texts_plans import PLAN_TEXTS
from core.billing.payments.mail_texts_renewal import RENEWAL_TEXTS
from core.money import Money

TEXTS: dict[str, dict[str, Text]] = {
    **PAYMENT_TEXTS,
    **CARD_TEXTS,
    **DISPUTE_TEXTS,
    **RENEWAL_TEXTS,
    **PLAN_TEXTS,
}
# Where an owner is led; `{payment}` is filled in.
_PATHS = {
    "confirm": "/billing/payments/{payment}",
    "top_up_done": "/billing/balance",
    "refund_done": "/billing/invoices",
    "refund_failed": "/billing/balance",
    "card_expiring": "/billing/cards",
    "dispute_opened": "/billing/payments/{payment}",
    "dispute_won": "/billing/payments/{payment}",
    "dispute_lost": "/billing/payments/{payment}",
    "auto_renewal_failed": "/billing/balance",
    "auto_renewal_last_try": "/billing/balance",
    "auto_renewal_stopped": "/billing/auto-renewal",
    "auto_renewal_ceiling": "/billing/auto-renewal",
    "plan_upgraded": "/billing/subscriptions",
    "plan_downgrade_planned": "/billing/subscriptions",
    "plan_downgraded": "/billing/subscriptions",
    "plan_cancelled": "/billing/subscriptions",
    "plan_cancel_withdrawn": "/billing/subscriptions",
    "plan_ended": "/billing/invoices",
}


def text_of(kind: str, language: str) -> Text:
    """The text in this language, English for one that the hub does not speak."""
    return TEXTS[kind].get(language) or TEXTS[kind]["en"]


def path_of(kind: str) -> str:
    """Where the button leads an owner."""
    return _PATHS.get(kind, "/billing/balance")


def amount_in_words(money: Money, language: str) -> str:
    """Such as €1,234.50."""
    amount = Decimal(money.micros).scaleb(-6)
    return str(format_currency(amount, money.currency, locale=_locale(language)))


def moment_in_words(moment: datetime, language: str) -> str:
    """Such as 3 Nov 2026, 14:05, as the language writes it, in UTC."""
    return str(format_datetime(moment, "medium", locale=_locale(language)))


def day_in_words(day: date, language: str) -> str:
    """Such as 3 Nov 2026, as the language writes it."""
    return str(format_date(day, "medium", locale=_locale(language)))


def _locale(language: str) -> str:
    return language if language in LANGUAGES else "en"
