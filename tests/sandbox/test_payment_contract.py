"""One contract for every payment provider: the twin, the sandbox over HTTP, localstripe over HTTP.

What localstripe does not know is expected of it by name (`GAPS`): a gap that closes one day makes
its test fail, so nothing is left out in silence.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from core.billing.payments.port import Charge, ChargeStatus, PaymentRefused
from core.clock import FixedClock
from core.errors import HubError, NotFound, Unavailable
from tests.sandbox.payments_rig import (
    ASKS_ALWAYS,
    DECLINED_LATER,
    LocalStripeSide,
    SandboxSide,
    Side,
    TwinSide,
    fixed_clock,
    localstripe_process,
    sandbox_process,
)
from tests.support.payments_twin import euros

# What localstripe answers where Stripe, the sandbox and the twin do what the contract says. Its two
# unknown parameters are named at `FewerParameters`.
GAPS: dict[str, type[HubError]] = {
    "checkout": Unavailable,  # no Checkout Sessions: a 404 that is no error object
    "search": PaymentRefused,  # no search: the word is taken for an id
    "another card": Unavailable,  # a confirmation with a card: 500, not implemented
    "missing": PaymentRefused,  # a 404 without the code `resource_missing`
    "paid already": PaymentRefused,  # a refusal without the code of the unexpected state
}
_numbers = itertools.count(1)
FaultySide = Any  # the twin or the sandbox: localstripe has no faults to arm


@pytest.fixture(scope="module")
def sandbox_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with sandbox_process(tmp_path_factory.mktemp("sandbox")) as url:
        yield url


@pytest.fixture(scope="module")
def localstripe_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with localstripe_process(tmp_path_factory.mktemp("localstripe")) as url:
        yield url


@pytest.fixture
def clock() -> FixedClock:
    return fixed_clock()


def open_side(name: str, request: pytest.FixtureRequest, clock: FixedClock) -> Any:
    if name == "twin":
        return TwinSide(clock)
    kind = SandboxSide if name == "sandbox" else LocalStripeSide
    side = kind(request.getfixturevalue(f"{name}_url"), clock)
    request.addfinalizer(side.close)
    return side


@pytest.fixture(params=["twin", "sandbox", "localstripe"])
def side(request: pytest.FixtureRequest, clock: FixedClock) -> Any:
    return open_side(request.param, request, clock)


@pytest.fixture(params=["twin", "sandbox"])
def faulty(request: pytest.FixtureRequest, clock: FixedClock) -> Any:
    return open_side(request.param, request, clock)


def customer(side: Side) -> str:
    number = next(_numbers)
    return side.port.make_customer(
        reference=f"payer-{number}", name="Bäckerei Ö", email="a@b.example", key=f"cus-{number}"
    )


def charging(side: Side, card: str, owner: str, cents: int = 1250) -> Callable[[], Charge]:
    """The same charge, to be told as often as wished."""
    number = next(_numbers)
    return partial(
        side.port.charge,
        customer_id=owner,
        card_id=card,
        amount=euros(cents),
        reference=f"top-up-{number}",
        description="Top-up",
        key=f"charge-{number}",
    )


def charged(side: Side, number: str = "4242424242424242") -> Charge:
    owner = customer(side)
    return charging(side, side.save_card(owner, number), owner)()


# --- what all three do


def test_a_saved_card_is_charged_while_its_holder_is_away(side: Side) -> None:
    charge = charged(side)
    assert charge.status is ChargeStatus.SUCCEEDED
    assert (charge.amount, charge.decline_code, charge.refunded) == (euros(1250), "", None)
    assert charge.reference.startswith("top-up-")
    assert side.port.charge_state(charge.id) == charge
    assert side.charged() == 1250


def test_a_decline_is_an_answer_and_moves_no_money(side: Side) -> None:
    owner = customer(side)
    card = side.save_card(owner, DECLINED_LATER)
    charge = charging(side, card, owner)()
    assert charge.status is ChargeStatus.DECLINED
    # localstripe has no decline codes.
    assert charge.decline_code == ("card_declined" if _local(side) else "generic_decline")
    assert charge.card_id == card
    assert side.port.charge_state(charge.id) == charge
    assert side.charged() == 0


def test_a_card_that_asks_cannot_be_charged_in_silence(side: Side) -> None:
    charge = charged(side, ASKS_ALWAYS)
    assert charge.status is ChargeStatus.ACTION_REQUIRED
    assert (charge.action_url, charge.decline_code) == ("", "")
    assert side.charged() == 0


def test_cards_are_listed_and_a_forgotten_one_is_gone(side: Side) -> None:
    owner = customer(side)
    first, second = side.save_card(owner), side.save_card(owner)
    assert {card.id for card in side.port.cards(owner)} == {first, second}
    facts = side.port.card(first)
    assert (facts.brand, len(facts.last4), facts.exp_month) == ("visa", 4, 12)
    side.port.forget_card(first)
    side.port.forget_card(first)
    if _local(side):
        with pytest.raises(GAPS["missing"]):
            side.port.forget_card("pm_unknown")
    else:
        side.port.forget_card("pm_unknown")
    assert [card.id for card in side.port.cards(owner)] == [second]
    with pytest.raises(NotFound):
        side.port.card(first)


def test_a_refund_goes_back_in_parts(side: Side) -> None:
    charge = charged(side)
    refund = side.port.refund(charge.id, amount=euros(250), key=f"refund-{charge.id}")
    assert (refund.charge_id, refund.amount, refund.status) == (charge.id, euros(250), "succeeded")
    assert side.port.charge_state(charge.id).refunded == euros(250)
    assert side.port.refunds_of(charge.id) == [refund]
    assert side.charged() == 1000


def test_a_cancelled_charge_stays_cancelled_and_a_paid_one_paid(side: Side) -> None:
    asked, paid = charged(side, ASKS_ALWAYS), charged(side)
    assert side.port.cancel(asked.id, key=f"end-{asked.id}").status is ChargeStatus.CANCELLED
    if _local(side):
        with pytest.raises(GAPS["paid already"]):
            side.port.cancel(paid.id, key=f"end-{paid.id}")
        return
    assert side.port.cancel(asked.id, key=f"end2-{asked.id}").status is ChargeStatus.CANCELLED
    assert side.port.cancel(paid.id, key=f"end-{paid.id}").status is ChargeStatus.SUCCEEDED


def test_what_the_provider_does_not_know_is_not_found(side: Side) -> None:
    for read in (side.port.charge_state, side.port.card):
        with pytest.raises(GAPS["missing"] if _local(side) else NotFound):
            read("pi_unknown" if read == side.port.charge_state else "pm_unknown")


@pytest.mark.parametrize("cents", [0, -100])
def test_nothing_is_charged_for_an_amount_that_is_none(side: Side, cents: int) -> None:
    owner = customer(side)
    with pytest.raises(PaymentRefused):
        charging(side, side.save_card(owner), owner, cents)()
    assert side.charged() == 0


# --- what localstripe cannot, by name


def test_a_card_is_saved_on_the_hosted_page(side: Any) -> None:
    owner = customer(side)
    opening = partial(
        side.port.open_card_page,
        customer_id=owner,
        currency="EUR",
        return_url="http://localhost:8082/back?page={CHECKOUT_SESSION_ID}",
        cancel_url="http://localhost:8082/cancel",
        key=f"page-{owner}",
    )
    if _local(side):
        with pytest.raises(GAPS["checkout"]):
            opening()
        return
    page = opening()
    assert opening() == page
    assert page.url.startswith("http")
    assert not page.is_complete
    card = side.fill_page(page)
    done = side.port.card_page(page.id)
    assert (done.is_complete, done.card_id) == (True, card.id)
    assert side.port.cards(owner) == [card]
    with pytest.raises(NotFound):
        side.port.card_page("cs_unknown")


def test_a_charge_is_found_by_the_hubs_own_id(side: Side) -> None:
    charge = charged(side)
    if _local(side):
        with pytest.raises(GAPS["search"]):
            side.port.find_charge(charge.reference)
        return
    assert side.port.find_charge(charge.reference) == charge
    assert side.port.find_charge("nobody's \\ 'id'") is None


def test_the_next_card_pays_the_same_charge(side: Side) -> None:
    owner = customer(side)
    declined = charging(side, side.save_card(owner, DECLINED_LATER), owner)()
    good = side.save_card(owner)
    again = partial(side.port.charge_again, declined.id, card_id=good, key=f"again-{declined.id}")
    if _local(side):
        with pytest.raises(GAPS["another card"]):
            again()
        return
    paid = again()
    assert (paid.id, paid.status, paid.card_id) == (declined.id, ChargeStatus.SUCCEEDED, good)
    assert again() == paid
    other = side.port.charge_again(declined.id, card_id=good, key=f"more-{declined.id}")
    assert other.status is ChargeStatus.SUCCEEDED
    assert side.charged() == 1250


# --- the same key, lost answers, faults: the twin and the sandbox


def test_the_same_act_told_twice_is_done_once(faulty: FaultySide) -> None:
    owner = customer(faulty)
    charge = charging(faulty, faulty.save_card(owner), owner)
    assert charge() == charge()
    assert faulty.charged() == 1250
    refund = partial(faulty.port.refund, charge().id, amount=euros(100), key=f"back-{owner}")
    assert refund() == refund()
    assert faulty.charged() == 1150


def test_a_key_belongs_to_one_act(faulty: FaultySide) -> None:
    owner = customer(faulty)
    charge = charging(faulty, faulty.save_card(owner), owner)
    charge()
    with pytest.raises(PaymentRefused) as refused:
        charge.func(**(charge.keywords | {"amount": euros(9900)}))  # type: ignore[attr-defined]
    assert refused.value.code == "idempotency_error"
    assert faulty.charged() == 1250


def test_a_charge_whose_answer_was_lost_is_told_when_asked_again(faulty: FaultySide) -> None:
    owner = customer(faulty)
    charge = charging(faulty, faulty.save_card(owner), owner)
    faulty.lose_answer_next()
    with pytest.raises(Unavailable) as unknown:
        charge()
    assert unknown.value.about["sent"] is True
    assert faulty.charged() == 1250
    paid = charge()
    assert paid.status is ChargeStatus.SUCCEEDED
    assert faulty.port.find_charge(paid.reference) == paid
    assert faulty.charged() == 1250


def test_a_charge_that_did_not_arrive_is_made_when_asked_again(faulty: FaultySide) -> None:
    owner = customer(faulty)
    charge = charging(faulty, faulty.save_card(owner), owner)
    faulty.fail_before_next()
    with pytest.raises(Unavailable):
        charge()
    assert faulty.charged() == 0
    assert charge().status is ChargeStatus.SUCCEEDED
    assert faulty.charged() == 1250


def test_a_refund_whose_answer_was_lost_is_made_once(faulty: FaultySide) -> None:
    charge = charged(faulty)
    refund = partial(faulty.port.refund, charge.id, amount=euros(250), key=f"lost-{charge.id}")
    faulty.lose_answer_next()
    with pytest.raises(Unavailable):
        refund()
    assert refund().status == "succeeded"
    assert faulty.charged() == 1000


def test_an_answer_tells_how_a_charge_stands_now(faulty: FaultySide) -> None:
    owner = customer(faulty)
    charge = charging(faulty, faulty.save_card(owner), owner)
    faulty.decline_next("insufficient_funds")
    declined = charge()
    assert declined.decline_code == "insufficient_funds"
    faulty.port.charge_again(declined.id, card_id=faulty.save_card(owner), key=f"x-{owner}")
    assert charge().status is ChargeStatus.SUCCEEDED


@pytest.mark.parametrize(
    "code",
    [
        "generic_decline",
        "insufficient_funds",
        "lost_card",
        "stolen_card",
        "expired_card",
        "incorrect_cvc",
        "processing_error",
    ],
)
def test_every_decline_is_told_in_the_providers_word(faulty: FaultySide, code: str) -> None:
    faulty.decline_next(code)
    charge = charged(faulty)
    assert (charge.status, charge.decline_code) == (ChargeStatus.DECLINED, code)
    assert faulty.charged() == 0


# --- the holder, the bank, time


def asked_in_person(faulty: FaultySide) -> Charge:
    charge = charged(faulty, ASKS_ALWAYS)
    confirmed: Charge = faulty.port.confirm_in_person(
        charge.id,
        card_id=charge.card_id,
        return_url="http://localhost:8082/back",
        key=f"confirm-{charge.id}",
    )
    return confirmed


def test_the_holder_confirms_on_the_hosted_page(faulty: FaultySide) -> None:
    charge = asked_in_person(faulty)
    assert charge.status is ChargeStatus.ACTION_REQUIRED
    assert charge.action_url.startswith("http")
    assert faulty.charged() == 0
    faulty.approve(charge.id)
    assert faulty.port.charge_state(charge.id).status is ChargeStatus.SUCCEEDED
    assert faulty.charged() == 1250


def test_a_check_told_again_tells_how_it_stands_now(faulty: FaultySide) -> None:
    charge = asked_in_person(faulty)
    faulty.approve(charge.id)
    again = faulty.port.confirm_in_person(
        charge.id,
        card_id=charge.card_id,
        return_url="http://localhost:8082/back",
        key=f"confirm-{charge.id}",
    )
    assert (again.status, again.action_url) == (ChargeStatus.SUCCEEDED, "")
    assert faulty.charged() == 1250


def test_a_failed_check_is_a_decline(faulty: FaultySide) -> None:
    charge = asked_in_person(faulty)
    faulty.fail(charge.id)
    failed = faulty.port.charge_state(charge.id)
    assert failed.status is ChargeStatus.DECLINED
    assert failed.decline_code == "payment_intent_authentication_failure"
    assert failed.action_url == ""


def test_a_check_that_was_left_open_can_be_begun_again(faulty: FaultySide) -> None:
    charge = asked_in_person(faulty)
    again = faulty.port.confirm_in_person(
        charge.id, card_id=charge.card_id, return_url="http://localhost:8082/x", key="second"
    )
    assert (again.id, again.status) == (charge.id, ChargeStatus.ACTION_REQUIRED)
    assert again.action_url.startswith("http")


def test_another_card_ends_a_check_that_was_left_open(faulty: FaultySide) -> None:
    charge = asked_in_person(faulty)
    owner = faulty.port.find_charge(charge.reference)
    assert owner is not None
    good = faulty.save_card(_owner_of(faulty, charge))
    paid = faulty.port.charge_again(charge.id, card_id=good, key=f"good-{charge.id}")
    assert (paid.status, paid.card_id) == (ChargeStatus.SUCCEEDED, good)


def test_a_charge_under_way_is_neither_paid_nor_declined(faulty: FaultySide) -> None:
    faulty.process_next()
    charge = charged(faulty)
    assert charge.status is ChargeStatus.PROCESSING
    assert faulty.charged() == 0
    faulty.approve(charge.id)
    assert faulty.port.charge_state(charge.id).status is ChargeStatus.SUCCEEDED


def test_a_foreign_card_is_not_charged(faulty: FaultySide) -> None:
    mine, other = customer(faulty), customer(faulty)
    with pytest.raises(PaymentRefused):
        charging(faulty, faulty.save_card(other), mine)()
    with pytest.raises(PaymentRefused):
        charging(faulty, faulty.save_card(mine), "cus_unknown")()
    forgotten = faulty.save_card(mine)
    faulty.port.forget_card(forgotten)
    with pytest.raises(PaymentRefused):
        charging(faulty, forgotten, mine)()
    assert faulty.charged() == 0


def test_no_more_goes_back_than_was_paid(faulty: FaultySide) -> None:
    charge = charged(faulty)
    with pytest.raises(PaymentRefused):
        faulty.port.refund(charge.id, amount=euros(1251), key="too much")
    faulty.decline_next("lost_card")
    declined = charged(faulty)
    with pytest.raises(PaymentRefused):
        faulty.port.refund(declined.id, amount=euros(1), key="of nothing")
    assert faulty.charged() == 1250


@pytest.mark.parametrize(("status", "counts"), [("pending", 1000), ("failed", 1250)])
def test_a_refund_may_take_a_while_or_fail(faulty: FaultySide, status: str, counts: int) -> None:
    charge = charged(faulty)
    faulty.refund_next(status)
    refund = faulty.port.refund(charge.id, amount=euros(250), key=f"r-{charge.id}")
    assert refund.status == status
    assert faulty.charged() == counts


def test_a_disputed_charge_says_so(faulty: FaultySide) -> None:
    charge = charged(faulty)
    assert not charge.disputed
    faulty.dispute(charge.id)
    assert faulty.port.charge_state(charge.id).disputed


def _owner_of(side: Any, charge: Charge) -> str:
    if isinstance(side, TwinSide):
        return side.twin.owner_of(charge.id)
    return next(str(c["customer"]) for c in side.read()["charges"] if c["id"] == charge.id)


def _local(side: Side) -> bool:
    return side.name == "localstripe"
