"""What the gateway makes of faults: no lost answer charges twice, and none loses a charge."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import stripe
from pydantic import SecretStr

from core.billing.payments.port import (
    BadSignature,
    ChargeStatus,
    PaymentRefused,
    ProviderEventType,
)
from core.clock import FixedClock
from core.demo.outside import demo_card, sandbox_seed
from core.demo.world import PARTNERS
from core.errors import NotFound, Unavailable
from core.gateways.payments import API_VERSION, StripePayments
from core.money import Money
from sandbox.payments.events import API_VERSION as SANDBOX_VERSION
from sandbox.payments.events import new_event, signature
from tests.sandbox.payments_rig import (
    SECRET,
    SandboxSide,
    fixed_clock,
    sandbox_process,
    stripe_settings,
)
from tests.sandbox.test_payment_contract import charging, customer
from tests.support.payments_twin import euros

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LOST = ("answer_lost", "error_after", "error_before", "unavailable", "rate_limited")


@pytest.fixture(scope="module")
def sandbox_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with sandbox_process(tmp_path_factory.mktemp("sandbox")) as url:
        yield url


@pytest.fixture
def side(sandbox_url: str) -> Iterator[SandboxSide]:
    opened = SandboxSide(sandbox_url, fixed_clock())
    yield opened
    opened.close()


def test_gateway_sandbox_and_sdk_speak_the_same_version() -> None:
    assert API_VERSION == SANDBOX_VERSION == stripe.api_version


def test_the_demos_cards_can_be_charged_from_the_start(side: SandboxSide) -> None:
    side.web.put("/control/seed", json=sandbox_seed()).raise_for_status()
    for partner in PARTNERS:
        card = demo_card(partner)
        charge = side.gateway.charge(
            customer_id=card["customer"],
            card_id=card["id"],
            amount=Money.of("297.50", partner.currency),
            reference=f"upgrade {partner.id}",
            description="plan",
            key=partner.id,
        )
        assert charge.status is ChargeStatus.SUCCEEDED
    side.web.put("/control/seed", json={}).raise_for_status()


# --- unknown answers


@pytest.mark.parametrize("on", ["create", "confirm"])
@pytest.mark.parametrize("kind", LOST)
def test_asking_until_there_is_an_answer_charges_once(
    side: SandboxSide, kind: str, on: str
) -> None:
    owner = customer(side)
    charge = charging(side, side.save_card(owner), owner)
    side.tell("faults", {"kind": kind, "on": on})
    with pytest.raises(Unavailable):
        charge()
    assert charge().status is ChargeStatus.SUCCEEDED
    assert charge().status is ChargeStatus.SUCCEEDED
    assert side.charged() == 1250


def test_a_stored_error_does_not_block_a_refund_and_does_not_double_it(side: SandboxSide) -> None:
    owner = customer(side)
    charge = charging(side, side.save_card(owner), owner)()
    for kind, cents, kept in (("error_after", 100, 1150), ("error_before", 50, 1100)):
        side.tell("faults", {"kind": kind, "on": "refund"})
        with pytest.raises(Unavailable):
            side.port.refund(charge.id, amount=euros(cents), key=kind)
        assert side.port.refund(charge.id, amount=euros(cents), key=kind).amount == euros(cents)
        assert side.charged() == kept


def test_two_who_tell_the_same_charge_at_once_charge_once(side: SandboxSide) -> None:
    owner = customer(side)
    charge = charging(side, side.save_card(owner), owner)
    side.tell("faults", {"kind": "slow", "on": "confirm", "seconds": 1})

    def told() -> object:
        try:
            return charge().status
        except Unavailable:
            return None

    with ThreadPoolExecutor(2) as pool:
        answers = {future.result() for future in [pool.submit(told), pool.submit(told)]}
    assert answers == {ChargeStatus.SUCCEEDED, None}
    assert charge().status is ChargeStatus.SUCCEEDED
    assert side.charged() == 1250


def test_an_answer_that_comes_too_late_is_unknown(side: SandboxSide) -> None:
    owner = customer(side)
    card = side.save_card(owner)
    hasty = StripePayments(
        stripe_settings(side.url), clock=fixed_clock(), retries=0, timeout=httpx.Timeout(0.5)
    )
    side.tell("faults", {"kind": "hangs_after", "on": "confirm", "seconds": 2})
    charge = charging(side, card, owner)
    with pytest.raises(Unavailable) as unknown:
        hasty.charge(**charge.keywords)  # type: ignore[attr-defined]
    hasty.close()
    assert unknown.value.about["sent"] is True
    assert side.charged() == 1250
    assert charge().status is ChargeStatus.SUCCEEDED
    assert side.charged() == 1250


def test_the_sdk_asks_again_by_itself(side: SandboxSide) -> None:
    owner = customer(side)
    charge = charging(side, side.save_card(owner), owner)
    patient = StripePayments(stripe_settings(side.url), clock=fixed_clock())
    side.tell("faults", {"kind": "answer_lost", "on": "confirm"})
    assert patient.charge(**charge.keywords).status is ChargeStatus.SUCCEEDED  # type: ignore[attr-defined]
    patient.close()
    assert side.charged() == 1250


def test_a_provider_that_is_not_there_was_never_asked() -> None:
    gone = StripePayments(stripe_settings("http://localhost:1"), clock=fixed_clock(), retries=0)
    with pytest.raises(Unavailable) as unreached:
        gone.charge_state("pi_1")
    gone.close()
    assert unreached.value.about["sent"] is False


def test_a_refused_key_is_the_operators_to_mend(side: SandboxSide) -> None:
    wrong = stripe_settings(side.url).model_copy(
        update={"stripe_secret_key": SecretStr("sk_test_wrong")}
    )
    gateway = StripePayments(wrong, clock=fixed_clock(), retries=0)
    with pytest.raises(Unavailable):
        gateway.find_charge("x")
    gateway.close()


def test_a_page_of_a_proxy_is_no_answer() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text="<html>Sign in</html>"))
    gateway = StripePayments(
        stripe_settings("http://localhost:1"), clock=fixed_clock(), retries=0, transport=transport
    )
    with pytest.raises(Unavailable):
        gateway.charge_state("pi_1")


def test_the_wire_tells_key_and_version_and_nothing_of_this_machine() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"id": "cus_1", "object": "customer"})

    gateway = StripePayments(
        stripe_settings("http://localhost:1"),
        clock=fixed_clock(),
        transport=httpx.MockTransport(answer),
    )
    made = gateway.make_customer(reference="r", name="Ö & Co", email="a@b.example", key="k")
    assert made == "cus_1"
    headers = seen[0].headers
    assert headers["idempotency-key"] == "k"
    assert headers["stripe-version"] == API_VERSION
    assert "telemetry_id" not in headers["x-stripe-client-user-agent"]
    assert "platform" not in json.loads(headers["x-stripe-client-user-agent"])
    assert seen[0].content.decode() == (
        "name=%C3%96+%26+Co&email=a%40b.example&metadata[reference]=r"
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_after_any_mix_of_faults_provider_and_caller_agree(side: SandboxSide, seed: int) -> None:
    """Each act is told until it is answered; then the sums agree to the cent."""
    chance = random.Random(seed)  # noqa: S311 - the same every time, not secret
    owner = customer(side)
    cards = [side.save_card(owner) for _ in range(2)]
    expected = 0
    for number in range(10):
        _arm(side, chance)
        cents = chance.randrange(1, 5000)
        act = charging(side, cards[0], owner, cents)
        charge = _told(act)
        while charge.status is ChargeStatus.DECLINED:
            _arm(side, chance)
            key = f"{seed}-{number}-{chance.random()}"
            charge = _told(
                lambda c=charge, k=key: side.port.charge_again(c.id, card_id=cards[1], key=k)
            )
        assert charge.status is ChargeStatus.SUCCEEDED
        assert _told(act) == charge
        expected += cents
        if chance.random() < 0.3:
            back = chance.randrange(1, cents + 1)
            _arm(side, chance)
            _told(lambda c=charge, b=back: side.port.refund(c.id, amount=euros(b), key=f"r{c.id}"))
            expected -= back
    assert side.charged() == expected
    assert side.read()["totals"]["eur"]["count"] == 10


def _arm(side: SandboxSide, chance: random.Random) -> None:
    for _ in range(chance.randrange(3)):
        on = chance.choice(["create", "confirm", "refund", "read"])
        kind = chance.choice(LOST)
        side.tell("faults", {"kind": kind, "on": on, "skip": chance.randrange(2)})
    if chance.random() < 0.3:
        side.decline_next(chance.choice(["insufficient_funds", "generic_decline"]))


def _told(act: Any) -> Any:
    for _ in range(20):
        try:
            return act()
        except Unavailable:
            continue
    raise AssertionError("never answered")


# --- webhooks


def test_a_webhook_of_the_provider_is_read() -> None:
    intent = {
        "id": "pi_1",
        "object": "payment_intent",
        "customer": "cus_1",
        "metadata": {"reference": "top-up-1"},
        "amount": 1250,
        "currency": "eur",
        "status": "requires_payment_method",
        "last_payment_error": {"code": "card_declined", "decline_code": "lost_card"},
        "unheard_of": {"new": ["field"]},
    }
    event = signed_event("payment_intent.payment_failed", intent)
    told = gateway(NOW).read_event(*event)
    assert (told.type, told.object_id) == (ProviderEventType.CHARGE_FAILED, "pi_1")
    assert (told.customer_id, told.reference, told.created) == ("cus_1", "top-up-1", NOW)
    assert told.facts["decline_code"] == "lost_card"


def test_what_belongs_to_a_charge_is_about_the_charge() -> None:
    dispute = {"id": "du_1", "payment_intent": "pi_1", "status": "lost", "reason": "fraudulent"}
    told = gateway(NOW).read_event(*signed_event("charge.dispute.closed", dispute))
    assert (told.object_id, told.facts["status"]) == ("pi_1", "lost")
    expanded = {"id": "re_1", "payment_intent": {"id": "pi_2"}}
    assert gateway(NOW).read_event(*signed_event("refund.failed", expanded)).object_id == "pi_2"


def test_an_unknown_event_is_kept_in_the_providers_words() -> None:
    told = gateway(NOW).read_event(*signed_event("climate.order.created", {"id": "order_1"}))
    assert (told.type, told.object_id) == ("climate.order.created", "order_1")


def test_a_detached_card_tells_whose_it_was() -> None:
    event = new_event(
        "payment_method.detached",
        {"id": "pm_1", "customer": None},
        _seconds(NOW),
        {"customer": "c"},
    )
    body = json.dumps(event).encode()
    told = gateway(NOW).read_event(body, signature(SECRET, body, _seconds(NOW)))
    assert (told.object_id, told.customer_id) == ("pm_1", "c")


@pytest.mark.parametrize("minutes", [6, -6])
def test_a_webhook_is_good_for_five_minutes_of_the_hubs_clock(minutes: int) -> None:
    body, header = signed_event("x", {"id": "1"})
    assert gateway(NOW + timedelta(minutes=4)).read_event(body, header).type == "x"
    with pytest.raises(BadSignature):
        gateway(NOW + timedelta(minutes=minutes)).read_event(body, header)


BODY = b'{"id": "evt_1", "type": "x", "data": {"object": {"id": "1"}}}'
GOOD = signature(SECRET, BODY, int(NOW.timestamp()))


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=,v1=",
        GOOD.partition(",")[0],
        GOOD.partition(",")[2],
        GOOD.replace("v1=", "v0="),
        GOOD[:-1] + ("0" if GOOD[-1] != "0" else "1"),
        f"t=1,{GOOD}",
        f"{GOOD},t=99999999999999999999",
        GOOD.replace("v1=", "v1=é"),
        "t=99999999999999999999,v1=00",
        "t=-1,v1=00",
        signature("whsec_of_another", BODY, int(NOW.timestamp())),
        signature(SECRET, BODY + b" ", int(NOW.timestamp())),
    ],
)
def test_a_forged_webhook_is_refused(header: str) -> None:
    with pytest.raises(BadSignature):
        gateway(NOW).read_event(BODY, header)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_signed_body_that_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(BadSignature):
        gateway(NOW).read_event(body, signature(SECRET, body, _seconds(NOW)))


def test_a_rolled_secret_signs_beside_the_old_one() -> None:
    other = signature("whsec_new", BODY, _seconds(NOW)).partition(",")[2]
    assert gateway(NOW).read_event(BODY, f"{GOOD},{other}").id == "evt_1"


def test_reading_knows_what_is_not_there(side: SandboxSide) -> None:
    with pytest.raises(NotFound):
        side.port.charge_state("pi_unknown")
    with pytest.raises(PaymentRefused):
        side.port.cards("cus_unknown")


def gateway(now: datetime) -> StripePayments:
    return StripePayments(stripe_settings("http://localhost:1"), clock=FixedClock(now))


def signed_event(type_: str, about: dict[str, Any]) -> tuple[bytes, str]:
    body = json.dumps(new_event(type_, about, _seconds(NOW))).encode()
    return body, signature(SECRET, body, _seconds(NOW))


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
