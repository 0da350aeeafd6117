"""Graph as a whole: versions, tokens, fields, paging, faults, limits, and the lesser edges."""

import json
from collections.abc import AsyncIterator

import pytest

from tests.sandbox.meta_rig import BUSINESS, PHONE, SOLUTION, WABA, Rig

PARTNER = "500"
SYSTEM = "system-token"


@pytest.fixture
def rig() -> Rig:
    return Rig()


async def test_an_account_answers_id_and_name_unless_more_is_asked(rig):
    assert await rig.get(WABA) == {"id": WABA, "name": "Bäckerei Sonne"}
    fields = "owner_business_info{id},currency,phone_numbers.limit(1){id}"
    full = await rig.get(WABA, fields=fields)
    assert full["owner_business_info"] == {"id": BUSINESS}
    assert full["currency"] == "EUR"
    assert full["phone_numbers"]["data"] == [{"id": PHONE}]
    assert (await rig.get(WABA, fields="nonsense"))["error"]["code"] == 100


async def test_versions_end_on_their_day(rig):
    bearer = {"Authorization": "Bearer client-token"}
    for version, code in (("v20.0", 2635), ("v99.0", 2500)):
        answer = await rig.client.get(f"/{version}/{WABA}", headers=bearer)
        assert answer.json()["error"]["code"] == code


async def test_tokens_that_do_not_work(rig):
    assert (await rig.get(WABA, ""))["error"]["code"] == 190
    answer = await rig.graph("GET", WABA, "unknown")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, 190)
    await rig.control("revoke", business_id=BUSINESS)
    assert (await rig.get(WABA))["error"]["error_subcode"] == 467


async def test_a_clients_token_does_not_reach_another_client(rig):
    other = await rig.sign_up()
    token = (await rig.exchange(other["code"]))["access_token"]
    assert (await rig.get(WABA, token))["error"]["error_subcode"] == 33


async def test_errors_carry_a_trace_and_the_products_details(rig):
    error = (await rig.post(f"{PHONE}/settings", storage_configuration={"status": "X"}))["error"]
    assert {"message", "type", "code", "is_transient", "fbtrace_id"} <= set(error)
    wrong = {"messaging_product": "whatsapp", "pin": "123456"}
    await rig.post(f"{PHONE}/register", **wrong)
    error = (await rig.post(f"{PHONE}/register", **wrong | {"pin": "654321"}))["error"]
    assert error["error_data"]["messaging_product"] == "whatsapp"


async def test_pages_follow_their_cursors_to_the_end(rig):
    for number in range(3):
        await rig.sign_up(phone=f"+491523111222{number}")
    path, seen, after = f"{PARTNER}/client_whatsapp_business_accounts", [], None
    while True:
        cursor = {"after": after} if after else {}
        page = await rig.get(path, SYSTEM, limit=2, sort="creation_time_ascending", **cursor)
        seen += [row["id"] for row in page["data"]]
        if "next" not in page["paging"]:
            break
        after = page["paging"]["cursors"]["after"]
    assert len(seen) == len(set(seen)) == 4
    assert seen[0] == WABA


async def test_new_accounts_are_found_by_partner_and_time(rig):
    rig.clock.move(hours=1)
    ids = (await rig.sign_up())["ids"]
    since = int(rig.clock.now().timestamp()) - 60
    rules = [
        {"field": "partners", "operator": "ALL", "value": [PARTNER]},
        {"field": "creation_time", "operator": "GREATER_THAN", "value": since},
    ]
    path = f"{PARTNER}/client_whatsapp_business_accounts"
    rows = (await rig.get(path, SYSTEM, filtering=json.dumps(rules)))["data"]
    assert [row["id"] for row in rows] == [ids["waba_id"]]


async def test_a_fault_is_used_up_and_the_journal_counts_every_call(rig):
    fault = {"method": "POST", "path_pattern": "/register$", "times": 1, "code": 131000}
    await rig.control("behaviour", fail=[fault])
    call = {"messaging_product": "whatsapp", "pin": "123456"}
    assert await rig.code_of(f"{PHONE}/register", **call) == 131000
    assert await rig.post(f"{PHONE}/register", **call) == {"success": True}
    journal = (await rig.client.get("/control/meta/calls?path=register")).json()
    assert journal["counts"] == {f"POST /{PHONE}/register": 2}
    assert [row["code"] for row in journal["calls"]] == [131000, None]
    assert [row["token_kind"] for row in journal["calls"]] == ["business", "business"]


async def test_a_lost_answer_has_done_the_work(rig):
    await rig.post(f"{PHONE}/deregister")
    await rig.control("behaviour", fail=[{"path_pattern": "/register", "answer_lost": True}])
    call = {"messaging_product": "whatsapp", "pin": "123456"}
    assert (await rig.graph("POST", f"{PHONE}/register", **call)).status_code == 500
    assert (await rig.get(PHONE, fields="status"))["status"] == "CONNECTED"


async def test_usage_is_shown_and_the_limit_holds_when_switched_on(rig):
    await rig.control("behaviour", usage_percent=85)
    answer = await rig.graph("GET", WABA)
    usage = json.loads(answer.headers["x-business-use-case-usage"])
    assert usage[BUSINESS][0]["call_count"] == 85
    await rig.post(f"{PHONE}/deregister")
    await rig.control("behaviour", enforce_rate_limits=True)
    for _ in range(200):
        rig.world.journal.count_usage(WABA, rig.clock.now())
    assert (await rig.get(WABA))["error"]["code"] == 80007
    rig.clock.move(hours=1)
    assert (await rig.get(WABA))["id"] == WABA


