"""The sandbox's payment provider from outside: its wire, hosted pages, webhooks and controls."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from core.billing.payments.port import BadSignature
from core.gateways.stripe_events import verified_event
from sandbox.app import create_app
from sandbox.payments.api import build_api
from sandbox.payments.cards import CARDS
from sandbox.payments.control import PaymentsControl
from sandbox.payments.forms import read_form
from sandbox.payments.pages import HolderPages
from sandbox.payments.world import PaymentsWorld
from sandbox.settings import SandboxSettings

KEY, SECRET = "sk_test_1", "whsec_1"
BACK = "http://localhost:8082/back"


@dataclass
class Hub:
    """Takes webhooks; `statuses` are used up first."""

    statuses: list[int] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self.statuses.pop(0) if self.statuses else 200)

    @property
    def types(self) -> list[str]:
        return [json.loads(request.content)["type"] for request in self.requests]


@dataclass
class MovedClock:
    time: datetime = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


class Rig:
    """One provider in memory, asked as the SDK asks."""

    def __init__(self) -> None:
        self.hub, self.clock = Hub(), MovedClock()
        settings = SandboxSettings(stripe_secret_key=KEY, stripe_webhook_secret=SECRET)
        self.world = PaymentsWorld(settings, self.clock, httpx.MockTransport(self.hub))
        app = FastAPI()
        for router in (PaymentsControl(self.world).router(), HolderPages(self.world).router()):
            app.include_router(router)
        app.include_router(build_api(self.world))
        self.web = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url=settings.public_url
        )

    async def ask(self, path: str, key: str = "", **form: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {KEY}"} | ({"Idempotency-Key": key} if key else {})
        return await self.web.post(f"/v1/{path}", data=form, headers=headers)

    async def made(self, path: str, **form: str) -> dict[str, Any]:
        answer = await self.ask(path, **form)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def read(self, path: str) -> dict[str, Any]:
        answer = await self.web.get(f"/v1/{path}", headers={"Authorization": f"Bearer {KEY}"})
        told: dict[str, Any] = answer.json()
        return told

    async def control(self, path: str, body: Any = None) -> Any:
        answer = await self.web.post(f"/control/payments/{path}", json=body or {})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def summary(self) -> Any:
        return (await self.web.get("/control/payments")).json()

    async def open_page(self) -> dict[str, Any]:
        customer = await self.made("customers", email="a@b.example")
        return await self.made(
            "checkout/sessions",
            mode="setup",
            customer=customer["id"],
            success_url=f"{BACK}?page={{CHECKOUT_SESSION_ID}}",
            cancel_url="http://localhost:8082/cancel",
        )

    async def enter(self, page: dict[str, Any], number: str, expiry: str = "12/34") -> Any:
        return await self.web.post(page["url"], data={"number": number, "expiry": expiry})

    async def pay(self, number: str = "4242424242424242", **more: str) -> httpx.Response:
        customer = await self.made("customers")
        new = {"customer": customer["id"], "number": number}
        card = await self.control("cards", new)
        form = {"amount": "1250", "currency": "eur", "customer": customer["id"]}
        form |= {"payment_method": card["id"], "confirm": "true", "off_session": "true"}
        return await self.ask("payment_intents", **(form | more))

    async def told(self) -> list[str]:
        await self.world.sender.drain()
        return self.hub.types


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    opened = Rig()
    yield opened
    await opened.web.aclose()
    await opened.world.close()


# --- the wire


def test_brackets_are_nested_values() -> None:
    told = read_form("a=1&metadata[x]=%C3%96&list[]=p&list[]=q&deep[0][k]=v&deep[1][k]=w&empty=")
    assert told == {
        "a": "1",
        "metadata": {"x": "Ö"},
        "list": ["p", "q"],
        "deep": [{"k": "v"}, {"k": "w"}],
        "empty": "",
    }


@pytest.mark.parametrize("text", ["a=1&a[b]=2", "a" + "[b]" * 20 + "=1"])
async def test_a_body_that_makes_no_sense_is_refused(rig: Rig, text: str) -> None:
    headers = {
        "Authorization": f"Bearer {KEY}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    answer = await rig.web.post("/v1/customers", content=text, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


async def test_only_the_hubs_key_is_taken(rig: Rig) -> None:
    basic = base64.b64encode(f"{KEY}:".encode()).decode()
    for header, status in (
        (f"Bearer {KEY}", 200),
        (f"Basic {basic}", 200),
        ("Bearer sk_test_other", 401),
        ("Basic !", 401),
        ("", 401),
    ):
        answer = await rig.web.post("/v1/customers", headers={"Authorization": header})
        assert answer.status_code == status
    unknown = await rig.web.get("/v1/accounts", headers={"Authorization": f"Bearer {KEY}"})
    assert unknown.json()["error"]["type"] == "invalid_request_error"


async def test_a_parameter_that_is_not_known_is_refused(rig: Rig) -> None:
    error = (await rig.ask("customers", nmae="typo")).json()["error"]
    assert (error["code"], error["param"]) == ("parameter_unknown", "nmae")


@pytest.mark.parametrize("amount", ["0", "-5", "1.5", "12e3", "", "١٢", "100000000"])
async def test_an_amount_is_whole_cents_up_to_eight_digits(rig: Rig, amount: str) -> None:
    assert (await rig.pay(amount=amount)).status_code == 400
    assert (await rig.summary())["totals"] == {}


async def test_a_decline_is_a_402_with_the_intent_in_it(rig: Rig) -> None:
    answer = await rig.pay("4000000000000341")
    error = answer.json()["error"]
    assert answer.status_code == 402
    assert (error["type"], error["code"]) == ("card_error", "card_declined")
    intent = error["payment_intent"]
    assert (intent["status"], intent["payment_method"]) == ("requires_payment_method", None)
    assert intent["last_payment_error"]["payment_method"]["card"]["last4"] == "0341"


# --- idempotency keys


async def test_a_key_answers_as_before_also_with_a_decline(rig: Rig) -> None:
    customer = await rig.made("customers")
    card = await rig.control("cards", {"customer": customer["id"], "number": "4000000000000341"})
    form = {
        "amount": "1250",
        "currency": "eur",
        "customer": customer["id"],
        "payment_method": card["id"],
        "confirm": "true",
    }
    first = await rig.ask("payment_intents", key="k", **form)
    again = await rig.ask("payment_intents", key="k", **form)
    assert (first.status_code, again.status_code) == (402, 402)
    assert first.json() == again.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    other = await rig.ask("payment_intents", key="k", **(form | {"amount": "9"}))
    assert other.status_code == 400
    assert other.json()["error"]["type"] == "idempotency_error"
    assert len((await rig.summary())["charges"]) == 1


async def test_a_key_is_forgotten_after_a_day(rig: Rig) -> None:
    first = (await rig.ask("customers", key="k")).json()
    rig.clock.time += timedelta(hours=23, minutes=59)
    assert (await rig.ask("customers", key="k")).json() == first
    rig.clock.time += timedelta(minutes=1)
    assert (await rig.ask("customers", key="k")).json() != first


async def test_what_was_refused_before_it_began_leaves_the_key_free(rig: Rig) -> None:
    assert (await rig.ask("customers", key="k", nmae="typo")).status_code == 400
    assert (await rig.ask("customers", key="k", name="right")).status_code == 200


# --- hosted pages


async def test_the_page_saves_a_card_and_goes_back(rig: Rig) -> None:
    page = await rig.open_page()
    shown = await rig.web.get(page["url"])
    for kind in CARDS:
        assert kind.number in shown.text
    answer = await rig.enter(page, "4242 4242 4242 4242", "1 / 2031")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{BACK}?page={page['id']}"
    session = await rig.read(f"checkout/sessions/{page['id']}?expand[]=setup_intent")
    card = await rig.read(f"payment_methods/{session['setup_intent']['payment_method']}")
    assert (session["status"], card["customer"]) == ("complete", page["customer"])
    assert (card["card"]["exp_month"], card["card"]["exp_year"]) == (1, 2031)
    assert "checkout.session.completed" in await rig.told()
    assert (await rig.web.get(page["url"])).status_code == 410


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("4000000000000002", "Your card was declined."),
        ("4000000000009995", "insufficient funds"),
        ("4000000000000069", "expired"),
        ("4000000000000127", "security code"),
        ("4111 1111 1111 1111", "not one of the test cards"),
        ("<script>", "not one of the test cards"),
    ],
)
async def test_a_card_that_is_not_saved_says_why(rig: Rig, number: str, words: str) -> None:
    page = await rig.open_page()
    answer = await rig.enter(page, number)
    alert = re.search(r'role="alert">([^<]*)<', answer.text)
    assert alert
    assert words in alert[1].replace("&#x27;", "'")
    assert "<script>" not in answer.text
    assert (await rig.summary())["cards"] == []
    # The page stays open for another card.
    assert (await rig.enter(page, "4242424242424242")).status_code == 303


@pytest.mark.parametrize("expiry", ["", "13/30", "0/30", "12", "12/3", "ab/cd"])
async def test_an_expiry_that_is_none_is_asked_for(rig: Rig, expiry: str) -> None:
    answer = await rig.enter(await rig.open_page(), "4242424242424242", expiry)
    assert "Enter the expiry" in answer.text


async def test_a_card_that_asks_is_saved_after_the_check(rig: Rig) -> None:
    page = await rig.open_page()
    to_check = (await rig.enter(page, "4000002500003155")).headers["location"]
    assert "Is this you?" in (await rig.web.get(to_check)).text
    failed = await rig.web.post(to_check, data={"decision": "fail"})
    assert "The check failed" in failed.text
    to_check = (await rig.enter(page, "4000002500003155")).headers["location"]
    back = await rig.web.post(to_check, data={"decision": "approve"})
    assert back.headers["location"].startswith(BACK)
    assert (await rig.web.get(to_check)).status_code == 410
    (card,) = [one for one in (await rig.summary())["cards"] if one["customer"]]
    paid = await rig.ask(
        "payment_intents",
        amount="100",
        currency="eur",
        customer=card["customer"],
        payment_method=card["id"],
        confirm="true",
        off_session="true",
    )
    assert paid.json()["status"] == "succeeded"


async def test_an_open_page_ends_after_a_day(rig: Rig) -> None:
    page = await rig.open_page()
    rig.clock.time += timedelta(days=1)
    assert (await rig.web.get(page["url"])).status_code == 410
    assert (await rig.enter(page, "4242424242424242")).status_code == 410
    assert await rig.told() == ["checkout.session.expired"]


@pytest.mark.parametrize(
    ("number", "decision", "status", "redirect"),
    [
        ("4000002760003184", "approve", "succeeded", "succeeded"),
        ("4000002760003184", "fail", "requires_payment_method", "failed"),
        ("4000008400001629", "approve", "requires_payment_method", "failed"),
    ],
)
async def test_the_check_of_a_payment_goes_back_with_its_end(
    rig: Rig, number: str, decision: str, status: str, redirect: str
) -> None:
    intent = (await rig.pay(number, off_session="false", return_url=f"{BACK}?a=1")).json()
    url = intent["next_action"]["redirect_to_url"]["url"]
    assert "12.50 EUR" in (await rig.web.get(url)).text
    back = (await rig.web.post(url, data={"decision": decision})).headers["location"]
    assert back.startswith(f"{BACK}?a=1&payment_intent={intent['id']}")
    assert back.endswith(f"redirect_status={redirect}")
    assert (await rig.read(f"payment_intents/{intent['id']}"))["status"] == status


# --- webhooks


async def test_a_payment_is_told_in_signed_webhooks(rig: Rig) -> None:
    intent = (await rig.pay()).json()
    assert (await rig.told())[-2:] == ["charge.succeeded", "payment_intent.succeeded"]
    last = rig.hub.requests[-1]
    assert str(last.url) == "http://localhost:8082/webhooks/stripe"
    event = verified_event(last.content, last.headers["stripe-signature"], SECRET, rig.clock.now())
    assert event.object_id == intent["id"]


@pytest.mark.parametrize(
    ("order", "arranged"),
    [("as_sent", list), ("reversed", lambda told: list(reversed(told))), ("shuffled", sorted)],
)
async def test_webhooks_can_be_held_and_released_in_disorder(
    rig: Rig, order: str, arranged: Callable[[list[str]], list[str]]
) -> None:
    await rig.control("webhooks", {"hold": True})
    await rig.pay()
    assert await rig.told() == []
    events = [e["type"] for e in reversed((await rig.read("events"))["data"])]
    await rig.control("webhooks/release", {"order": order})
    told = await rig.told()
    assert (sorted(told) if order == "shuffled" else told) == arranged(events)


async def test_webhooks_can_be_doubled_lost_and_sent_again(rig: Rig) -> None:
    await rig.control("webhooks", {"copies": 2, "lose_next": 2})
    await rig.pay()
    told = await rig.told()
    assert told == ["charge.succeeded"] * 2 + ["payment_intent.succeeded"] * 2
    lost = (await rig.read("events"))["data"][-1]
    await rig.control(f"events/{lost['id']}/send")
    assert (await rig.told())[4:] == [lost["type"]] * 2


async def test_a_webhook_is_sent_again_until_it_is_taken(rig: Rig) -> None:
    await rig.control("webhooks", {"retry_delays": [0, 0]})
    rig.hub.statuses = [500, 503]
    page = await rig.open_page()
    await rig.made(f"checkout/sessions/{page['id']}/expire")
    assert await rig.told() == ["checkout.session.expired"] * 3
    attempts = (await rig.web.get("/control/payments/webhooks")).json()["deliveries"]
    assert [one["status"] for one in attempts] == [500, 503, 200]


async def test_a_bad_signature_can_be_sent(rig: Rig) -> None:
    await rig.control("webhooks", {"bad_signature": True})
    await rig.pay()
    await rig.told()
    last = rig.hub.requests[-1]
    with pytest.raises(BadSignature, match="not the provider's signature"):
        verified_event(last.content, last.headers["stripe-signature"], SECRET, rig.clock.now())


# --- controls


async def test_disputes_open_and_close(rig: Rig) -> None:
    intent = (await rig.pay("4000000000000259")).json()
    (charge,) = (await rig.summary())["charges"]
    assert charge["disputed"]
    await rig.control(f"charges/{intent['id']}/dispute_lost")
    told = await rig.told()
    assert told[-2:] == ["charge.dispute.created", "charge.dispute.closed"]
    again = await rig.web.post(f"/control/payments/charges/{intent['id']}/dispute_won")
    assert again.status_code == 409


async def test_a_refund_can_fail_after_it_succeeded(rig: Rig) -> None:
    intent = (await rig.pay("4000000000005126")).json()
    refund = await rig.made("refunds", payment_intent=intent["id"], amount="250")
    assert refund["status"] == "succeeded"
    assert (await rig.summary())["totals"]["eur"]["refunded"] == 250
    await rig.control(f"charges/{intent['id']}/refund_fails")
    assert (await rig.summary())["totals"]["eur"]["refunded"] == 0
    assert (await rig.told())[-1] == "refund.failed"


async def test_a_card_can_go_bad_and_good_and_get_a_new_expiry(rig: Rig) -> None:
    customer = await rig.made("customers")
    card = await rig.control("cards", {"customer": customer["id"]})
    form = {"amount": "100", "currency": "usd", "customer": customer["id"]}
    form |= {"payment_method": card["id"], "confirm": "true"}
    await rig.control(f"cards/{card['id']}", {"decline_code": "lost_card"})
    bad = await rig.ask("payment_intents", **form)
    assert bad.json()["error"]["decline_code"] == "lost_card"
    change = {"decline_code": "", "exp_year": 2027, "exp_month": 1}
    await rig.control(f"cards/{card['id']}", change)
    assert (await rig.ask("payment_intents", **form)).json()["status"] == "succeeded"
    assert "payment_method.automatically_updated" in await rig.told()


async def test_a_reset_forgets_all_payments() -> None:
    app = create_app(SandboxSettings(), {"people": []})
    world = app.state.world
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8083") as web:
        key = {"Authorization": f"Bearer {world.settings.stripe_secret_key}"}
        made = (await web.post("/v1/customers", headers=key)).json()
        card = {"customer": made["id"], "exp_month": 1}
        await web.post("/control/payments/cards", json=card)
        desk = (await web.get("/")).text
        assert "4242424242424242" in desk
        assert "{charges}" not in desk
        await web.post("/control/payments/next", json={"decline_code": "lost_card"})
        await web.post("/control/reset")
        told = (await web.get("/control/payments")).json()
        assert (told["customers"], told["cards"]) == ([], [])
        assert (await web.get("/control/payments/faults")).json()["next"] == []
    await world.close()


async def test_two_starts_share_no_payment_secret() -> None:
    one, other = SandboxSettings(), SandboxSettings()
    for name in ("stripe_secret_key", "stripe_webhook_secret"):
        assert getattr(one, name) != getattr(other, name)
        assert getattr(one, name) not in repr(one)
