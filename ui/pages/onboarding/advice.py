"""What went wrong, in the client's words: one title and one way on for every guidance key; pure.

Keys are those of `core.onboarding.guidance`; whose turn it is comes with the trouble itself.
"""

from __future__ import annotations

from ui.i18n import N_
from ui.pages.onboarding.advice_meta import META_ADVICE
from ui.pages.onboarding.advice_payment import PAYMENT_ADVICE

# key: (what happened, what to do). Texts may name `{partner}`.
ADVICE: dict[str, tuple[str, str]] = {
    # Of our own.
    "popup_blocked": (
        N_("Your browser blocked Meta’s window"),
        N_(
            "Allow pop-ups for this page, then press the button again. If it stays blocked, open "
            "the link in our mail in Chrome, Edge, Firefox or Safari."
        ),
    ),
    "popup_closed": (
        N_("Meta’s window was closed before the end"),
        N_("Nothing is lost. Open it again and go through to the last screen."),
    ),
    "cancelled": (
        N_("You left Meta’s window before the end"),
        N_(
            "Nothing is lost. Open it again when you are ready; Meta remembers most of your "
            "answers."
        ),
    ),
    "shared_unfinished": (
        N_("Your account is shared, but one step is missing"),
        N_("Open Meta’s window again, choose the same account and go through to the last screen."),
    ),
    "code_missing": (
        N_("Meta did not confirm the end"),
        N_("Open Meta’s window again and choose the same account; that takes a minute."),
    ),
    "code_expired": (
        N_("Meta’s confirmation came too late"),
        N_("It is only good for 30 seconds. Open Meta’s window again and choose the same account."),
    ),
    "code_lost": (
        N_("We were interrupted at the wrong moment"),
        N_(
            "Meta’s confirmation works only once. Open Meta’s window again and choose the same "
            "account."
        ),
    ),
    "waba_not_found": (
        N_("We cannot see your WhatsApp account yet"),
        N_(
            "Open Meta’s window again, choose your WhatsApp account and allow {partner} to manage "
            "it."
        ),
    ),
    "number_in_use": (
        N_("This number is already used with another provider"),
        N_(
            "Open Meta’s window again and choose another number, or leave the other provider first."
        ),
    ),
    "waba_taken": (
        N_("This WhatsApp account is already connected elsewhere"),
        N_(
            "Open Meta’s window again and choose another account, or end the other connection "
            "first."
        ),
    ),
    "max_channels_reached": (
        N_("No more numbers can be added"),
        N_("{partner} has set how many numbers you may have. Please ask them for more."),
    ),
    "hub_fault": (
        N_("We made a mistake while setting up"),
        N_("Everything you did is kept. Try again; if it happens again, please tell {partner}."),
    ),
    "meta_unreachable": (
        N_("Meta does not answer at the moment"),
        N_("We keep trying by ourselves. You may close this page; we send you a mail."),
    ),
    **PAYMENT_ADVICE,
    **META_ADVICE,
    # Of this page only.
    "sdk_blocked": (
        N_("Meta’s part of this page was not loaded"),
        N_(
            "An ad blocker or tracking protection may keep it away. Allow facebook.net for this "
            "page, load it again and press the button."
        ),
    ),
    "email_other_account": (
        N_("This address belongs to another kind of account"),
        N_("People of {partner} sign in with it. Please use another e-mail address here."),
    ),
    "numbers_not_allowed": (
        N_("Numbers are added by {partner}"),
        N_("You have one already. Please ask {partner} to add another one."),
    ),
    "unavailable": (
        N_("We cannot save this at the moment"),
        N_("What you typed is still here. Try again in a minute."),
    ),
    "run_elsewhere": (
        N_("You went on in another browser"),
        N_("Everything is kept there. To go on here, open the link in our newest mail."),
    ),
    "fault": (
        N_("This did not work, and it is our mistake"),
        N_("What you have done so far is kept. Load the page again and try once more."),
    ),
}


def advice_of(key: str) -> tuple[str, str]:
    """Title and way on; a key that nobody listed is told like an unknown error of Meta."""
    return ADVICE.get(key, ADVICE["meta_unknown"])
