"""Figures for near machines only, and a restored copy that calls nobody."""

import dataclasses
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from core.clock import SystemClock
from core.errors import Unavailable
from core.gateways.mail import SmtpMailer
from core.gateways.meta import GraphMeta
from core.gateways.outgoing import GuardedOutgoing
from core.gateways.payments import StripePayments
from core.gateways.vat import Vies
from core.operations.service import Operations
from core.operations.waiting_work import WaitingWork
from core.ports import Mail
from storage.backlog import SqlBacklog
from storage.database import SqlDatabase
from tests.security.rig import Rig, settings_for_tests
from ui.api import health
from ui.live import LiveTopics
from ui.worker_port import answering

TOKEN = "a-long-token-of-the-scraper"


@pytest.fixture
def operations(database: SqlDatabase) -> Operations:
    return Operations(database, SqlBacklog(database))


@pytest.fixture
def watched(rig: Rig, operations: Operations) -> Rig:
    """The rig's hub with its routes for machines."""
    rig.app.state.live = LiveTopics(rig.feed)
    before = len(rig.app.router.routes)
    health.install(rig.app, dataclasses.replace(rig.hub, operations=operations))
    # In front of NiceGUI's mount, which answers whatever is left.
    own = rig.app.router.routes[before:]
    rig.app.router.routes[:] = [*own, *rig.app.router.routes[:before]]
    return rig


async def _get(rig: Rig, path: str, peer: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=rig.app, client=(peer, 1))
    async with httpx.AsyncClient(transport=transport, base_url=rig.settings.base_url) as client:
        return await client.get(path, headers=headers)


async def test_a_near_machine_reads_the_figures(watched: Rig) -> None:
    for near in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
        answer = await _get(watched, "/metrics", near)
        assert answer.status_code == 200
    assert "hub_open_pages" in answer.text
    assert "hub_requests_total" in answer.text


async def test_the_figures_are_not_there_for_strangers(watched: Rig) -> None:
    for told in ({}, {"authorization": "Bearer wrong"}, {"authorization": "Bearer "}):
        assert (await _get(watched, "/metrics", "198.51.100.7", **told)).status_code == 404
    assert (await _get(watched, "/readyz", "198.51.100.7")).json() == {"status": "ok"}


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-forwarded-proto"])
async def test_what_came_through_a_proxy_on_this_machine_is_a_stranger(
    watched: Rig, header: str
) -> None:
    value = "for=203.0.113.9" if header == "forwarded" else "https"
    assert (await _get(watched, "/metrics", "127.0.0.1", **{header: value})).status_code == 404


async def test_the_token_opens_from_anywhere(watched: Rig) -> None:
    watched.settings.metrics_token = type(watched.settings.metrics_token)(TOKEN)
    shown = {"authorization": f"Bearer {TOKEN}"}
    assert (await _get(watched, "/metrics", "198.51.100.7", **shown)).status_code == 200


async def test_a_held_copy_says_so_when_it_is_asked(watched: Rig, operations: Operations) -> None:
    await health.in_thread(operations.holding.hold, "restored from hub.backup")
    assert (await _get(watched, "/readyz", "198.51.100.7")).json() == {"status": "held"}
    near = (await _get(watched, "/readyz", "127.0.0.1")).json()
    assert near["held"]["reason"] == "restored from hub.backup"
    assert near["schema"] == near["schema_needed"]


def test_a_worker_answers_the_same_callers(operations: Operations, free_port: int) -> None:
    settings = settings_for_tests(worker_metrics_port=free_port, host="127.0.0.1")
    with answering(settings, operations.meters) as port:
        url = f"http://127.0.0.1:{port}"
        assert "hub_jobs" in httpx.get(f"{url}/metrics").text
        assert httpx.get(f"{url}/healthz").text == "ok"
        assert httpx.get(f"{url}/metrics", headers={"x-forwarded-for": "9"}).status_code == 404
        assert httpx.get(f"{url}/else").status_code == 404


def _calls(operations: Operations, answer: Callable[[Any], Any]) -> dict[str, Callable[[], Any]]:
    """One call of each kind that leaves the hub; `answer` would take those by HTTP."""
    settings = settings_for_tests(
        stripe_secret_key="sk_test_1234567890123456", smtp_url="smtp://127.0.0.1:9"
    )
    door, transport = operations.way_out, httpx.MockTransport(answer)
    meta = GraphMeta(settings, way_out=door, transport=transport)
    money = StripePayments(settings, clock=SystemClock(), way_out=door, transport=transport)
    vat = Vies(settings, door, transport=transport)
    outgoing = GuardedOutgoing(settings, door)
    mail = SmtpMailer(settings, door)
    return {
        "meta": lambda: meta.waba("1", "token"),
        "payments": lambda: money.card("pm_1"),
        "vat_register": lambda: vat.is_registered("DE123456789"),
        "webhook": lambda: outgoing.post("http://localhost:4443/", {}, b"{}"),
        "mail": lambda: mail.send(Mail(to="a@b.example", subject="s", text="t")),
    }


def test_every_way_out_is_shut_while_the_copy_is_held(operations: Operations) -> None:
    arrived: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        arrived.append(request)
        return httpx.Response(200, json={})

    operations.holding.hold("restored")
    for whom, call in _calls(operations, answer).items():
        with pytest.raises(Unavailable) as refusal:
            call()
        assert refusal.value.code == "held", whom
    assert arrived == []


def test_no_work_begins_while_the_copy_is_held(operations: Operations) -> None:
    begun: list[str] = []
    operations.holding.hold("restored")
    work = WaitingWork(operations.holding, lambda: begun.append("jobs"), [])
    work.start()
    work.stop()
    assert begun == []
