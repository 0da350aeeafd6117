"""What may go wrong with card and first credit, in the client's words; pure (see `advice`)."""

from __future__ import annotations

from ui.i18n import N_

# key: (what happened, what to do). Texts may name `{partner}`.
PAYMENT_ADVICE: dict[str, tuple[str, str]] = {
    "card_missing": (
        N_("There is no valid card any more"),
        N_("Add a card to go on. Everything you did is kept, and nothing was charged."),
    ),
    "card_declined": (
        N_("Your bank did not accept the card"),
        N_("Nothing was charged. Try another card, or ask your bank."),
    ),
    "card_cancelled": (
        N_("No card was added"),
        N_("You left the page before the end. Nothing is lost; open it again when you are ready."),
    ),
    "card_page_expired": (
        N_("The page for the card was open for too long"),
        N_("Nothing was charged. Open it again; it takes a minute."),
    ),
    "credit_declined": (
        N_("Your bank declined the payment"),
        N_("Nothing was charged. Use another card, choose another amount, or do it later."),
    ),
    "quote_changed": (
        N_("What it costs has changed meanwhile"),
        N_("Nothing was charged. Look at the new sum and confirm it."),
    ),
    "top_up_made": (
        N_("Credit has been added meanwhile"),
        N_("Load the page again and look before you add more."),
    ),
    "top_up_under_way": (
        N_("A payment is under way already"),
        N_("Wait until it is through; this page goes on by itself."),
    ),
    "card_expired": (
        N_("This card has expired"),
        N_("Nothing was charged. Add another card."),
    ),
    "payment_refused": (
        N_("The payment provider did not take this"),
        N_("Nothing was charged. Try again; if it happens again, please tell {partner}."),
    ),
}
