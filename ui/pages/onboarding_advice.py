"""What went wrong in an onboarding, as the partner should know it: what happened, who does what.

One line for every guidance key of `core.onboarding`; a key that is new is shown as it is.
"""

from __future__ import annotations

# key: (what happened, who does what next)
_ADVICE: dict[str, tuple[str, str]] = {
    "popup_blocked": (
        "Browser blocked Meta’s window",
        "The client allows pop-ups and opens it again.",
    ),
    "popup_closed": ("Meta’s window was closed", "The client opens it again; a resume link helps."),
    "cancelled": (
        "Client left Meta’s window",
        "Ask what was missing there, then send the resume link.",
    ),
    "shared_unfinished": (
        "Shared, but not finished",
        "The client opens Meta’s window again and picks the same account.",
    ),
    "code_missing": (
        "Meta gave no code",
        "The client opens Meta’s window again; that takes a minute.",
    ),
    "code_expired": (
        "Meta’s code came too late",
        "The client opens Meta’s window again and picks the same account.",
    ),
    "code_lost": (
        "Interrupted with Meta’s code",
        "The client opens Meta’s window again and picks the same account.",
    ),
    "waba_not_found": (
        "No WhatsApp account found",
        "The client opens Meta’s window again and allows all permissions.",
    ),
    "number_in_use": (
        "Number is used elsewhere",
        "The client frees the number or picks another one.",
    ),
    "waba_taken": (
        "Account is connected elsewhere",
        "The client picks another account or ends the other connection.",
    ),
    "max_channels_reached": (
        "Client may have no more numbers",
        "Raise the client’s limit, then let it try again.",
    ),
    "card_missing": (
        "No valid card",
        "The client adds a card; without one it gets no account.",
    ),
    "card_declined": (
        "Card was declined",
        "The client tries another card or asks its bank; a resume link helps.",
    ),
    "card_cancelled": (
        "Left the card page",
        "The client opens it again; ask what was missing, then send the resume link.",
    ),
    "card_page_expired": (
        "Card page ran out of time",
        "The client opens it again; a resume link helps.",
    ),
    "credit_declined": (
        "First top-up was declined",
        "The client uses another card, another amount, or goes on without credit.",
    ),
    "hub_fault": (
        "A fault in the hub",
        "Tell support the run’s id; the client can try again.",
    ),
    "meta_unreachable": ("Meta does not answer", "The hub keeps trying by itself."),
    "too_many_wabas": (
        "Too many WhatsApp accounts",
        "The client verifies its business or deletes an account at Meta.",
    ),
    "number_registered_elsewhere": (
        "Number is registered elsewhere",
        "The client disconnects it there, waits 15 minutes and opens Meta’s window again.",
    ),
    "number_other_business": (
        "Number belongs to another business",
        "The client picks the portfolio that owns it.",
    ),
    "app_activity_low": (
        "Too little use of the app",
        "The client uses the WhatsApp Business app for some more days.",
    ),
    "app_too_old": ("App is too old", "The client updates the WhatsApp Business app."),
    "coexistence_country": (
        "Not offered in this country",
        "The client uses the number without the app, or another number.",
    ),
    "waba_shared_elsewhere": (
        "Shared with another partner",
        "The client ends that sharing in Meta Business Suite.",
    ),
    "account_restricted": (
        "Account is restricted",
        "The client asks for a review in Business Support Home.",
    ),
    "too_many_tries": (
        "Too many tries",
        "The client waits for an hour and opens Meta’s window again.",
    ),
    "partner_verification": (
        "Your verification is missing",
        "Finish your own business verification at Meta; then the client goes on.",
    ),
    "verification_running": (
        "Verification is running",
        "Meta verifies the client’s business; send the resume link afterwards.",
    ),
    "two_factor_needed": ("Two-factor login is missing", "The client switches it on in Facebook."),
    "solution_inactive": (
        "Your solution is not active",
        "Activate the solution at Meta; then the client goes on.",
    ),
    "token_invalid": ("Meta’s token is not valid", "The client opens Meta’s window again."),
    "permission_missing": (
        "A permission is missing",
        "The client opens Meta’s window again and leaves all switches on.",
    ),
    "meta_refused": (
        "Meta refused our request",
        "Look at the call below; support can help with its trace id.",
    ),
    "not_visible": (
        "Account is not visible to us",
        "The client opens Meta’s window again and allows access.",
    ),
    "meta_busy": ("Meta is busy", "The hub keeps trying by itself."),
    "meta_rate_limit": ("Meta limits our calls", "The hub goes on by itself in a few minutes."),
    "register_budget_used": (
        "Registered too often",
        "Meta allows ten registrations in 72 hours; try again after that.",
    ),
    "pin_mismatch": (
        "Number has its own PIN",
        "The client enters it or switches two-step verification off.",
    ),
    "number_not_verified": (
        "Number is not verified",
        "The client opens Meta’s window again and enters the code.",
    ),
    "number_deregistering": (
        "Number is still signing off",
        "Meta needs about five minutes; then the client tries again.",
    ),
    "pin_locked": (
        "PIN is locked",
        "Meta lifts this in about an hour; then the client tries again.",
    ),
    "pin_wait": ("PINs came too quickly", "The client waits ten minutes and tries again."),
    "account_locked": ("Account is locked", "The client looks into Business Support Home."),
    "payment_method_missing": (
        "No payment method at Meta",
        "The client adds one in Meta’s billing settings.",
    ),
    "display_name_declined": (
        "Display name was declined",
        "The client picks a name that shows its business.",
    ),
    "meta_unknown": (
        "Meta reported an error",
        "Try again in a few minutes; support can help with the trace id.",
    ),
}


def advice_for_partner(key: str) -> tuple[str, str]:
    """What happened, and who does what next."""
    return _ADVICE.get(key, (key.replace("_", " ").capitalize(), _ADVICE["meta_unknown"][1]))


def known_keys() -> frozenset[str]:
    """For the test that no key is missing."""
    return frozenset(_ADVICE)
