"""What a client's own page says about payments, cards and refusals; pure."""

from __future__ import annotations

from core.billing.invoices.statuses import InvoiceStatus
from core.billing.payments.states import PaymentStatus
from core.billing.payments.views import CardView
from core.errors import HubError
from ui.i18n import N_, Texts

_BRANDS = {"visa": "Visa", "mastercard": "Mastercard", "amex": "American Express"}
_REFUSED = {
    "amount_not_a_number": N_("Enter an amount such as 250 or 99.50."),
    "amount_not_positive": N_("Enter an amount above zero."),
    "amount_finer_than_cents": N_("Enter at most two decimals."),
    "amount_too_small": N_("The least is {least}."),
    "amount_too_large": N_("The most is {most}. For more, top up several times."),
    "amount_foreign_currency": N_("Amounts are in {currency} here."),
    "quote_changed": N_("What it costs has changed meanwhile. Look at the new sum and confirm it."),
    "top_up_made": N_("Somebody has just topped up. Look at the balance first."),
    "top_up_under_way": N_("A top-up is under way already. Wait until it is through."),
    "card_expired": N_("This card has expired. Choose another one."),
    "card_in_use": N_("A payment with this card is under way. Wait until it is through."),
    "last_card_needed": N_(
        "This is the last card, and it is still needed. Add another card first, or switch "
        "automatic top-ups off and pay what is open."
    ),
    "invoice_not_open": N_("There is nothing to pay on this invoice any more."),
    "invoice_payment_under_way": N_("This invoice is being paid already."),
    "invoice_file_pending": N_("The file is being made. Try again in a few seconds."),
    "billing_details": N_("Some of the details are not right yet. Look below."),
    "payment_refused": N_("The payment provider refuses this. Nothing was charged."),
    "unavailable": N_("We cannot reach the payment provider. Nothing is lost; try again soon."),
    "not_found": N_("This is not here any more. Look at the page again."),
}
_ANYHOW = N_("This does not work right now. Nothing was charged.")
_DECLINED = {
    "insufficient_funds": N_(
        "The card does not have enough funds. Use another card or a smaller amount."
    ),
    "expired_card": N_("The card has expired. Use another card."),
    "authentication_required": N_("Your bank wants it confirmed. Try again and confirm it."),
}
_DECLINED_ANYHOW = N_("Your bank declined it. Use another card or ask your bank.")
_DONE = {
    "topped_up": N_("Your card is being charged. The credit appears here by itself."),
    "paid": N_("Your card is being charged for the invoice."),
    "renewal_on": N_("Automatic top-ups are on."),
    "renewal_off": N_("Automatic top-ups are off."),
    "card_first": N_("This card is charged first from now on."),
    "card_removed": N_("The card is removed. It cannot be charged any more."),
    "card_added": N_("The card is saved."),
    "card_checked": N_("The card is being checked. It appears here by itself."),
    "card_cancelled": N_("No card was added."),
    "details_saved": N_("Saved. The next invoice is made out like this."),
}
_INVOICE = {
    InvoiceStatus.PENDING: N_("Being charged"),
    InvoiceStatus.UNPAID: N_("Unpaid"),
    InvoiceStatus.PAID: N_("Paid"),
    InvoiceStatus.VOID: N_("Taken back"),
    InvoiceStatus.CREDIT_NOTE: N_("Credit note"),
}
_FAULTS = {
    "needed": N_("This is needed."),
    "too_long": N_("This is too long."),
    "not_an_address": N_("This is no e-mail address."),
    "unknown_country": N_("Choose a country of the list."),
    "vat_format": N_("This is not how VAT IDs of this country look."),
    "vat_checksum": N_("A digit of this VAT ID is wrong."),
    "vat_country": N_("This VAT ID is of another country."),
}


def refused(error: HubError, say: Texts) -> str:
    """Why a verb did nothing, and what to do."""
    return say(_REFUSED.get(error.code, _ANYHOW), **{k: str(v) for k, v in error.about.items()})


def declined(code: str, say: Texts) -> str:
    """What a decline means and what to do."""
    return say(_DECLINED.get(code, _DECLINED_ANYHOW))


def done(code: str, say: Texts) -> str:
    """What has just been done; '' for a word that nobody knows."""
    return say(_DONE[code]) if code in _DONE else ""


def invoice_status(status: str, say: Texts) -> str:
    """How an invoice stands."""
    return say(_INVOICE[InvoiceStatus(status)])


def fault(code: str, say: Texts) -> str:
    """What is wrong with a field of the details."""
    return say(_FAULTS.get(code, _FAULTS["needed"]))


def card(card: CardView, say: Texts) -> str:
    """`Visa ending in 4242`."""
    brand = _BRANDS.get(card.brand, card.brand.title())
    return say("{brand} ending in {last4}", brand=brand, last4=card.last4)


def ended(status: PaymentStatus, code: str, say: Texts) -> str:
    """What became of the newest payment; '' while there is nothing to say."""
    if status is PaymentStatus.DECLINED:
        return declined(code, say)
    if status is PaymentStatus.CANCELLED:
        return say("The payment was cancelled. Nothing was charged.")
    return ""
