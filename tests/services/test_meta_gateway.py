"""One contract for `GraphMeta` on the sandbox's Graph API and for its twin, and the wire itself."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from core.accounts.ports import AccountsMeta
from core.clock import FixedClock
from core.errors import InvalidInput, MetaError, Unavailable
from core.gateways.meta import GraphMeta
from core.onboarding.room import OnboardingMeta
from core.settings import Settings
from sandbox.meta.api import build_router
from sandbox.meta.world import MetaWorld
from tests.sandbox.meta_rig import SEED, SOLUTION, RigHub, RigSettings
from tests.support.asgi import AsgiThread
from tests.support.twins import FakeMeta, Signup

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
RIG = RigSettings()


def settings() -> Settings:
    return Settings(
        _env_file=None,
        meta_graph_base=RIG.public_url,
        meta_app_id=RIG.app_id,
        meta_app_secret=SecretStr(RIG.app_secret),
        meta_system_user_token=SecretStr(RIG.system_user_token),
        meta_business_id=RIG.business_id,
    )


class WholeMeta(OnboardingMeta, AccountsMeta, Protocol):
    """Everything that the hub asks."""


class Side(Protocol):
    """Either side of the contract: the port, and a client in the popup."""

    meta: WholeMeta
    solution: str

    def popup(self, ending: str = "finish") -> Signup: ...

    def approve(self, waba_id: str, name: str) -> None: ...

    def show_catalogue(self, phone_id: str) -> None: ...


class Twin:
    def __init__(self, clock: FixedClock) -> None:
        self.solution = SOLUTION
        self.meta = self.fake = FakeMeta(clock, solution_id=SOLUTION)

    def popup(self, ending: str = "finish") -> Signup:
        return self.fake.popup(ending)

    def approve(self, waba_id: str, name: str) -> None:
        for node in self.fake.template_nodes[waba_id]:
            node["status"] = "APPROVED"

    def show_catalogue(self, phone_id: str) -> None:
        row = {"id": "1", "is_cart_enabled": True, "is_catalog_visible": True}
        self.fake.commerce[phone_id] = [row]


class Sandbox:
    """The sandbox's own routes behind the real gateway."""

    def __init__(self, clock: FixedClock) -> None:
        self.solution = SOLUTION
        self.world = MetaWorld(RIG, clock, httpx.MockTransport(RigHub()))
        app = FastAPI()
        app.include_router(build_router(self.world))
        self.transport = AsgiThread(app)
        self.transport.run(self._load())
        self.meta = GraphMeta(settings(), clock=clock, transport=self.transport)
        self.client = httpx.Client(transport=self.transport, base_url=RIG.public_url)

    async def _load(self) -> None:
        self.world.load(SEED)

    def popup(self, ending: str = "finish") -> Signup:
        query = {
            "client_id": RIG.app_id,
            "config_id": RIG.config_id,
            "origin": "http://localhost:8082",
            "cb": "f1",
            "extras": json.dumps({"setup": {"solutionID": SOLUTION}}),
        }
        session = self.client.get("/v26.0/dialog/oauth", params=query).headers["location"]
        told = self.client.post(f"{session}/finish", json={"ending": ending}).json()
        self.client.post(f"{session}/done")
        ids = told["ids"]
        return Signup(
            code=told["code"],
            message=told["message"],
            waba_id=ids["waba_id"],
            phone_id=ids.get("phone_number_id", ""),
            business_id=ids["business_id"],
        )

    def approve(self, waba_id: str, name: str) -> None:
        target = {"waba_id": waba_id, "template_name": name}
        self.client.post("/control/meta/scenario/template_approved", json=target)

    def show_catalogue(self, phone_id: str) -> None:
        self.client.post(
            f"/v26.0/{phone_id}/whatsapp_commerce_settings",
            params={"is_catalog_visible": "true", "access_token": RIG.system_user_token},
        )


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture(params=["twin", "sandbox"])
def side(request: pytest.FixtureRequest, clock: FixedClock) -> Iterator[Side]:
    if request.param == "twin":
        yield Twin(clock)
        return
    sandbox = Sandbox(clock)
    yield sandbox
    sandbox.transport.close()


def code_of(refused: pytest.ExceptionInfo[MetaError]) -> int:
    return refused.value.meta_code


