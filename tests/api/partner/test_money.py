"""What the hub adds: ledger, invoices, auto-renewal, subscription, users, events, webhooks."""

from __future__ import annotations

from sqlmodel import select

from core.billing.invoices.document import InvoiceKind
from core.billing.invoices.drafts import InvoiceDraft, fee_on, top_up_lines
from core.billing.ledger import Payer
from core.events import Event, EventType, record
from core.money import Money
from core.partners.api_entities import ApiKey
from tests.services.api_world import TEST, ApiWorld
from tests.support.api_breadth import WholeHub
from tests.support.api_door import Program
from ui.api.partner.schemas.balances import LedgerList
from ui.api.partner.schemas.money import (
    AutoRenewal,
    InvoiceDetails,
    InvoiceList,
    SubscriptionObject,
)
from ui.api.partner.schemas.rows import AuditEventList, UserList
from ui.api.partner.schemas.webhooks import DeliveryList, EndpointList, EndpointObject


def test_the_ledger_lists_what_moved(ours: Program, hub: WholeHub) -> None:
    hub.top_up("10.50")
    found = ours.get("/ledger", params={"filters": '{"kind":"top_up"}'})
    LedgerList.model_validate_json(found.content)
    [entry] = found.json()["entries"]
    assert (entry["amount"], entry["kind"], entry["part"]) == (10.5, "top_up", "added")
    assert ours.get("/ledger?client_id=abcdefCL").status_code == 404
    assert ours.get("/ledger?sort=colour").status_code == 400


def test_auto_renewal_is_told_and_changed(ours: Program) -> None:
    told = ours.get("/auto_renewal")
    AutoRenewal.model_validate_json(told.content)
    assert (told.json()["mode"], told.json()["threshold"], told.json()["top_up"]) == (
        "recommended",
        200,
        100,
    )
    own = ours.patch("/auto_renewal", json={"threshold": 300, "top_up": "250.50"}).json()
    assert (own["mode"], own["threshold"], own["top_up"]) == ("own", 300, 250.5)
    paused = ours.patch("/auto_renewal", json={"is_paused": True}).json()
    assert (paused["is_paused"], paused["mode"], paused["top_up"]) == (True, "own", 250.5)
    limited = ours.patch("/auto_renewal", json={"ceiling": "1000", "is_paused": False}).json()
    assert (limited["ceiling"], limited["is_paused"]) == (1000, False)
    assert "ceiling" not in ours.patch("/auto_renewal", json={"ceiling": ""}).json()
    wrong = ours.patch("/auto_renewal", json={"threshold": 900, "top_up": 100})
    assert (wrong.status_code, wrong.json()["meta"]["error_data"]["code"]) == (
        409,
        "top_up_below_half_threshold",
    )
    for body in ({"top_up": "much"}, {"mode": "wild"}, {"threshold": [1]}):
        assert ours.patch("/auto_renewal", json=body).status_code == 422, body


def test_the_subscription_is_told(ours: Program) -> None:
    told = ours.get("/subscription")
    SubscriptionObject.model_validate_json(told.content)
    assert (told.json()["plan"], told.json()["price"]) == ("growth", 500)


def test_users_are_listed_with_their_roles(world: ApiWorld, ours: Program) -> None:
    found = ours.get("/users")
    UserList.model_validate_json(found.content)
    assert [row["role"] for row in found.json()["users"]] == ["owner", "member"]
    member = ours.get("/users", params={"filters": '{"role":"member"}'}).json()
    assert (member["total"], member["users"][0]["id"]) == (1, world.member.person_id)
    assert ours.get("/users?sort=-role&limit=1").json()["users"][0]["role"] == "owner"
    assert ours.get("/users", params={"filters": '{"shoe":"7"}'}).status_code == 400


def test_events_name_the_program_that_acted(world: ApiWorld, ours: Program) -> None:
    user = world.credentials.create_system_user(world.owner, "robot@acme.example", "Robot").row
    with world.database.transaction(TEST) as session:
        key = session.exec(select(ApiKey).where(ApiKey.partner_id == world.partner.id)).first()
        assert key is not None
        named = key.name
        for actor in (f"user:{user.id}", f"key:{key.id}", "hub"):
            record(
                session,
                world.clock,
                EventType.CHANNEL_LIVE,
                partner_id=world.partner.id,
                subject=("channel", "abcdefCH"),
                actor=actor,
            )
    wanted = {"filters": '{"type":"channel_live"}', "sort": "id", "limit": "3"}
    rows = ours.get("/audit_events", params=wanted).json()["audit_events"]
    assert [row["actor_name"] for row in rows] == ["Robot", named, ""]
    one = ours.get(f"/audit_events/{rows[0]['id']}").json()
    assert one["actor_name"] == "Robot"


