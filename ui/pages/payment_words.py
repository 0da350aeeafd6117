"""Payments and cards in words: how they stand, why a card was declined, what to do next."""

from __future__ import annotations

from core.billing.payments.states import PaymentStatus, Purpose, RefundStatus
from core.billing.payments.views import CardView
from core.errors import FreshSignInNeeded, HubError
from ui.components import Tone
from ui.faults import words_for

_BRANDS = {"visa": "Visa", "mastercard": "Mastercard", "amex": "American Express"}
_STATUS: dict[PaymentStatus, tuple[str, str, Tone]] = {
    PaymentStatus.CREATED: ("hourglass", "Being charged", "info"),
    PaymentStatus.PROCESSING: ("hourglass", "Being charged", "info"),
    PaymentStatus.UNKNOWN: ("hourglass", "Being checked", "warning"),
    PaymentStatus.ACTION_REQUIRED: ("shield", "Needs your confirmation", "warning"),
    PaymentStatus.SUCCEEDED: ("check-circle", "Paid", "success"),
    PaymentStatus.DECLINED: ("cross-circle", "Declined", "danger"),
    PaymentStatus.CANCELLED: ("ban", "Cancelled", "neutral"),
}
_REFUNDS: dict[RefundStatus, tuple[str, str, Tone]] = {
    RefundStatus.CREATED: ("hourglass", "On its way back", "info"),
    RefundStatus.PENDING: ("hourglass", "On its way back", "info"),
    RefundStatus.SUCCEEDED: ("check-circle", "Paid back", "success"),
    RefundStatus.FAILED: ("cross-circle", "Not paid back, credit again", "danger"),
}
_PURPOSES = {
    Purpose.TOP_UP: "Top-up",
    Purpose.AUTO_RENEWAL: "Auto-renewal",
    Purpose.INVOICE: "Invoice",
    Purpose.PLAN: "Upgrade",
}
_DISPUTES: dict[str, tuple[str, Tone]] = {
    "open": ("The cardholder asks the bank for it back", "warning"),
    "won": ("Decided for this payment", "success"),
    "lost": ("The bank took it back", "danger"),
}
_DECLINED = {
    "insufficient_funds": "The card does not have enough funds. Use another card or a smaller "
    "amount.",
    "expired_card": "The card has expired. Use another card.",
    "lost_card": "The bank does not accept this card any more. Use another card.",
    "stolen_card": "The bank does not accept this card any more. Use another card.",
    "incorrect_cvc": "The security code of the card was wrong. Add the card anew.",
    "processing_error": "The bank could not process it just now. Try again in a few minutes.",
    "authentication_required": "The bank wants it confirmed. Try again and confirm it.",
    "card_velocity_exceeded": "The card has reached its limit. Use another card, or try tomorrow.",
    "no_card": "There is no card to charge. Add one.",
}
_DECLINED_ANYHOW = "The bank declined it without a reason. Use another card or ask your bank."
_REFUSED = {
    "amount_not_a_number": "An amount such as 250 or 99.50.",
    "amount_not_positive": "An amount above zero.",
    "amount_finer_than_cents": "At most two decimals.",
    "amount_too_small": "At least {least}.",
    "amount_too_large": "At most {most}. For more, top up several times.",
    "amount_foreign_currency": "Amounts are in {currency}.",
    "quote_changed": "What it costs has changed meanwhile. Look at the new sum and confirm it.",
    "top_up_made": "Somebody of your team has just topped up. Look at the balance first.",
    "top_up_under_way": "A top-up is under way already. Wait until it is through.",
    "invoice_payment_under_way": "It is being charged already. Wait until that is through.",
    "card_expired": "This card has expired. Choose another one.",
    "card_in_use": "A payment with this card is under way. Wait until it is through.",
    "invoice_not_open": "There is nothing to pay on this invoice any more.",
    "payment_refused": "The payment provider refuses this. Nothing was charged; write to Support.",
    "unavailable": "The payment provider does not answer. Nothing is lost; try again in a minute.",
    "refund_made": "Somebody of your team has just refunded it. Look at the balance first.",
    "more_than_was_paid": "A part went back already, or was spent. Look at the new amount.",
    "insufficient_credit": "A part was spent meanwhile. Look at the new amount.",
    "too_late": "It is through already.",
}
_NEEDED_BY = {
    "unpaid_invoices": "an invoice is still to be paid",
    "auto_renewal": "auto-renewal needs it",
}


def status(status: PaymentStatus) -> tuple[str, str, Tone]:
    """Icon, word and tone of a payment."""
    return _STATUS[status]


def refund(status: RefundStatus) -> tuple[str, str, Tone]:
    """Icon, word and tone of money on its way back."""
    return _REFUNDS[status]


def purpose(purpose: Purpose) -> str:
    """What is paid for."""
    return _PURPOSES[purpose]


def dispute(state: str) -> tuple[str, Tone]:
    """Word and tone of a dispute; '' where nobody has disputed it."""
    return _DISPUTES.get(state, ("", "neutral"))


def declined(code: str) -> str:
    """What a decline means and what to do; the bank's word is not always a reason."""
    return _DECLINED.get(code, _DECLINED_ANYHOW)


def refused(error: HubError) -> str:
    """Why a verb of payments did nothing."""
    if error.code == "last_card_needed":
        reasons = [_NEEDED_BY.get(by, by) for by in error.about.get("by", ())]
        return f"This is the last card and {' and '.join(reasons)}. Add another card first."
    if isinstance(error, FreshSignInNeeded):
        return words_for(error).sentence
    return _REFUSED.get(error.code, str(error)).format(**error.about)


def card(card: CardView) -> str:
    """`Visa ending in 4242`."""
    return f"{_BRANDS.get(card.brand, card.brand.title())} ending in {card.last4}"


def expiry(card: CardView) -> str:
    """`11/2027`."""
    return f"{card.exp_month:02}/{card.exp_year}"
