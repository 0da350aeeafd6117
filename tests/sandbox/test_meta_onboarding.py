"""From the popup to a live number, with every rule that Meta enforces on the way."""

import json

import pytest

from tests.sandbox.meta_rig import BUSINESS, PHONE, SOLUTION, WABA, Rig


@pytest.fixture
def rig() -> Rig:
    return Rig()


async def registered(rig: Rig, phone_id: str, pin: str = "123456") -> dict:
    return await rig.post(f"{phone_id}/register", messaging_product="whatsapp", pin=pin)


async def test_signup_makes_a_number_that_is_verified_and_waits_for_registration(rig):
    done = await rig.sign_up()
    rig.token = (await rig.exchange(done["code"]))["access_token"]
    message = json.loads(done["message"])
    ids = message["data"]
    assert message["event"] == "FINISH"
    assert set(ids) == {"waba_id", "phone_number_id", "business_id"}
    fields = "status,platform_type,code_verification_status"
    before = await rig.get(ids["phone_number_id"], fields=fields)
    assert before["status"] == "PENDING"
    assert before["platform_type"] == "NOT_APPLICABLE"
    assert before["code_verification_status"] == "VERIFIED"
    assert (await rig.post(f"{ids['waba_id']}/subscribed_apps")) == {"success": True}
    assert await registered(rig, ids["phone_number_id"]) == {"success": True}
    after = await rig.get(ids["phone_number_id"], fields=fields)
    assert (after["status"], after["platform_type"]) == ("CONNECTED", "CLOUD_API")
    await rig.world.sender.drain()
    assert [value["event"] for _, _, value in rig.hub.changes] == [
        "ONBOARDING",
        "PARTNER_APP_INSTALLED",
        "PARTNER_ADDED",
    ]


async def test_partner_events_are_filed_under_the_partners_own_portfolio(rig):
    await rig.sign_up(setup={"solutionID": SOLUTION})
    await rig.world.sender.drain()
    assert {entry for entry, _, _ in rig.hub.changes} == {"500"}
    assert rig.hub.changes[1][2]["waba_info"]["solution_id"] == SOLUTION


async def test_a_code_works_once_for_thirty_seconds_and_every_refusal_has_its_own_text(rig):
    late, good = (await rig.sign_up())["code"], (await rig.sign_up())["code"]
    wrong_secret = await rig.exchange(good, client_secret="wrong")
    mismatch = await rig.exchange(good, redirect_uri="https://elsewhere.example")
    assert "access_token" in await rig.exchange(good, redirect_uri="")
    reused = await rig.exchange(good)
    rig.clock.move(seconds=30)
    expired = await rig.exchange(late)
    refusals = [wrong_secret, mismatch, reused, expired]
    assert len({refusal["error"]["message"] for refusal in refusals}) == 4
    assert [reused["error"]["code"], expired["error"]["code"]] == [100, 100]


async def test_a_late_code_has_expired_when_it_arrives(rig):
    done = await rig.sign_up(code_delay_seconds=31)
    assert "expired" in (await rig.exchange(done["code"]))["error"]["message"]


async def test_a_lingering_last_screen_does_not_use_up_the_code(rig):
    session = (await rig.open_popup()).headers["location"]
    code = (await rig.client.post(f"{session}/finish", json={})).json()["code"]
    rig.clock.move(minutes=5)
    await rig.client.post(f"{session}/done")
    assert "access_token" in await rig.exchange(code)


async def test_debug_token_lists_the_newest_account_first(rig):
    setup = {"business": {"id": BUSINESS}}
    ids = (await rig.sign_up(setup=setup))["ids"]
    data = (await rig.get("debug_token", rig.app_token, input_token="client-token"))["data"]
    assert data["granular_scopes"][0]["target_ids"] == [ids["waba_id"], WABA]
    await rig.control("behaviour", debug_without_management_scope=True)
    data = (await rig.get("debug_token", rig.app_token, input_token="client-token"))["data"]
    assert "whatsapp_business_management" not in data["scopes"]


async def test_subscribe_comes_before_override_and_the_override_must_answer(rig):
    await rig.graph("DELETE", f"{WABA}/subscribed_apps")
    override = {"override_callback_uri": "http://hub.test/w/7", "verify_token": "verify-me"}
    assert await rig.code_of(f"{WABA}/subscribed_apps", **override) == 100
    await rig.post(f"{WABA}/subscribed_apps")
    wrong = override | {"verify_token": "other"}
    assert await rig.code_of(f"{WABA}/subscribed_apps", **wrong) == 2200
    assert await rig.post(f"{WABA}/subscribed_apps", **override) == {"success": True}
    rows = (await rig.get(f"{WABA}/subscribed_apps"))["data"]
    assert rows[0]["override_callback_uri"] == "http://hub.test/w/7"


async def test_the_region_changes_only_while_the_number_is_unregistered(rig):
    region = {"status": "IN_COUNTRY_STORAGE_ENABLED", "data_localization_region": "DE"}
    assert await rig.code_of(f"{PHONE}/settings", storage_configuration=region) == 100
    await rig.post(f"{PHONE}/deregister")
    assert await rig.post(f"{PHONE}/settings", storage_configuration=region) == {"success": True}
    await registered(rig, PHONE)
    settings = await rig.get(f"{PHONE}/settings")
    assert settings["storage_configuration"]["data_localization_region"] == "DE"
    wanted = {"messaging_product": "whatsapp", "pin": "123456", "data_localization_region": "BR"}
    assert await rig.code_of(f"{PHONE}/register", **wanted) == 100