def test_events_are_listed_without_those_of_staff(
    world: ApiWorld, ours: Program, theirs: Program
) -> None:
    with world.database.transaction(TEST) as session:
        for kind in (EventType.CHANNEL_LIVE, EventType.NOTE_WRITTEN, EventType.SIGNED_IN):
            subject, actor = ("channel", "abcdefCH"), world.owner.person_id
            record(
                session,
                world.clock,
                kind,
                partner_id=world.partner.id,
                subject=subject,
                actor=actor,
            )
    wanted = {"filters": f'{{"actor":"{world.owner.person_id}","subject_type":"channel"}}'}
    found = ours.get("/audit_events", params=wanted)
    AuditEventList.model_validate_json(found.content)
    rows = found.json()["audit_events"]
    assert [row["type"] for row in rows] == ["signed_in", "channel_live"]
    assert rows[0]["actor_name"] == world.owner.name
    one = rows[0]["id"]
    assert ours.get(f"/audit_events/{one}").json() == rows[0]
    assert theirs.get(f"/audit_events/{one}").status_code == 404
    for wrong in ("x", "99999999999999999999", str(hidden(world))):
        assert ours.get(f"/audit_events/{wrong}").status_code == 404
    turned = ours.get("/audit_events", params=wanted | {"sort": "id"}).json()["audit_events"]
    assert turned == rows[::-1]


def hidden(world: ApiWorld) -> int:
    """Id of the note that staff wrote."""
    with world.database.reading(TEST) as session:
        notes = select(Event).where(Event.type == EventType.NOTE_WRITTEN.value)
        return int(session.exec(notes).one().id or 0)


def test_invoices_are_listed_read_and_fetched(
    world: ApiWorld, ours: Program, theirs: Program, hub: WholeHub
) -> None:
    issuing, net = hub.billing.invoices.issuing, Money.of("100", "EUR")
    percent = issuing.terms.fee_percent
    draft = InvoiceDraft(
        key="k1",
        kind=InvoiceKind.TOP_UP,
        payer=Payer(partner_id=world.partner.id),
        currency="EUR",
        lines=top_up_lines(net, fee_on(net, percent), percent),
        prepaid=True,
    )
    with world.database.transaction(TEST) as session:
        invoice_id = issuing.issue(session, draft).id
    found = ours.get("/invoices", params={"filters": '{"kind":"top_up"}'})
    InvoiceList.model_validate_json(found.content)
    [row] = found.json()["invoices"]
    assert (row["id"], row["net"], row["has_pdf"]) == (invoice_id, 104, False)
    path = f"/invoices/{invoice_id}"
    one = ours.get(path)
    InvoiceDetails.model_validate_json(one.content)
    assert [line["net"] for line in one.json()["lines"]] == [100, 4]
    assert ours.get(f"{path}/pdf").status_code == 409
    hub.jobs.drain()
    pdf = ours.get(f"{path}/pdf")
    assert (pdf.status_code, pdf.headers["content-type"]) == (200, "application/pdf")
    assert pdf.content.startswith(b"%PDF")
    for foreign in (path, f"{path}/pdf", "/invoices/%00"):
        assert theirs.get(foreign).status_code == 404
    assert theirs.get("/invoices").json()["total"] == 0


def test_endpoints_are_added_changed_paused_and_deleted(ours: Program, theirs: Program) -> None:
    given = {"url": "http://localhost:9001/more", "name": "CRM", "events": ["channel_live"]}
    made = ours.post("/webhooks/endpoints", json=given)
    assert made.status_code == 201, made.text
    endpoint = made.json()
    EndpointObject.model_validate(endpoint)
    path = f"/webhooks/endpoints/{endpoint['id']}"
    assert (endpoint["state"], endpoint["events"]) == ("live", ["channel_live"])
    assert ours.patch(path, json={"is_paused": True}).json()["state"] == "paused"
    named = ours.patch(path, json={"name": "ERP", "is_paused": False}).json()
    assert (named["name"], named["state"], named["url"]) == ("ERP", "live", given["url"])
    listed = ours.get("/webhooks/endpoints")
    EndpointList.model_validate_json(listed.content)
    assert listed.json()["total"] == 1
    assert theirs.get(path).status_code == 404
    assert theirs.patch(path, json={"name": "Mine"}).status_code == 404
    assert ours.post("/webhooks/endpoints", json={"url": "ftp://x"}).status_code == 400
    assert ours.post("/webhooks/endpoints", json=given | {"events": ["nope"]}).status_code == 400
    assert ours.ask("DELETE", path).json() == {"meta": {"success": True}}
    assert ours.get(path).status_code == 404


def test_deliveries_are_listed_and_unknown_ones_are_not_there(ours: Program) -> None:
    found = ours.get("/webhooks/deliveries", params={"filters": '{"state":"delivered"}'})
    DeliveryList.model_validate_json(found.content)
    assert found.json()["deliveries"] == []
    for path in ("/webhooks/deliveries/1", "/webhooks/deliveries/x"):
        assert ours.get(path).status_code == 404
        assert ours.post(f"{path}/replay").status_code == 404
