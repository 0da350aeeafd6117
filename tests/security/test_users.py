"""The guards around people; each is in the register, and missed here when it is off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from core.access import Gate, Principal
from core.billing.payments.quoting import Quote
from core.billing.renewal.entities import Mode
from core.clock import FixedClock
from core.errors import Forbidden, FreshSignInNeeded, HubError, NotFound
from core.integration.api.channel_keys import ChannelKeys
from core.integration.credentials.service import Credentials
from core.integration.settings.room import Room
from core.integration.settings.secret import PlatformSecret
from core.partners.invitation_rules import MOST_MAILS
from core.subscriptions.states import Tier
from storage.database import SqlDatabase
from tests.services import subscriptions_world
from tests.services.integration_world import integration_world
from tests.services.users_world import ISSUER, UsersWorld, build

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)
SECOND = timedelta(seconds=1)
NIA = "nia@new.example"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> UsersWorld:
    return build(database, clock)


def code(act: Callable[[], object]) -> str:
    """Why it was refused."""
    with pytest.raises(HubError) as refused:
        act()
    return refused.value.code


def used(world: UsersWorld) -> str:
    """An invitation's link after its person has come."""
    world.invite()
    world.sign_in_as("nia", token=world.token(), email=NIA)
    return world.token()


def withdrawn(world: UsersWorld) -> str:
    world.users.withdraw(world.owner, world.invite())
    return world.token()


def expired(world: UsersWorld) -> str:
    world.invite()
    world.clock.advance(timedelta(days=7))
    return world.token()


# --- invitations ---------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [used, withdrawn, expired])
def test_an_invitation_that_is_over_lets_nobody_in(
    world: UsersWorld, end: Callable[[UsersWorld], str]
) -> None:
    end(world)
    assert code(lambda: world.sign_in_as("another", email=NIA)) == "not_invited"


@pytest.mark.parametrize(
    ("end", "told"),
    [(used, "accepted"), (withdrawn, "withdrawn"), (expired, "expired")],
)
def test_the_link_of_an_invitation_that_is_over_says_so(
    world: UsersWorld, end: Callable[[UsersWorld], str], told: str
) -> None:
    token = end(world)
    assert world.users.landing(token).state == told
    refused = code(lambda: world.sign_in_as("another", token=token, email=NIA))
    assert refused == f"invitation_{told}"


@pytest.mark.parametrize(
    "claims",
    [{"email": "eve@evil.example"}, {"email": NIA, "email_verified": False}, {"email": ""}],
)
def test_a_link_in_other_hands_opens_nothing(world: UsersWorld, claims: dict[str, Any]) -> None:
    world.invite()
    token = world.token()
    refused = code(lambda: world.sign_in_as("eve", token=token, **claims))
    assert refused == "invitation_other_address"
    assert world.users.landing(token).state == "open"


def test_who_works_elsewhere_joins_by_the_link_only(world: UsersWorld) -> None:
    world.invite()
    nia = world.sign_in_as("nia", token=world.token(), email=NIA)
    other = replace(world, owner=world.stranger, partner_id=str(world.stranger.partner_id))
    other.invite()
    again = other.sign_in_as("nia", email=NIA)
    assert [partner.id for partner, _ in world.sign_in.memberships(again)] == [nia.partner_id]
    assert world.users.landing(other.token()).state == "open"
    joined = other.sign_in_as("nia", token=other.token(), email=NIA)
    assert joined.partner_id == other.partner_id


def test_the_link_before_is_dead(world: UsersWorld) -> None:
    id_ = world.invite()
    before = world.token()
    world.users.send_again(world.owner, id_)
    for act in (
        lambda: world.users.landing(before),
        lambda: world.sign_in_as("nia", token=before, email=NIA),
    ):
        assert code(act) == "invitation_unknown"


def test_a_mailbox_is_not_filled_without_end(world: UsersWorld) -> None:
    id_ = world.invite()
    for _ in range(MOST_MAILS - 1):
        world.users.send_again(world.owner, id_)
    assert code(lambda: world.users.send_again(world.owner, id_)) == "sent_too_often"


# --- whose matter it is --------------------------------------------------------------------------


def role_verbs(world: UsersWorld, who: Principal, invitation: str) -> list[Callable[[], object]]:
    person = world.second.person_id
    return [
        lambda: world.users.invite(who, name="Eve", email="eve@evil.example", role="owner"),
        lambda: world.users.send_again(who, invitation),
        lambda: world.users.change_role(who, person, "member"),
        lambda: world.users.remove(who, person),
    ]


def test_a_member_neither_sees_nor_changes_who_works_here(world: UsersWorld) -> None:
    invitation = world.invite()
    for act in (
        lambda: world.users.everybody(world.member),
        lambda: world.users.withdraw(world.member, invitation),
        *role_verbs(world, world.member, invitation),
    ):
        assert code(act) == "role_too_low"
    for act in (
        lambda: world.users.withdraw(world.stranger, invitation),
        lambda: world.users.change_role(world.stranger, world.member.person_id, "owner"),
    ):
        assert code(act) == "not_found"


