"""Stripe as the hub's payment provider; the port is `core.billing.payments.port`.

A charge is two calls: begin a PaymentIntent, which moves no money, then confirm it. A
PaymentIntent succeeds at most once, so whatever answer is lost, asking again can never charge
twice: the intent's own state, and not a search that lags behind, says what happened. Only base
URL and keys come from the settings: the same code speaks to Stripe and to the sandbox.
"""

from __future__ import annotations

from typing import Any

import httpx
import stripe

from core.billing.payments.port import (
    CardFacts,
    CardPage,
    Charge,
    ChargeStatus,
    ProviderEvent,
    Refund,
)
from core.clock import Clock
from core.errors import NotFound
from core.gateways.stripe_calls import plain, under, unless_moved_on, with_keys
from core.gateways.stripe_errors import in_our_words, none_is_not_found, was_replayed
from core.gateways.stripe_events import verified_event
from core.gateways.stripe_http import TIMEOUT, StripeHttp
from core.gateways.stripe_reading import (
    NOT_TRIED,
    Json,
    card_of,
    charge_of,
    page_of,
    refund_of,
)
from core.money import Money
from core.operations.way_out import OPEN, WayOut
from core.settings import Settings

# The version that the installed SDK was written for; an upgrade of the SDK is an upgrade of this.
API_VERSION = "2026-10-28.endive"

_EXPAND = ["latest_charge"]
_CARDS = 100
_RANK = (
    ChargeStatus.SUCCEEDED,
    ChargeStatus.PROCESSING,
    ChargeStatus.ACTION_REQUIRED,
    ChargeStatus.DECLINED,
    ChargeStatus.CANCELLED,
)


