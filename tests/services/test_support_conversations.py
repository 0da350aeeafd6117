"""Conversations of a partner with the desk: whose turn it is, what is unread, who may look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.clock import FixedClock
from core.errors import Forbidden, InvalidInput, NotFound
from core.support import presence
from core.support.reading import PAGE
from core.support.states import ConversationState, RequestKind, Show, Side
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests.services.support_world import World, build


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock, feed: LocalFeed) -> World:
    return build(database, clock, feed)


def test_whoever_writes_passes_the_turn_to_the_other_side(world: World) -> None:
    opened = world.open()
    assert opened.row.state is ConversationState.WAITING_SUPPORT
    assert opened.row.waits_since == world.below.clock.now()
    world.pass_time(minutes=5)
    answered = world.desk.answer(world.sam, opened.row.id, "Yes, I am.")
    assert answered.row.state is ConversationState.WAITING_PARTNER
    assert answered.row.waits_since is None
    world.pass_time(minutes=5)
    again = world.support.write(world.other_owner, opened.row.id, "Good!")
    assert again.row.state is ConversationState.WAITING_SUPPORT
    assert again.row.waits_since == world.below.clock.now()
    assert [(m.side, m.text) for m in again.messages] == [
        (Side.PARTNER, "Hello, is anybody there?"),
        (Side.STAFF, "Yes, I am."),
        (Side.PARTNER, "Good!"),
    ]
    assert [m.author_name for m in again.messages][1] == "Sam Patel"
    assert [m.is_mine for m in again.messages] == [False, False, True]


def test_a_partner_that_writes_twice_waits_since_the_first_time(world: World) -> None:
    opened = world.open()
    first = world.below.clock.now()
    world.pass_time(hours=3)
    world.support.write(world.owner, opened.row.id, "Still nobody?")
    (row,), _ = world.support.conversations(world.owner)
    assert row.waits_since == first
    assert row.last_at == world.below.clock.now()


def test_writing_in_a_closed_conversation_opens_it_again(world: World) -> None:
    id_ = world.open().row.id
    assert world.desk.close(world.sam, id_).row.state is ConversationState.CLOSED
    (row,), _ = world.support.conversations(world.owner, show=Show.CLOSED)
    assert row.id == id_
    world.support.write(world.owner, id_, "One more thing")
    assert world.support.conversations(world.owner, show=Show.CLOSED) == ((), "")
    (row,), _ = world.support.conversations(world.owner, show=Show.OPEN)
    assert row.state is ConversationState.WAITING_SUPPORT


def test_what_the_other_side_wrote_is_unread_until_it_was_read(world: World) -> None:
    id_ = world.open().row.id
    assert world.support.unread(world.owner) == 0
    world.desk.answer(world.sam, id_, "One")
    world.desk.answer(world.sam, id_, "Two")
    assert world.support.unread(world.owner) == 2
    assert world.support.unread(world.other_owner) == 2
    world.support.read(world.owner, id_)
    assert world.support.unread(world.owner) == 0
    assert world.support.unread(world.other_owner) == 2  # each for themselves
    (row,), _ = world.support.conversations(world.other_owner)
    assert row.unread == 2
    world.support.write(world.other_owner, id_, "Thanks")  # who answers has read
    assert world.support.unread(world.other_owner) == 0


def test_the_writer_sees_that_it_was_read(world: World) -> None:
    id_ = world.open().row.id
    seen = [m.is_seen for m in world.support.conversation(world.owner, id_).messages]
    assert seen == [False]
    world.desk.read(world.una, id_)
    assert [m.is_seen for m in world.support.conversation(world.owner, id_).messages] == [True]
    world.desk.answer(world.sam, id_, "Hm")
    assert not world.desk.conversation(world.sam, id_).messages[-1].is_seen
    world.support.read(world.other_owner, id_)
    assert world.desk.conversation(world.sam, id_).messages[-1].is_seen


def test_open_pages_are_told_of_what_was_written_and_read(world: World) -> None:
    id_ = world.open().row.id
    told = {(n.type, n.partner_id, n.subject_type, n.subject_id) for n in world.heard}
    assert ("support_message_written", world.partner_id, "conversation", id_) in told
    world.heard.clear()
    world.desk.read(world.sam, id_)
    world.desk.read(world.sam, id_)  # no news
    assert [n.type for n in world.heard] == [presence.READ]


def test_typing_and_looking_are_told_and_kept_nowhere(world: World) -> None:
    id_ = world.open().row.id
    before = len(world.events(id_))
    world.heard.clear()
    world.support.here(world.owner, id_)
    world.support.here(world.owner, id_, is_typing=True)
    world.desk.here(world.sam, id_, is_typing=True)
    assert [n.type for n in world.heard] == [
        presence.PARTNER_HERE,
        presence.PARTNER_TYPING,
        presence.STAFF_TYPING,
    ]
    assert len(world.events(id_)) == before


def test_long_conversations_are_read_by_pages(world: World) -> None:
    id_ = world.open("0").row.id
    for number in range(1, PAGE + 10):
        world.support.write(world.owner, id_, str(number))
    newest = world.support.conversation(world.owner, id_)
    assert [m.text for m in newest.messages] == [str(n) for n in range(10, PAGE + 10)]
    older = world.support.conversation(world.owner, id_, before=newest.older_cursor)
    assert [m.text for m in older.messages] == [str(n) for n in range(10)]
    assert older.older_cursor == ""


def test_lists_have_the_newest_first_and_are_read_by_pages(world: World) -> None:
    ids = []
    for number in range(5):
        ids.append(world.open(subject=f"Question {number}").row.id)
        world.pass_time(minutes=1)
    first, cursor = world.support.conversations(world.owner, size=2)
    second, cursor = world.support.conversations(world.owner, size=2, cursor=cursor)
    third, end = world.support.conversations(world.owner, size=2, cursor=cursor)
    assert [row.id for row in (*first, *second, *third)] == ids[::-1]
    assert end == ""


@pytest.mark.parametrize(
    ("subject", "text", "field", "code"),
    [
        ("", "text", "subject", "needed"),
        (" \x00 ", "text", "subject", "needed"),
        ("s" * 201, "text", "subject", "too_long"),
        ("subject", "\n", "text", "needed"),
        ("subject", "t" * 10_001, "text", "too_long"),
    ],
)
def test_what_is_typed_has_bounds(
    world: World, subject: str, text: str, field: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        world.support.open(world.owner, subject, text)
    assert (refusal.value.about["field"], refusal.value.code) == (field, code)
    assert world.support.conversations(world.owner) == ((), "")


def test_a_subject_is_one_line(world: World) -> None:
    subject = "Hello\r\nBcc: all@evil.example\n\tthere"
    assert world.open(subject=subject).row.subject == "Hello Bcc: all@evil.example there"
    asked = world.support.ask(world.owner, RequestKind.OTHER, {"subject": subject}, "x")
    assert asked.row.subject == "Hello Bcc: all@evil.example there"


def test_ten_thousand_characters_of_any_script_are_kept(world: World) -> None:
    text = "💬ق" * 5_000
    view = world.open(text)
    assert view.messages[0].text == text
    assert len(view.row.last_text) == 200


ACTS: dict[str, Callable[[World, Any, str], object]] = {
    "look": lambda w, who, id_: w.support.conversation(who, id_),
    "read": lambda w, who, id_: w.support.read(who, id_),
    "type": lambda w, who, id_: w.support.here(who, id_, is_typing=True),
    "write": lambda w, who, id_: w.support.write(who, id_, "Hello"),
    "withdraw": lambda w, who, id_: w.support.withdraw_request(who, id_),
    "file": lambda w, who, id_: w.support.file(who, id_),
}


@pytest.mark.parametrize("act", ACTS)
def test_another_partners_conversation_is_an_unknown_one(world: World, act: str) -> None:
    id_ = world.support.ask(world.owner, RequestKind.OTHER, {"subject": "X"}, "x").row.id
    world.heard.clear()
    answers = []
    for wanted in (id_, "A" * 16, "no such id", "", "\x00", "' OR 1=1 --"):
        with pytest.raises(NotFound) as refusal:
            ACTS[act](world, world.stranger, wanted)
        answers.append(refusal.value.code)
    assert set(answers) == {"not_found"}
    assert world.heard == []
    assert len(world.support.conversation(world.owner, id_).messages) == 1


def test_another_partner_sees_and_counts_nothing(world: World) -> None:
    id_ = world.open().row.id
    world.desk.answer(world.sam, id_, "Yes?")
    assert world.support.conversations(world.stranger) == ((), "")
    assert world.support.unread(world.stranger) == 0


def test_support_is_the_owners(world: World) -> None:
    id_, member = world.open().row.id, world.member()
    acts: list[Callable[[], object]] = [
        lambda: world.support.conversations(member),
        lambda: world.support.unread(member),
        lambda: world.support.conversation(member, id_),
        lambda: world.support.read(member, id_),
        lambda: world.support.here(member, id_),
        lambda: world.support.open(member, "s", "t"),
        lambda: world.support.ask(member, RequestKind.OTHER, {"subject": "s"}, "t"),
        lambda: world.support.write(member, id_, "t"),
        lambda: world.support.withdraw_request(member, id_),
        lambda: world.support.keep_file(member, "a.pdf", b"%PDF-1.4\n%%EOF"),
        lambda: world.support.file(member, id_),
        lambda: world.support.choices(member),
    ]
    for act in acts:
        with pytest.raises(Forbidden, match="role_too_low"):
            act()
