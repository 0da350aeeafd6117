"""Templates and flows as programs work with them: raw components, exact lists, Meta's refusals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from core.access import Gate
from core.accounts.at_meta import WabaDoor
from core.accounts.entities import Template, WabaAccount
from core.accounts.meta_assets import MetaAssets
from core.accounts.template_lists import TemplateQuery
from core.accounts.waba_templates import WabaTemplates
from core.clock import FixedClock
from core.errors import Conflict, InvalidInput, MetaError, NotFound
from core.events import Event, EventType
from core.integration.shapes.template import template_event_object, template_object
from core.partners.entities import Role
from core.ports import Everything
from storage.database import SqlDatabase
from tests import factories
from tests.support.accounts import PlainVault
from tests.support.twins import FakeMeta

TEST = Everything("test")
BODY = {"type": "BODY", "text": "Your order {{1}} is on its way", "example": {"body_text": [["7"]]}}
GIVEN: dict[str, Any] = {
    "name": "order_update",
    "language": "en_US",
    "category": "utility",
    "components": [
        {"type": "HEADER", "format": "TEXT", "text": "Order"},
        BODY,
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Thanks"}]},
    ],
    "allow_category_change": True,
}


class World:
    """A partner with a WABA at Meta, and a stranger."""

    def __init__(self, database: SqlDatabase, clock: FixedClock) -> None:
        self.database, self.clock = database, clock
        self.meta = FakeMeta(clock)
        door = WabaDoor(Gate(database, clock), clock, PlainVault())
        self.templates = WabaTemplates(door, clock, self.meta)
        self.assets = MetaAssets(door, self.meta)
        with database.transaction(TEST) as session:
            partner, other = factories.make_partner(session), factories.make_partner(session)
            self.owner = factories.make_principal(session, partner, Role.OWNER, clock)
            self.stranger = factories.make_principal(session, other, Role.OWNER, clock)
            client = factories.make_client(session, partner)
            self.waba, self.channel = self._account(session, client)
            self.other_waba, _ = self._account(session, client)
            self.client_id, self.partner_id = client.id, partner.id

    def _account(self, session: Any, client: Any) -> tuple[WabaAccount, Any]:
        signup = self.meta.popup()
        token = self.meta.exchange_code(signup.code).value
        sealed = f"waba_account:{signup.waba_id}:token|{token}"
        waba = factories.make_waba(
            session, client, external_id=signup.waba_id, token=sealed, namespace="ns_1"
        )
        return waba, factories.make_channel(session, waba, external_id=signup.phone_id)

    def names(self, **query: Any) -> list[str]:
        found = self.templates.templates(self.owner, self.waba.id, TemplateQuery(**query))
        return [row.name for row in found.rows]


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> World:
    return World(database, clock)


def test_components_go_to_meta_as_they_are_and_come_back_in_the_contracts_shape(
    world: World,
) -> None:
    made = world.templates.create(world.owner, world.waba.id, GIVEN).rows[0]
    [node] = world.meta.template_nodes[world.waba.external_id]
    assert node["components"] == GIVEN["components"]
    assert (node["category"], node["allow_category_change"]) == ("UTILITY", True)
    with world.database.reading(TEST) as session:
        shape = template_object(session, made.id)
        told = template_event_object(session, made.id)
    assert len(shape["id"]) == 22
    assert (shape["external_id"], shape["status"]) == (node["id"], "pending")
    assert (shape["namespace"], shape["rejected_reason"]) == ("ns_1", "NONE")
    assert shape["created_by"] == {
        "user_id": world.owner.person_id,
        "user_name": world.owner.name,
    }
    assert told["new_status"] == "PENDING"
    assert "status" not in told


def test_an_edit_is_reviewed_again_and_a_delete_takes_one_language(world: World) -> None:
    english = world.templates.create(world.owner, world.waba.id, GIVEN).rows[0]
    german = world.templates.create(world.owner, world.waba.id, GIVEN | {"language": "de"}).rows[0]
    for node in world.meta.template_nodes[world.waba.external_id]:
        node["status"] = "APPROVED"
    world.clock.advance(timedelta(minutes=1))
    changed = [BODY | {"text": "Order {{1}} is there now"}]
    edited = world.templates.edit(
        world.owner, world.waba.id, english.id, {"components": changed, "name": "order_update"}
    ).rows[0]
    assert (edited.components, edited.status) == (changed, "PENDING")
    world.clock.advance(timedelta(minutes=1))
    world.templates.delete(world.owner, world.waba.id, english.id)
    [left] = world.meta.template_nodes[world.waba.external_id]
    assert left["language"] == "de"
    assert world.templates.template(world.owner, world.waba.id, german.id).rows[0].language == "de"
    with pytest.raises(NotFound):
        world.templates.template(world.owner, world.waba.id, english.id)
    with world.database.reading(TEST) as session:
        query = select(Event).where(Event.type == EventType.TEMPLATE_STATUS_CHANGED.value)
        told = [event.data["change"]["status"]["current"] for event in session.exec(query)]
    assert told == ["PENDING", "PENDING", "DELETED"]


def test_metas_refusal_is_handed_on_whole(world: World) -> None:
    world.templates.create(world.owner, world.waba.id, GIVEN)
    with pytest.raises(MetaError) as refused:
        world.templates.create(world.owner, world.waba.id, GIVEN)
    assert (refused.value.meta_code, refused.value.subcode) == (100, 2388024)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "Order Update"}, "name"),
        ({"name": None}, "name"),
        ({"language": "english"}, "language"),
        ({"category": "SERVICE"}, "category"),
        ({"components": []}, "components"),
        ({"components": {"type": "BODY"}}, "components"),
        ({"components": [{"type": "HEADER"}]}, "components"),
        ({"components": [{"type": "BODY", "text": "x" * 1025}]}, "components"),
        ({"components": [{"type": "BODY", "text": "a\x00b"}]}, "components"),
        ({"components": [{"type": "BODY", "text": "\ud800"}]}, "components"),
        ({"components": [{"type": "BODY", "text": 7}]}, "components"),
    ],
)
def test_a_form_that_meta_cannot_take_names_its_field(
    world: World, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        world.templates.create(world.owner, world.waba.id, GIVEN | wrong)
    assert refused.value.about["field"] == field
    assert world.meta.asked("create_template") == 0


def test_lists_filter_exactly_sort_and_page(world: World) -> None:
    with world.database.transaction(TEST) as session:
        for name, status, category in (
            ("b", "APPROVED", "UTILITY"),
            ("a", "REJECTED", "MARKETING"),
            ("c", "APPROVED", "MARKETING"),
            ("gone", "DELETED", "UTILITY"),
        ):
            factories.make_template(
                session, world.waba, name=name, status=status, category=category
            )
        factories.make_template(session, world.other_waba, name="elsewhere")
    assert world.names() == ["a", "b", "c"]
    assert world.names(sorts=("-name",)) == ["c", "b", "a"]
    assert world.names(sorts=("category", "-business_templates.name")) == ["c", "a", "b"]
    assert world.names(filters={"business_templates.name": "b"}) == ["b"]
    assert world.names(filters={"status": "approved", "category": "marketing"}) == ["c"]
    assert world.names(filters={"status": "deleted"}) == ["gone"]
    assert world.names(filters={"namespace": "ns_1", "partner_id": world.partner_id}) == [
        "a",
        "b",
        "c",
    ]
    assert world.names(filters={"rejected_reason": "NONE"}) == ["a", "b", "c"]
    assert world.names(filters={"waba_account_id": world.other_waba.id}) == []
    page = world.templates.templates(world.owner, world.waba.id, TemplateQuery(limit=2, offset=2))
    assert ([row.name for row in page.rows], page.total) == (["c"], 3)
    for query in (
        TemplateQuery(filters={"colour": "red"}),
        TemplateQuery(filters={"name": "\x00"}),
        TemplateQuery(sorts=("colour",)),
    ):
        with pytest.raises(InvalidInput):
            world.templates.templates(world.owner, world.waba.id, query)


def test_a_foreign_waba_and_an_unknown_one_are_the_same(world: World) -> None:
    with world.database.transaction(TEST) as session:
        template = factories.make_template(session, world.waba)
    for verb in (
        lambda who, id_: world.templates.templates(who, id_, TemplateQuery()),
        lambda who, id_: world.templates.create(who, id_, GIVEN),
        lambda who, id_: world.templates.edit(who, id_, template.id, {"components": [BODY]}),
        lambda who, id_: world.templates.delete(who, id_, template.id),
        world.assets.flows,
        lambda who, id_: world.assets.publish_flow(who, id_, "123"),
    ):
        for who, id_ in (
            (world.stranger, world.waba.id),
            (world.owner, "abcdefWA"),
            (world.owner, "\x00"),
        ):
            with pytest.raises(NotFound):
                verb(who, id_)
    with pytest.raises(NotFound):
        world.templates.template(world.owner, world.other_waba.id, template.id)
    assert world.meta.asked("create_template") == 0


def test_without_a_token_nothing_is_asked(world: World) -> None:
    with world.database.transaction(TEST) as session:
        session.get_one(WabaAccount, world.waba.id).token = ""
    with pytest.raises(Conflict) as refused:
        world.templates.create(world.owner, world.waba.id, GIVEN)
    assert refused.value.code == "no_token"


def test_a_flow_is_made_filled_and_published_in_its_own_account_only(world: World) -> None:
    given = {"name": "Booking", "categories": ["OTHER"], "endpoint_uri": "https://x.example/f"}
    flow_id = world.assets.create_flow(world.owner, world.waba.id, given)
    assert [flow["name"] for flow in world.assets.flows(world.owner, world.waba.id)] == ["Booking"]
    with pytest.raises(MetaError) as early:
        world.assets.publish_flow(world.owner, world.waba.id, flow_id)
    assert early.value.meta_code == 139000
    faults = world.assets.upload_flow_json(world.owner, world.waba.id, flow_id, b"{")
    assert faults[0]["error"] == "INVALID_JSON"
    assert world.assets.upload_flow_json(world.owner, world.waba.id, flow_id, b"{}") == []
    for foreign in ("999", "../1", ""):
        with pytest.raises(NotFound):
            world.assets.publish_flow(world.owner, world.waba.id, foreign)
    with pytest.raises(NotFound):
        world.assets.publish_flow(world.owner, world.other_waba.id, flow_id)
    world.assets.publish_flow(world.owner, world.waba.id, flow_id)
    assert world.assets.flows(world.owner, world.waba.id)[0]["status"] == "PUBLISHED"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "\ud800"}, "name"),
        ({"categories": []}, "categories"),
        ({"categories": "OTHER"}, "categories"),
        ({"clone_flow_id": "../1"}, "clone_flow_id"),
        ({"endpoint_uri": "http://x.example"}, "endpoint_uri"),
        ({"endpoint_uri": 7}, "endpoint_uri"),
    ],
)
def test_a_flows_form_names_its_field(world: World, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        world.assets.create_flow(
            world.owner, world.waba.id, {"name": "A", "categories": ["OTHER"]} | wrong
        )
    assert refused.value.about["field"] == field


def test_commerce_settings_are_read_for_the_clients_own_number(world: World) -> None:
    row = {"id": "1", "is_cart_enabled": True, "is_catalog_visible": False}
    world.meta.commerce[str(world.channel.external_id)] = [row]
    read = world.assets.commerce_settings
    assert read(world.owner, world.client_id, world.channel.id) == [row]
    for who, client_id in ((world.owner, "abcdefCL"), (world.stranger, world.client_id)):
        with pytest.raises(NotFound):
            read(who, client_id, world.channel.id)


def test_what_meta_tells_of_has_metas_hand(world: World) -> None:
    with world.database.transaction(TEST) as session:
        template: Template = factories.make_template(session, world.waba)
        assert template_object(session, template)["created_by"]["user_id"] == "meta"
