"""Templates, flows and commerce settings as programs of the contract call them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from core.clock import FixedClock
from core.errors import MetaError
from core.integration.api.lists import DEFAULT_ORDER
from tests.services.api_world import ApiWorld
from tests.support.api_breadth import WholeHub
from tests.support.api_door import Program
from ui.api.partner.schemas.templates import (
    ChangedTemplate,
    CommerceSettings,
    FlowList,
    FlowUploaded,
    TemplateList,
    TemplateObject,
)

BODY = {"type": "BODY", "text": "Your order {{1}} is on its way", "example": {"body_text": [["7"]]}}
GIVEN: dict[str, Any] = {
    "name": "order_update",
    "category": "UTILITY",
    "language": "en_US",
    "components": [BODY],
}
UNKNOWN = "hG3kQ0aZp1Xy2Bc3De4Fg5"


@pytest.fixture
def place(hub: WholeHub) -> str:
    _, waba, _ = hub.account()
    return f"/waba_accounts/{waba.id}"


def made(ours: Program, place: str, **values: Any) -> dict[str, Any]:
    answer = ours.post(f"{place}/waba_templates", json=GIVEN | values)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_one_component_may_come_without_a_list(ours: Program, place: str) -> None:
    made = ours.post(f"{place}/waba_templates", json=GIVEN | {"components": BODY})
    assert made.status_code == 200, made.text
    assert made.json()["components"] == [BODY]
    named = ours.get(f'{place}/waba_templates?filters={{"colour":"red"}}')
    assert named.status_code == 400
    assert "colour" in named.json()["message"]


def test_a_template_is_created_listed_changed_and_deleted(
    ours: Program, hub: WholeHub, clock: FixedClock, place: str
) -> None:
    template = made(ours, place)
    TemplateObject.model_validate(template)
    assert len(template["id"]) == 22
    assert (template["status"], template["components"]) == ("pending", [BODY])
    listed = ours.get(f"{place}/waba_templates").json()
    TemplateList.model_validate(listed)
    assert (listed["count"], listed["total"], listed["limit"]) == (1, 1, 20)
    assert listed["waba_templates"] == [template]
    for node in _nodes(hub):
        node["status"] = "APPROVED"
    clock.advance(timedelta(minutes=1))
    changed = ours.patch(
        f"{place}/waba_templates/{template['id']}",
        json={
            "components": [BODY | {"text": "Order {{1}} is there"}],
            "allow_category_change": False,
        },
    ).json()
    ChangedTemplate.model_validate(changed)
    assert changed["success"] is True
    assert changed["components"][0]["text"] == "Order {{1}} is there"
    gone = ours.ask("DELETE", f"{place}/waba_templates/{template['id']}")
    assert (gone.status_code, gone.json()) == (200, {"meta": {"success": True}})
    assert ours.get(f"{place}/waba_templates").json()["waba_templates"] == []
    assert ours.get(f"{place}/waba_templates/{template['id']}").status_code == 404


def _nodes(hub: WholeHub) -> list[dict[str, Any]]:
    return [node for nodes in hub.meta.template_nodes.values() for node in nodes]


def test_the_older_base_leads_to_the_same_template(
    world: ApiWorld, ours: Program, hub: WholeHub, clock: FixedClock, place: str
) -> None:
    template = made(ours, place)
    for node in _nodes(hub):
        node["status"] = "APPROVED"
    clock.advance(timedelta(minutes=1))
    old = f"/v1/partners/{world.partner.id}{place}/waba_templates"
    changed = ours.http.patch(f"{old}/{template['id']}", json={"components": [BODY]})
    assert changed.status_code == 200
    assert ours.http.get(old).json()["total"] == 1
    assert ours.http.delete(f"{old}/{template['id']}").status_code == 200


def test_lists_are_filtered_by_the_contracts_names(ours: Program, place: str) -> None:
    first = made(ours, place)
    made(ours, place, name="welcome", category="MARKETING")
    names = [
        {"id": first["id"]},
        {"name": "order_update"},
        {"business_templates.name": "order_update"},
        {"category": "UTILITY"},
        {"status": "pending", "name": "order_update"},
        {
            "waba_account_id": first["waba_account_id"],
            "namespace": first["namespace"],
            "partner_id": first["partner_id"],
            "category": "utility",
            "language": "en_US",
        },
    ]
    for wanted in names:
        found = ours.get(f"{place}/waba_templates", params={"filters": _json(wanted)}).json()
        assert [row["name"] for row in found["waba_templates"]] == ["order_update"], wanted
    order = {"sort": "-business_templates.name", "limit": "1"}
    found = ours.get(f"{place}/waba_templates", params=order).json()
    assert ([row["name"] for row in found["waba_templates"]], found["total"]) == (["welcome"], 2)
    assert ours.get(f"{place}/waba_templates", params={"sort": DEFAULT_ORDER}).json()["total"] == 2
    unset = ours.get(f"{place}/waba_templates", params={"filters": '{"status":"unknown"}'}).json()
    assert unset["total"] == 2
    wrong = ours.get(f"{place}/waba_templates", params={"filters": '{"colour":"red"}'})
    assert wrong.status_code == 400
    assert "colour" in wrong.text


def _json(value: dict[str, str]) -> str:
    return httpx.Response(200, json=value).text


def test_metas_refusal_comes_with_metas_codes(ours: Program, hub: WholeHub, place: str) -> None:
    made(ours, place)
    twice = ours.post(f"{place}/waba_templates", json=GIVEN)
    told = twice.json()["meta"]
    assert (twice.status_code, told["success"], told["http_code"]) == (400, False, 400)
    assert told["error_data"]["meta_code"] == 100
    assert told["error_data"]["meta_subcode"] == 2388024
    for code, status in ((190, 409), (80007, 503), (4, 503), (132000, 400)):
        hub.meta.fail("create_template", MetaError("no", meta_code=code))
        assert ours.post(f"{place}/waba_templates", json=GIVEN).status_code == status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ([], 422),
        (GIVEN | {"components": "x"}, 422),
        (GIVEN | {"components": []}, 400),
        (GIVEN | {"name": "No Way"}, 400),
        (GIVEN | {"category": "NEWS"}, 400),
    ],
)
def test_a_body_that_cannot_be_says_so(ours: Program, place: str, body: Any, status: int) -> None:
    answer = ours.post(f"{place}/waba_templates", json=body)
    assert (answer.status_code, answer.json()["meta"]["http_code"]) == (status, status)


def test_foreign_and_unknown_ids_get_the_same_answer(
    ours: Program, theirs: Program, world: ApiWorld, place: str
) -> None:
    template = made(ours, place)["id"]
    calls = [
        ("GET", f"{place}/waba_templates", None),
        ("POST", f"{place}/waba_templates", GIVEN),
        ("PATCH", f"{place}/waba_templates/{template}", {"components": [BODY]}),
        ("DELETE", f"{place}/waba_templates/{template}", None),
        ("GET", f"{place}/flows", None),
        ("POST", f"{place}/flows", {"name": "A", "categories": ["OTHER"]}),
        ("POST", f"{place}/flows/1/publish", None),
    ]
    unknown = ours.get("/waba_accounts/abcdefWA/waba_templates")
    for method, path, body in calls:
        foreign = theirs.ask(method, path, json=body)
        assert (foreign.status_code, foreign.text) == (404, unknown.text), path
    assert ours.get(f"{place}/waba_templates/{UNKNOWN}").text == unknown.text
    assert ours.get(f"{place}/waba_templates/%00").status_code == 404
    own_path = f"/api/v2/partners/{world.partner.id}{place}/waba_templates"
    assert theirs.http.get(own_path).status_code == 404


def test_a_flow_is_made_filled_and_published(ours: Program, place: str) -> None:
    given = {"name": "Booking", "categories": ["OTHER"], "endpoint_uri": "https://x.example/f"}
    flow = ours.post(f"{place}/flows", json=given).json()
    assert list(flow) == ["id"]
    early = ours.post(f"{place}/flows/{flow['id']}/publish")
    assert (early.status_code, early.json()["meta"]["error_data"]["meta_code"]) == (400, 139000)
    form = {"name": "flow.json", "asset_type": "FLOW_JSON"}
    faulty = ours.post(
        f"{place}/flows/{flow['id']}/assets", data=form, files={"file": ("flow.json", b"{")}
    ).json()
    FlowUploaded.model_validate(faulty)
    assert faulty["validation_errors"][0]["error"] == "INVALID_JSON"
    large = b'{"screens":"' + b"x" * 200_000 + b'"}'
    fine = ours.post(
        f"{place}/flows/{flow['id']}/assets", data=form, files={"file": ("flow.json", large)}
    ).json()
    assert (fine["success"], fine["validation_errors"]) == (True, [])
    assert ours.post(f"{place}/flows/{flow['id']}/publish").json()["success"] is True
    listed = ours.get(f"{place}/flows").json()
    FlowList.model_validate(listed)
    assert [(row["name"], row["status"]) for row in listed["flows"]] == [("Booking", "PUBLISHED")]
    for broken in ({"content": b"x"}, {"files": {"other": b"x"}}, {"json": {}}, {}):
        answer = ours.post(f"{place}/flows/{flow['id']}/assets", **broken)
        assert answer.status_code == 422, broken


def test_commerce_settings_are_metas(ours: Program, hub: WholeHub) -> None:
    client, _, channel = hub.account()
    path = f"/clients/{client.id}/channels/{channel.id}/whatsapp_commerce_settings"
    assert ours.get(path).json() == {"data": []}
    row = {"id": "1", "is_cart_enabled": True, "is_catalog_visible": False}
    hub.meta.commerce[str(channel.external_id)] = [row]
    told = ours.get(path).json()
    CommerceSettings.model_validate(told)
    assert told == {"data": [row]}
    other = f"/clients/abcdefCL/channels/{channel.id}/whatsapp_commerce_settings"
    assert ours.get(other).status_code == 404