def test_a_code_is_good_once(side: Side) -> None:
    signup = side.popup()
    assert side.meta.exchange_code(signup.code).value
    with pytest.raises(MetaError) as refused:
        side.meta.exchange_code(signup.code)
    assert code_of(refused) == 100


def test_a_code_is_good_for_thirty_seconds(side: Side, clock: FixedClock) -> None:
    signup = side.popup()
    clock.advance(timedelta(seconds=31))
    with pytest.raises(MetaError) as refused:
        side.meta.exchange_code(signup.code)
    assert code_of(refused) == 100


def test_a_token_names_its_accounts(side: Side) -> None:
    signup = side.popup()
    token = side.meta.exchange_code(signup.code).value
    scopes = side.meta.debug_token(token)["granular_scopes"]
    assert signup.waba_id in scopes[0]["target_ids"]


def test_a_token_reads_its_own_account_and_no_other(side: Side) -> None:
    mine, other = side.popup(), side.popup()
    token = side.meta.exchange_code(mine.code).value
    node = side.meta.waba(mine.waba_id, token)
    assert node["id"] == mine.waba_id
    assert node["owner_business_info"]["id"] == mine.business_id
    for question in (
        lambda: side.meta.waba(other.waba_id, token),
        lambda: side.meta.phone_numbers(other.waba_id, token),
        lambda: side.meta.phone_number(other.phone_id, token),
    ):
        with pytest.raises(MetaError) as refused:
            question()
        assert (code_of(refused), refused.value.subcode) == (100, 33)


def test_a_made_up_token_is_refused(side: Side) -> None:
    with pytest.raises(MetaError) as refused:
        side.meta.waba(side.popup().waba_id, "made-up")
    assert code_of(refused) == 190


def test_the_app_is_subscribed_after_subscribing(side: Side) -> None:
    signup = side.popup()
    token = side.meta.exchange_code(signup.code).value
    assert not side.meta.is_subscribed(signup.waba_id, token)
    side.meta.subscribe(signup.waba_id, token)
    side.meta.subscribe(signup.waba_id, token)
    assert side.meta.is_subscribed(signup.waba_id, token)


def test_the_app_is_not_subscribed_after_unsubscribing(side: Side) -> None:
    signup = side.popup()
    token = side.meta.exchange_code(signup.code).value
    side.meta.subscribe(signup.waba_id, token)
    side.meta.unsubscribe(signup.waba_id, token)
    side.meta.unsubscribe(signup.waba_id, token)
    assert not side.meta.is_subscribed(signup.waba_id, token)


def test_a_deregistered_number_is_off_the_cloud_and_keeps_its_pin(side: Side) -> None:
    signup = side.popup()
    token = side.meta.exchange_code(signup.code).value
    side.meta.set_storage_region(signup.phone_id, "DE", token)
    side.meta.register(signup.phone_id, "123456", token)
    side.meta.deregister(signup.phone_id, token)
    gone = side.meta.phone_number(signup.phone_id, token)
    assert (gone["platform_type"], gone["status"]) == ("NOT_APPLICABLE", "DISCONNECTED")
    assert gone["is_pin_enabled"] is True
    assert side.meta.storage_region(signup.phone_id, token) is None
    with pytest.raises(MetaError) as again:
        side.meta.deregister(signup.phone_id, token)
    assert code_of(again) == 133010
    side.meta.register(signup.phone_id, "123456", token)
    assert side.meta.phone_number(signup.phone_id, token)["status"] == "CONNECTED"


def test_a_number_of_the_app_cannot_be_deregistered(side: Side) -> None:
    signup = side.popup("coexistence")
    token = side.meta.exchange_code(signup.code).value
    [number] = side.meta.phone_numbers(signup.waba_id, token)
    with pytest.raises(MetaError) as refused:
        side.meta.deregister(number["id"], token)
    assert code_of(refused) == 100
    assert side.meta.phone_number(number["id"], token)["status"] == "CONNECTED"


