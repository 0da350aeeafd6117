"""The guards around money, for the register."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from core.columns import new_key
from tests.security.guard import Guard, never_refusing, returning, value


def _each_its_own(was: Any) -> Any:
    """Keeps every webhook under an id of its own."""

    def row(**values: Any) -> Any:
        return was(**(values | {"id": new_key(22)}))

    return row


def _new_key_each_time(was: Callable[..., Any]) -> Any:
    """Asks for the same charge under another key."""

    def begin(self: Any, payment: Any, customer: str, _key: str) -> Any:
        return was(self, payment, customer, new_key(22))

    return begin


def _unguarded(was: Callable[..., Any]) -> Any:
    """Takes from an account whatever is asked for."""

    def change(self: Any, account: str, by: int, *, guarded: bool) -> None:
        was(self, account, by, guarded=guarded and by > 0)

    return change


def _owner_for_all(was: Any) -> Any:
    return {role: was["owner"] for role in was}


MONEY: tuple[Guard, ...] = (
    Guard(
        name="signature over the raw bytes of payment webhooks",
        target="core.gateways.stripe_events:stripe.WebhookSignature.verify_header",
        off=never_refusing,
        test="test_money.py::test_a_webhook_is_the_providers_byte_for_byte",
    ),
    Guard(
        name="age of payment webhooks",
        target="core.gateways.stripe_events:_GOOD_FOR",
        off=value(timedelta(days=3650)),
        test="test_money.py::test_a_webhook_that_was_kept_is_not_taken_later",
    ),
    Guard(
        name="payment webhooks once",
        target="core.billing.payments.webhooks:ProviderWebhook",
        off=_each_its_own,
        test="test_money.py::test_a_webhook_told_twice_is_kept_once",
    ),
    Guard(
        name="idempotency key of a charge",
        target="core.billing.payments.charging:Charging._begin",
        off=_new_key_each_time,
        test="test_money.py::test_a_charge_whose_answer_was_lost_is_asked_for_under_its_own_key",
    ),
    Guard(
        name="guarded balance",
        target="core.billing.ledger:Ledger._change",
        off=_unguarded,
        test="test_money.py::test_two_spenders_never_have_the_same_cent",
    ),
    Guard(
        name="ledger and invoice lines only grow",
        target="storage.migrations.belts:make_append_only",
        off=never_refusing,
        test="test_money.py::test_what_was_booked_and_invoiced_stays",
    ),
    Guard(
        name="figures of an invoice are fixed",
        target="storage.migrations.belts:fix_columns",
        off=never_refusing,
        test="test_money.py::test_the_figures_of_an_invoice_stay",
    ),
    Guard(
        name="quote is counted again",
        target="core.billing.payments.quoting:Quote.__eq__",
        off=returning(True),
        test="test_money.py::test_a_quote_that_was_changed_in_the_page_charges_nothing",
    ),
    Guard(
        name="money is the owners'",
        target="core.access:_ALLOWED",
        off=_owner_for_all,
        test="test_money.py::test_only_owners_touch_money",
    ),
)
