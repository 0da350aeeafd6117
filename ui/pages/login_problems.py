"""Why a sign-in, a confirmation or an invitation came to nothing: titles, words, what helps."""

from __future__ import annotations

from dataclasses import dataclass

from ui.components import Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why somebody is not signed in, with the status of the answer and what helps."""

    status: int
    title: str
    text: str
    tone: Tone = "warning"
    mark: str = "You are not signed in"
    button: str = "Sign in again"
    asks_provider_again: bool = False
    confirms: bool = False  # the button asks for the same session once more


NOT_CONFIRMED = "Nothing was confirmed"


PROBLEMS = {
    "login_not_open": Problem(
        status=400,
        title="This sign-in is no longer open",
        text="It was used already, took longer than ten minutes, or was begun in another browser. "
        "You are not signed in by it. Please start once more.",
    ),
    "login_refused": Problem(
        status=400,
        title="The sign-in could not be confirmed",
        text="The answer of the sign-in provider did not pass our checks, so nobody was signed in. "
        "Please start once more; if it happens again, tell the operator of this hub.",
        tone="danger",
    ),
    "access_denied": Problem(
        status=403,
        title="You did not sign in",
        text="The sign-in was cancelled or not allowed at the provider. Nothing was changed.",
    ),
    "not_invited": Problem(
        status=403,
        title="This address is not invited yet",
        text="Ask an owner of your company's account to invite exactly this address under Users. "
        "When the invitation is there, sign in once more and you are in.",
        button="Sign in as someone else",
        asks_provider_again=True,
    ),
    "provider_down": Problem(
        status=502,
        title="Signing in is not possible right now",
        text="The sign-in provider does not answer. People who are signed in can go on working. "
        "Please try again in a minute.",
        tone="danger",
        button="Try again",
    ),
    "unavailable": Problem(
        status=503,
        title="Signing in is not possible right now",
        text="The hub's database does not answer. Nothing is lost. Please try again in a minute.",
        tone="danger",
        button="Try again",
    ),
    "confirm_denied": Problem(
        status=403,
        title="You did not confirm that it is you",
        text="It was cancelled or not allowed at the provider. You are signed in as before, and "
        "nothing was changed.",
        mark=NOT_CONFIRMED,
        button="Confirm that it is you",
        confirms=True,
    ),
    "confirm_other_person": Problem(
        status=403,
        title="That was somebody else",
        text="You are signed in here as one person and signed in at the provider as another. "
        "Confirm with the account that you use here, or sign out first.",
        mark=NOT_CONFIRMED,
        button="Confirm that it is you",
        confirms=True,
    ),
    "confirm_stale": Problem(
        status=403,
        title="Your provider did not ask you",
        text="It let you through without asking who you are, or does not say when it did. Try it "
        "once more; if it happens again, tell the operator of this hub.",
        mark=NOT_CONFIRMED,
        button="Confirm that it is you",
        confirms=True,
    ),
    "invitation_other_address": Problem(
        status=403,
        title="The invitation is for another address",
        text="You signed in with this address, which was not invited, or which your provider has "
        "not verified. Sign in with the one that got the mail, or ask for an invitation to this "
        "one.",
        mark="The invitation was not accepted",
        button="Sign in as someone else",
        asks_provider_again=True,
    ),
    "invitation_over": Problem(
        status=409,
        title="This invitation cannot be accepted any more",
        text="It was used, taken back, sent anew or ran out while you signed in. Look for a newer "
        "mail, or ask for one.",
        mark="The invitation was not accepted",
        button="Sign in without it",
    ),
}