def test_a_number_is_registered_with_its_region_before(side: Side) -> None:
    signup = side.popup()
    token = side.meta.exchange_code(signup.code).value
    fresh = side.meta.phone_number(signup.phone_id, token)
    assert (fresh["platform_type"], fresh["code_verification_status"]) == (
        "NOT_APPLICABLE",
        "VERIFIED",
    )
    assert fresh["is_pin_enabled"] is False
    assert side.meta.storage_region(signup.phone_id, token) is None
    side.meta.set_storage_region(signup.phone_id, "DE", token)
    assert side.meta.storage_region(signup.phone_id, token) == "DE"
    side.meta.register(signup.phone_id, "123456", token)
    live = side.meta.phone_number(signup.phone_id, token)
    assert (live["platform_type"], live["status"]) == ("CLOUD_API", "CONNECTED")
    assert live["is_pin_enabled"] is True
    with pytest.raises(MetaError) as refused:
        side.meta.set_storage_region(signup.phone_id, "CH", token)
    assert code_of(refused) == 100
    with pytest.raises(MetaError) as wrong_pin:
        side.meta.register(signup.phone_id, "654321", token)
    assert code_of(wrong_pin) == 133005


def test_a_number_of_the_app_is_live_and_syncs_once_each(side: Side) -> None:
    signup = side.popup("coexistence")
    token = side.meta.exchange_code(signup.code).value
    [number] = side.meta.phone_numbers(signup.waba_id, token)
    assert (number["is_on_biz_app"], number["status"]) == (True, "CONNECTED")
    with pytest.raises(MetaError):
        side.meta.register(number["id"], "123456", token)
    for kind in ("smb_app_state_sync", "history"):
        assert side.meta.sync_app_data(number["id"], kind, token)
        with pytest.raises(MetaError):
            side.meta.sync_app_data(number["id"], kind, token)


def test_an_account_without_a_number_has_none(side: Side) -> None:
    signup = side.popup("no_number")
    token = side.meta.exchange_code(signup.code).value
    assert side.meta.phone_numbers(signup.waba_id, token) == []


def test_shared_accounts_are_listed_since_a_moment(side: Side, clock: FixedClock) -> None:
    side.popup()
    clock.advance(timedelta(minutes=5))
    since = clock.now() - timedelta(minutes=1)
    signup = side.popup()
    [node] = side.meta.client_wabas(since)
    assert node["id"] == signup.waba_id
    assert node["owner_business_info"]["id"] == signup.business_id


def test_a_solution_has_a_status_and_an_unknown_one_is_not_there(side: Side) -> None:
    assert side.meta.solution(side.solution)["status"] == "ACTIVE"
    with pytest.raises(MetaError) as refused:
        side.meta.solution("999")
    assert refused.value.subcode == 33


def test_the_solution_gives_a_token_for_its_client(side: Side, clock: FixedClock) -> None:
    signup = side.popup()
    token = side.meta.solution_token(side.solution, signup.business_id)
    assert token.expires_at == clock.now() + timedelta(days=60)
    assert side.meta.phone_number(signup.phone_id, token.value)["id"] == signup.phone_id
    with pytest.raises(MetaError):
        side.meta.solution_token(side.solution, "999")


def test_templates_are_made_listed_and_deleted(side: Side) -> None:
    signup = side.popup()
    token = side.meta.exchange_code(signup.code).value
    body = {"type": "BODY", "text": "Hello"}
    made = {"name": "hello", "language": "en", "category": "UTILITY", "components": [body]}
    answer = side.meta.create_template(signup.waba_id, made, token)
    assert answer["id"]
    assert answer["status"] == "PENDING"
    [listed] = side.meta.templates(signup.waba_id, token)
    assert (listed["name"], listed["status"]) == ("hello", "PENDING")
    side.meta.delete_template(signup.waba_id, "hello", token)
    assert side.meta.templates(signup.waba_id, token) == []


def test_a_template_is_edited_once_it_was_decided_and_deleted_by_its_id(side: Side) -> None:
    signup = side.popup()
    token = side.meta.exchange_code(signup.code).value
    body = [{"type": "BODY", "text": "Hello"}]
    made = {"name": "hello", "language": "en", "category": "UTILITY", "components": body}
    english = side.meta.create_template(signup.waba_id, made, token)
    german = side.meta.create_template(signup.waba_id, made | {"language": "de"}, token)
    with pytest.raises(MetaError) as twice:
        side.meta.create_template(signup.waba_id, made, token)
    assert (code_of(twice), twice.value.subcode) == (100, 2388024)
    with pytest.raises(MetaError) as early:
        side.meta.edit_template(english["id"], {"components": body}, token)
    assert code_of(early) == 100
    side.approve(signup.waba_id, "hello")
    changed = [{"type": "BODY", "text": "Goodbye"}]
    side.meta.edit_template(english["id"], {"components": changed}, token)
    nodes = {node["id"]: node for node in side.meta.templates(signup.waba_id, token)}
    assert nodes[english["id"]]["status"] == "PENDING"
    assert nodes[english["id"]]["components"] == changed
    side.meta.delete_template(signup.waba_id, "hello", token, english["id"])
    assert [n["id"] for n in side.meta.templates(signup.waba_id, token)] == [german["id"]]


