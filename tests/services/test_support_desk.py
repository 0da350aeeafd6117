"""The desk: staff by the flag at the moment of the act, an inbox in the order to answer, notes."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from core.access import Principal
from core.clock import FixedClock
from core.demo.plant import plant
from core.demo.support import plant_support
from core.errors import Conflict, Forbidden, InvalidInput, NotFound, NotSignedIn
from core.money import Money
from core.partners.entities import UserSession
from core.subscriptions.states import PlanName
from core.support.states import Assigned, ConversationState, RequestKind, Show, Told
from core.support.views import InboxQuery
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from storage.vault import AesVault
from tests.services.support_world import World, build


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock, feed: LocalFeed) -> World:
    return build(database, clock, feed)


ACTS: dict[str, Callable[[World, Principal, str], object]] = {
    "inbox": lambda w, who, id_: w.desk.inbox(who, InboxQuery()),
    "look": lambda w, who, id_: w.desk.conversation(who, id_),
    "context": lambda w, who, id_: w.desk.context(who, id_),
    "read": lambda w, who, id_: w.desk.read(who, id_),
    "type": lambda w, who, id_: w.desk.here(who, id_),
    "answer": lambda w, who, id_: w.desk.answer(who, id_, "Hello"),
    "note": lambda w, who, id_: w.desk.note(who, id_, "Hello"),
    "preview": lambda w, who, id_: w.desk.preview(who, id_),
    "accept": lambda w, who, id_: w.desk.accept(who, id_, "v"),
    "refuse": lambda w, who, id_: w.desk.refuse(who, id_, "why"),
    "assign": lambda w, who, id_: w.desk.assign(who, id_, None),
    "close": lambda w, who, id_: w.desk.close(who, id_),
    "reopen": lambda w, who, id_: w.desk.reopen(who, id_),
    "staff": lambda w, who, id_: w.desk.staff(who),
    "canned": lambda w, who, id_: w.desk.canned(who),
    "add canned": lambda w, who, id_: w.desk.add_canned(who, "t", "t"),
    "change canned": lambda w, who, id_: w.desk.change_canned(who, id_, "t", "t"),
    "remove canned": lambda w, who, id_: w.desk.remove_canned(who, id_),
    "keep a file": lambda w, who, id_: w.desk.keep_file(who, id_, "a.pdf", b"%PDF-1.4\n%%EOF"),
    "file": lambda w, who, id_: w.desk.file(who, id_),
}


def test_every_verb_of_the_desk_is_tried_here(world: World) -> None:
    verbs = {name for name in dir(world.desk) if not name.startswith("_")}
    assert len(verbs) == len(ACTS)


@pytest.mark.parametrize("act", ACTS)
def test_the_desk_is_for_staff_by_the_flag_in_the_database_now(world: World, act: str) -> None:
    id_ = world.support.ask(world.owner, RequestKind.OTHER, {"subject": "X"}, "x").row.id
    messages = len(world.support.conversation(world.owner, id_).messages)
    world.change(world.sam.person_id, is_staff=False)  # his page is still open
    for who in (world.sam, world.owner, world.stranger):
        with pytest.raises(Forbidden) as refusal:
            ACTS[act](world, who, id_)
        assert refusal.value.code == "not_staff"
    _end(world, world.una)
    with pytest.raises(NotSignedIn):
        ACTS[act](world, world.una, id_)
    view = world.support.conversation(world.owner, id_)
    assert len(view.messages) == messages
    assert view.row.assigned_name == ""


def _end(world: World, who: Principal) -> None:
    def end(session: Session) -> None:
        session.get_one(UserSession, who.session_hash).revoked_at = world.below.clock.now()

    world.below.write(end)


def test_an_unknown_conversation_is_not_found(world: World) -> None:
    for act in sorted(set(ACTS) - {"inbox", "staff", "canned", "add canned"}):
        for id_ in ("A" * 16, "", "\x00"):
            with pytest.raises(NotFound):
                ACTS[act](world, world.sam, id_)


def test_a_note_never_reaches_the_partners_side(world: World) -> None:
    id_ = world.open().row.id
    world.desk.read(world.sam, id_)
    before = world.support.conversation(world.owner, id_)
    noted = world.desk.note(world.sam, id_, "They are slow payers")
    assert noted.messages[-1].is_note
    assert noted.row.state is ConversationState.WAITING_SUPPORT
    assert world.desk.conversation(world.una, id_).row.unread == 2  # the partner's and the note
    after = world.support.conversation(world.owner, id_)
    assert after == before
    assert world.support.unread(world.owner) == 0
    (row,), _ = world.support.conversations(world.owner)
    assert row == before.row
    world.below.jobs.drain()
    assert all("slow" not in mail.text for mail in world.mails)
    (event,) = [e for e in world.events(id_) if e.type == "support_note_written"]
    assert event.actor == world.sam.person_id
    assert "slow" not in str(event.data)


def test_a_partners_page_of_messages_is_full_whatever_notes_lie_between(world: World) -> None:
    id_ = world.open("first").row.id
    for number in range(60):
        world.desk.note(world.sam, id_, str(number))
    view = world.support.conversation(world.owner, id_)
    assert ([m.text for m in view.messages], view.older_cursor) == (["first"], "")
    secret = world.desk.conversation(world.sam, id_).messages[0].id
    assert world.support.conversation(world.owner, id_, before=secret).messages[0].text == "first"


def test_premium_partners_are_first_then_who_waits_longest(world: World) -> None:
    growth_old = world.open(subject="growth, old").row.id
    world.pass_time(minutes=1)
    world.put_on("premium", world.stranger.tenant.partner_id)
    premium_old = world.open(who=world.stranger, subject="premium, old").row.id
    world.pass_time(minutes=1)
    growth_new = world.open(subject="growth, new").row.id
    world.pass_time(minutes=1)
    premium_new = world.open(who=world.stranger, subject="premium, new").row.id
    answered = world.open(who=world.stranger, subject="answered").row.id
    world.desk.answer(world.sam, answered, "Yes")
    closed = world.open(subject="closed").row.id
    world.desk.close(world.sam, closed)
    wanted = [premium_old, premium_new, growth_old, growth_new, answered]
    page = world.desk.inbox(world.sam, InboxQuery())
    assert [row.id for row in page.rows] == wanted
    assert [row.is_priority for row in page.rows] == [True, True, False, False, True]
    assert _walk(world, InboxQuery(size=2)) == wanted
    assert _walk(world, InboxQuery(show=Show.CLOSED)) == [closed]
    assert _walk(world, InboxQuery(show=Show.WAITING_PARTNER, size=1)) == [answered]
    everything = _walk(world, InboxQuery(show=Show.ALL, size=4))
    assert sorted(everything) == sorted([*wanted, closed])
    counts = page.counts
    assert (counts.waiting_support, counts.waiting_partner, counts.closed) == (4, 1, 1)


def _walk(world: World, query: InboxQuery) -> list[str]:
    """All pages of the inbox."""
    ids, cursor = [], query.cursor
    while True:
        values = {name: getattr(query, name) for name in ("show", "size")}
        page = world.desk.inbox(world.sam, InboxQuery(cursor=cursor, **values))
        ids += [row.id for row in page.rows]
        cursor = page.next_cursor
        if not cursor:
            return ids


def test_the_inbox_is_filtered_and_searched(world: World) -> None:
    plain = world.open("About Ümlauts, 100% sure", subject="Invoices").row.id
    other = world.open(who=world.stranger, subject="Numbers").row.id
    asked = world.support.ask(world.owner, RequestKind.OTHER, {"subject": "Logo"}, "x").row.id
    world.desk.assign(world.una, plain, world.sam.person_id)
    partner = world.stranger.tenant.partner_id

    def found(**values: Any) -> set[str]:
        return {row.id for row in world.desk.inbox(world.sam, InboxQuery(**values)).rows}

    assert found(partner_id=partner) == {other}
    assert found(partner_id="unknown") == set()
    assert found(kind=RequestKind.OTHER) == {asked}
    assert found(only_open_requests=True) == {asked}
    assert found(assigned=Assigned.ME) == {plain}
    assert found(assigned=Assigned.NOBODY) == {other, asked}
    assert found(text="invoi") == {plain}
    assert found(text="100% SURE") == {plain}
    assert found(text="100_") == set()
    assert found(text=partner) == {other}
    assert found(text="acme") == {plain, asked}
    assert found(text="\x00\ud800") == {plain, other, asked}
    assert found(cursor="no cursor") == {plain, other, asked}
    row = next(r for r in world.desk.inbox(world.sam, InboxQuery()).rows if r.id == plain)
    assert (row.assigned_name, row.is_mine) == ("Sam Patel", True)
    counts = world.desk.inbox(world.sam, InboxQuery(text="nothing of this")).counts
    assert (counts.mine, counts.unassigned, counts.open_requests) == (1, 2, 1)


def test_the_context_is_the_partners_as_it_stands_now(world: World) -> None:
    world.number()
    world.number(status="error")
    world.number(terminated_at=world.below.clock.now())
    member = world.member()
    id_ = world.open().row.id
    world.put_on("premium")
    context = world.desk.context(world.sam, id_)
    assert (context.partner_id, context.name) == (world.partner_id, "Acme")
    assert (context.plan, context.next_plan) == (PlanName.PREMIUM, None)
    assert context.takes_partner_changes is False
    assert context.available == Money.of("0", "EUR")
    assert (context.open_invoices, context.open_sum) == (0, Money.of("0", "EUR"))
    assert context.numbers == (("error", 1), ("ready", 1), ("terminated", 1))
    people = {world.owner.person_id, world.other_owner.person_id, member.person_id}
    assert {person.id for person in context.people} == people
    assert context.conversations == 1


def test_a_conversation_is_assigned_to_staff_only_and_taken_back(world: World) -> None:
    id_ = world.open().row.id
    assert world.desk.assign(world.una, id_, world.sam.person_id).row.assigned_name == "Sam Patel"
    with pytest.raises(NotFound):
        world.desk.assign(world.una, id_, world.owner.person_id)
    assert world.desk.assign(world.una, id_, None).row.assigned_name == ""
    staff = world.desk.staff(world.sam)
    assert [(s.name, s.is_me) for s in staff] == [("Sam Patel", True), ("Una Nowak", False)]


def test_every_act_of_staff_is_in_the_partners_audit_under_their_name(world: World) -> None:
    id_ = world.open().row.id
    world.desk.assign(world.sam, id_, world.una.person_id)
    world.desk.note(world.una, id_, "note")
    world.desk.answer(world.una, id_, "answer")
    world.desk.close(world.sam, id_)
    world.desk.reopen(world.una, id_)
    acts = [(e.type, e.actor, e.data.get("change")) for e in world.events(id_)[2:]]
    sam, una = world.sam.person_id, world.una.person_id
    assert acts == [
        (
            "support_conversation_assigned",
            sam,
            {"assigned_to": {"previous": None, "current": una}},
        ),
        ("support_note_written", una, None),
        ("support_message_written", una, _state("waiting_support", "waiting_partner")),
        ("support_conversation_closed", sam, _state("waiting_partner", "closed")),
        ("support_conversation_reopened", una, _state("closed", "waiting_support")),
    ]


def _state(before: str, after: str) -> dict[str, dict[str, str]]:
    return {"state": {"previous": before, "current": after}}


def test_closing_tells_the_partner_and_waits_for_an_open_request(world: World) -> None:
    id_ = world.support.ask(world.owner, RequestKind.OTHER, {"subject": "X"}, "x").row.id
    with pytest.raises(Conflict, match="request_open"):
        world.desk.close(world.sam, id_)
    world.desk.refuse(world.sam, id_, "No")
    world.desk.close(world.sam, id_)
    with pytest.raises(Conflict, match="already_closed"):
        world.desk.close(world.una, id_)
    told = [m.told for m in world.support.conversation(world.owner, id_).messages]
    assert told == [Told.REQUEST_MADE, Told.REQUEST_REFUSED, Told.CLOSED]
    world.desk.reopen(world.una, id_)
    with pytest.raises(Conflict, match="not_closed"):
        world.desk.reopen(world.sam, id_)


def test_canned_answers_are_kept_by_title(world: World) -> None:
    kept = world.desk.add_canned(world.sam, " Thanks ", "Thank you!")
    world.desk.add_canned(world.sam, "address", "From the next invoice on.")
    assert [c.title for c in world.desk.canned(world.una)] == ["address", "Thanks"]
    with pytest.raises(Conflict, match="title_taken"):
        world.desk.add_canned(world.una, "Thanks", "Another")
    with pytest.raises(Conflict, match="title_taken"):
        world.desk.change_canned(world.una, kept.id, "address", "x")
    with pytest.raises(InvalidInput, match="needed"):
        world.desk.add_canned(world.sam, "Empty", " ")
    changed = world.desk.change_canned(world.una, kept.id, "Thanks a lot", "Thank you!")
    assert (changed.id, changed.title) == (kept.id, "Thanks a lot")
    world.desk.remove_canned(world.una, kept.id)
    assert [c.title for c in world.desk.canned(world.sam)] == ["address"]


def test_the_demo_has_conversations_that_came_by_the_verbs_of_real_life(
    database: SqlDatabase, clock: FixedClock, feed: LocalFeed
) -> None:
    vault = AesVault("k1:" + base64.urlsafe_b64encode(bytes(32)).decode())
    plant(database, clock, vault, issuer="https://id.test", redirect="https://x.test/")
    world = build(database, clock, feed)
    assert plant_support(world.room)
    assert not plant_support(world.room)
    rows = world.desk.inbox(world.sam, InboxQuery(show=Show.ALL)).rows
    assert {row.partner_name for row in rows} == {"Acme Messaging", "Beta Connect"}
    assert {row.state for row in rows} == {
        ConversationState.WAITING_SUPPORT,
        ConversationState.WAITING_PARTNER,
    }
    for row in rows:
        if row.request_status is not None:
            assert world.desk.preview(world.sam, row.id).against == ()
    assert len(world.desk.canned(world.sam)) == 4
    assert world.below.jobs.waiting == []  # nobody is mailed
    demo = [s for s in world.below.rows(UserSession) if s.expires_at < _far(world)]
    assert demo
    assert all(session.revoked_at is not None for session in demo)


def _far(world: World) -> datetime:
    """Beyond the sessions of a moment that the demo's people had."""
    return world.below.clock.now() + timedelta(days=1)
