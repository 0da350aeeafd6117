"""What went wrong, in the client's words: one title and one way on for every guidance key; pure.

Keys are those of `core.onboarding.guidance`; whose turn it is comes with the trouble itself.
"""

from __future__ import annotations

from ui.i18n import N_

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
    # What Meta's window reports.
    "too_many_wabas": (
        N_("Meta allows no more WhatsApp accounts for your business"),
        N_(
            "Verify your business at Meta, or delete an account that you do not need, then open "
            "the window again."
        ),
    ),
    "number_registered_elsewhere": (
        N_("This number is still registered somewhere else"),
        N_(
            "Disconnect it there, or delete the account in the WhatsApp app. Wait 15 minutes, then"
            " open the window again."
        ),
    ),
    "number_other_business": (
        N_("This number belongs to another business at Meta"),
        N_("Open the window again and choose the business portfolio that owns the number."),
    ),
    "app_activity_low": (
        N_("The WhatsApp Business app was not used enough with this number"),
        N_("Use the app with your customers for some more days, then open the window again."),
    ),
    "app_too_old": (
        N_("Your WhatsApp Business app is too old"),
        N_("Update the app on your phone, then open the window again."),
    ),
    "coexistence_country": (
        N_("Meta does not offer this for numbers of your country yet"),
        N_(
            "Open the window again and choose to use the number without the app, or another number."
        ),
    ),
    "waba_shared_elsewhere": (
        N_("Your WhatsApp account is shared with another partner"),
        N_("End that sharing in Meta Business Suite, then open the window again."),
    ),
    "account_restricted": (
        N_("Meta has restricted your account"),
        N_(
            "See Business Support Home at Meta for the reason and ask for a review. Then open the "
            "window again."
        ),
    ),
    "too_many_tries": (
        N_("There were too many tries in a short time"),
        N_("Meta asks you to wait for about an hour. Then open the window again."),
    ),
    "partner_verification": (
        N_("{partner} has to finish something at Meta first"),
        N_(
            "Please tell them that their business verification is missing. Everything you did is "
            "kept."
        ),
    ),
    "verification_running": (
        N_("Your business is being verified by Meta"),
        N_(
            "Nothing to do for you now. When Meta is done, open the window again; the link in our "
            "mail leads here."
        ),
    ),
    "two_factor_needed": (
        N_("Meta wants two-factor authentication for your Facebook login"),
        N_("Switch it on in your Facebook settings, then open the window again."),
    ),
    "solution_inactive": (
        N_("{partner}’s solution is not active at Meta"),
        N_(
            "Please tell them. Everything you did is kept, and the link in our mail leads back "
            "here."
        ),
    ),
    # What the Graph API answers.
    "token_invalid": (
        N_("Meta’s permission does not hold any more"),
        N_("Open Meta’s window again and choose the same account."),
    ),
    "permission_missing": (
        N_("A permission is missing"),
        N_("Open Meta’s window again and leave all permissions switched on."),
    ),
    "meta_refused": (
        N_("Meta did not accept what we sent"),
        N_("{partner} is looking into it. Everything you did is kept."),
    ),
    "not_visible": (
        N_("We cannot see your WhatsApp account"),
        N_("Open Meta’s window again, choose the account and allow {partner} to manage it."),
    ),
    "meta_busy": (
        N_("Meta is busy at the moment"),
        N_("We keep trying by ourselves. You may close this page; we send you a mail."),
    ),
    "meta_rate_limit": (
        N_("Meta asks us to slow down"),
        N_("We go on by ourselves in a few minutes. You may close this page; we send you a mail."),
    ),
    "register_budget_used": (
        N_("This number was registered too often"),
        N_(
            "Meta allows ten registrations in three days. Try again after that; the link in our "
            "mail leads here."
        ),
    ),
    "pin_mismatch": (
        N_("Your number has a PIN of its own"),
        N_(
            "Enter the six-digit PIN of its two-step verification. Not known? Switch it off in "
            "WhatsApp Manager, then enter any six digits."
        ),
    ),
    "number_not_verified": (
        N_("Your number is not verified yet"),
        N_("Open Meta’s window again and enter the code that Meta sends to the number."),
    ),
    "number_deregistering": (
        N_("Meta is still signing your number off from its old place"),
        N_("That takes about five minutes. Then try again."),
    ),
    "pin_locked": (
        N_("A wrong PIN was entered too often"),
        N_("Meta has locked the number for a while. Try again in about an hour."),
    ),
    "pin_wait": (
        N_("PINs were entered too quickly"),
        N_("Wait about ten minutes, then try again."),
    ),
    "account_locked": (
        N_("Meta has locked your WhatsApp account"),
        N_("See Business Support Home at Meta for the reason. Then open the window again."),
    ),
    "payment_method_missing": (
        N_("Meta has no payment method for your account"),
        N_("Add one in Meta’s billing settings, then open the window again."),
    ),
    "display_name_declined": (
        N_("Meta does not accept the display name"),
        N_("Open the window again and choose a name that shows your business."),
    ),
    "meta_unknown": (
        N_("Meta reported an error"),
        N_("Try again in a few minutes. If it happens again, please tell {partner}."),
    ),
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
