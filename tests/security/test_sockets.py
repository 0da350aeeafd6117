"""NiceGUI's websocket: nobody speaks for a page but the browser that loaded it."""

import asyncio
import json
from typing import Any

import pytest
from socketio.exceptions import ConnectionError as RefusedError

from tests.security.live import Live, ends, settled, until, wire
from ui.guards import frames
from ui.guards.sockets import MOST_MALFORMED


async def test_a_pages_own_browser_presses_its_button(live: Live) -> None:
    page = await live.page("/board", await live.signed_in())
    own = await live.socket(page)
    await own.emit("event", page.press())
    await until(lambda: live.clicks.by == ["Ada Owner"])


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost", "https://localhost:{port}"]
)
async def test_a_foreign_origin_gets_no_socket(live: Live, origin: str) -> None:
    page = await live.page("/board", await live.signed_in())
    with pytest.raises(RefusedError):
        await live.socket(page, origin=origin.format(port=live.rig.settings.port))


async def test_a_socket_without_the_pages_session_is_refused(live: Live) -> None:
    page = await live.page("/board", await live.signed_in("ada"))
    for cookies in ({}, await live.signed_in("ben"), {"hub_session": "x" * 43}):
        with pytest.raises(RefusedError):
            await live.socket(page, cookies)
    late = await live.socket(page, {}, implicit_handshake="false")
    assert await late.call("handshake", page.query()) is False


async def test_a_socket_that_never_shook_hands_cannot_press(live: Live) -> None:
    victim = await live.page("/board", await live.signed_in())
    await live.socket(victim)
    stranger = await live.socket(victim, {}, implicit_handshake="false")
    await stranger.emit("event", victim.press())
    await settled(stranger)
    assert live.clicks.by == []


async def test_a_browser_cannot_press_on_another_browsers_page(live: Live) -> None:
    victim = await live.page("/board", await live.signed_in("ada"))
    await live.socket(victim)
    own = await live.page("/board", await live.signed_in("ben"))
    attacker = await live.socket(own)
    await attacker.emit("event", victim.press())
    await settled(attacker)
    assert live.clicks.by == []


async def test_a_browser_cannot_answer_for_another_page(live: Live) -> None:
    victim = await live.page("/board", await live.signed_in("ada"))
    victims = await live.socket(victim)
    asked: list[Any] = []
    victims.on("run_javascript", asked.append)
    waiting = asyncio.ensure_future(asyncio.wait_for(_ask(victim), 5))
    await until(lambda: asked)
    attacker = await live.socket(await live.page("/board", await live.signed_in("ben")))
    answer = {"client_id": victim.client_id, "request_id": asked[0]["request_id"]}
    await attacker.emit("javascript_response", answer | {"result": "forged"})
    await settled(attacker)
    await victims.emit("javascript_response", answer | {"result": "honest"})
    assert await waiting == "honest"


async def _ask(page: Any) -> Any:
    with page.client:
        return await page.client.run_javascript("1 + 1", timeout=5)


async def test_a_browser_cannot_make_another_page_forget_its_messages(live: Live) -> None:
    victim = await live.page("/board", await live.signed_in("ada"))
    await live.socket(victim)
    victim.client.run_javascript("1")
    await until(lambda: victim.client.outbox.message_history)
    attacker = await live.socket(await live.page("/board", await live.signed_in("ben")))
    await attacker.emit("ack", {"client_id": victim.client_id, "next_message_id": 99})
    await settled(attacker)
    assert victim.client.outbox.message_history


async def test_a_browser_does_not_write_into_our_log(
    live: Live, caplog: pytest.LogCaptureFixture
) -> None:
    page = await live.page("/board", await live.signed_in())
    own = await live.socket(page)
    await own.emit("log", {"client_id": page.client_id, "level": "error", "message": "forged line"})
    await settled(own)
    assert "forged line" not in caplog.text


MALFORMED: list[Any] = [
    None,
    7,
    [],
    {},
    {"client_id": {}},
    {"client_id": "x", "id": "x"},
    {"client_id": "x", "id": 1, "listener_id": "y", "args": "no list"},
    {"client_id": "x", "id": 1, "listener_id": "y", "args": [{}]},
    {"client_id": "x", "id": True, "listener_id": "y", "args": []},
]