async def test_a_wrong_pin_is_refused_and_the_eleventh_try_in_72_hours_too(rig):
    await registered(rig, PHONE)
    for _ in range(9):
        assert (await registered(rig, PHONE, "000000"))["error"]["code"] == 133005
    assert (await registered(rig, PHONE))["error"]["code"] == 133016
    rig.clock.move(hours=72)
    assert await registered(rig, PHONE) == {"success": True}


async def test_an_unverified_number_is_not_registered_until_it_is_verified(rig):
    added = await rig.post(
        f"{WABA}/phone_numbers", cc="49", phone_number="15231112223", verified_name="Sonne"
    )
    assert (await registered(rig, added["id"]))["error"]["code"] == 133006
    await rig.post(f"{added['id']}/request_code", code_method="SMS", language="de_DE")
    assert await rig.code_of(f"{added['id']}/verify_code", code="111111") == 136025
    await rig.post(f"{added['id']}/verify_code", code="000000")
    assert await registered(rig, added["id"]) == {"success": True}


async def test_coexistence_promises_the_account_only_and_is_never_registered(rig):
    done = await rig.sign_up("coexistence")
    rig.token = (await rig.exchange(done["code"]))["access_token"]
    data = json.loads(done["message"])["data"]
    assert set(data) == {"waba_id"}
    fields = "is_on_biz_app,platform_type"
    phone = (await rig.get(f"{data['waba_id']}/phone_numbers", fields=fields))["data"][0]
    assert (phone["is_on_biz_app"], phone["platform_type"]) == (True, "CLOUD_API")
    assert (await registered(rig, phone["id"]))["error"]["code"] == 100
    sync = {"messaging_product": "whatsapp", "sync_type": "history"}
    assert (await rig.post(f"{phone['id']}/smb_app_data", **sync))["request_id"]
    assert await rig.code_of(f"{phone['id']}/smb_app_data", **sync) == 100
    rig.clock.move(hours=25)
    sync["sync_type"] = "smb_app_state_sync"
    assert await rig.code_of(f"{phone['id']}/smb_app_data", **sync) == 100


@pytest.mark.parametrize(
    ("ending", "event"),
    [
        ("no_number", "FINISH_ONLY_WABA"),
        ("obo", "FINISH_OBO_MIGRATION"),
        ("grant_only", "FINISH_GRANT_ONLY_API_ACCESS"),
    ],
)
async def test_other_endings_name_no_number(rig, ending, event):
    message = json.loads((await rig.sign_up(ending))["message"])
    assert message["event"] == event
    assert "phone_number_id" not in message["data"]


async def test_leaving_tells_the_step_and_a_reported_error_tells_the_code(rig):
    session = (await rig.open_popup()).headers["location"]
    left = await rig.client.post(f"{session}/leave", json={"step": "PHONE_NUMBER_SETUP"})
    data = json.loads(left.json()["message"])["data"]
    assert data == {"current_step": "PHONE_NUMBER_SETUP"}
    told = await rig.client.post(f"{session}/leave", json={"error_code": "3441030"})
    data = json.loads(told.json()["message"])["data"]
    assert set(data) == {"error_code", "error_message", "session_id", "timestamp"}


async def test_leaving_after_sharing_fires_the_webhook_without_a_code(rig):
    session = (await rig.open_popup()).headers["location"]
    left = await rig.client.post(f"{session}/leave", json={"shared": True, "step": "PERMISSIONS"})
    assert left.json()["code"] is None
    await rig.world.sender.drain()
    assert rig.hub.changes[-1][2]["event"] == "PARTNER_ADDED"


async def test_the_popup_refuses_a_dead_solution_and_a_foreign_configuration(rig):
    assert (await rig.open_popup({"solutionID": "62"})).status_code == 400
    assert (await rig.open_popup(config_id="other")).status_code == 400
    assert (await rig.open_popup({"solutionID": SOLUTION})).status_code == 303


async def test_a_number_in_use_cannot_be_taken_again(rig):
    session = (await rig.open_popup(phone="+4915234455667")).headers["location"]
    answer = await rig.client.post(f"{session}/finish", json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "3441030")


async def test_a_second_try_of_the_same_business_takes_its_own_number_again(rig):
    """The first code came too late; the client opens the popup once more with the same number."""
    setup = {"business": {"name": "Anna GmbH", "email": "anna@client.example"}}
    first = await rig.sign_up(setup=setup, phone="+49 1555 1234567")
    again = await rig.sign_up(setup=setup, phone="+49 1555 1234567")
    ids = [json.loads(each["message"])["data"] for each in (first, again)]
    assert ids[0]["business_id"] == ids[1]["business_id"]
    assert ids[0]["phone_number_id"] == ids[1]["phone_number_id"]
    stranger = {"business": {"name": "Anna GmbH", "email": "eve@client.example"}}
    refused = await rig.sign_up(setup=stranger, phone="+49 1555 1234567")
    assert refused["code"] == "3441041"


async def test_finishing_twice_makes_one_account(rig):
    session = (await rig.open_popup()).headers["location"]
    first = (await rig.client.post(f"{session}/finish", json={})).json()
    assert (await rig.client.post(f"{session}/finish", json={})).json() == first
    assert len(rig.world.state.wabas) == 2


async def test_the_prefill_stands_in_the_popup_and_cannot_break_out_of_it(rig):
    business = {"name": "</script><b>x", "phone": {"code": 49, "number": "15231112223"}}
    session = (await rig.open_popup({"business": business})).headers["location"]
    page = (await rig.client.get(session)).text
    assert "+49 1523 1112223" in page
    assert "</script><b>" not in page


async def test_the_sdk_may_be_loaded_crossorigin(rig):
    answer = await rig.client.get("/en_US/sdk.js")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "{{" not in answer.text
