"""Strings for QA and tests under /control/payments: read, arm faults, let things happen."""

from collections.abc import Callable
from typing import Any, Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from sandbox.payments.attempts import authenticated, close_dispute, open_dispute, settle
from sandbox.payments.cards import BY_NUMBER, new_card
from sandbox.payments.errors import StripeError
from sandbox.payments.refunds import create_refund, finish_refund
from sandbox.payments.summary import summary, told_charge
from sandbox.payments.switches import Fault, Outcome, Switches, WebhookSwitches
from sandbox.payments.values import Node
from sandbox.payments.webhooks import Order
from sandbox.payments.world import PaymentsWorld

Happening = Literal[
    "approve",
    "fail",
    "dispute",
    "dispute_won",
    "dispute_lost",
    "refund",
    "refund_fails",
    "refund_succeeds",
]


class NewCard(BaseModel):
    """A card saved without the hosted page."""

    model_config = ConfigDict(extra="forbid")

    customer: str
    number: str = "4242424242424242"
    exp_month: int = Field(default=12, ge=1, le=12)
    exp_year: int | None = Field(default=None, ge=2000, le=2099)


class CardChange(BaseModel):
    """What changes on a saved card; both may be left out."""

    model_config = ConfigDict(extra="forbid")

    # '' makes it as good as its number again.
    decline_code: str | None = None
    exp_month: int | None = Field(default=None, ge=1, le=12)
    exp_year: int | None = Field(default=None, ge=2000, le=2099)


class Release(BaseModel):
    model_config = ConfigDict(extra="forbid")

    order: Order = "as_sent"


class PaymentsControl:
    """The acts on one world."""

    def __init__(self, world: PaymentsWorld) -> None:
        self._world = world

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/control/payments", tags=["payments"])
        routes: list[tuple[str, str, Callable[..., Any]]] = [
            ("GET", "", self.read),
            ("GET", "/faults", self.faults),
            ("POST", "/faults", self.arm_fault),
            ("DELETE", "/faults", self.disarm),
            ("POST", "/next", self.arm_outcome),
            ("GET", "/webhooks", self.deliveries),
            ("POST", "/webhooks", self.change_webhooks),
            ("POST", "/webhooks/release", self.release),
            ("POST", "/webhooks/drain", self.drain),
            ("POST", "/events/{event_id}/send", self.send_again),
            ("POST", "/cards", self.add_card),
            ("POST", "/cards/{card_id}", self.change_card),
            ("POST", "/charges/{charge_id}/{what}", self.happen),
        ]
        for method, path, act in routes:
            router.add_api_route(path, act, methods=[method])
        return router

    async def read(self) -> Node:
        """Charges, cards, refunds, disputes and the sums."""
        return summary(self._world)

    async def faults(self) -> Node:
        """All that is armed."""
        switches = self._world.switches
        return {
            "faults": switches.faults,
            "next": list(switches.outcomes),
            "next_refunds": list(switches.refunds),
            "webhooks": switches.webhooks,
        }

    async def arm_fault(self, fault: Fault) -> Node:
        """For the next matching calls of the API."""
        self._world.switches.faults.append(fault)
        return await self.faults()

    async def disarm(self) -> Node:
        """No fault, no outcome, webhooks as usual."""
        self._world.switches = Switches()
        return await self.faults()

    async def arm_outcome(self, outcome: Outcome) -> Node:
        """For the next charges or refunds."""
        self._world.switches.arm(outcome)
        return await self.faults()

    async def deliveries(self) -> Node:
        """Webhook attempts, oldest first, and how they are sent."""
        sender = self._world.sender
        return {
            "deliveries": list(sender.deliveries),
            "held": sender.held,
            "webhooks": self._world.switches.webhooks,
        }

    async def change_webhooks(self, webhooks: WebhookSwitches) -> WebhookSwitches:
        """Replaces the switches; what is left out is normal."""
        self._world.switches.webhooks = webhooks
        return webhooks

    async def release(self, how: Release) -> Node:
        """Sends what `hold` kept back, and ends the hold."""
        return {"released": self._world.sender.release(how.order)}

    async def drain(self) -> Node:
        """Answers when nothing is on its way any more."""
        await self._world.sender.drain()
        return await self.deliveries()

    async def send_again(self, event_id: str) -> Node:
        """The same event once more, as Stripe's dashboard can."""
        event = self._found(event_id, "evt")
        self._world.sender.send_later(event)
        return {"sent": event_id}

    async def add_card(self, new: NewCard) -> Node:
        """Saves a card as the hosted page would, without the events of the page."""
        world = self._world
        customer = self._found(new.customer, "cus")
        if new.number not in BY_NUMBER:
            raise HTTPException(422, "not one of the test numbers")
        card = new_card(
            BY_NUMBER[new.number],
            exp_month=new.exp_month,
            exp_year=new.exp_year or world.clock.now().year + 3,
            created=world.now,
        )
        card["customer"] = customer["id"]
        world.state.add(card)
        world.state.numbers[card["id"]] = new.number
        world.tell("payment_method.attached", card)
        return card

    async def change_card(self, card_id: str, change: CardChange) -> Node:
        """The bank changes the card; a new expiry is told as Stripe does."""
        card = self._found(card_id, "pm")
        if change.decline_code is not None:
            self._world.state.card_declines.pop(card_id, None)
            if change.decline_code:
                self._world.state.card_declines[card_id] = change.decline_code
        expiry = {"exp_month": change.exp_month, "exp_year": change.exp_year}
        given = {name: value for name, value in expiry.items() if value is not None}
        if given:
            before = {name: card["card"][name] for name in given}
            card["card"].update(given)
            self._world.tell(
                "payment_method.automatically_updated", card, previous={"card": before}
            )
        return card

    async def happen(self, charge_id: str, what: Happening) -> Node:
        """The holder, the bank or the provider's staff act on a charge."""
        intent = self._found(charge_id, "pi")
        try:
            _ACTS[what](self._world, intent)
        except StripeError as refused:
            raise HTTPException(409, refused.error["message"]) from refused
        return told_charge(self._world, intent)

    def _found(self, object_id: str, prefix: str) -> Node:
        try:
            return self._world.state.find(object_id, prefix)
        except StripeError as missing:
            raise HTTPException(404, str(missing)) from missing