@pytest.mark.parametrize("name", ["event", "javascript_response", "ack"])
async def test_malformed_frames_are_counted_and_end_the_socket(
    live: Live, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    page = await live.page("/board", await live.signed_in())
    frames_sent = [
        f"42{json.dumps([name, MALFORMED[number % len(MALFORMED)]])}"
        for number in range(MOST_MALFORMED)
    ]
    async with wire(live, page) as connection:
        await ends(connection, ["40", *frames_sent])
    assert "Traceback" not in caplog.text
    assert live.clicks.by == []


async def test_a_few_malformed_frames_cost_nothing_else(live: Live) -> None:
    page = await live.page("/board", await live.signed_in())
    own = await live.socket(page)
    for frame in MALFORMED[: MOST_MALFORMED - 1]:
        await own.emit("event", frame)
    await own.emit("event", page.press())
    await until(lambda: live.clicks.by)
    assert own.connected


@pytest.mark.parametrize(
    "packet",
    ["9garbage", "2", '2["event"', "2" + "[" * 5000, '51-["event",{"_placeholder":true,"num":0}]'],
    ids=["type", "empty", "cut", "deep", "binary"],
)
async def test_frames_that_cannot_be_read_end_the_socket_without_a_traceback(
    live: Live, packet: str, caplog: pytest.LogCaptureFixture
) -> None:
    page = await live.page("/board", await live.signed_in())
    own = await live.socket(page)
    for _ in range(MOST_MALFORMED):
        await own.eio.send(packet)
    await until(lambda: not own.connected)
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    "changes",
    [{"tab_id": ""}, {"document_id": ""}, {"next_message_id": "x"}, {"next_message_id": "-1"}],
    ids=str,
)
async def test_a_handshake_that_lacks_its_parts_is_refused(
    live: Live, changes: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    page = await live.page("/board", await live.signed_in())
    with pytest.raises(RefusedError):
        await live.socket(page, **changes)
    assert "Traceback" not in caplog.text
    assert not page.client.has_socket_connection


async def test_an_onboarding_page_belongs_to_the_browser_that_opened_it(live: Live) -> None:
    page = await live.page("/onboarding/f167CmPA")
    assert list(page.cookies) == ["hub_onboarding"]
    with pytest.raises(RefusedError):
        await live.socket(page, {})
    other = await live.page("/onboarding/f167CmPA")
    with pytest.raises(RefusedError):
        await live.socket(page, other.cookies)
    # Somebody who is signed in to the dashboard as well is the same client here.
    own = await live.socket(page, page.cookies | await live.signed_in())
    assert own.connected


async def test_sockets_are_few_per_page_by_nicegui_itself(live: Live) -> None:
    """A second tab with the same client id is a replay, also with the right cookie."""
    page = await live.page("/board", await live.signed_in())
    await live.socket(page)
    with pytest.raises(RefusedError):
        await live.socket(page, tab_id="another-tab")


# --- the shape of frames --------------------------------------------------------------------------

GOOD = {"client_id": "c", "id": 4, "listener_id": "l", "args": ["{}", None]}


def test_frames_of_real_pages_are_well_formed() -> None:
    assert frames.is_event(GOOD)
    assert frames.is_ack({"client_id": "c", "next_message_id": 3})
    assert frames.is_javascript_response({"client_id": "c", "request_id": "r", "result": {"a": 1}})
    assert frames.is_handshake("client_id=c&tab_id=t&document_id=d&implicit_handshake=true")
    assert frames.is_handshake("transport=websocket")


@pytest.mark.parametrize(
    "changes",
    [
        *({"id": -1}, {"id": 1.5}, {"id": "x"}, {"id": 1 << 60}, {"client_id": ""}),
        *({"client_id": "c" * 201}, {"listener_id": None}, {"args": None}, {"args": ["1"] * 33}),
        {"args": [1]},
    ],
    ids=str,
)
def test_events_of_any_other_shape_are_malformed(changes: dict[str, Any]) -> None:
    assert not frames.is_event(GOOD | changes)
