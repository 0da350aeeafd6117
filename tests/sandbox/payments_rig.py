"""Three providers behind one port: the twin, the sandbox's process, localstripe's process."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import httpx
from pydantic import SecretStr

from core.billing.payments.port import CardFacts, CardPage, PaymentProvider
from core.clock import Clock, FixedClock
from core.gateways.payments import StripePayments
from core.settings import Settings
from tests.support.payments_twin import FakePayments
from tests.support.waiting import wait_for

KEY, SECRET = "sk_test_0123456789abcdef", "whsec_0123456789abcdef"
DECLINED_LATER, ASKS_ALWAYS = "4000000000000341", "4000002760003184"
_START_SECONDS = 90  # on a busy machine
REPOSITORY = Path(__file__).parents[2]


class Side(Protocol):
    """A provider, and what cardholders, banks and networks do to it."""

    name: str
    port: PaymentProvider

    def save_card(self, customer_id: str, number: str = "4242424242424242") -> str: ...
    def charged(self) -> int: ...


class TwinSide:
    name = "twin"

    def __init__(self, clock: Clock) -> None:
        self.port: PaymentProvider
        self.port = self.twin = FakePayments(clock)

    def save_card(self, customer_id: str, number: str = "4242424242424242") -> str:
        always = "generic_decline" if number == DECLINED_LATER else ""
        asks = number == ASKS_ALWAYS
        return self.twin.add_card(customer_id, always=always, asks=asks, last4=number[-4:]).id

    def charged(self) -> int:
        return self.twin.charged // 10_000

    def fill_page(self, page: CardPage) -> CardFacts:
        return self.twin.fill_card_page(page.id)

    def decline_next(self, code: str) -> None:
        self.twin.decline_next(code)

    def lose_answer_next(self) -> None:
        self.twin.lose_answer_next()

    def fail_before_next(self) -> None:
        self.twin.fail_before_next()

    def approve(self, charge_id: str) -> None:
        self.twin.approve(charge_id)

    def fail(self, charge_id: str) -> None:
        self.twin.fail(charge_id)

    def process_next(self) -> None:
        self.twin.process_next()

    def refund_next(self, status: str) -> None:
        self.twin.refund_next(status)

    def dispute(self, charge_id: str) -> None:
        self.twin.dispute(charge_id)


class SandboxSide:
    """The gateway over HTTP to the sandbox's process; retries are off so that faults are seen."""

    name = "sandbox"

    def __init__(self, url: str, clock: Clock) -> None:
        self.url = url
        self.web = httpx.Client(base_url=url, timeout=30, trust_env=False)
        self.web.post("/control/reset").raise_for_status()
        self.gateway = StripePayments(stripe_settings(url), clock=clock, retries=0)
        self.port: PaymentProvider = self.gateway

    def close(self) -> None:
        self.gateway.close()
        self.web.close()

    def save_card(self, customer_id: str, number: str = "4242424242424242") -> str:
        card = self.tell("cards", {"customer": customer_id, "number": number})
        return str(card["id"])

    def charged(self) -> int:
        totals = self.read()["totals"].get("eur", {"charged": 0, "refunded": 0})
        return int(totals["charged"] - totals["refunded"])

    def fill_page(self, page: CardPage) -> CardFacts:
        form = {"number": "4242 4242 4242 4242", "expiry": "12 / 34"}
        answer = self.web.post(page.url, data=form)
        assert answer.status_code == 303, answer.text
        return self.port.card(self.port.card_page(page.id).card_id)

    def decline_next(self, code: str) -> None:
        self.tell("next", {"decline_code": code})

    def lose_answer_next(self) -> None:
        # Of what moves money: beginning an intent does not.
        self.tell("faults", {"kind": "answer_lost", "on": "confirm"})
        self.tell("faults", {"kind": "answer_lost", "on": "refund"})

    def fail_before_next(self) -> None:
        self.tell("faults", {"kind": "unavailable"})

    def approve(self, charge_id: str) -> None:
        self.tell(f"charges/{charge_id}/approve")

    def fail(self, charge_id: str) -> None:
        self.tell(f"charges/{charge_id}/fail")

    def process_next(self) -> None:
        self.tell("next", {"processing": True})

    def refund_next(self, status: str) -> None:
        self.tell("next", {"refund": status})

    def dispute(self, charge_id: str) -> None:
        self.tell(f"charges/{charge_id}/dispute")

    def tell(self, path: str, body: Any = None) -> Any:
        answer = self.web.post(f"/control/payments/{path}", json=body or {})
        return answer.raise_for_status().json()

    def read(self) -> Any:
        return self.web.get("/control/payments").raise_for_status().json()


