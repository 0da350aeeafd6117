"""Account sharing and the partner-change setting as programs of the contract call them."""

from __future__ import annotations

from typing import Any

import pytest

from core.partners.entities import Partner
from tests.services.api_world import TEST, ApiWorld
from tests.support.api_breadth import WholeHub
from tests.support.api_door import Program
from tests.support.twins import Signup
from ui.api.partner.schemas.channels import ChannelObject

CLIENT = {"name": "Mill GmbH", "email": "ada@mill.example", "user_name": "Ada Mill"}


def number_of(world: ApiWorld, signup: Signup, **values: Any) -> dict[str, Any]:
    return {
        "waba_external_id": signup.waba_id,
        "channel_external_id": signup.phone_id,
        "solution_id": world.partner.solution_id,
    } | values


def test_a_client_and_its_shared_number(world: ApiWorld, ours: Program, hub: WholeHub) -> None:
    made = ours.post("/account_sharing/clients", json=CLIENT).json()
    assert made == {"client_id": made["id"], "id": made["id"]}
    signup = hub.shared()
    answer = ours.post(
        "/account_sharing/numbers", json=number_of(world, signup, client_id=made["id"])
    )
    assert answer.status_code == 200, answer.text
    channel = answer.json()
    ChannelObject.model_validate(channel)
    assert (channel["client_id"], channel["external_id"]) == (made["id"], signup.phone_id)
    hub.jobs.drain()
    assert ours.get(f"/channels/{channel['id']}").json()["status"] == "ready"
    second = hub.meta.popup(business_id=signup.business_id)
    by_business = number_of(
        world, second, waba_business_id=int(signup.business_id), tier=None, client_id=None
    )
    more = ours.post("/account_sharing/numbers", json=by_business)
    assert more.json()["client_id"] == made["id"]


def test_refusals_say_why(world: ApiWorld, ours: Program, hub: WholeHub) -> None:
    made = ours.post("/account_sharing/clients", json=CLIENT).json()
    signup = hub.shared()
    good = number_of(world, signup, client_id=made["id"])
    again = ours.post("/account_sharing/clients", json=CLIENT)
    assert (again.status_code, code_of(again)) == (409, "client_exists")
    for body, status, code in (
        (good | {"solution_id": "999"}, 409, "solution_other"),
        (good | {"waba_external_id": "999"}, 409, "not_shared"),
        (good | {"channel_external_id": "999"}, 409, "number_not_found"),
        (good | {"waba_external_id": "../1"}, 400, "not_a_meta_id"),
        (good | {"client_id": "abcdefCL"}, 404, "not_found"),
        (good | {"client_id": None}, 400, "client_missing"),
        (good | {"tier": "gold"}, 422, "malformed_body"),
        ({}, 422, "malformed_body"),
    ):
        answer = ours.post("/account_sharing/numbers", json=body)
        assert (answer.status_code, code_of(answer)) == (status, code), body


def test_without_an_active_solution_it_is_off(world: ApiWorld, ours: Program) -> None:
    with world.database.transaction(TEST) as session:
        session.get_one(Partner, world.partner.id).solution_id = ""
    answer = ours.post("/account_sharing/clients", json=CLIENT)
    assert (answer.status_code, code_of(answer)) == (409, "solution_inactive")
    assert "solution" in answer.json()["message"]


@pytest.mark.parametrize("value", [True, "true"])
def test_clients_of_other_partners_may_be_taken_unasked(ours: Program, value: Any) -> None:
    path = "/settings/partner_change_request"
    assert ours.get(path).json() == {"auto_approve": False}
    assert ours.patch(path, json={"auto_approve": value}).json() == {"auto_approve": True}
    assert ours.get(path).json() == {"auto_approve": True}
    assert ours.patch(path, json={"auto_approve": "maybe"}).status_code == 422


def code_of(answer: Any) -> str:
    return str(answer.json()["meta"]["error_data"]["code"])