async def test_an_unknown_switch_is_refused(rig):
    answer = await rig.client.post("/control/meta/behaviour", json={"ordre": "code_first"})
    assert answer.status_code == 422


async def test_templates_are_made_filtered_edited_and_deleted(rig):
    body = {"name": "hello", "language": "de", "category": "MARKETING"}
    body["components"] = [{"type": "BODY", "text": "Hallo"}]
    made = await rig.post(f"{WABA}/message_templates", **body)
    assert made["status"] == "PENDING"
    assert await rig.code_of(f"{WABA}/message_templates", **body) == 100
    rows = (await rig.get(f"{WABA}/message_templates", status="PENDING"))["data"]
    assert [row["id"] for row in rows] == [made["id"]]
    assert await rig.code_of(made["id"], components=body["components"]) == 100
    await rig.control("scenario/template_approved", waba_id=WABA, template_name="hello")
    assert (await rig.post(made["id"], components=body["components"]))["success"]
    assert (await rig.get(made["id"]))["status"] == "PENDING"
    await rig.graph("DELETE", f"{WABA}/message_templates", name="hello")
    assert (await rig.get(made["id"]))["error"]["error_subcode"] == 33


async def test_the_profile_keeps_what_is_not_given(rig):
    path = f"{PHONE}/whatsapp_business_profile"
    await rig.post(path, messaging_product="whatsapp", about="Brot", vertical="GROCERY")
    await rig.post(path, messaging_product="whatsapp", about="Kuchen")
    profile = (await rig.get(path))["data"][0]
    assert (profile["about"], profile["vertical"]) == ("Kuchen", "GROCERY")


async def test_credit_is_attached_once_and_revoked_for_the_whole_portfolio(rig):
    share, currency = "71/whatsapp_credit_sharing_and_attach", {"waba_currency": "EUR"}
    given = {"waba_id": WABA} | currency
    assert await rig.code_of(share, SYSTEM, **given) == 200
    await rig.post(f"{WABA}/assigned_users", SYSTEM, user="9", tasks=["MANAGE"])
    allocation = (await rig.post(share, SYSTEM, **given))["allocation_config_id"]
    assert await rig.code_of(share, SYSTEM, **given) == 100
    credential = await rig.get(allocation, SYSTEM, fields="receiving_credential")
    funding = await rig.get(WABA, fields="primary_funding_id")
    assert funding["primary_funding_id"] == credential["receiving_credential"]["id"]
    await rig.graph("DELETE", allocation, SYSTEM)
    status = await rig.get(allocation, SYSTEM, fields="request_status")
    assert status["request_status"] == "DELETED"
    assert "primary_funding_id" not in await rig.get(WABA, fields="primary_funding_id")


async def test_the_coming_way_to_share_credit_needs_both_tokens(rig):
    given = {"waba_id": WABA, "waba_currency": "EUR"}
    assert await rig.code_of("71/whatsapp_credit_attach", **given) == 100
    await rig.post("71/whatsapp_credit_sharing", SYSTEM, receiving_business_id=BUSINESS)
    assert await rig.code_of("71/whatsapp_credit_attach", SYSTEM, **given) == 200
    assert (await rig.post("71/whatsapp_credit_attach", **given))["success"]


async def test_a_solution_ends_only_when_the_other_side_accepts(rig):
    await rig.post(f"{SOLUTION}/send_deactivation_request", SYSTEM)
    assert (await rig.get(SOLUTION, SYSTEM))["status"] == "ACTIVE"
    await rig.post(f"{SOLUTION}/accept_deactivation_request", SYSTEM)
    assert (await rig.get(SOLUTION, SYSTEM))["status"] == "DEACTIVATED"
    await rig.world.sender.drain()
    states = [value["solution_status"] for _, field, value in rig.hub.changes]
    assert states == ["PENDING_DEACTIVATION", "DEACTIVATED"]


async def test_a_solutions_token_speaks_for_its_client(rig):
    token = await rig.get(f"{SOLUTION}/access_token", SYSTEM, business_id=BUSINESS)
    assert (await rig.get(WABA, token["access_token"]))["id"] == WABA
    rows = (await rig.get(f"{WABA}/solutions"))["data"]
    assert rows == [{"id": SOLUTION, "name": "Acme", "status": "ACTIVE"}]


async def test_a_reset_brings_the_seed_back_and_forgets_the_rest(rig):
    await rig.sign_up()
    await rig.control("behaviour", order="message_lost")
    await rig.control("scenario/banned", waba_id=WABA)
    rig.world.reset()
    assert list(rig.world.state.wabas) == [WABA]
    assert rig.world.state.phones[PHONE]["status"] == "CONNECTED"
    assert rig.world.behaviour.order == "code_first"
    assert not rig.world.sender.deliveries


async def test_who_dies_before_all_is_said_has_not_called(rig: Rig) -> None:
    """Else the journal would show a call that is never answered, nor ever will be."""

    async def body() -> AsyncIterator[bytes]:
        yield b'{"messaging_product":'
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await rig.client.post("/v26.0/1/register", content=body())
    assert rig.world.journal.dump()["total"] == 0