def test_a_flow_is_a_draft_until_its_json_has_no_faults(side: Side) -> None:
    signup = side.popup()
    token = side.meta.exchange_code(signup.code).value
    given = {"name": "Booking", "categories": ["APPOINTMENT_BOOKING"]}
    flow_id = side.meta.create_flow(signup.waba_id, given, token)
    with pytest.raises(MetaError) as twice:
        side.meta.create_flow(signup.waba_id, given, token)
    assert code_of(twice) == 100
    [draft] = side.meta.flows(signup.waba_id, token)
    assert (draft["id"], draft["name"], draft["status"]) == (flow_id, "Booking", "DRAFT")
    assert draft["validation_errors"] == []
    with pytest.raises(MetaError) as empty:
        side.meta.publish_flow(flow_id, token)
    assert code_of(empty) == 139000
    [fault] = side.meta.upload_flow_json(flow_id, b"{", token)
    assert fault["error"] == "INVALID_JSON"
    with pytest.raises(MetaError):
        side.meta.publish_flow(flow_id, token)
    screens = [{"id": "START", "terminal": True, "layout": {"type": "SingleColumnLayout"}}]
    whole = json.dumps({"version": "7.1", "screens": screens}).encode()
    assert side.meta.upload_flow_json(flow_id, whole, token) == []
    side.meta.publish_flow(flow_id, token)
    told = side.meta.flow(flow_id, token)
    assert told["status"] == "PUBLISHED"
    assert told["whatsapp_business_account"]["id"] == signup.waba_id
    with pytest.raises(MetaError) as late:
        side.meta.upload_flow_json(flow_id, whole, token)
    assert code_of(late) == 139000


def test_a_flow_of_another_business_is_not_there(side: Side) -> None:
    mine, other = side.popup(), side.popup()
    token = side.meta.exchange_code(mine.code).value
    given = {"name": "Booking", "categories": ["OTHER"]}
    flow_id = side.meta.create_flow(mine.waba_id, given, token)
    foreign = side.meta.exchange_code(other.code).value
    with pytest.raises(MetaError) as refused:
        side.meta.flow(flow_id, foreign)
    assert (code_of(refused), refused.value.subcode) == (100, 33)


def test_a_number_has_commerce_settings_once_they_are_set(side: Side) -> None:
    signup = side.popup()
    token = side.meta.exchange_code(signup.code).value
    assert side.meta.commerce_settings(signup.phone_id, token) == []
    side.show_catalogue(signup.phone_id)
    [row] = side.meta.commerce_settings(signup.phone_id, token)
    assert (row["is_cart_enabled"], row["is_catalog_visible"]) == (True, True)


def test_an_account_knows_the_solution_that_brought_it(side: Side) -> None:
    signup = side.popup()
    token = side.meta.exchange_code(signup.code).value
    assert side.meta.solutions_of(signup.waba_id, token) == [side.solution]


@pytest.mark.parametrize("id_", ["../me", "31/phone_numbers", "31?x=1", "", "３１"])
def test_only_ids_get_into_a_path(clock: FixedClock, id_: str) -> None:
    with pytest.raises(InvalidInput):
        meta_answering(clock, lambda request: httpx.Response(200, json={})).waba(id_, "token")


def meta_answering(clock: FixedClock, answer: Any) -> GraphMeta:
    return GraphMeta(settings(), clock=clock, transport=httpx.MockTransport(answer))


def test_an_edge_is_read_to_its_end(clock: FixedClock) -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        after = int(request.url.params.get("after", 0))
        asked.append(after)
        paging: dict[str, Any] = {"cursors": {"after": str(after + 1)}}
        if after < 2:
            paging["next"] = "https://evil.example/"
        return httpx.Response(200, json={"data": [{"id": str(after)}], "paging": paging})

    rows = meta_answering(clock, answer).phone_numbers("31", "token")
    assert [row["id"] for row in rows] == ["0", "1", "2"]
    assert asked == [0, 1, 2]


