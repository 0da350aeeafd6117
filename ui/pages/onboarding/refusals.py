"""Why a client cannot go on, code by code: status of the answer, what happened, what to do; pure.

The codes are those of `core.onboarding.errors`. Texts are marked for the catalogs and said by the
page that shows them.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from core.onboarding.views import Turn
from ui.components import Tone
from ui.i18n import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One page; texts may name `{partner}`."""

    status: int = HTTPStatus.FORBIDDEN
    title: str
    what: str
    todo: str
    turn: Turn = Turn.PARTNER
    icon: str = "lock"
    tone: Tone = "warning"


_NEW_LINK = N_("Go back to where you found the link and open it from there once more.")
_TELL_PARTNER = N_("Please tell {partner}; they can put this right and send you a new link.")

REFUSALS: dict[str, Refusal] = {
    "unknown_partner": Refusal(
        status=HTTPStatus.NOT_FOUND,
        title=N_("This link leads nowhere"),
        what=N_("There is nobody here with this address. Perhaps a part of the link is missing."),
        todo=_NEW_LINK,
        turn=Turn.CLIENT,
        icon="search",
        tone="neutral",
    ),
    "partner_blocked": Refusal(
        title=N_("{partner} takes no new clients here at the moment"),
        what=N_("Nothing is wrong with your details, and nothing was saved or charged."),
        todo=N_("Please ask {partner} how to go on."),
    ),
    "plan_ended": Refusal(
        title=N_("{partner} takes no new clients here at the moment"),
        what=N_("Nothing is wrong with your details, and nothing was saved or charged."),
        todo=N_("Please ask {partner} how to go on."),
    ),
    "plan_unpaid": Refusal(
        title=N_("{partner} takes no new clients here at the moment"),
        what=N_("Their account has to be put in order first. Nothing was saved or charged."),
        todo=N_("Please tell {partner}. As soon as it is settled, the same link works again."),
    ),
    "solution_inactive": Refusal(
        title=N_("{partner} is not ready for new clients yet"),
        what=N_("Their WhatsApp solution is not active at Meta at the moment."),
        todo=N_("Please tell {partner}. As soon as it is settled, the same link works again."),
        icon="pause",
    ),
    "terms_missing": Refusal(
        title=N_("{partner} does not take new clients here yet"),
        what=N_("The terms for paying by card are not set up. Nothing was saved or charged."),
        todo=N_("Please ask {partner} when you can begin."),
        icon="clock",
    ),
    "example_terms": Refusal(
        status=HTTPStatus.OK,
        title=N_("Example terms"),
        what=N_("This is a trial system: no real money moves, and these are no real terms."),
        todo=N_("Close this page and go on where you were."),
        turn=Turn.CLIENT,
        icon="info",
        tone="info",
    ),
    "signature_missing": Refusal(
        title=N_("This link is not signed"),
        what=N_("{partner} only takes clients by signed links, and this one has no signature."),
        todo=N_("Open the link from {partner}’s own website instead of copying it."),
        turn=Turn.CLIENT,
    ),
    "signature_bad": Refusal(
        title=N_("This link was changed on its way"),
        what=N_("Its signature does not fit, so we cannot be sure that {partner} sent you."),
        todo=_TELL_PARTNER,
    ),
    "signature_old": Refusal(
        title=N_("This link is too old"),
        what=N_("For your safety such a link works for ten minutes only."),
        todo=N_("Open it once more from {partner}’s website."),
        turn=Turn.CLIENT,
        icon="clock",
    ),
    "foreign_redirect": Refusal(
        status=HTTPStatus.BAD_REQUEST,
        title=N_("This link would lead you somewhere else"),
        what=N_("At the end it names a website that {partner} has not registered with us."),
        todo=_TELL_PARTNER,
        icon="alert",
    ),
    "link_too_long": Refusal(
        status=HTTPStatus.BAD_REQUEST,
        title=N_("This link is too long"),
        what=N_("It carries more than we can keep for {partner}."),
        todo=_TELL_PARTNER,
        icon="link",
    ),
    "link_unknown": Refusal(
        status=HTTPStatus.NOT_FOUND,
        title=N_("This link does not work any more"),
        what=N_("A newer one was sent to you, or a part of the link is missing."),
        todo=N_("Open the link in the newest mail, or begin again where you started."),
        turn=Turn.CLIENT,
        icon="link",
    ),
    "link_expired": Refusal(
        status=HTTPStatus.GONE,
        title=N_("This link has expired"),
        what=N_("It worked for 30 days. What you have done so far is kept."),
        todo=N_("Ask {partner} for a new link; they can send it with one click."),
        icon="clock",
    ),
    "run_elsewhere": Refusal(
        status=HTTPStatus.CONFLICT,
        title=N_("You went on in another browser"),
        what=N_("Everything is kept there; this page shows nothing any more."),
        todo=N_("Go on over there. To go on here, have a link mailed to you and open it here."),
        turn=Turn.CLIENT,
        icon="monitor",
        tone="info",
    ),
    "link_mailed": Refusal(
        status=HTTPStatus.OK,
        title=N_("A link is on its way to you"),
        what=N_("We sent it to the e-mail address that you gave."),
        todo=N_("Open it in this browser to go on here."),
        turn=Turn.CLIENT,
        icon="mail",
        tone="info",
    ),
    "run_over": Refusal(
        status=HTTPStatus.CONFLICT,
        title=N_("Everything is done already"),
        what=N_("You have finished in another browser. There is nothing left to do here."),
        todo=N_("You can close this page."),
        turn=Turn.CLIENT,
        icon="check",
        tone="info",
    ),
    "unknown_run": Refusal(
        status=HTTPStatus.NOT_FOUND,
        title=N_("We cannot show this page here"),
        what=N_("It belongs to another browser, or it has been cleared from this one."),
        todo=N_("Open the link in our newest mail, or begin again where you started."),
        turn=Turn.CLIENT,
        icon="monitor",
        tone="neutral",
    ),
    "browser_unknown": Refusal(
        status=HTTPStatus.BAD_REQUEST,
        title=N_("Your browser keeps no cookies"),
        what=N_("We need one small cookie to know that it is still you on the next page."),
        todo=N_("Allow cookies for this page and open the link again."),
        turn=Turn.CLIENT,
        icon="shield",
    ),
    "not_from_here": Refusal(
        title=N_("This did not come from our page"),
        what=N_("For your safety nothing was done."),
        todo=N_("Open the link in our newest mail and press the button there."),
        turn=Turn.CLIENT,
        icon="shield",
    ),
    "unavailable": Refusal(
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        title=N_("We are busy for a moment"),
        what=N_("What you have done so far is kept."),
        todo=N_("Please load this page again in a minute."),
        turn=Turn.CLIENT,
        icon="hourglass",
    ),
    "pay_link_unknown": Refusal(
        status=HTTPStatus.NOT_FOUND,
        title=N_("This link does not work here"),
        what=N_("A part of it is missing, or another link was opened in this browser since."),
        todo=N_("Open the link in the newest mail once more."),
        turn=Turn.CLIENT,
        icon="link",
    ),
    "pay_link_over": Refusal(
        status=HTTPStatus.GONE,
        title=N_("This link has expired"),
        what=N_("For your safety it worked for some days only. Nothing is lost."),
        todo=N_("Have a new one mailed to you, and open that one."),
        turn=Turn.CLIENT,
        icon="clock",
    ),
    "pay_link_mailed": Refusal(
        status=HTTPStatus.OK,
        title=N_("A link is on its way to you"),
        what=N_("We sent it to the e-mail address that we have of you."),
        todo=N_("Look into your mailbox and open it there."),
        turn=Turn.CLIENT,
        icon="mail",
        tone="info",
    ),
    "resume": Refusal(
        status=HTTPStatus.OK,
        title=N_("Go on where you left off"),
        what=N_("Your onboarding moves to this browser. Everything that you have done is kept."),
        todo="",
        turn=Turn.CLIENT,
        icon="play",
        tone="info",
    ),
}

# A code that nobody has listed yet still gets a page that says what to do.
_OTHER = Refusal(
    status=HTTPStatus.CONFLICT,
    title=N_("This does not work right now"),
    what=N_("What you have done so far is kept."),
    todo=_TELL_PARTNER,
    icon="alert",
)


def refusal_of(code: str) -> Refusal:
    """The page for a code."""
    return REFUSALS.get(code, _OTHER)
