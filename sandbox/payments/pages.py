"""What a cardholder sees: the page that saves a card, and the check of the bank.

Both are plain forms without scripts, so that the keyboard alone is enough.
"""

import re
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from sandbox.html import page, text
from sandbox.payments.attempts import authenticated
from sandbox.payments.cards import CARDS, CardKind
from sandbox.payments.checkout import complete, current_session, enter_card, refuse
from sandbox.payments.errors import StripeError
from sandbox.payments.forms import read_form
from sandbox.payments.values import Node
from sandbox.payments.world import PaymentsWorld

_EXPIRY = re.compile(r"\s*(\d{1,2})\s*/\s*(?:20)?(\d{2})\s*")
_SEE_OTHER = 303
_MONTHS = 12


class HolderPages:
    """`/payments/card/{session}` and `/payments/challenge/{intent}`."""

    def __init__(self, world: PaymentsWorld) -> None:
        self._world = world

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/payments", include_in_schema=False)
        router.get("/card/{session_id}")(self.card)
        router.post("/card/{session_id}")(self.save)
        router.get("/challenge/{intent_id}")(self.challenge)
        router.post("/challenge/{intent_id}")(self.decide)
        return router

    async def card(self, session_id: str, problem: str = "") -> Response:
        try:
            session = current_session(self._world, session_id)
        except StripeError:
            return _gone("There is no such page.")
        if session["status"] != "open":
            return _gone("A card was already saved here, or the page is too old.")
        return _card_page(session, self._world.now, problem)

    async def save(self, session_id: str, request: Request) -> Response:
        """Back to the hub, on to the bank's check, or here again with what is wrong."""
        form = read_form((await request.body()).decode("utf-8", "replace"))
        try:
            session = current_session(self._world, session_id)
        except StripeError:
            return _gone("There is no such page.")
        if session["status"] != "open":
            return _gone("A card was already saved here, or the page is too old.")
        expiry = _EXPIRY.fullmatch(str(form.get("expiry", "")))
        if expiry is None or not 1 <= int(expiry[1]) <= _MONTHS:
            return _card_page(session, self._world.now, "Enter the expiry as MM / YY.")
        try:
            setup = enter_card(
                self._world,
                session,
                number=str(form.get("test_card") or form.get("number", "")),
                exp_month=int(expiry[1]),
                exp_year=2000 + int(expiry[2]),
            )
        except StripeError as refused:
            return _card_page(session, self._world.now, refused.error["message"])
        if setup["status"] == "requires_action":
            return RedirectResponse(f"/payments/challenge/{setup['id']}", _SEE_OTHER)
        return RedirectResponse(_back(session), _SEE_OTHER)

    async def challenge(self, intent_id: str) -> Response:
        intent = self._world.state.objects.get(intent_id)
        if intent is None or intent.get("status") != "requires_action":
            return _gone("There is nothing to confirm any more.")
        card = self._world.state.objects[intent["payment_method"]]["card"]
        return _challenge_page(intent, card["last4"])

    async def decide(self, intent_id: str, request: Request) -> Response:
        form = read_form((await request.body()).decode("utf-8", "replace"))
        intent = self._world.state.objects.get(intent_id)
        if intent is None or intent.get("status") != "requires_action":
            return _gone("There is nothing to confirm any more.")
        approved = form.get("decision") == "approve"
        if intent["object"] == "setup_intent":
            return self._decide_setup(intent, approved)
        back = intent["next_action"]["redirect_to_url"]["return_url"]
        authenticated(self._world, intent, approved=approved)
        how = "succeeded" if intent["status"] == "succeeded" else "failed"
        query = {
            "payment_intent": intent_id,
            "payment_intent_client_secret": intent["client_secret"],
            "redirect_status": how,
        }
        if not back:
            return _gone("Done. Go back to where you came from.")
        return RedirectResponse(_with(back, query), _SEE_OTHER)

    def _decide_setup(self, setup: Node, approved: bool) -> Response:
        session = next(
            one for one in self._world.state.all("cs") if one["setup_intent"] == setup["id"]
        )
        if approved:
            complete(self._world, session)
            return RedirectResponse(_back(session), _SEE_OTHER)
        refuse(self._world, session)
        return _card_page(session, self._world.now, "The check failed. Try another card.")


def _card_page(session: Node, now: int, problem: str) -> Response:
    warning = f'<p class="problem" role="alert">{text(problem)}</p>' if problem else ""
    action = f"/payments/card/{text(session['id'])}"
    # Three years ahead of the sandbox's clock, which may stand anywhere.
    expiry = f"12 / {_year(now) + 3:02d}"
    cancel = session["cancel_url"]
    leave = f'<p><a href="{text(cancel)}">Cancel</a></p>' if cancel else ""
    body = (
        "<h1>Save a card</h1>"
        "<p>Sandbox payments. Type a test number or press one of the cards below; no money"
        f" moves.</p>{warning}"
        f'<form class="card" method="post" action="{action}">'
        '<label>Card number <input name="number" inputmode="numeric" autocomplete="off" required'
        ' placeholder="4242 4242 4242 4242"></label>'
        f'<label>Expiry (MM / YY) <input name="expiry" autocomplete="off" required'
        f' value="{expiry}"></label>'
        '<label>Security code <input name="cvc" inputmode="numeric" autocomplete="off"'
        ' value="123"></label>'
        f"<button>Save card</button></form>{leave}"
        f'<h2>Test cards</h2><form method="post" action="{action}">'
        f'<label>Expiry (MM / YY) <input name="expiry" autocomplete="off" value="{expiry}"></label>'
        f'<ul class="people" aria-label="Test cards">{"".join(map(_listed, CARDS))}</ul></form>'
    )
    return page("Save a card · Sandbox payments", body)


def _listed(kind: CardKind) -> str:
    return (
        f'<li><button class="person" name="test_card" value="{kind.number}">'
        f"<strong>{text(kind.does)}</strong> "
        f"<span>{text(kind.brand)} {kind.number}</span></button></li>"
    )


def _challenge_page(intent: Node, last4: str) -> Response:
    what = "Save this card for later payments."
    if intent["object"] == "payment_intent":
        units, cents = divmod(intent["amount"], 100)
        what = f"Pay {units:,}.{cents:02d} {intent['currency'].upper()}."
    body = (
        "<h1>Is this you?</h1>"
        f"<p>Your bank asks before it goes on. Card ending in {text(last4)}.</p>"
        f'<p data-testid="challenge"><strong>{text(what)}</strong></p>'
        f'<form class="row" method="post" action="/payments/challenge/{text(intent["id"])}">'
        '<button name="decision" value="approve">Approve</button>'
        '<button class="danger" name="decision" value="fail">Fail</button></form>'
    )
    return page("Confirm · Sandbox payments", body)


def _gone(why: str) -> Response:
    body = f"<h1>Nothing to do here</h1><p>{text(why)}</p>"
    return page("Sandbox payments", body, status=410)


def _back(session: Node) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _with(url: str, query: dict[str, str]) -> str:
    sign = "&" if "?" in url else "?"
    return url + sign + "&".join(f"{name}={value}" for name, value in query.items())


def _year(now: int) -> int:
    return datetime.fromtimestamp(now, UTC).year % 100
