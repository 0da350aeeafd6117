"""What the hub asks of a payment provider; card numbers never pass through the hub.

Written after Stripe's objects: customers, Checkout in setup mode, PaymentIntents, refunds and
signed webhooks. Every call that moves money takes a `key`; the same key is the same act, however
often it is told. A twin for tests and the sandbox over HTTP must pass one contract test.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from core.errors import HubError
from core.money import Money


class ChargeStatus(StrEnum):
    """How a charge stands at the provider."""

    SUCCEEDED = "succeeded"
    PROCESSING = "processing"
    ACTION_REQUIRED = "action_required"  # the cardholder has to confirm it (3-D Secure)
    DECLINED = "declined"  # no money moved with the last card; another one may be tried
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """A card as the provider tells it; `id` is the provider's payment method."""

    id: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    country: str = ""
    fingerprint: str = ""  # the same for the same card number, '' when it is not told


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPage:
    """The provider's own page on which a card is entered."""

    id: str
    url: str
    is_complete: bool = False
    card_id: str = ""  # once complete
    is_over: bool = False  # no card can be entered there any more
    decline_code: str = ""  # of the last card that was refused there, in the provider's word


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A payment as the provider sees it now; `reference` is the hub's id, given when it began."""

    id: str
    status: ChargeStatus
    amount: Money
    reference: str = ""
    card_id: str = ""
    decline_code: str = ""  # Stripe's word, such as insufficient_funds
    action_url: str = ""  # where the cardholder confirms
    refunded: Money | None = None
    disputed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money on its way back to the card."""

    id: str
    charge_id: str
    amount: Money
    status: str  # pending, succeeded or failed
    reference: str = ""  # the key it was asked for with; '' when somebody else made it


class ProviderEventType(StrEnum):
    """The provider's webhooks that the hub acts on, in its own words; others are kept."""

    CARD_ADDED = "checkout.session.completed"
    CARD_PAGE_EXPIRED = "checkout.session.expired"
    CARD_CHANGED = "payment_method.automatically_updated"
    CARD_REMOVED = "payment_method.detached"
    CHARGE_SUCCEEDED = "payment_intent.succeeded"
    CHARGE_FAILED = "payment_intent.payment_failed"
    CHARGE_ACTION = "payment_intent.requires_action"
    CHARGE_PROCESSING = "payment_intent.processing"
    CHARGE_CANCELLED = "payment_intent.canceled"
    REFUNDED = "charge.refunded"
    REFUND_CREATED = "refund.created"
    REFUND_UPDATED = "refund.updated"
    REFUND_FAILED = "refund.failed"
    CHARGE_REFUND_UPDATED = "charge.refund.updated"  # its older name
    DISPUTE_OPENED = "charge.dispute.created"
    DISPUTE_CLOSED = "charge.dispute.closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderEvent:
    """A verified webhook: a hint to look, since it may be late, doubled or out of order."""

    id: str
    type: str  # a ProviderEventType, or a word the hub does not know
    object_id: str  # of the charge, card page or card it is about
    created: datetime
    customer_id: str = ""
    reference: str = ""
    facts: dict[str, str] = field(default_factory=dict)  # such as a dispute's outcome


class PaymentRefused(HubError):
    """The provider refuses the request itself, not the card: asking again changes nothing."""

    code = "payment_refused"


# Stripe's word for an id that it does not know (any more).
UNKNOWN_OBJECT = "resource_missing"


class PaymentProvider(Protocol):
    """Every method raises `Unavailable` when the answer is unknown (time-out, 5xx, no connection).

    Then the act may have happened: ask again with the same key. `PaymentRefused` when the
    provider does not accept the request. A declined card is an answer, not an error.
    """

    def make_customer(self, *, reference: str, name: str, email: str, key: str) -> str:
        """The provider's customer id."""
        ...

    def open_card_page(
        self, *, customer_id: str, currency: str, return_url: str, cancel_url: str, key: str
    ) -> CardPage:
        """A hosted page that saves a card for later use; the browser goes there and comes back."""
        ...

    def card_page(self, page_id: str) -> CardPage:
        """How the page stands; raises NotFound."""
        ...

    def card(self, card_id: str) -> CardFacts:
        """Raises NotFound."""
        ...

    def cards(self, customer_id: str) -> list[CardFacts]:
        """All cards saved for the customer, the newest first."""
        ...

    def forget_card(self, card_id: str) -> None:
        """The card cannot be charged any more; no error when it is gone already."""
        ...

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
        """Charge a saved card while its holder is away."""
        ...

    def charge_again(self, charge_id: str, *, card_id: str, key: str) -> Charge:
        """The same charge with another card after a decline: one charge can succeed only once."""
        ...

    def confirm_in_person(
        self, charge_id: str, *, card_id: str, return_url: str, key: str
    ) -> Charge:
        """The same charge with the holder present; `action_url` leads to the hosted check."""
        ...

    def cancel(self, charge_id: str, *, key: str) -> Charge:
        """Nothing can be charged any more, unless it has succeeded already (see the status)."""
        ...

    def charge_state(self, charge_id: str) -> Charge:
        """How it stands now; raises NotFound."""
        ...

    def find_charge(self, reference: str) -> Charge | None:
        """By the hub's id, after an answer was lost; None when the provider never got it.

        Stripe's search lags behind by up to a minute: repeating `charge` with the same key is
        the surer way within 24 hours.
        """
        ...

    def refund(self, charge_id: str, *, amount: Money, key: str) -> Refund: ...

    def refunds_of(self, charge_id: str) -> list[Refund]:
        """All refunds of a charge as they stand, whoever made them, the oldest first."""
        ...

    def read_event(self, body: bytes, signature: str) -> ProviderEvent:
        """Verify over the raw bytes, at most five minutes old; raises `BadSignature`."""
        ...


class BadSignature(HubError):
    """The webhook is not from the provider, was changed, or is too old."""

    code = "bad_signature"
