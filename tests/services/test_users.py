"""People come to a partner by invitation, change roles and go, told by what is left of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from core.access import Principal
from core.clock import FixedClock
from core.errors import Conflict, Forbidden, HubError, InvalidInput, NotFound
from core.partners.entities import Person, Role
from core.partners.invitation_rules import MOST_MAILS, InvitationState, name_of
from core.partners.invitation_texts import TEXTS
from storage.database import SqlDatabase
from tests.services.users_world import ALL, UsersWorld, build


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> UsersWorld:
    return build(database, clock)


def code(act: Callable[[], object]) -> str:
    """Why it was refused."""
    with pytest.raises(HubError) as refused:
        act()
    return refused.value.code


def test_an_invited_person_signs_in_by_the_link_and_works_there(world: UsersWorld) -> None:
    id_ = world.invite(role="owner")
    assert world.mails[0].to == "nia@new.example"
    assert "Acme Messaging" in world.mails[0].subject
    assert world.owner.name in world.mails[0].text
    (shown,) = world.users.everybody(world.owner).invitations
    assert (shown.id, shown.state, shown.invited_by) == (id_, "open", world.owner.name)
    nia = world.sign_in_as("nia", token=world.token(), email="Nia@New.example")
    assert (nia.partner_id, nia.role) == (world.partner_id, "owner")
    view = world.users.everybody(nia)
    assert nia.person_id in [member.id for member in view.members]
    assert view.invitations == ()
    told = [(e.type, e.actor) for e in world.told() if e.type != "signed_in"]
    assert told == [
        ("invitation_sent", world.owner.person_id),
        ("invitation_accepted", nia.person_id),
        ("member_joined", nia.person_id),
    ]


def test_neither_link_nor_address_lies_anywhere_but_in_the_row(world: UsersWorld) -> None:
    id_ = world.invite()
    kept = str([event.model_dump() for event in world.told()]) + str(world.jobs.done)
    assert "nia@new.example" not in kept
    assert world.token() not in kept + str(world.row(id_).model_dump())


def test_who_works_for_another_partner_has_both_and_arrives_at_the_new_one(
    world: UsersWorld, database: SqlDatabase
) -> None:
    with database.transaction(ALL) as session:
        session.get_one(Person, world.stranger.person_id).email = "s@other.example"
    world.invite("s@other.example")
    sub = world.stranger.person_id  # the factory's identity of that person
    who = world.sign_in_as(sub, token=world.token(), email="s@other.example")
    assert who.person_id == world.stranger.person_id
    assert (who.partner_id, who.role) == (world.partner_id, "member")
    partners = {partner.id for partner, _ in world.sign_in.memberships(who)}
    assert partners == {world.partner_id, world.stranger.partner_id}


def test_a_new_mail_brings_seven_days_and_ends_the_link_before(world: UsersWorld) -> None:
    id_ = world.invite()
    world.clock.advance(timedelta(days=7))
    assert world.users.landing(world.token()).state is InvitationState.EXPIRED
    world.sign_in.confirm(_claims(world, world.owner), "", world.owner.session_hash)
    world.users.send_again(world.owner, id_)
    world.jobs.drain()
    assert code(lambda: world.users.landing(world.token(0))) == "invitation_unknown"
    world.clock.advance(timedelta(days=7) - timedelta(seconds=1))
    assert world.users.landing(world.token(1)).state is InvitationState.OPEN
    world.clock.advance(timedelta(seconds=1))
    assert world.users.landing(world.token(1)).state is InvitationState.EXPIRED


def test_a_mail_that_is_late_is_not_sent_any_more(world: UsersWorld) -> None:
    view = world.users.invite(world.owner, name="Nia", email="nia@new.example", role="member")
    world.users.send_again(world.owner, view.id)
    world.users.withdraw(world.owner, view.id)
    world.jobs.drain()
    assert world.mails == []


def test_an_address_is_asked_once_at_a_time_and_not_if_it_works_here(world: UsersWorld) -> None:
    id_ = world.invite()
    assert code(lambda: world.invite("NIA@new.example")) == "already_invited"
    assert code(lambda: world.invite(world.member.email)) == "works_here"
    world.users.withdraw(world.second, id_)
    world.invite()
    assert len(world.users.everybody(world.owner).invitations) == 1


def test_two_owners_who_invite_the_same_address_at_once_invite_it_once(world: UsersWorld) -> None:
    def invite(who: Principal) -> str:
        try:
            world.users.invite(who, name="Nia", email="nia@new.example", role="member")
        except Conflict as refused:
            return refused.code
        return "invited"

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(invite, (world.owner, world.second)))
    assert told == ["already_invited", "invited"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("name", text) for text in ("", " \r\n\t", "n" * 121)),
        *(
            ("email", text)
            for text in ("", "nia", "nia@", "a b@c.de", "a,b@c.de", "x@y.de\r\nBcc:z", "a@b")
        ),
        ("email", "n" * 65 + "@new.example"),
        ("email", "nía@new.example"),
        ("role", "admin"),
    ],
)
def test_what_cannot_be_used_is_told_by_its_field(
    world: UsersWorld, field: str, value: str
) -> None:
    form = {"name": "Nia", "email": "nia@new.example", "role": "member"} | {field: value}
    with pytest.raises(InvalidInput) as refused:
        world.users.invite(world.owner, **form)
    assert refused.value.about["field"] == field
    assert world.mails == []


def test_a_name_stays_one_line_of_the_mail(world: UsersWorld) -> None:
    world.invite(name="Nia\r\nBcc: all@evil.example\u2028{partner} New")
    (mail,) = world.mails
    assert "Nia Bcc: all@evil.example {partner} New" in mail.text
    assert "\r" not in mail.subject + mail.text


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Nia 👩‍👩‍👧‍👦", "Nia 👩‍👩‍👧‍👦"),
        ("🏳️‍🌈 Nia 👩🏽‍💻", "🏳️‍🌈 Nia 👩🏽‍💻"),
        ("N\u200dia\u202e New\u200d", "N ia New"),
    ],
)
def test_pictures_stay_whole_and_what_turns_a_name_around_goes(name: str, kept: str) -> None:
    assert name_of(name) == kept


@pytest.mark.parametrize("language", TEXTS)
def test_the_mail_speaks_the_language_of_whoever_invites(
    world: UsersWorld, database: SqlDatabase, language: str
) -> None:
    with database.transaction(ALL) as session:
        session.get_one(Person, world.owner.person_id).preferences = {"language": language}
    world.invite()
    (mail,) = world.mails
    assert (mail.language, mail.button_label) == (language, TEXTS[language].button)
    assert "{" not in mail.subject + mail.text


def test_a_mailbox_is_not_filled_without_end(world: UsersWorld) -> None:
    id_ = world.invite()
    for _ in range(MOST_MAILS - 1):
        world.users.send_again(world.owner, id_)
    assert code(lambda: world.users.send_again(world.owner, id_)) == "sent_too_often"


def test_what_is_over_stays_over(world: UsersWorld) -> None:
    accepted, withdrawn = world.invite(), world.invite("b@new.example")
    world.sign_in_as("nia", email="nia@new.example")  # without the link, as before
    world.users.withdraw(world.owner, withdrawn)
    for id_, told in ((accepted, "invitation_accepted"), (withdrawn, "invitation_withdrawn")):
        assert code(lambda id_=id_: world.users.send_again(world.owner, id_)) == told  # type: ignore[misc]
        assert code(lambda id_=id_: world.users.withdraw(world.owner, id_)) == told  # type: ignore[misc]


def test_roles_change_and_the_last_owner_stays_one(world: UsersWorld) -> None:
    world.users.change_role(world.owner, world.member.person_id, "owner")
    for who in (world.second, world.member):
        world.users.change_role(world.owner, who.person_id, "member")
    own = world.owner.person_id
    assert code(lambda: world.users.change_role(world.owner, own, "member")) == "last_owner"
    (last,) = [m for m in world.users.everybody(world.owner).members if m.role is Role.OWNER]
    assert (last.id, last.is_last_owner) == (own, True)


def test_owners_remove_people_only_where_the_operator_says_so(
    world: UsersWorld, database: SqlDatabase
) -> None:
    person = world.member.person_id
    with pytest.raises(Forbidden, match="removal_by_support"):
        world.users.remove(world.owner, person)
    freely = build(database, world.clock, owners_may_remove_users=True)
    freely.users.remove(world.owner, person)
    assert person not in [m.id for m in freely.users.everybody(world.owner).members]
    with pytest.raises(NotFound):
        freely.users.remove(world.owner, freely.member.person_id)  # of another partner


def test_a_removed_person_can_be_invited_again(world: UsersWorld, database: SqlDatabase) -> None:
    freely = build(database, world.clock, owners_may_remove_users=True)
    freely.invite()
    nia = freely.sign_in_as("nia", token=freely.token(), email="nia@new.example")
    freely.users.remove(freely.owner, nia.person_id)
    freely.invite(role="owner")
    again = freely.sign_in_as("nia", token=freely.token(), email="nia@new.example")
    assert (again.person_id, again.role) == (nia.person_id, "owner")


def _claims(world: UsersWorld, who: Principal) -> dict[str, object]:
    """The provider's answer about somebody whom the factory has made."""
    at = int(world.clock.now().timestamp())
    return {"iss": "https://id.test", "sub": who.person_id, "auth_time": at}