class StripePayments:
    """`PaymentProvider` over HTTP; thread-safe. `retries` and the rest are for tests."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock,
        retries: int = 1,
        timeout: httpx.Timeout = TIMEOUT,
        way_out: WayOut = OPEN,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._clock = clock
        self._webhook_secret = settings.stripe_webhook_secret.get_secret_value()
        self._http = StripeHttp(timeout=timeout, way_out=way_out, transport=transport)
        addresses: Any = {"api": settings.stripe_api_base.rstrip("/")}
        self._client = stripe.StripeClient(
            settings.stripe_secret_key.get_secret_value(),
            stripe_version=API_VERSION,
            base_addresses=addresses,
            max_network_retries=retries,
            http_client=self._http,
        )

    def close(self) -> None:
        """Close the pooled connections."""
        self._http.close()

    # --- customers and cards ----------------------------------------------------------------

    def make_customer(self, *, reference: str, name: str, email: str, key: str) -> str:
        """A second customer made under a lost answer costs nothing: nobody's card hangs on it."""
        params: Any = {"name": name, "email": email, "metadata": {"reference": reference}}
        with in_our_words():
            made = with_keys(
                key,
                lambda turn: self._client.v1.customers.create(params, under(turn)),
            )
        return str(made.id)

    def open_card_page(
        self, *, customer_id: str, currency: str, return_url: str, cancel_url: str, key: str
    ) -> CardPage:
        params: Any = {
            "mode": "setup",
            "customer": customer_id,
            "currency": currency.lower(),
            "payment_method_types": ["card"],
            "success_url": return_url,
            "cancel_url": cancel_url,
        }
        sessions = self._client.v1.checkout.sessions
        with in_our_words():
            made = with_keys(key, lambda turn: sessions.create(params, under(turn)))
        return page_of(plain(made))

    def card_page(self, page_id: str) -> CardPage:
        with none_is_not_found(page_id):
            found = self._client.v1.checkout.sessions.retrieve(
                page_id, {"expand": ["setup_intent"]}
            )
        return page_of(plain(found))

    def card(self, card_id: str) -> CardFacts:
        """A card that was taken off its customer is gone: it cannot be charged any more."""
        with none_is_not_found(card_id):
            found = plain(self._client.v1.payment_methods.retrieve(card_id))
        if not found.get("customer"):
            raise NotFound(id=card_id)
        return card_of(found)

    def cards(self, customer_id: str) -> list[CardFacts]:
        params: Any = {"customer": customer_id, "type": "card", "limit": _CARDS}
        with in_our_words():
            page = self._client.v1.payment_methods.list(params)
        return [card_of(plain(row)) for row in page.data]

    def forget_card(self, card_id: str) -> None:
        # Detaching twice is refused; whether it is attached at all is what matters.
        try:
            self.card(card_id)
        except NotFound:
            return
        with in_our_words():
            self._client.v1.payment_methods.detach(card_id)

    # --- charges ----------------------------------------------------------------------------

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
        params: Any = {
            "amount": amount.minor,
            "currency": amount.currency.lower(),
            "customer": customer_id,
            "payment_method": card_id,
            "payment_method_types": ["card"],
            "description": description,
            "metadata": {"reference": reference},
        }
        intents = self._client.v1.payment_intents
        with in_our_words():
            begun = with_keys(f"{key}.begin", lambda turn: intents.create(params, under(turn)))
        # The intent has its card already.
        charge = self._confirm(begun.id, {"off_session": True}, f"{key}.confirm")
        return charge or self.charge_state(begun.id)

    def charge_again(self, charge_id: str, *, card_id: str, key: str) -> Charge:
        how = {"payment_method": card_id, "off_session": True}
        return self._confirm_anew(charge_id, card_id, how, key)

    def confirm_in_person(
        self, charge_id: str, *, card_id: str, return_url: str, key: str
    ) -> Charge:
        how = {"payment_method": card_id, "return_url": return_url, "use_stripe_sdk": False}
        return self._confirm_anew(charge_id, card_id, how, key)

    def cancel(self, charge_id: str, *, key: str) -> Charge:
        intents = self._client.v1.payment_intents
        with in_our_words():
            unless_moved_on(
                lambda: with_keys(key, lambda turn: intents.cancel(charge_id, None, under(turn)))
            )
        return self.charge_state(charge_id)

    def charge_state(self, charge_id: str) -> Charge:
        with none_is_not_found(charge_id):
            found = self._client.v1.payment_intents.retrieve(charge_id, {"expand": _EXPAND})
        return charge_of(plain(found))

    def find_charge(self, reference: str) -> Charge | None:
        """The one that went furthest, if an answer lost on the way left more than one."""
        quoted = reference.replace("\\", "\\\\").replace("'", "\\'")
        query: Any = {
            "query": f"metadata['reference']:'{quoted}'",
            "limit": _CARDS,
            "expand": ["data.latest_charge"],
        }
        with in_our_words():
            page = self._client.v1.payment_intents.search(query)
        found = [charge_of(plain(row)) for row in page.data]
        tried = [charge for charge in found if charge.decline_code != NOT_TRIED]
        return min(tried or found, key=lambda charge: _RANK.index(charge.status), default=None)

    def refund(self, charge_id: str, *, amount: Money, key: str) -> Refund:
        """Marked with its key, so that one whose answer was lost is found and not made again."""
        params: Any = {
            "payment_intent": charge_id,
            "amount": amount.minor,
            "metadata": {"key": key},
        }

        def make(turn: str) -> Json:
            if turn != key and (made := self._refund_marked(charge_id, key)):
                return made
            return plain(self._client.v1.refunds.create(params, under(turn)))

        with in_our_words():
            return refund_of(with_keys(key, make))

    def refunds_of(self, charge_id: str) -> list[Refund]:
        return [refund_of(row) for row in reversed(self._refund_rows(charge_id))]

    def read_event(self, body: bytes, signature: str) -> ProviderEvent:
        return verified_event(body, signature, self._webhook_secret, self._clock.now())

    # --- inside -----------------------------------------------------------------------------

    def _confirm_anew(self, charge_id: str, card_id: str, how: Json, key: str) -> Charge:
        """A check that the holder left open is ended first: Stripe waits for one at a time."""
        if charge := self._confirm(charge_id, how, key):
            return charge
        standing = self.charge_state(charge_id)
        if standing.status is not ChargeStatus.ACTION_REQUIRED:
            return standing
        params: Any = {"payment_method": card_id}
        intents = self._client.v1.payment_intents
        with in_our_words():
            unless_moved_on(lambda: intents.update(charge_id, params, under(f"{key}.card")))
        return self._confirm(charge_id, how, f"{key}.again") or self.charge_state(charge_id)

    def _confirm(self, charge_id: str, how: Json, key: str) -> Charge | None:
        """How the intent stands after the try; None when its state allows no try."""
        params: Any = how | {"expand": _EXPAND}
        intents = self._client.v1.payment_intents
        with in_our_words():
            try:
                answer = unless_moved_on(
                    lambda: with_keys(
                        key, lambda turn: intents.confirm(charge_id, params, under(turn))
                    )
                )
            except stripe.CardError:
                return self.charge_state(charge_id)
        if answer is None:
            return None
        if answer.last_response and was_replayed(answer.last_response.headers):
            # A stored answer tells how it stood then; what counts is how it stands now.
            return self.charge_state(charge_id)
        return charge_of(plain(answer))

    def _refund_marked(self, charge_id: str, key: str) -> Json | None:
        rows = self._refund_rows(charge_id)
        return next((row for row in rows if (row.get("metadata") or {}).get("key") == key), None)

    def _refund_rows(self, charge_id: str) -> list[Json]:
        """The newest first, as Stripe lists them."""
        params: Any = {"payment_intent": charge_id, "limit": _CARDS}
        with in_our_words():
            return [plain(row) for row in self._client.v1.refunds.list(params).data]
