"""Mail to whoever is away: one per person and conversation until they have read."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from core.clock import FixedClock
from core.partners.entities import Membership, Role
from core.support.ports import MAIL_JOB
from core.support.states import RequestKind
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests.services.support_world import World, build


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock, feed: LocalFeed) -> World:
    return build(database, clock, feed, support_email="desk@hub.test")


def test_the_desk_is_mailed_about_a_message_that_nobody_read(world: World) -> None:
    id_ = world.open("Our number is red").row.id
    (job,) = world.below.jobs.waiting
    assert job.delay == 120  # two minutes to read it first
    world.below.jobs.drain()
    (mail,) = world.mails
    assert mail.to == "desk@hub.test"
    assert mail.subject == "Acme – A question"
    assert "Our number is red" in mail.text
    assert mail.button_url == f"https://hub.test/desk/{id_}"


def test_what_was_read_meanwhile_is_not_mailed(world: World) -> None:
    id_ = world.open().row.id
    world.desk.read(world.una, id_)
    world.below.jobs.drain()
    assert world.mails == []
    world.desk.answer(world.sam, id_, "Yes")
    world.support.read(world.owner, id_)
    world.below.jobs.drain()
    assert world.mails == []


def test_one_mail_is_enough_until_it_was_read(world: World) -> None:
    id_ = world.open().row.id
    world.desk.read(world.sam, id_)
    for text in ("One", "Two", "Three"):
        world.desk.answer(world.sam, id_, text)
    world.below.jobs.drain()
    (mail,) = world.mails
    assert mail.to == world.owner.email
    assert "Three" in mail.text
    assert "3 messages are unread." in mail.text
    world.desk.answer(world.sam, id_, "Four")
    world.below.jobs.drain()
    assert len(world.mails) == 1
    world.support.read(world.owner, id_)
    world.desk.answer(world.sam, id_, "Five")
    world.below.jobs.drain()
    assert [m.to for m in world.mails] == [world.owner.email] * 2
    assert "Five" in world.mails[-1].text


def test_owners_who_take_part_are_mailed_each_in_their_language(world: World) -> None:
    third = world.member(Role.OWNER)
    world.change(world.other_owner.person_id, preferences={"language": "de"})
    id_ = world.open().row.id
    world.support.write(world.other_owner, id_, "And I")
    world.desk.answer(world.sam, id_, "Both of you: yes")
    world.below.jobs.drain()
    mails = {m.to: m for m in world.mails if m.to != "desk@hub.test"}
    assert set(mails) == {world.owner.email, world.other_owner.email}
    assert third.email not in mails
    assert mails[world.other_owner.email].subject.startswith("Der Support hat geantwortet")
    assert mails[world.owner.email].button_url == f"https://hub.test/support/{id_}"


def test_who_is_no_owner_any_more_has_no_mail(world: World) -> None:
    id_ = world.open().row.id
    world.desk.answer(world.sam, id_, "Secret figures")
    _demote(world)
    world.below.jobs.drain()
    assert [m.to for m in world.mails if m.to != "desk@hub.test"] == []
    world.desk.answer(world.sam, id_, "More of them")  # nobody who took part is left: all owners
    world.below.jobs.drain()
    assert world.mails[-1].to == world.other_owner.email


def _demote(world: World) -> None:
    def demote(session: Session) -> None:
        found = select(Membership).where(Membership.person_id == world.owner.person_id)
        session.exec(found).one().role = Role.MEMBER.value

    world.below.write(demote)


def test_a_decision_is_mailed_in_words(world: World) -> None:
    member = world.member()
    facts = {"person_id": member.person_id}
    id_ = world.support.ask(world.owner, RequestKind.REMOVE_USER, facts).row.id
    world.desk.refuse(world.sam, id_, "Not without Olga")
    world.below.jobs.drain()
    mail = world.mails[-1]
    assert mail.subject == f"Support has answered – Remove a user: {member.name}"
    assert mail.text == "Your request has been refused:\n\nNot without Olga"


def test_a_mail_server_that_is_down_has_it_later(world: World) -> None:
    world.below.mailer.down = True
    world.open()
    world.below.jobs.drain()
    tries = [job.args[-1] for job in world.below.jobs.done if job.name == MAIL_JOB]
    assert tries == list(range(7))
    assert world.mails == []


def test_without_an_address_the_desk_is_not_written_to(
    database: SqlDatabase, clock: FixedClock, feed: LocalFeed
) -> None:
    world = build(database, clock, feed, mode="production", support_email="")
    world.open()
    assert world.below.jobs.waiting == []
