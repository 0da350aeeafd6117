"""What Meta's window and Meta's server report, in the client's words; pure (see `advice`)."""

from __future__ import annotations

from ui.i18n import N_

# key: (what happened, what to do). Texts may name `{partner}`.
META_ADVICE: dict[str, tuple[str, str]] = {
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
}
