"""What the mails about payments say; pure. `{brand}` is the partner, `{amount}` money in words."""

from __future__ import annotations

from dataclasses import dataclass

from core.money import Money


@dataclass(frozen=True, slots=True)
class Text:
    """Subject, body, and the button with the path in the hub that it leads to."""

    subject: str
    body: str
    button: str
    path: str = "/billing"


TEXTS: dict[str, Text] = {
    "confirm": Text(
        "Please confirm a payment of {amount}",
        "Your bank asks you to confirm the payment of {amount} for {brand}.\n\n"
        "Nothing is charged until you do. After 23 hours the payment is cancelled by itself.",
        "Confirm the payment",
        "/billing/payments/{payment}",
    ),
    "top_up_done": Text(
        "{amount} credit added",
        "{amount} were added to the credit balance of {brand}.\n\n"
        "The invoice is in the hub, under Billing Options.",
        "Open the balance",
    ),
    "refund_done": Text(
        "{amount} are on their way back to your card",
        "{amount} were paid back for {brand}. It can take your bank some days to show it.\n\n"
        "The credit note is in the hub, under Billing Options.",
        "Open the invoices",
    ),
    "card_expiring": Text(
        "Your card ending in {last4} expires soon",
        "The card {brand_name} ending in {last4} of {brand} is good until {expiry}.\n\n"
        "Add another one, so that payments go on and your messages do not stop.",
        "Open the cards",
    ),
    "dispute_opened": Text(
        "A payment of {amount} is disputed",
        "The bank was asked to take back a payment of {amount} by {brand}.\n\n"
        "Until it has decided nothing changes. If this was a mistake, tell your bank so; "
        "otherwise write to Support.",
        "Look at the payment",
        "/billing/payments/{payment}",
    ),
    "dispute_won": Text(
        "The dispute about {amount} is over",
        "The bank has left the payment of {amount} by {brand} as it is. Nothing changes.",
        "Look at the payment",
        "/billing/payments/{payment}",
    ),
    "dispute_lost": Text(
        "The bank has taken back {amount}",
        "The bank has taken back the payment of {amount} by {brand}. It was taken off your "
        "credit, or its invoice is to be paid again.\n\n"
        "If messages have stopped, top up to go on.",
        "Look at the payment",
        "/billing/payments/{payment}",
    ),
    "auto_renewal_failed": Text(
        "The automatic top-up of {amount} did not work",
        "No card of {brand} could be charged for the automatic top-up of {amount}.\n\n"
        "It is tried again at {next} (UTC). To be safe, top up by hand or add another card.",
        "Top up now",
    ),
    "auto_renewal_last_try": Text(
        "The automatic top-up of {amount} did not work",
        "No card of {brand} could be charged for the automatic top-up of {amount}, and it has "
        "been tried several times. It is tried again once a day.\n\n"
        "Top up by hand or add another card, or your messages stop when the credit is used up.",
        "Top up now",
    ),
    "auto_renewal_stopped": Text(
        "Auto-renewal has stopped itself",
        "The credit of {brand} was topped up three times within ten minutes. This is unusual, so "
        "auto-renewal has stopped itself until you start it again.\n\n"
        "Look at what is being sent before you do.",
        "Open auto-renewal",
    ),
    "auto_renewal_ceiling": Text(
        "Auto-renewal has reached this month's ceiling",
        "Another {amount} would be more than the ceiling that is set for {brand} this month, so "
        "nothing was charged.\n\n"
        "Raise the ceiling or top up by hand, or your messages stop when the credit is used up.",
        "Open auto-renewal",
    ),
}


def amount_in_words(money: Money) -> str:
    """Such as "1,234.50 EUR"."""
    sign, cents = ("-" if money.micros < 0 else ""), abs(money.minor)
    return f"{sign}{cents // 100:,}.{cents % 100:02d} {money.currency}"
