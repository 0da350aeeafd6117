"""A payment provider in memory: the same port, the same words, faults at will.

It passes the same contract test as `StripePayments` on the sandbox
(`tests/sandbox/test_payment_contract.py`). `charged` is what the cardholders have paid.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from core.billing.payments.port import (
    BadSignature,
    CardFacts,
    CardPage,
    Charge,
    ChargeStatus,
    PaymentRefused,
    ProviderEvent,
    ProviderEventType,
    Refund,
)
from core.clock import Clock
from core.errors import NotFound, Unavailable
from core.money import MICROS, Money

_T = TypeVar("_T")
_KEYS_KEPT = timedelta(hours=24)  # Stripe: a key is forgotten after a day
_SIGNED_FOR = timedelta(minutes=5)
_SECRET = b"whsec_of_the_twin"
_OPEN = (ChargeStatus.DECLINED, ChargeStatus.ACTION_REQUIRED)
_EVENT_OF = {
    ChargeStatus.SUCCEEDED: ProviderEventType.CHARGE_SUCCEEDED,
    ChargeStatus.PROCESSING: ProviderEventType.CHARGE_PROCESSING,
    ChargeStatus.ACTION_REQUIRED: ProviderEventType.CHARGE_ACTION,
    ChargeStatus.DECLINED: ProviderEventType.CHARGE_FAILED,
    ChargeStatus.CANCELLED: ProviderEventType.CHARGE_CANCELLED,
}


@dataclass
class _KeptKey:
    told: tuple[Any, ...]
    answer: str  # the id of what the act made or touched
    at: datetime


@dataclass
class _Switches:
    """What happens to the next acts, in this order; used up by one act each."""

    declines: deque[str] = field(default_factory=deque)
    actions: int = 0
    processing: int = 0
    lost: int = 0
    failing: int = 0
    refunds: deque[str] = field(default_factory=deque)


class FakePayments:
    """A provider that keeps state. `events` holds every webhook, undelivered, oldest first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._count = itertools.count(1)
        self._keys: dict[str, _KeptKey] = {}
        self._switches = _Switches()
        self._always: dict[str, str] = {}  # card id -> decline code, whatever the switches say
        self._asking: set[str] = set()  # cards whose holder is asked at every charge
        self._owners: dict[str, str] = {}  # card id -> customer id; forgotten cards are not here
        self._charge_customers: dict[str, str] = {}
        self._offered: dict[str, tuple[str, str]] = {}  # page -> customer, return URL
        self.customers: dict[str, dict[str, str]] = {}
        self.pages: dict[str, CardPage] = {}
        self.saved_cards: dict[str, CardFacts] = {}
        self.charges: dict[str, Charge] = {}
        self.refunds: dict[str, Refund] = {}
        self.events: list[ProviderEvent] = []
        self.calls: list[str] = []

    # --- what a test does -------------------------------------------------------------------

    def decline_next(self, code: str = "generic_decline", times: int = 1) -> None:
        """The next charges are declined with this word of Stripe's."""
        self._switches.declines.extend([code] * times)

    def require_action_next(self, times: int = 1) -> None:
        """The next charges of an absent holder need the holder."""
        self._switches.actions += times

    def process_next(self, times: int = 1) -> None:
        """The next charges stay `processing` until `approve` or `fail`."""
        self._switches.processing += times

    def lose_answer_next(self, times: int = 1) -> None:
        """The next acts happen, and the answer never arrives."""
        self._switches.lost += times

    def fail_before_next(self, times: int = 1) -> None:
        """The next calls, reading ones too, do not reach the provider."""
        self._switches.failing += times

    def refund_next(self, status: str) -> None:
        """The next refund stands like this: pending or failed."""
        self._switches.refunds.append(status)

    def heal(self) -> None:
        """Nothing is armed any more."""
        self._switches = _Switches()
        self._always.clear()

    def fill_card_page(self, page_id: str, **facts: Any) -> CardFacts:
        """The holder enters a card; `facts` override fields of it."""
        customer_id, _ = self._offered[page_id]
        card = self.add_card(customer_id, **facts)
        self.pages[page_id] = replace(
            self.pages[page_id], is_complete=True, is_over=True, card_id=card.id, decline_code=""
        )
        self._tell(ProviderEventType.CARD_ADDED, page_id, customer_id=customer_id)
        return card

    def refuse_on_card_page(self, page_id: str, code: str = "generic_decline") -> None:
        """The holder enters a card that the bank does not let be saved; the page stays open."""
        self.pages[page_id] = replace(self.pages[page_id], decline_code=code)

    def expire_card_page(self, page_id: str) -> None:
        """Nobody entered anything for too long."""
        self.pages[page_id] = replace(self.pages[page_id], is_over=True)
        self._tell(ProviderEventType.CARD_PAGE_EXPIRED, page_id)

    def add_card(
        self, customer_id: str, *, always: str = "", asks: bool = False, **facts: Any
    ) -> CardFacts:
        """A saved card. Every charge of it is declined with the word `always`, or asks."""
        number = next(self._count)
        known: dict[str, Any] = {
            "id": f"pm_{number}",
            "brand": "visa",
            "last4": f"{number % 10000:04d}",
            "exp_month": 12,
            "exp_year": self._clock.now().year + 3,
            "country": "DE",
            "fingerprint": f"fp_{number}",
        }
        card = CardFacts(**(known | facts))
        self.saved_cards[card.id] = card
        self._owners[card.id] = customer_id
        if always:
            self._always[card.id] = always
        if asks:
            self._asking.add(card.id)
        return card

    def approve(self, charge_id: str) -> Charge:
        """The holder confirms the charge, or its processing ends well."""
        return self._move(charge_id, status=ChargeStatus.SUCCEEDED, decline_code="", action_url="")

    def fail(self, charge_id: str, code: str = "payment_intent_authentication_failure") -> Charge:
        """The holder's check fails, or the processing ends badly."""
        return self._move(charge_id, status=ChargeStatus.DECLINED, decline_code=code, action_url="")

    def dispute(self, charge_id: str) -> None:
        """The holder asks the money back at the bank."""
        self.charges[charge_id] = replace(self.charges[charge_id], disputed=True)
        facts = {"reason": "fraudulent", "status": "needs_response"}
        self._tell(ProviderEventType.DISPUTE_OPENED, charge_id, facts=facts)

    def close_dispute(self, charge_id: str, *, won: bool) -> None:
        """The bank has decided."""
        facts = {"reason": "fraudulent", "status": "won" if won else "lost"}
        self._tell(ProviderEventType.DISPUTE_CLOSED, charge_id, facts=facts)

    def refund_at_desk(self, charge_id: str, amount: Money) -> Refund:
        """Somebody gives money back on the provider's own pages."""
        charge = self.charges[charge_id]
        refund = Refund(
            id=f"re_{next(self._count)}", charge_id=charge_id, amount=amount, status="succeeded"
        )
        self.refunds[refund.id] = refund
        back = charge.refunded or Money(0, charge.amount.currency)
        self.charges[charge_id] = replace(charge, refunded=back + amount)
        facts = {"refund": refund.id, "status": refund.status}
        self._tell(ProviderEventType.REFUND_CREATED, charge_id, facts=facts)
        self._tell(ProviderEventType.REFUNDED, charge_id)
        return refund

    def finish_refund(self, refund_id: str, *, succeeded: bool) -> None:
        """A pending refund ends; one that had succeeded can still fail, as banks do."""
        refund = self.refunds[refund_id]
        self.refunds[refund_id] = replace(refund, status="succeeded" if succeeded else "failed")
        if not succeeded:
            self._return_refund(refund)
        self._tell(
            "refund.updated" if succeeded else "refund.failed",
            refund.charge_id,
            facts={"refund": refund_id, "status": self.refunds[refund_id].status},
        )

    @property
    def charged(self) -> int:
        """Micros of everything that succeeded, less what went back; one currency per test."""
        gross = sum(c.amount.micros for c in self._succeeded())
        back = sum(c.refunded.micros for c in self._succeeded() if c.refunded)
        return gross - back

    def times_charged(self, reference: str) -> int:
        """How often money moved for this reference; more than once is the hub's mistake."""
        return sum(1 for charge in self._succeeded() if charge.reference == reference)

    def owner_of(self, charge_id: str) -> str:
        """The customer whose charge it is."""
        return self._charge_customers[charge_id]

    def signed(self, event: ProviderEvent) -> tuple[bytes, str]:
        """The event as a webhook: body and signature that `read_event` accepts."""
        body = json.dumps(
            {
                "id": event.id,
                "type": event.type,
                "object_id": event.object_id,
                "created": event.created.isoformat(),
                "customer_id": event.customer_id,
                "reference": event.reference,
                "facts": event.facts,
            }
        ).encode()
        moment = str(int(self._clock.now().timestamp()))
        return body, f"t={moment},v1={_signature(moment, body)}"

    # --- the port ---------------------------------------------------------------------------

    def make_customer(self, *, reference: str, name: str, email: str, key: str) -> str:
        told = (reference, name, email)
        if known := self._begin("make_customer", key, told):
            return known
        customer_id = f"cus_{next(self._count)}"
        self.customers[customer_id] = {"reference": reference, "name": name, "email": email}
        self._end(key, told, customer_id)
        return customer_id

    def open_card_page(
        self, *, customer_id: str, currency: str, return_url: str, cancel_url: str, key: str
    ) -> CardPage:
        told = (customer_id, currency, return_url, cancel_url)
        if known := self._begin("open_card_page", key, told):
            return self.pages[known]
        self._customer(customer_id)
        page_id = f"cs_{next(self._count)}"
        self.pages[page_id] = CardPage(id=page_id, url=f"https://pay.test/{page_id}")
        self._offered[page_id] = (customer_id, return_url)
        self._end(key, told, page_id)
        return self.pages[page_id]

    def card_page(self, page_id: str) -> CardPage:
        self._begin("card_page")
        return _found(self.pages, page_id)

    def card(self, card_id: str) -> CardFacts:
        self._begin("card")
        if card_id not in self._owners:
            raise NotFound(card=card_id)
        return self.saved_cards[card_id]

    def cards(self, customer_id: str) -> list[CardFacts]:
        self._begin("cards")
        self._customer(customer_id)
        mine = [card for card, owner in self._owners.items() if owner == customer_id]
        return [self.saved_cards[card_id] for card_id in reversed(mine)]

    def forget_card(self, card_id: str) -> None:
        self._begin("forget_card")
        owner = self._owners.pop(card_id, "")
        if owner:
            self._tell(ProviderEventType.CARD_REMOVED, card_id, customer_id=owner)
        self._lose_answer()

    def charge(
        self,
        *,
        customer_id: str,
        card_id: str,
        amount: Money,
        reference: str,
        description: str,
        key: str,
    ) -> Charge:
        told = (customer_id, card_id, amount, reference, description)
        if known := self._begin("charge", key, told):
            return self.charges[known]
        self._customer(customer_id)
        self._usable(card_id, customer_id)
        if amount.minor <= 0:
            raise PaymentRefused("the amount must be positive", code="parameter_invalid_integer")
        charge_id = f"pi_{next(self._count)}"
        self._charge_customers[charge_id] = customer_id
        self.charges[charge_id] = Charge(
            id=charge_id,
            status=ChargeStatus.DECLINED,
            amount=amount,
            reference=reference,
            card_id=card_id,
        )
        return self._attempt(charge_id, card_id, key, told)

    def charge_again(self, charge_id: str, *, card_id: str, key: str) -> Charge:
        told = (charge_id, card_id)
        if known := self._begin("charge_again", key, told):
            return self.charges[known]
        if self._charge(charge_id).status not in _OPEN:
            return self.charges[charge_id]
        self._usable(card_id, self._charge_customers[charge_id])
        return self._attempt(charge_id, card_id, key, told)

    def confirm_in_person(
        self, charge_id: str, *, card_id: str, return_url: str, key: str
    ) -> Charge:
        told = (charge_id, card_id, return_url)
        if known := self._begin("confirm_in_person", key, told):
            return self.charges[known]
        charge = self._charge(charge_id)
        if charge.status not in _OPEN:
            return charge
        self._usable(card_id, self._charge_customers[charge_id])
        url = f"https://pay.test/check/{charge_id}"
        if charge.status is ChargeStatus.ACTION_REQUIRED:
            self._move(charge_id, card_id=card_id, action_url=url)
            self._end(key, told, charge_id)
            return self.charges[charge_id]
        return self._attempt(charge_id, card_id, key, told, action_url=url)

    def cancel(self, charge_id: str, *, key: str) -> Charge:
        told = (charge_id,)
        if known := self._begin("cancel", key, told):
            return self.charges[known]
        if self._charge(charge_id).status in _OPEN:
            self._move(charge_id, status=ChargeStatus.CANCELLED, action_url="")
        self._end(key, told, charge_id)
        return self.charges[charge_id]

    def charge_state(self, charge_id: str) -> Charge:
        self._begin("charge_state")
        return _found(self.charges, charge_id)

    def find_charge(self, reference: str) -> Charge | None:
        self._begin("find_charge")
        found = [c for c in self.charges.values() if c.reference == reference]
        return found[-1] if found else None

    def refund(self, charge_id: str, *, amount: Money, key: str) -> Refund:
        told = (charge_id, amount)
        if known := self._begin("refund", key, told):
            return self.refunds[known]
        charge = self._charge(charge_id)
        back = charge.refunded or Money(0, charge.amount.currency)
        if charge.status is not ChargeStatus.SUCCEEDED:
            raise PaymentRefused("not charged", code="payment_intent_unexpected_state")
        if amount.minor <= 0 or back + amount > charge.amount:
            raise PaymentRefused("more than is left", code="amount_too_large")
        status = self._switches.refunds.popleft() if self._switches.refunds else "succeeded"
        refund = Refund(
            id=f"re_{next(self._count)}",
            charge_id=charge_id,
            amount=amount,
            status=status,
            reference=key,
        )
        self.refunds[refund.id] = refund
        if status != "failed":
            self.charges[charge_id] = replace(charge, refunded=back + amount)
            self._tell(ProviderEventType.REFUNDED, charge_id)
        self._end(key, told, refund.id)
        return refund

    def refunds_of(self, charge_id: str) -> list[Refund]:
        self._begin("refunds_of")
        return [refund for refund in self.refunds.values() if refund.charge_id == charge_id]

    def read_event(self, body: bytes, signature: str) -> ProviderEvent:
        moment, _, given = signature.partition(",v1=")
        moment = moment.removeprefix("t=")
        if not hmac.compare_digest(_signature(moment, body), given):
            raise BadSignature
        if abs(self._clock.now().timestamp() - int(moment)) > _SIGNED_FOR.total_seconds():
            raise BadSignature("too old")
        told = json.loads(body)
        return ProviderEvent(**(told | {"created": datetime.fromisoformat(told["created"])}))

    # --- inside -----------------------------------------------------------------------------

    def _begin(self, call: str, key: str = "", told: tuple[Any, ...] = ()) -> str:
        """The id that the same act has answered with before, '' when it is new."""
        self.calls.append(call)
        if self._switches.failing:
            self._switches.failing -= 1
            raise Unavailable("the provider cannot be reached")
        kept = self._keys.get(key)
        if not key or kept is None or self._clock.now() - kept.at >= _KEYS_KEPT:
            return ""
        if kept.told != (call, *told):
            raise PaymentRefused("the key belongs to another act", code="idempotency_error")
        return kept.answer

    def _end(self, key: str, told: tuple[Any, ...], answer: str) -> None:
        self._keys[key] = _KeptKey((self.calls[-1], *told), answer, self._clock.now())
        self._lose_answer()

    def _lose_answer(self) -> None:
        if self._switches.lost:
            self._switches.lost -= 1
            raise Unavailable("the answer was lost", sent=True)

    def _attempt(
        self,
        charge_id: str,
        card_id: str,
        key: str,
        told: tuple[Any, ...],
        action_url: str = "",
    ) -> Charge:
        status, code = self._outcome(card_id)
        url = action_url if status is ChargeStatus.ACTION_REQUIRED else ""
        self._move(charge_id, card_id=card_id, status=status, decline_code=code, action_url=url)
        self._end(key, told, charge_id)
        return self.charges[charge_id]

    def _outcome(self, card_id: str) -> tuple[ChargeStatus, str]:
        switches = self._switches
        if code := self._always.get(card_id):
            return ChargeStatus.DECLINED, code
        if switches.declines:
            return ChargeStatus.DECLINED, switches.declines.popleft()
        if switches.actions or card_id in self._asking:
            switches.actions = max(0, switches.actions - 1)
            return ChargeStatus.ACTION_REQUIRED, ""
        if switches.processing:
            switches.processing -= 1
            return ChargeStatus.PROCESSING, ""
        return ChargeStatus.SUCCEEDED, ""

    def _move(self, charge_id: str, **changes: Any) -> Charge:
        charge = replace(self.charges[charge_id], **changes)
        self.charges[charge_id] = charge
        facts = {"decline_code": charge.decline_code} if charge.decline_code else {}
        type_ = _EVENT_OF[charge.status]
        if charge.status is ChargeStatus.ACTION_REQUIRED and not charge.action_url:
            # An absent holder cannot be asked: for Stripe the try has failed.
            type_ = ProviderEventType.CHARGE_FAILED
            facts = {"decline_code": "authentication_required"}
        self._tell(type_, charge_id, facts=facts)
        return charge

    def _tell(
        self,
        type_: str,
        object_id: str,
        *,
        customer_id: str = "",
        facts: dict[str, str] | None = None,
    ) -> None:
        charge = self.charges.get(object_id)
        event = ProviderEvent(
            id=f"evt_{next(self._count)}",
            type=str(type_),
            object_id=object_id,
            created=self._clock.now(),
            customer_id=customer_id or self._charge_customers.get(object_id, ""),
            reference=charge.reference if charge else "",
            facts=facts or {},
        )
        self.events.append(event)

    def _return_refund(self, refund: Refund) -> None:
        charge = self.charges[refund.charge_id]
        assert charge.refunded is not None  # a refund that was not failed has been counted
        left = charge.refunded - refund.amount
        self.charges[charge.id] = replace(charge, refunded=left if left.micros else None)

    def _succeeded(self) -> list[Charge]:
        return [c for c in self.charges.values() if c.status is ChargeStatus.SUCCEEDED]

    def _customer(self, customer_id: str) -> None:
        if customer_id not in self.customers:
            raise PaymentRefused("no such customer", code="resource_missing")

    def _usable(self, card_id: str, customer_id: str) -> None:
        if self._owners.get(card_id) != customer_id:
            raise PaymentRefused("no such card of this customer", code="resource_missing")

    def _charge(self, charge_id: str) -> Charge:
        if charge_id not in self.charges:
            raise PaymentRefused("no such charge", code="resource_missing")
        return self.charges[charge_id]


def _found(kept: dict[str, _T], object_id: str) -> _T:
    if object_id not in kept:
        raise NotFound(id=object_id)
    return kept[object_id]


def _signature(moment: str, body: bytes) -> str:
    return hmac.new(_SECRET, moment.encode() + b"." + body, hashlib.sha256).hexdigest()


def euros(cents: int) -> Money:
    """Whole cents as money, for tests."""
    return Money(cents * (MICROS // 100), "EUR")
