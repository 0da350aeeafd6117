"""The API's document is what the API does: described throughout, true of answers, and attacked."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from core.accounts.entities import Channel
from tests.services.api_world import TEST, ApiWorld
from tests.support.api_breadth import WholeHub
from tests.support.api_door import Program, api_app
from tests.support.hub_process import Ports
from tests.support.served import served
from ui.api.partner.schemas.channels import ChannelList, ChannelObject, EndedChannel
from ui.api.partner.schemas.clients import ClientList, ClientObject
from ui.api.partner.schemas.keys import ChannelKeyList, NewChannelKeyObject
from ui.api.partner.schemas.partners import PartnerObject, WebhookUrl

CONTRACT = set(
    """
    POST /token
    GET /partners/{partner_id}
    PATCH /partners/{partner_id}
    GET /partners/{partner_id}/webhook_url
    POST /partners/{partner_id}/webhook_url
    GET /partners/{partner_id}/balance
    GET /partners/{partner_id}/clients
    GET /partners/{partner_id}/clients/{client_id}
    PATCH /partners/{partner_id}/clients/{client_id}
    GET /partners/{partner_id}/clients/{client_id}/info/balance
    GET …/channels/{channel_id}/info/balance
    GET /partners/{partner_id}/channels
    GET /partners/{partner_id}/channels/{channel_id}
    POST /partners/{partner_id}/channels/{channel_id}/api_keys
    GET /partners/{partner_id}/channels/{channel_id}/api_keys
    DELETE /partners/{partner_id}/channels/{channel_id}/api_keys
    POST …/channels/{channel_id}/control/cancellation_request
    POST …/channels/{channel_id}/control/reactivate
    POST /partners/{partner_id}/account_sharing/clients
    POST /partners/{partner_id}/account_sharing/numbers
    PATCH /partners/{partner_id}/settings/partner_change_request
    GET /partners/{partner_id}/waba_accounts/{waba_id}/waba_templates
    POST /partners/{partner_id}/waba_accounts/{waba_id}/waba_templates
    DELETE /partners/{partner_id}/waba_accounts/{waba_id}/waba_templates/{template_id}
    PATCH /partners/{partner_id}/waba_accounts/{waba_id}/waba_templates/{template_id}
    GET /partners/{partner_id}/waba_accounts/{waba_id}/flows
    POST /partners/{partner_id}/waba_accounts/{waba_id}/flows
    POST /partners/{partner_id}/waba_accounts/{waba_id}/flows/{flow_id}/assets
    POST /partners/{partner_id}/waba_accounts/{waba_id}/flows/{flow_id}/publish
    GET …/channels/{channel_id}/whatsapp_commerce_settings
    GET /partners/{partner_id}/users
    GET /partners/{partner_id}/invoices
    GET /partners/{partner_id}/invoices/{invoice_id}/pdf
    GET /partners/{partner_id}/ledger
    GET /partners/{partner_id}/auto_renewal
    GET /partners/{partner_id}/subscription
    GET /partners/{partner_id}/webhooks/endpoints
    GET /partners/{partner_id}/webhooks/deliveries
    POST /partners/{partner_id}/webhooks/deliveries/{delivery_id}/replay
    GET /partners/{partner_id}/audit_events
    GET /partners/{partner_id}/usage
    """.strip().splitlines()
)


@pytest.fixture
def document(ours: Program) -> dict[str, Any]:
    answer = ours.http.get("/api/v2/openapi.json", headers={"X-API-Key": ""})
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def test_every_call_of_the_contract_is_described(document: dict[str, Any]) -> None:
    described = {
        f"{method.upper()} {path}"
        for path, operations in document["paths"].items()
        for method in operations
    }
    client = "/partners/{partner_id}/clients/{client_id}"
    assert {line.strip().replace("…", client) for line in CONTRACT} - described == set()
    assert document["openapi"].startswith("3.1")


def test_every_field_is_described_with_an_example(document: dict[str, Any]) -> None:
    bare = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, told in schema.get("properties", {}).items()
        if not (told.get("description") and told.keys() & {"examples", "items", "enum", "$ref"})
    ]
    assert bare == []
    unsaid = [
        f"{method} {path}"
        for path, operations in document["paths"].items()
        for method, told in operations.items()
        if not told.get("summary") or not all(p.get("description") for p in told["parameters"])
    ]
    assert unsaid == []


def test_answers_are_what_is_described(world: ApiWorld, ours: Program) -> None:
    number, untold = world.number(), world.number(messaging_limit="", external_id=None)
    client = ours.get(f"/channels/{number}").json()["client_id"]
    control = f"/clients/{client}/channels/{number}/control"
    for model, answer in (
        (PartnerObject, ours.get("")),
        (WebhookUrl, ours.get("/webhook_url")),
        (ClientList, ours.get("/clients")),
        (ClientObject, ours.get(f"/clients/{client}")),
        (ChannelList, ours.get("/channels?filters={}&sort=-")),
        (ChannelObject, ours.get(f"/channels/{untold}")),
        (EndedChannel, ours.post(f"{control}/cancellation_request")),
        (ChannelObject, ours.post(f"{control}/reactivate")),
        (NewChannelKeyObject, ours.post(f"/channels/{number}/api_keys")),
        (ChannelKeyList, ours.get(f"/channels/{number}/api_keys")),
    ):
        assert is_exactly(model, answer.json())


def is_exactly(model: type[BaseModel], told: Any) -> bool:
    """No field is missing, none is there that is not described, and none has another type."""
    read = model.model_validate(told, strict=True, extra="forbid")
    return read.model_dump(exclude_unset=True) == told


@pytest.fixture
def at(hub: WholeHub) -> Iterator[str]:
    port = Ports.free().hub
    hub.settings = hub.settings.model_copy(update={"port": port})
    with served(api_app(hub), port):
        yield f"http://localhost:{port}"


# Being more generous than the document says is what a drop-in hub is for.
GENEROUS = "negative_data_rejection"


@pytest.mark.parametrize("whose", ["ours", "theirs", "nobody's"])
def test_no_request_that_can_be_thought_of_breaks_it(
    world: ApiWorld, at: str, tmp_path: Path, whose: str
) -> None:
    number = world.number()
    owner = {"ours": world.owner, "theirs": world.stranger}.get(whose)
    key = world.credentials.create_key(owner, "Attacker").secret if owner else ""
    with world.database.reading(TEST) as session:
        waba = session.get_one(Channel, number)
        ids = {"client_id": waba.client_id, "waba_id": waba.waba_account_id}
    (tmp_path / "schemathesis.toml").write_text(
        "[parameters]\n"
        + "".join(
            f'"path.{name}" = "{value}"\n'
            for name, value in (
                ids | {"partner_id": world.partner.id, "channel_id": number}
            ).items()
        ),
        "utf-8",
    )
    examples = {"ours": "3"}.get(whose, "1")
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{at}/api/v2/openapi.json"]
    run = subprocess.run(
        [
            *(*command, "-H", f"X-API-Key: {key}", "--max-examples", examples),
            *("--phases", "fuzzing", "--seed", "1", "--exclude-checks", GENEROUS, "--no-color"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