def test_an_error_object_is_kept_whatever_the_status(clock: FixedClock) -> None:
    error = {
        "message": "(#133016) no",
        "code": "133016",
        "error_subcode": 7,
        "is_transient": True,
        "error_user_msg": "Wait",
        "error_data": {"details": "10 tries"},
        "fbtrace_id": "A1",
    }
    meta = meta_answering(clock, lambda request: httpx.Response(200, json={"error": error}))
    with pytest.raises(MetaError) as refused:
        meta.waba("31", "token")
    told = refused.value
    assert (told.meta_code, told.subcode, told.details) == (133016, 7, "10 tries")
    assert (told.trace_id, told.transient, told.user_message) == ("A1", True, "Wait")


@pytest.mark.parametrize(
    ("failure", "sent"),
    [
        (httpx.ConnectError("no"), False),
        (httpx.ConnectTimeout("no"), False),
        (httpx.ReadTimeout("no"), True),
        (httpx.RemoteProtocolError("cut"), True),
    ],
)
def test_it_is_known_whether_meta_may_have_got_it(
    clock: FixedClock, failure: Exception, sent: bool
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise failure

    with pytest.raises(Unavailable) as gone:
        meta_answering(clock, answer).subscribe("31", "token")
    assert gone.value.about["sent"] is sent


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(502, text="<html>"),
        httpx.Response(200, text="half"),
        httpx.Response(302, headers={"location": "https://evil.example/"}),
        httpx.Response(200, json=[]),
    ],
)
def test_an_answer_that_is_none_is_unknown(clock: FixedClock, response: httpx.Response) -> None:
    with pytest.raises(Unavailable):
        meta_answering(clock, lambda request: response).subscribe("31", "token")


def test_subscribing_sends_no_body_at_all(clock: FixedClock) -> None:
    bodies = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(request.read())
        return httpx.Response(200, json={"success": True})

    meta_answering(clock, answer).subscribe("31", "token")
    assert bodies == [b""]


def test_a_budget_nearly_used_up_is_left_alone(clock: FixedClock) -> None:
    usage = {"51": [{"type": "whatsapp_business_management", "call_count": 81}]}
    headers = {"X-Business-Use-Case-Usage": json.dumps(usage)}
    meta = meta_answering(clock, lambda request: httpx.Response(200, json={}, headers=headers))
    meta.waba("31", "token")
    with pytest.raises(Unavailable) as throttled:
        meta.waba("31", "token")
    assert (throttled.value.code, throttled.value.about["sent"]) == ("meta_throttled", False)
    meta.waba("32", "token")


def test_a_budget_that_is_used_up_never_holds_up_a_code(clock: FixedClock) -> None:
    headers = {"X-App-Usage": json.dumps({"call_count": 100})}
    body = {"access_token": "EAA1", "token_type": "bearer", "expires_in": 60}
    meta = meta_answering(clock, lambda request: httpx.Response(200, json=body, headers=headers))
    meta.waba("31", "token")
    token = meta.exchange_code("AQcode")
    assert token.expires_at == NOW + timedelta(seconds=60)


@pytest.mark.parametrize("header", ["", "not json", "[]", '{"51": 7}', '{"51": [7]}'])
def test_a_usage_header_that_cannot_be_read_is_ignored(clock: FixedClock, header: str) -> None:
    headers = {"X-Business-Use-Case-Usage": header, "X-App-Usage": header}
    meta = meta_answering(clock, lambda request: httpx.Response(200, json={}, headers=headers))
    meta.waba("31", "token")
    meta.waba("31", "token")


def test_no_secret_gets_into_a_log(clock: FixedClock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    body = {"access_token": "EAAsecret"}
    meta = meta_answering(clock, lambda request: httpx.Response(200, json=body))
    meta.exchange_code("AQsecretcode")
    meta.debug_token("EAAsecret")
    told = caplog.text
    assert not any(word in told for word in ("AQsecretcode", "EAAsecret", RIG.app_secret))
    assert "EAAsecret" not in repr(meta.__dict__)
