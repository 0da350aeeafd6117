"""Webhooks are signed over their bytes, disturbed on demand, repeated until 200."""

import hashlib
import hmac

import pytest

from sandbox.meta.more_scenarios import SCENARIOS
from tests.sandbox.meta_rig import BUSINESS, PHONE, WABA, Rig


@pytest.fixture
def rig() -> Rig:
    return Rig()


async def test_the_signature_covers_the_escaped_bytes(rig):
    sent = await rig.control(
        "events", field="account_alerts", value={"text": "Bäcker/in 🥐"}, waba_id=WABA
    )
    request = rig.hub.requests[0]
    key = rig.settings.app_secret.encode()
    expected = hmac.new(key, request.content, hashlib.sha256).hexdigest()
    assert request.headers["x-hub-signature-256"] == f"sha256={expected}"
    assert rb"B\u00e4cker\/in \ud83e\udd50" in request.content
    assert sent["status"] == 200


async def test_unknown_fields_and_values_are_sent_as_they_are(rig):
    await rig.control("events", field="made_up", value={"event": "NEW"}, entry_id="999")
    assert rig.hub.changes == [("999", "made_up", {"event": "NEW"})]


async def test_partner_events_get_the_partners_portfolio_as_entry(rig):
    value = {"event": "PARTNER_ADDED", "waba_info": {"waba_id": WABA}}
    await rig.control("events", field="account_update", value=value, waba_id=WABA)
    assert rig.hub.changes[0][0] == "500"


async def test_a_burst_is_batched_and_doubled(rig):
    await rig.control("behaviour", batch_size=2, duplicate=2, shuffle=True)
    rows = [{"field": "f", "value": {"n": n}, "waba_id": WABA} for n in range(3)]
    await rig.control("events", events=rows)
    assert len(rig.hub.requests) == 4
    numbers = sorted(value["n"] for _, _, value in rig.hub.changes)
    assert numbers == [0, 0, 1, 1, 2, 2]


async def test_a_refused_webhook_is_repeated_in_the_background(rig):
    await rig.control("behaviour", retry_delays=[0, 0, 0])
    rig.hub.statuses = [500, 503]
    sent = await rig.control("events", field="f", value=1, waba_id=WABA)
    assert sent["status"] == 500
    await rig.world.sender.drain()
    attempts = (await rig.client.get("/control/meta/deliveries")).json()["deliveries"]
    assert [row["status"] for row in attempts] == [500, 503, 200]
    assert len({row["body"] for row in attempts}) == 1


async def test_held_webhooks_go_out_on_flush(rig):
    await rig.control("behaviour", hold=True)
    await rig.control("scenario/review_approved", waba_id=WABA)
    assert rig.hub.requests == []
    assert (await rig.control("flush"))["status"] == 200
    assert len(rig.hub.requests) == 1


async def test_an_unsubscribed_account_sends_nothing(rig):
    await rig.graph("DELETE", f"{WABA}/subscribed_apps")
    sent = await rig.control("scenario/review_approved", waba_id=WABA)
    assert sent["sent"][0]["skipped"] == "not subscribed"
    assert rig.hub.requests == []


async def test_messages_follow_the_narrowest_override(rig):
    value = {"metadata": {"phone_number_id": PHONE}}
    for path, url in ((f"{WABA}/subscribed_apps", "waba"), (PHONE, "phone")):
        override = {"override_callback_uri": f"http://hub.test/{url}", "verify_token": "verify-me"}
        given = override if url == "waba" else {"webhook_configuration": override}
        await rig.post(path, **given)
        await rig.control("events", field="messages", value=value, waba_id=WABA)
    await rig.control("scenario/review_approved", waba_id=WABA)
    paths = [request.url.path for request in rig.hub.requests]
    assert paths == ["/waba", "/phone", "/webhooks/meta"]


async def test_the_app_callback_must_answer_the_handshake(rig):
    given = {"object": "whatsapp_business_account", "fields": "account_update"}
    given |= {"callback_url": "http://hub.test/new", "verify_token": "wrong"}
    path = f"{rig.settings.app_id}/subscriptions"
    assert await rig.code_of(path, rig.app_token, **given) == 2200
    given["verify_token"] = "verify-me"
    assert await rig.post(path, rig.app_token, **given) == {"success": True}
    await rig.control("scenario/quality_falls", waba_id=WABA)
    assert rig.hub.requests == []
    await rig.control("scenario/banned", waba_id=WABA)
    assert rig.hub.requests[0].url.path == "/new"


@pytest.mark.parametrize("name", sorted(SCENARIOS))
async def test_every_scenario_runs_and_tells_the_hub(rig, name):
    await rig.control(f"scenario/{name}", phone_number_id=PHONE)
    assert bool(rig.hub.requests) == (name != "token_revoked")


async def test_scenarios_change_what_graph_answers(rig):
    await rig.control("scenario/quality_falls", display_phone_number="+49 1523 4455667")
    await rig.control("scenario/limit_raised", phone_number_id=PHONE)
    await rig.control("scenario/business_verified", waba_id=WABA)
    fields = "quality_rating,whatsapp_business_manager_messaging_limit"
    phone = await rig.get(PHONE, fields=fields)
    assert phone["quality_rating"] == "RED"
    assert phone["whatsapp_business_manager_messaging_limit"] == "TIER_2K"
    waba = await rig.get(WABA, fields="business_verification_status")
    assert waba["business_verification_status"] == "verified"
    assert rig.world.state.businesses[BUSINESS]["verification_status"] == "verified"


async def test_a_removed_partner_sees_nothing_any_more(rig):
    await rig.control("scenario/partner_removed", waba_id=WABA)
    error = (await rig.get(WABA))["error"]
    assert (error["code"], error["error_subcode"]) == (100, 33)
    assert rig.hub.changes[0][2]["waba_info"]["owner_business_id"] == BUSINESS


async def test_a_ban_and_its_end(rig):
    for name, status in (("banned", "BANNED"), ("reinstated", "CONNECTED")):
        await rig.control(f"scenario/{name}", waba_id=WABA)
        assert (await rig.get(PHONE, fields="status"))["status"] == status
    assert rig.hub.changes[0][2]["ban_info"]["waba_ban_date"] == "November 2, 2026"


async def test_an_unknown_target_or_scenario_is_said_so(rig):
    wrong = await rig.client.post("/control/meta/scenario/nothing", json={})
    missing = await rig.client.post("/control/meta/scenario/banned", json={"waba_id": "0"})
    assert (wrong.status_code, missing.status_code) == (404, 404)
