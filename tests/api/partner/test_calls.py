"""Each call of the contract's table that needs no Meta: path, status, shape."""

from __future__ import annotations

import httpx
import pytest
from sqlmodel import select

from core.accounts.details import timeline
from core.events import Event
from tests.services.api_world import TEST, ApiWorld
from tests.support.api_door import ApiHub, Program, api_app
from tests.support.asgi import AsgiThread

HOOK = "http://localhost:9001/hook?tenant=7"


def test_the_partner_and_its_urls(world: ApiWorld, program: Program) -> None:
    told = program.get("").json()
    assert set(told) == set(
        "id brand_name logo_url partner_redirect_url webhook_url payment_plan payment_required "
        "country blocked_new_submission onboarding_deeplink_add_params".split()
    )
    changed = program.patch(
        "", json={"webhook_url": HOOK, "partner_redirect_url": "https://acme-messaging.com/x"}
    )
    assert changed.status_code == 200, changed.text
    assert changed.json()["webhook_url"] == HOOK
    kept = program.patch("", json={"webhook_url": None, "partner_redirect_url": None}).json()
    assert kept == changed.json()
    got = program.get("/webhook_url")
    assert got.json() == {"id": world.partner.id, "webhook_url": HOOK}
    set_ = program.post("/webhook_url", json={"webhook_url": HOOK + "&b", "headers": {"X-T": "7"}})
    assert set_.json() == {"id": world.partner.id, "webhook_url": HOOK + "&b"}
    for bad in ("http://169.254.169.254/", "ftp://x", "no url", "https://10.0.0.1/"):
        refused = program.post("/webhook_url", json={"webhook_url": bad})
        assert refused.status_code == 400, bad
    program.post("/webhook_url", json={"webhook_url": ""})
    assert program.get("").json()["webhook_url"] == ""
    program.post("/webhook_url", json={"webhook_url": HOOK})
    assert program.get("").json()["webhook_url"] == HOOK
    both = program.patch(
        "",
        json={
            "webhook_url": "http://10.0.0.1",
            "partner_redirect_url": "https://new-messaging.com",
        },
    )
    assert both.status_code == 400
    assert program.get("").json()["partner_redirect_url"] == "https://acme-messaging.com/x"


def test_a_number_has_a_webhook_of_its_own(world: ApiWorld, program: Program) -> None:
    number = world.number()
    at = f"/channels/{number}/webhook_url"
    nothing = {"id": number, "webhook_url": "", "endpoint_id": ""}
    assert program.get(at).json() == nothing
    told = program.post(at, json={"webhook_url": HOOK, "headers": {"X-T": "7"}}).json()
    assert told == nothing | {"webhook_url": HOOK, "endpoint_id": told["endpoint_id"]}
    assert program.get(at).json() == told
    endpoint = program.get(f"/webhooks/endpoints/{told['endpoint_id']}").json()
    assert (endpoint["channel_id"], endpoint["header_names"]) == (number, ["X-T"])
    assert program.get("/webhook_url").json()["webhook_url"] == ""
    assert program.get("/webhooks/endpoints").json()["endpoints"] == []
    assert program.post(at, json={"webhook_url": "https://10.0.0.1/"}).status_code == 400
    assert program.get("/channels/NobodyCH/webhook_url").status_code == 404
    assert program.post(at, json={"webhook_url": ""}).json() == nothing


def test_clients_are_listed_got_and_changed(world: ApiWorld, program: Program) -> None:
    number = world.number()
    client = program.get(f"/channels/{number}").json()["client_id"]
    listed = program.get("/clients").json()
    assert (listed["count"], listed["total"], listed["limit"]) == (1, 1, 20)
    assert (listed["sort"], listed["filters"]) == ([], {})
    assert listed["clients"] == [program.get(f"/clients/{client}").json()]
    changed = program.patch(f"/clients/{client}", json={"partner_payload": "a", "max_channels": 3})
    assert (changed.status_code, changed.json()["max_channels"]) == (200, 3)
    told = program.get(f"/clients/{client}").json()
    assert told["created_by"] == {"user_id": client, "user_name": told["name"]}
    assert told["modified_by"]["user_id"].startswith("key:")
    assert told["modified_by"]["user_name"] == "Program"
    assert program.get("/clients").json()["clients"][0]["modified_by"] == told["modified_by"]
    for bad in ({"max_channels": -1}, {"max_channels": "many"}, {"partner_payload": 5}):
        assert program.patch(f"/clients/{client}", json=bad).status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"json": {}},
        {"content": b"", "headers": {"Content-Type": "application/json"}},
        {"content": b"", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        {"data": {}},
        {"content": b"{}", "headers": {"Content-Type": "text/plain"}},
    ],
)
def test_a_key_is_made_whatever_nothing_is_sent(
    world: ApiWorld, program: Program, body: dict[str, object]
) -> None:
    number = world.number()
    made = program.post(f"/channels/{number}/api_keys", **body)
    assert made.status_code == 201
    assert set(made.json()) == {"id", "address", "api_key", "app_id"}
    listed = program.get(f"/channels/{number}/api_keys").json()
    without = {k: v for k, v in made.json().items() if k != "api_key"}
    assert listed == {"api_keys": [without]}
    assert (
        made.json()["app_id"] == program.get(f"/channels/{number}").json()["integration"]["app_id"]
    )
    deleted = program.ask("DELETE", f"/channels/{number}/api_keys")
    assert (deleted.status_code, deleted.json()) == (200, {"meta": {"success": True}})
    assert program.get(f"/channels/{number}/api_keys").json() == {"api_keys": []}


