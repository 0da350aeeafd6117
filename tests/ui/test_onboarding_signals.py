"""The plain way of Meta's two signals, for when the page's socket is down; and what it refuses."""

from __future__ import annotations

from typing import Any

from core.errors import HubError
from core.onboarding.entities import RunStep
from core.onboarding.errors import OnboardingRefused
from tests.ui.fake_onboarding import LAUNCH, ORIGIN
from tests.ui.onboarding_site import client_of, onboarding_site, post_signal, signal

AT_META: dict[str, Any] = {"step": RunStep.META, "launch": LAUNCH}


async def test_both_signals_arrive_without_a_socket() -> None:
    async with onboarding_site(**AT_META) as (site, service):
        browser = client_of(site)
        message = {"type": "WA_EMBEDDED_SIGNUP", "event": "FINISH"}
        for each in (
            signal("opened"),
            signal("message", message, ORIGIN),
            signal("message", "text", ORIGIN),
            signal("code", "the-code"),
        ):
            assert (await post_signal(browser, each)).status_code == 204
        assert service.said == [
            ("begin_signup",),
            ("meta_message", message, ORIGIN),
            ("meta_message", "text", ORIGIN),
            ("meta_code", "the-code"),
        ]


async def test_a_blocked_popup_is_told() -> None:
    async with onboarding_site(**AT_META) as (site, service):
        assert (await post_signal(client_of(site), signal("blocked"))).status_code == 204
        assert service.said == [("popup_blocked",)]


async def test_nobody_else_can_speak_for_the_run() -> None:
    async with onboarding_site(**AT_META) as (site, service):
        told = signal("code", "x")
        stranger = client_of(site, "g" * 43)
        assert (await post_signal(stranger, told)).status_code == 404
        assert (await post_signal(client_of(site), told, run="run9")).status_code == 404
        foreign = {"sec-fetch-site": "cross-site"}
        answer = await post_signal(client_of(site), told, **foreign)
        assert answer.status_code == 403
        assert service.view.step is RunStep.META


async def test_an_older_browser_is_known_by_its_origin() -> None:
    async with onboarding_site(**AT_META) as (site, _):
        path = "/onboarding/api/run0000000000001/signal"
        for origin, status in (("http://test", 204), ("https://evil.example", 403), ("null", 403)):
            answer = await client_of(site).http_client.post(
                path, json=signal("opened"), headers={"origin": origin}
            )
            assert answer.status_code == status


async def test_what_is_no_signal_is_refused_in_whole() -> None:
    async with onboarding_site(**AT_META) as (site, service):
        bodies: list[Any] = [
            "",
            "{",
            "[" * 5000,
            "[]",
            {"id": "1", "kind": "finish"},
            {"id": "x" * 65, "kind": "code"},
            {"kind": "code"},
            {"id": "1", "kind": "code", "origin": 7},
        ]
        for body in bodies:
            assert (await post_signal(client_of(site), body)).status_code == 400
        form = {"content-type": "application/x-www-form-urlencoded"}
        answer = await post_signal(client_of(site), signal("opened"), **form)
        assert answer.status_code == 415
        too_much = signal("message", "x" * 70_000, ORIGIN)
        assert (await post_signal(client_of(site), too_much)).status_code == 413
        assert service.said == []


async def test_a_refusal_is_final_and_a_busy_hub_is_asked_again() -> None:
    async with onboarding_site(**AT_META) as (site, service):
        service.is_down = True
        answer = await post_signal(client_of(site), signal("code", "x"))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        service.is_down = False
        service.meta_code = _refuses  # type: ignore[method-assign]
        assert (await post_signal(client_of(site), signal("code", "x"))).status_code == 409


def _refuses(*_: Any) -> Any:
    refused: HubError = OnboardingRefused("wrong_step")
    raise refused
