"""One number: its details, its timeline, its templates; and saved views and the export."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from core.accounts.entities import Template, WabaAccount
from core.accounts.results import ChannelQuery, NewTemplate
from core.clock import FixedClock
from core.errors import Conflict, Forbidden, InvalidInput, MetaError, NotFound, NotSignedIn
from core.events import EventType
from core.partners.entities import UserSession
from storage.database import SqlDatabase
from tests import factories
from tests.services.accounts_world import TEST, AccountsWorld, accounts_world

HELLO = NewTemplate(name="hello", language="en", category="UTILITY", body="Hello")


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> AccountsWorld:
    return accounts_world(database, clock)


@pytest.fixture
def number(world: AccountsWorld) -> str:
    """A number whose WABA has a token."""
    with world.database.transaction(TEST) as session:
        client = factories.make_client(session, world.partner)
        waba = factories.make_waba(session, client, external_id="105")
        waba.token = "waba_account:105:token|token"
        return factories.make_channel(session, waba).id


def test_details_hold_client_waba_templates_and_next_action(world: AccountsWorld) -> None:
    channel = world.number(name="Mill")
    with world.database.transaction(TEST) as session:
        waba = session.get_one(WabaAccount, channel.waba_account_id)
        factories.make_template(session, waba, name="b")
        factories.make_template(session, waba, name="a", status="REJECTED", rejected_reason="SCAM")
        factories.make_template(session, waba, name="gone", status="DELETED")
    found = world.accounts.channel(world.member, channel.id)
    assert found.row.name == "Mill"
    assert found.row.action.sentence == "live"
    assert [(t.name, t.status, t.rejected_reason) for t in found.templates] == [
        ("a", "REJECTED", "SCAM"),
        ("b", "APPROVED", ""),
    ]
    assert found.client.id == channel.client_id
    assert not found.waba.can_call_meta


def test_a_foreign_number_and_an_unknown_one_are_the_same(world: AccountsWorld) -> None:
    verbs: list[Any] = [
        world.accounts.channel, world.accounts.timeline, world.accounts.refresh_templates,
        lambda who, id_: world.accounts.create_template(who, id_, HELLO),
        lambda who, id_: world.accounts.delete_template(who, id_, "x"),
    ]  # fmt: skip
    for verb in verbs:
        answers = []
        for channel_id in (world.strange_number.id, "nobodyCH"):
            with pytest.raises(NotFound) as refused:
                verb(world.owner, channel_id)
            answers.append((refused.value.code, str(refused.value)))
        assert answers[0] == answers[1]


def test_who_was_signed_out_or_works_elsewhere_now_is_refused(world: AccountsWorld) -> None:
    with world.database.transaction(TEST) as session:
        login = session.get_one(UserSession, world.member.session_hash)
        login.revoked_at = factories.now()
        session.add(login)
    with pytest.raises(NotSignedIn):
        world.accounts.channels(world.member, ChannelQuery())
    with pytest.raises((NotSignedIn, Forbidden)):
        next(iter(list(world.accounts.export_csv(world.member, ChannelQuery()))))


def test_the_timeline_is_that_of_number_waba_and_templates_newest_first(
    world: AccountsWorld,
) -> None:
    channel, other = world.number(), world.number()
    with world.database.transaction(TEST) as session:
        waba = session.get_one(WabaAccount, channel.waba_account_id)
        template = factories.make_template(session, waba, name="hello")
        factories.make_event(session, channel, actor="client")
        factories.make_event(session, other)
        factories.make_event(session, waba, EventType.ACCOUNT_VIOLATION)
        factories.make_event(session, template, actor=world.owner.person_id, note="x")
    entries = world.accounts.timeline(world.owner, channel.id)
    assert [entry.subject_type for entry in entries] == ["template", "waba", "channel"]
    assert entries[0].subject_name == "hello"
    assert entries[0].actor_name == world.owner.name
    assert entries[0].data == {"note": "x"}
    older = world.accounts.timeline(world.owner, channel.id, before_id=entries[0].id, limit=1)
    assert older == entries[1:2]


def test_a_template_goes_to_meta_and_is_kept_with_its_author(
    world: AccountsWorld, number: str
) -> None:
    new = NewTemplate(
        name="hello", language="en", category="UTILITY", body="Hi {{1}}", header="Head",
        footer="Foot", examples=("Anna",),
    )  # fmt: skip
    row = world.accounts.create_template(world.owner, number, new)
    assert (row.name, row.status, row.category) == ("hello", "PENDING", "UTILITY")
    (sent,) = world.meta.wabas["105"]
    assert [part["type"] for part in sent["components"]] == ["HEADER", "BODY", "FOOTER"]
    assert sent["components"][1]["example"] == {"body_text": [["Anna"]]}
    (entry,) = world.accounts.timeline(world.owner, number)
    assert (entry.actor_name, entry.data["what"]) == (world.owner.name, "created")


def test_a_webhook_that_was_faster_than_metas_answer_wins(
    world: AccountsWorld, number: str, clock: FixedClock
) -> None:
    world.accounts.create_template(world.owner, number, HELLO)
    clock.advance(timedelta(seconds=5))
    world.meta.wabas["105"][0]["status"] = "APPROVED"
    (row,) = world.accounts.refresh_templates(world.owner, number)
    assert row.status == "APPROVED"
    clock.advance(timedelta(seconds=-10))
    world.meta.wabas["105"][0]["status"] = "PENDING"
    (row,) = world.accounts.refresh_templates(world.owner, number)
    assert row.status == "APPROVED"


def test_deleting_a_template_deletes_every_language_of_its_name(
    world: AccountsWorld, number: str, clock: FixedClock
) -> None:
    english = world.accounts.create_template(world.owner, number, HELLO)
    german = NewTemplate(name="hello", language="de", category="UTILITY", body="Hallo")
    world.accounts.create_template(world.owner, number, german)
    other = NewTemplate(name="other", language="en", category="UTILITY", body="x")
    world.accounts.create_template(world.owner, number, other)
    clock.advance(timedelta(seconds=1))
    world.accounts.delete_template(world.owner, number, english.id)
    assert [t.name for t in world.accounts.channel(world.owner, number).templates] == ["other"]
    assert [node["name"] for node in world.meta.wabas["105"]] == ["other"]


def test_reading_again_drops_what_meta_no_longer_has(
    world: AccountsWorld, number: str, clock: FixedClock
) -> None:
    world.accounts.create_template(world.owner, number, HELLO)
    clock.advance(timedelta(seconds=1))
    world.meta.wabas["105"] = [
        {"id": "77", "name": "new", "language": "pt_BR", "status": "IN_APPEAL", "category": "X"}
    ]
    (row,) = world.accounts.refresh_templates(world.owner, number)
    assert (row.name, row.status, row.category) == ("new", "IN_APPEAL", "X")


def test_a_template_of_another_number_cannot_be_deleted_here(
    world: AccountsWorld, number: str
) -> None:
    other = world.number()
    with world.database.transaction(TEST) as session:
        waba = session.get_one(WabaAccount, other.waba_account_id)
        template = factories.make_template(session, waba)
    with pytest.raises(NotFound):
        world.accounts.delete_template(world.owner, number, template.id)
    with world.database.reading(TEST) as session:
        assert session.get_one(Template, template.id).status == "APPROVED"


def test_what_meta_refuses_is_not_kept(world: AccountsWorld, number: str) -> None:
    world.meta.refuse = MetaError("no", meta_code=100, details="name exists")
    with pytest.raises(MetaError):
        world.accounts.create_template(world.owner, number, HELLO)
    assert world.accounts.channel(world.owner, number).templates == ()
    assert world.accounts.timeline(world.owner, number) == []


def test_without_a_token_there_is_nothing_to_ask_meta_with(world: AccountsWorld) -> None:
    with pytest.raises(Conflict) as refused:
        world.accounts.create_template(world.owner, world.number().id, HELLO)
    assert refused.value.code == "no_token"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "Hello World"}, "name"), ({"name": ""}, "name"),
        ({"language": "english"}, "language"),
        ({"category": "AUTHENTICATION"}, "category"), ({"body": "  "}, "body"),
        ({"body": "x" * 1025}, "body"), ({"header": "x" * 61}, "header"),
        ({"body": "{{2}}"}, "body"), ({"body": "{{1}}"}, "examples"),
    ],
)  # fmt: skip
def test_a_template_that_meta_would_refuse_is_refused_before(
    world: AccountsWorld, number: str, wrong: dict[str, str], field: str
) -> None:
    good = {"name": "hello", "language": "en", "category": "UTILITY", "body": "Hello"}
    with pytest.raises(InvalidInput) as refused:
        world.accounts.create_template(world.owner, number, NewTemplate(**good | wrong))
    assert refused.value.about["field"] == field
    assert world.meta.wabas == {}


def test_saved_views_are_ones_own_and_a_name_stands_once(world: AccountsWorld) -> None:
    first = world.accounts.save_view(world.owner, "  Low   quality ", "quality=low")
    again = world.accounts.save_view(world.owner, "Low quality", "quality=low&sort=phone")
    assert first.id == again.id
    assert [v.query for v in world.accounts.saved_views(world.owner)] == ["quality=low&sort=phone"]
    assert world.accounts.saved_views(world.member) == []
    assert world.accounts.saved_views(world.stranger) == []
    for somebody in (world.member, world.stranger):
        with pytest.raises(NotFound):
            world.accounts.delete_view(somebody, first.id)
    world.accounts.delete_view(world.owner, first.id)
    assert world.accounts.saved_views(world.owner) == []


@pytest.mark.parametrize(("name", "query"), [("", "a"), (" ", "a"), ("x" * 81, "a"), ("\x00", ""),
                                             ("x", "q" * 2001), ("x", "\x00")])  # fmt: skip
def test_a_view_needs_a_name_and_a_query_that_fit(
    world: AccountsWorld, name: str, query: str
) -> None:
    with pytest.raises(InvalidInput):
        world.accounts.save_view(world.owner, name, query)


def test_the_export_is_what_the_filters_show_on_all_pages(
    world: AccountsWorld,
) -> None:
    for n in range(7):
        world.number(name=f"=n{n}", quality="RED")
    world.number(name="other")
    query = ChannelQuery(quality="low", size=2, after="ignored", descending=True)
    content = b"".join(world.accounts.export_csv(world.owner, query)).decode("utf-8-sig")
    header, *lines = csv.reader(io.StringIO(content, newline=""))
    assert [line[header.index("Display name")] for line in lines] == [
        f"'=n{n}" for n in reversed(range(7))
    ]
    assert all("@example.com" in line[header.index("Contact e-mail")] for line in lines)
    assert all(line[header.index("Number")].isdigit() for line in lines)