def _end(world: PaymentsWorld, intent: Node, *, well: bool) -> None:
    if intent["status"] == "processing":
        settle(world, intent, succeeded=well)
    elif intent["status"] == "requires_action":
        authenticated(world, intent, approved=well)
    else:
        raise HTTPException(409, f"the charge is {intent['status']}")


def _paid(world: PaymentsWorld, intent: Node) -> Node:
    if intent["status"] != "succeeded":
        raise HTTPException(409, f"the charge is {intent['status']}")
    return world.state.find(intent["latest_charge"], "ch")


def _close(world: PaymentsWorld, intent: Node, *, won: bool) -> None:
    charge = _paid(world, intent)
    for dispute in world.state.all("du"):
        if dispute["charge"] == charge["id"] and dispute["status"] == "needs_response":
            close_dispute(world, dispute, won=won)
            return
    raise HTTPException(409, "the charge is not disputed")


def _dispute(world: PaymentsWorld, intent: Node) -> None:
    open_dispute(world, _paid(world, intent), "fraudulent")


def _refund(world: PaymentsWorld, intent: Node) -> None:
    create_refund(world, {"payment_intent": intent["id"]})


def _end_refund(world: PaymentsWorld, intent: Node, *, well: bool) -> None:
    """The newest refund; one that had succeeded can still fail, as banks do."""
    open_ones = ("pending",) if well else ("pending", "succeeded")
    for refund in world.state.all("re"):
        if refund["payment_intent"] == intent["id"] and refund["status"] in open_ones:
            finish_refund(world, refund, succeeded=well)
            return
    raise HTTPException(409, "no refund is under way")


_ACTS: dict[str, Callable[[PaymentsWorld, Node], None]] = {
    "approve": lambda world, intent: _end(world, intent, well=True),
    "fail": lambda world, intent: _end(world, intent, well=False),
    "dispute": _dispute,
    "dispute_won": lambda world, intent: _close(world, intent, won=True),
    "dispute_lost": lambda world, intent: _close(world, intent, won=False),
    "refund": _refund,
    "refund_fails": lambda world, intent: _end_refund(world, intent, well=False),
    "refund_succeeds": lambda world, intent: _end_refund(world, intent, well=True),
}