def test_owners_do_not_remove_by_themselves(world: UsersWorld) -> None:
    person = world.member.person_id
    assert code(lambda: world.users.remove(world.owner, person)) == "removal_by_support"
    assert person in [member.id for member in world.users.everybody(world.owner).members]


# --- a fresh sign-in -----------------------------------------------------------------------------


def refused_as_old(acts: list[Callable[[], object]]) -> bool:
    for act in acts:
        with pytest.raises(FreshSignInNeeded):
            act()
    return True


def test_an_old_sign_in_changes_no_role(world: UsersWorld) -> None:
    invitation = world.invite()
    world.clock.advance(HALF_AN_HOUR - SECOND)
    world.users.send_again(world.owner, invitation)  # young enough
    world.clock.advance(SECOND)
    assert refused_as_old(role_verbs(world, world.owner, invitation))
    claims = answer_about(world, world.owner)
    world.sign_in.confirm(claims, "", world.owner.session_hash)
    world.users.send_again(world.owner, invitation)


def test_an_old_sign_in_moves_no_money(database: SqlDatabase, clock: FixedClock) -> None:
    world = subscriptions_world.build(database, clock, settings={"fresh_sign_in": HALF_AN_HOUR})
    card, owner = world.card().id, world.owner
    token = world.quote().token
    clock.advance(HALF_AN_HOUR)
    payments, quote = world.billing.payments, cast(Quote, None)
    assert refused_as_old(
        [
            lambda: payments.add_card(owner, "https://hub.test/billing/cards"),
            lambda: payments.top_up(owner, "100", card, quote),
            lambda: payments.refund(owner, "1", "t", why="test"),
            lambda: payments.pay_invoice(owner, "i", card),
            lambda: payments.make_primary(owner, card),
            lambda: payments.remove_card(owner, card),
            lambda: world.billing.renewal.modify(owner, mode=Mode.RECOMMENDED),
            lambda: world.billing.renewal.start_again(owner),
            lambda: world.subscriptions.upgrade(owner, token, card),
            lambda: world.subscriptions.change_tier(owner, "c", Tier.PREMIUM),
        ]
    )


def test_an_old_sign_in_is_told_no_secret(database: SqlDatabase, clock: FixedClock) -> None:
    world = integration_world(database, clock)
    gate, owner = Gate(database, clock, fresh_for=HALF_AN_HOUR), world.owner
    room = Room(
        gate=gate,
        clock=clock,
        vault=world.vault,
        meta=cast(Any, world.meta),
        settings=world.settings,
    )
    secret, credentials = PlatformSecret(room), Credentials(gate, clock)
    numbers = ChannelKeys(cast(Any, room))
    clock.advance(HALF_AN_HOUR)
    assert refused_as_old(
        [
            lambda: secret.generate_secret(owner),
            lambda: secret.rotate_secret(owner),
            lambda: secret.show_secret(owner),
            lambda: secret.set_io_signature(owner, False),
            lambda: credentials.create_key(owner, "Key"),
            lambda: credentials.create_system_user(owner, "robot@acme.example"),
            lambda: credentials.reset_password(owner, "u"),
            lambda: credentials.enable_system_user(owner, "u"),
            lambda: credentials.set_token_login(owner, True),
            lambda: numbers.create(owner, "c"),
        ]
    )


def test_somebody_else_cannot_confirm_a_session(world: UsersWorld) -> None:
    world.clock.advance(HALF_AN_HOUR)
    own, confirm = world.owner.session_hash, world.sign_in.confirm
    for other in (world.second.person_id, "nobody"):
        claims = answer_about(world, world.owner) | {"sub": other}
        with pytest.raises(Forbidden, match="confirm_other_person"):
            confirm(claims, "", own)
    assert not world.sign_in.is_fresh(world.owner)


@pytest.mark.parametrize("told", [None, True, "now", -1, 10**12, float("nan"), "old"])
def test_a_provider_that_asked_nobody_confirms_nothing(world: UsersWorld, told: Any) -> None:
    old = int(world.clock.now().timestamp())
    world.clock.advance(HALF_AN_HOUR)
    claims = answer_about(world, world.owner) | {"auth_time": old if told == "old" else told}
    refused = code(lambda: world.sign_in.confirm(claims, "", world.owner.session_hash))
    assert refused == "confirm_stale"
    assert not world.sign_in.is_fresh(world.owner)


def test_another_persons_session_is_not_ended(world: UsersWorld, database: SqlDatabase) -> None:
    with pytest.raises(NotFound):
        world.sign_in.revoke(world.owner, world.second.session_hash)
    world.sign_in.sign_out_elsewhere(world.owner)
    for who in (world.second, world.member, world.stranger):
        assert [each.is_this_one for each in world.sign_in.sessions(who)] == [True]


def answer_about(world: UsersWorld, who: Principal) -> dict[str, Any]:
    """The provider's answer about somebody whom the factory has made, asked just now."""
    at = int(world.clock.now().timestamp())
    return {"iss": ISSUER, "sub": who.person_id, "auth_time": at}