class LocalStripeSide:
    """The gateway over HTTP to localstripe, which knows fewer parameters than Stripe."""

    name = "localstripe"

    def __init__(self, url: str, clock: Clock) -> None:
        self.web = httpx.Client(
            base_url=url, timeout=30, trust_env=False, headers={"Authorization": f"Bearer {KEY}"}
        )
        self.web.delete("/_config/data").raise_for_status()
        self.gateway = StripePayments(
            stripe_settings(url), clock=clock, retries=0, transport=FewerParameters()
        )
        self.port: PaymentProvider = self.gateway

    def close(self) -> None:
        self.gateway.close()
        self.web.close()

    def save_card(self, customer_id: str, number: str = "4242424242424242") -> str:
        card = {"number": number, "exp_month": "12", "exp_year": "2034", "cvc": "123"}
        form = {"type": "card"} | {f"card[{name}]": value for name, value in card.items()}
        made = self.web.post("/v1/payment_methods", data=form).raise_for_status().json()
        attach = self.web.post(
            f"/v1/payment_methods/{made['id']}/attach", data={"customer": customer_id}
        )
        attach.raise_for_status()
        return str(made["id"])

    def charged(self) -> int:
        rows = self.web.get("/v1/charges?limit=100").raise_for_status().json()["data"]
        return sum(
            row["amount"] - row["amount_refunded"] for row in rows if row["status"] == "succeeded"
        )


class FewerParameters(httpx.BaseTransport):
    """Leaves out what localstripe refuses as unexpected; everything else goes through.

    Known gap 1: `description` of a PaymentIntent. Known gap 2: `off_session` at its confirmation.
    """

    _UNKNOWN = re.compile(rb"(^|&)(description|off_session)=[^&]*")

    def __init__(self) -> None:
        self._wire = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if "/payment_intents" in request.url.path:
            body = self._UNKNOWN.sub(b"", request.read()).lstrip(b"&")
            headers = {k: v for k, v in request.headers.items() if k.lower() != "content-length"}
            request = httpx.Request(request.method, request.url, headers=headers, content=body)
        return self._wire.handle_request(request)

    def close(self) -> None:
        self._wire.close()


def stripe_settings(url: str) -> Settings:
    return Settings(
        _env_file=None,
        stripe_api_base=url,
        stripe_secret_key=SecretStr(KEY),
        stripe_webhook_secret=SecretStr(SECRET),
    )


@contextmanager
def sandbox_process(folder: Path, hub_url: str = "http://localhost:1") -> Iterator[str]:
    """The sandbox alone, on ports of its own; its webhooks go to `hub_url`."""
    port, smtp = _free_port(), _free_port()
    url = f"http://localhost:{port}"
    own = {
        "PORT": str(port),
        "SMTP_PORT": str(smtp),
        "PUBLIC_URL": url,
        "HUB_URL": hub_url,
        "STRIPE_SECRET_KEY": KEY,
        "STRIPE_WEBHOOK_SECRET": SECRET,
    }
    environment = os.environ | {f"SANDBOX_{name}": value for name, value in own.items()}
    command = [sys.executable, "-m", "sandbox"]
    with _running(command, f"{url}/healthz", folder / "sandbox.log", environment):
        yield url


@contextmanager
def localstripe_process(folder: Path) -> Iterator[str]:
    """localstripe (GPL-3), only ever as a process of its own."""
    port = _free_port()
    url = f"http://localhost:{port}"
    command = [sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch"]
    with _running(command, f"{url}/js.stripe.com/v3/", folder / "localstripe.log", os.environ):
        yield url


@contextmanager
def _running(command: list[str], probe: str, log: Path, environment: Any) -> Iterator[None]:
    with log.open("wb") as written:
        process = subprocess.Popen(
            command, cwd=REPOSITORY, env=dict(environment), stdout=written, stderr=written
        )
    try:
        wait_for(lambda: _answers(process, probe, log), seconds=_START_SECONDS, every=0.05)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def _answers(process: subprocess.Popen[bytes], probe: str, log: Path) -> bool:
    if process.poll() is not None:
        raise RuntimeError(log.read_text("utf-8", "replace"))
    try:
        return httpx.get(probe, timeout=1, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fixed_clock() -> FixedClock:
    """Now, standing still: the other providers live in real time."""
    return FixedClock(datetime.now(UTC).replace(microsecond=0))