def test_a_key_waits_for_permission(world: ApiWorld, program: Program) -> None:
    early = program.post(f"/channels/{world.number(consent='pending')}/api_keys")
    assert early.status_code == 403
    assert "channel_permission_granted" in early.json()["message"]
    for status in ("created", "unverified", "verified"):
        early = program.post(f"/channels/{world.number(status=status)}/api_keys")
        code = early.json()["meta"]["error_data"]["code"]
        assert (early.status_code, code) == (403, "number_not_ready")
        assert "channel_permission_granted" in early.json()["message"]
    gone = program.post(f"/channels/{world.number(meta_status='DELETED')}/api_keys")
    assert (gone.status_code, gone.json()["meta"]["error_data"]["code"]) == (409, "number_gone")


@pytest.mark.parametrize("meta_status", ["RESTRICTED", "FLAGGED", "RATE_LIMITED", "BANNED", ""])
def test_what_meta_says_later_keeps_no_key_back(
    world: ApiWorld, program: Program, meta_status: str
) -> None:
    number = world.number(meta_status=meta_status)
    assert program.post(f"/channels/{number}/api_keys").status_code == 201


def test_a_channel_is_cancelled_and_kept(world: ApiWorld, program: Program) -> None:
    number = world.number()
    client = program.get(f"/channels/{number}").json()["client_id"]
    control = f"/clients/{client}/channels/{number}/control"
    for body in ({}, {"json": {}}, {"json": {"enabled": True}}):
        asked = program.post(f"{control}/cancellation_request", **body)
        assert asked.status_code == 200
        assert "cancelled_at" in asked.json()
        assert "terminated_at" not in asked.json()
    back = program.post(f"{control}/cancellation_request", json={"enabled": False})
    assert "cancelled_at" not in back.json()
    program.post(f"{control}/cancellation_request")
    kept = program.post(f"{control}/reactivate", json={})
    assert kept.json()["cancelled_at"] is None
    without = program.post(f"/channels/{number}/control/cancellation_request")
    assert without.status_code == 404
    with world.database.reading(TEST) as session:
        actors = set(session.exec(select(Event.actor).where(Event.subject_id == number)))
    (key,) = world.credentials.keys(world.owner)
    assert actors == {f"key:{key.id}"}


def test_paths_mean_the_same_with_a_slash_and_under_the_old_base(
    world: ApiWorld, program: Program
) -> None:
    told = program.get("/clients").json()
    assert program.get("/clients/").json() == told
    assert program.http.get(f"/v1/partners/{world.partner.id}/clients").json() == told


def test_the_published_names_of_another_hub_can_be_allowed(world: ApiWorld, key: str) -> None:
    hub = ApiHub(world)
    hub.settings = hub.settings.model_copy(
        update={"allowed_hosts": ["hub.360dialog.io", "hub.360dialog.com"]}
    )
    wire = AsgiThread(api_app(hub))
    for name, status in (("io", 200), ("com", 200), ("org", 400)):
        there = f"https://hub.360dialog.{name}/api/v2/partners/{world.partner.id}/clients"
        answer = httpx.Client(transport=wire).get(there, headers={"X-API-Key": key})
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/json"
    wire.close()


def test_the_timeline_names_the_program(world: ApiWorld, program: Program) -> None:
    number = world.number()
    program.post(f"/channels/{number}/api_keys")
    with world.database.reading(TEST) as session:
        (entry,) = timeline(session, world.partner.id, number, None, 5)
    assert entry.actor.startswith("key:")
    assert entry.actor_name == "Program"


def test_a_repeated_write_happens_once(world: ApiWorld, program: Program) -> None:
    number, once = world.number(), {"Idempotency-Key": "order-1"}
    first = program.post(f"/channels/{number}/api_keys", headers=once)
    second = program.post(f"/channels/{number}/api_keys", headers=once)
    assert (second.status_code, second.json()) == (201, first.json())
    assert second.headers["idempotent-replayed"] == "true"
    other = program.post(f"/channels/{number}/api_keys", headers=once, json={})
    assert other.status_code == 422
    failed = program.patch(
        "/clients/nobodyCL", json={"max_channels": 1}, headers={"Idempotency-Key": "2"}
    )
    assert failed.status_code == 404
    again = program.patch(
        "/clients/nobodyCL", json={"max_channels": 2}, headers={"Idempotency-Key": "2"}
    )
    assert again.status_code == 404
