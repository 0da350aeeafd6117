"""Requests: asked for once, previewed, decided once, done in the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

import pytest

from core.access import Principal
from core.accounts.entities import Channel
from core.billing.invoices.details import DetailsForm
from core.clock import FixedClock
from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from core.events import Event
from core.money import Money
from core.partners.entities import Membership, Role
from core.subscriptions.states import PlanName
from core.support.states import ConversationState, RequestKind, RequestStatus, Told
from core.support.views import Change, ConversationView, Obstacle
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests.services.support_world import World, build

FORM = {
    "legal_name": "Acme Messaging GmbH",
    "email": "billing@acme.example",
    "address": "Hafenstraße 12",
    "postal_code": "20457",
    "city": "Hamburg",
    "country": "DE",
    "vat_id": "",
}


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock, feed: LocalFeed) -> World:
    return build(database, clock, feed)


def ask_to_remove(world: World, who: Principal) -> ConversationView:
    facts = {"person_id": who.person_id}
    return world.support.ask(world.owner, RequestKind.REMOVE_USER, facts, "Please")


def accept(world: World, view: ConversationView, text: str = "") -> ConversationView:
    """By Sam, as he was shown it."""
    shown = world.desk.preview(world.sam, view.row.id)
    return world.desk.accept(world.sam, view.row.id, shown.version, text)


def test_a_user_is_removed_by_the_desk_and_their_pages_are_told(world: World) -> None:
    member = world.member()
    asked = ask_to_remove(world, member)
    assert asked.row.kind is RequestKind.REMOVE_USER
    assert asked.row.subject == member.name
    assert asked.request is not None
    assert asked.request.facts["email"] == member.email
    assert asked.messages[0].told is Told.REQUEST_MADE
    preview = world.desk.preview(world.sam, asked.row.id)
    assert preview.changes == (
        Change(field="role", before="member", after=""),
        Change(field="open_sessions", before="1", after="0"),
    )
    world.heard.clear()
    done = world.desk.accept(world.sam, asked.row.id, preview.version, "Done!")
    told = {(n.type, n.subject_type, n.subject_id) for n in world.heard}
    assert ("member_removed", "person", member.person_id) in told  # ui.sessions ends the pages
    assert done.request is not None
    assert (done.request.status, done.request.decided_by) == (RequestStatus.ACCEPTED, "Sam Patel")
    assert done.row.state is ConversationState.WAITING_PARTNER
    seen = world.support.conversation(world.owner, asked.row.id)
    assert (seen.messages[-1].told, seen.messages[-1].text) == (Told.REQUEST_ACCEPTED, "Done!")
    assert seen.messages[-1].values["by"] == "Sam Patel"
    (gone,) = [m for m in world.below.rows(Membership) if m.person_id == member.person_id]
    assert gone.removed_at is not None
    (event,) = [e for e in world.below.rows(Event) if e.type == "member_removed"]
    assert event.actor == world.sam.person_id
    with pytest.raises(Forbidden, match="not_a_member"):
        world.support.conversations(member)


def test_the_last_owner_cannot_be_asked_away_nor_removed_meanwhile(world: World) -> None:
    asked = ask_to_remove(world, world.other_owner)
    other = ask_to_remove(world, world.owner)  # of themselves: there is another owner
    accept(world, other)
    assert world.desk.preview(world.sam, asked.row.id).against == (Obstacle(code="last_owner"),)
    with pytest.raises(Conflict, match="last_owner"):
        accept(world, asked)
    alone = world.stranger
    with pytest.raises(Conflict, match="last_owner"):
        world.support.ask(alone, RequestKind.REMOVE_USER, {"person_id": alone.person_id})


def test_a_smaller_plan_is_planned_for_the_next_period(world: World) -> None:
    world.put_on("premium")
    asked = world.support.ask(world.owner, RequestKind.DOWNGRADE, {}, "")
    assert asked.request is not None
    assert asked.request.facts["to"] == "growth"
    preview = world.desk.preview(world.sam, asked.row.id)
    assert preview.changes[0] == Change(field="plan", before="premium", after="growth")
    before, after = preview.changes[1].before, preview.changes[1].after
    assert isinstance(before, Money)
    assert isinstance(after, Money)
    done = accept(world, asked)
    (accepted,) = [e for e in world.below.rows(Event) if e.type == "support_request_accepted"]
    assert accepted.data["change"]["price_micros"] == {
        "previous": {"EUR": before.micros},
        "current": {"EUR": after.micros},
    }
    assert done.request is not None
    assert done.request.effect["effective_on"] == asked.request.facts["effective_on"]
    context = world.desk.context(world.sam, asked.row.id)
    assert (context.plan, context.next_plan) == (PlanName.PREMIUM, PlanName.GROWTH)
    with pytest.raises(Conflict, match="downgrade_planned"):
        world.support.ask(world.owner, RequestKind.DOWNGRADE, {}, "")
    (event,) = [e for e in world.below.rows(Event) if e.type == "plan_change_planned"]
    assert event.actor == world.sam.person_id


def test_a_smaller_plan_that_was_accepted_counts_once_its_day_has_come(world: World) -> None:
    world.put_on("premium")
    asked = world.support.ask(world.owner, RequestKind.DOWNGRADE, {}, "")
    accept(world, asked)
    assert world.desk.context(world.sam, asked.row.id).plan is PlanName.PREMIUM
    world.below.go_to(2026, 12, 1, 0, 30)
    context = world.desk.context(world.sam, asked.row.id)
    assert (context.plan, context.next_plan) == (PlanName.GROWTH, None)


def test_who_is_on_the_smallest_plan_cannot_ask_for_less(world: World) -> None:
    assert world.support.choices(world.owner).no_downgrade == "already_on_plan"
    with pytest.raises(Conflict, match="already_on_plan"):
        world.support.ask(world.owner, RequestKind.DOWNGRADE, {})


def test_company_data_is_changed_as_it_was_shown(world: World) -> None:
    asked = world.support.ask(world.owner, RequestKind.COMPANY_DATA, FORM)
    changes = world.desk.preview(world.sam, asked.row.id).changes
    assert {c.field: c.after for c in changes} == {k: v for k, v in FORM.items() if v}
    accept(world, asked)
    details = world.support.choices(world.owner).details
    assert details == DetailsForm(**FORM)
    with pytest.raises(Conflict, match="nothing_changes"):
        world.support.ask(world.owner, RequestKind.COMPANY_DATA, FORM)
    moved = FORM | {"city": "Bremen"}
    again = world.support.ask(world.owner, RequestKind.COMPANY_DATA, moved)
    assert world.desk.preview(world.sam, again.row.id).changes == (
        Change(field="city", before="Hamburg", after="Bremen"),
    )
    with pytest.raises(InvalidInput) as refusal:
        world.support.ask(world.owner, RequestKind.COMPANY_DATA, FORM | {"vat_id": "DE1"})
    assert set(refusal.value.about["faults"]) == {"vat_id"}


def test_a_number_ends_now(world: World) -> None:
    channel = world.number()
    shown = world.support.choices(world.owner, numbers=channel.phone_number[-6:]).numbers
    assert [number.channel_id for number in shown] == [channel.id]
    facts = {"channel_id": channel.id}
    asked = world.support.ask(world.owner, RequestKind.DELETE_NUMBER, facts)
    assert asked.row.subject == f"+{channel.phone_number}"
    preview = world.desk.preview(world.sam, asked.row.id)
    assert preview.changes == (Change(field="status", before="ready", after="terminated"),)
    accept(world, asked)
    (row,) = world.below.rows(Channel)
    assert row.terminated_at == world.below.clock.now()
    assert world.support.choices(world.owner).numbers == ()
    with pytest.raises(Conflict, match="number_ended"):
        world.support.ask(world.owner, RequestKind.DELETE_NUMBER, facts)


def test_anything_else_is_answered_and_changes_nothing(world: World) -> None:
    asked = world.support.ask(world.owner, RequestKind.OTHER, {"subject": "Logo"}, "Ours is old")
    preview = world.desk.preview(world.sam, asked.row.id)
    assert (preview.changes, preview.against) == ((), ())
    done = accept(world, asked, "Done")
    assert done.request is not None
    assert (done.request.status, done.request.effect) == (RequestStatus.ACCEPTED, {})


def test_the_same_thing_is_asked_for_once_at_a_time(world: World) -> None:
    member = world.member()
    first = ask_to_remove(world, member)
    with pytest.raises(Conflict) as refusal:
        world.support.ask(
            world.other_owner, RequestKind.REMOVE_USER, {"person_id": member.person_id}
        )
    assert refusal.value.code == "already_asked"
    assert refusal.value.about["conversation_id"] == first.row.id
    world.support.withdraw_request(world.other_owner, first.row.id)
    assert ask_to_remove(world, member).row.id != first.row.id
    for _ in range(2):  # two wishes may read the same
        world.support.ask(world.owner, RequestKind.OTHER, {"subject": "Logo"}, "x")


def test_of_two_owners_at_the_same_time_one_asks(world: World) -> None:
    facts = {"person_id": world.member().person_id}

    def attempt(who: Principal) -> str:
        try:
            world.support.ask(who, RequestKind.REMOVE_USER, facts)
        except Conflict as error:
            return error.code
        return "asked"

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(attempt, (world.owner, world.other_owner)))
    assert told == ["already_asked", "asked"]
    assert len(world.support.conversations(world.owner)[0]) == 1


def test_a_request_is_decided_once(world: World) -> None:
    member = world.member()
    asked = ask_to_remove(world, member)
    shown = world.desk.preview(world.sam, asked.row.id)
    world.desk.accept(world.sam, asked.row.id, shown.version)
    late: list[Callable[[], object]] = [
        lambda: world.desk.accept(world.sam, asked.row.id, shown.version),  # a double click
        lambda: world.desk.refuse(world.una, asked.row.id, "No"),
        lambda: world.desk.preview(world.una, asked.row.id),
        lambda: world.support.withdraw_request(world.owner, asked.row.id),
    ]
    for act in late:
        with pytest.raises(Conflict) as refusal:
            act()
        assert (refusal.value.code, refusal.value.about["status"]) == (
            "request_decided",
            "accepted",
        )
    told = [m.told for m in world.support.conversation(world.owner, asked.row.id).messages]
    assert told == [Told.REQUEST_MADE, Told.REQUEST_ACCEPTED]
    assert world.told(asked.row.id).count("support_request_accepted") == 1


def test_of_two_staff_at_the_same_time_one_decides(world: World) -> None:
    asked = ask_to_remove(world, world.member())
    shown = world.desk.preview(world.sam, asked.row.id)

    def attempt(who: Principal) -> str:
        try:
            world.desk.accept(who, asked.row.id, shown.version)
        except Conflict as error:
            return error.code
        return "accepted"

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(attempt, (world.sam, world.una)))
    assert told == ["accepted", "request_decided"]
    assert world.told(asked.row.id).count("support_request_accepted") == 1


def test_what_is_done_is_what_was_shown(world: World) -> None:
    member = world.member()
    asked = ask_to_remove(world, member)
    shown = world.desk.preview(world.sam, asked.row.id)
    _make_owner(world, member)
    with pytest.raises(Conflict, match="preview_changed"):
        world.desk.accept(world.sam, asked.row.id, shown.version)
    again = world.desk.preview(world.sam, asked.row.id)
    assert again.changes[0] == Change(field="role", before="owner", after="")
    assert world.desk.accept(world.sam, asked.row.id, again.version).request is not None


def _make_owner(world: World, who: Principal) -> None:
    (held,) = [m for m in world.below.rows(Membership) if m.person_id == who.person_id]

    def change(session: Any) -> None:
        session.get_one(Membership, held.id).role = Role.OWNER.value

    world.below.write(change)


def test_a_refusal_says_why_and_changes_nothing(world: World) -> None:
    member = world.member()
    asked = ask_to_remove(world, member)
    with pytest.raises(InvalidInput, match="needed"):
        world.desk.refuse(world.sam, asked.row.id, "  ")
    world.desk.refuse(world.sam, asked.row.id, "Ask your other owner first")
    seen = world.support.conversation(world.owner, asked.row.id)
    assert seen.request is not None
    assert (seen.request.status, seen.request.why) == (
        RequestStatus.REFUSED,
        "Ask your other owner first",
    )
    assert seen.messages[-1].told is Told.REQUEST_REFUSED
    assert world.support.unread(world.owner) == 1
    assert {p.id for p in world.support.choices(world.owner).people} >= {member.person_id}
    refused = [e for e in world.events(asked.row.id) if e.type == "support_request_refused"]
    assert [(e.actor, e.data["about"]) for e in refused] == [
        (world.sam.person_id, member.person_id)
    ]
    # Events are for ever: names, addresses and reasons stand in rows that can be erased.
    said = str([e.data for e in world.events(asked.row.id)])
    assert not [told for told in (member.email, member.name, "other owner") if told in said]


def test_what_was_taken_back_is_closed(world: World) -> None:
    asked = ask_to_remove(world, world.member())
    assert asked.may_withdraw
    view = world.support.withdraw_request(world.other_owner, asked.row.id)
    assert (view.row.state, view.may_withdraw) == (ConversationState.CLOSED, False)
    assert view.messages[-1].told is Told.REQUEST_WITHDRAWN
    with pytest.raises(Conflict, match="request_decided"):
        world.desk.preview(world.sam, asked.row.id)
    plain = world.open()
    with pytest.raises(NotFound):
        world.support.withdraw_request(world.owner, plain.row.id)
    with pytest.raises(Conflict, match="no_request"):
        world.desk.preview(world.sam, plain.row.id)


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        (RequestKind.REMOVE_USER, {}),
        (RequestKind.REMOVE_USER, {"person_id": "'; DROP"}),
        (RequestKind.REMOVE_USER, {"person_id": "x", "role": "owner"}),
        (RequestKind.DOWNGRADE, {"to": "free"}),
        (RequestKind.DELETE_NUMBER, {"channel_id": "x" * 11}),
        (RequestKind.COMPANY_DATA, FORM | {"bank": "x"}),
        (RequestKind.OTHER, {"subject": "s" * 201}),
        (RequestKind.OTHER, {"subject": "\x00"}),
    ],
)
def test_facts_that_do_not_fit_are_refused(
    world: World, kind: RequestKind, facts: dict[str, str]
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        world.support.ask(world.owner, kind, facts, "x")
    assert refusal.value.code == "bad_facts"
    assert world.support.conversations(world.owner) == ((), "")


def test_people_and_numbers_of_another_partner_are_unknown(world: World) -> None:
    channel, member = world.number(), world.member()
    for kind, facts in (
        (RequestKind.REMOVE_USER, {"person_id": member.person_id}),
        (RequestKind.REMOVE_USER, {"person_id": "A" * 16}),
        (RequestKind.DELETE_NUMBER, {"channel_id": channel.id}),
        (RequestKind.DELETE_NUMBER, {"channel_id": "A" * 8}),
    ):
        with pytest.raises(NotFound) as refusal:
            world.support.ask(world.stranger, kind, facts)
        assert refusal.value.code == "not_found"
    choices = world.support.choices(world.stranger)
    assert [p.id for p in choices.people] == [world.stranger.person_id]
    assert choices.numbers == ()


def test_an_effect_that_fails_leaves_nothing_behind(world: World) -> None:
    channel = world.number()
    asked = world.support.ask(world.owner, RequestKind.DELETE_NUMBER, {"channel_id": channel.id})
    shown = world.desk.preview(world.sam, asked.row.id)
    before = world.desk.conversation(world.sam, asked.row.id)
    world.below.end_number(channel.id)
    with pytest.raises(Conflict, match="preview_changed"):
        world.desk.accept(world.sam, asked.row.id, shown.version)
    with pytest.raises(Conflict, match="number_ended"):
        accept(world, asked)
    after = world.desk.conversation(world.sam, asked.row.id)
    assert [asdict(m) for m in after.messages] == [asdict(m) for m in before.messages]
    assert after.request == before.request
