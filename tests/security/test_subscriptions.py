"""The guards around plans; each is in the register, switched off once, and missed here."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.accounts.entities import Channel
from core.billing.payments.entities import Payment
from core.clock import FixedClock
from core.errors import Conflict, Forbidden
from core.onboarding.refusing import partner_faults
from core.subscriptions.states import CancelReason, PlanName, Tier
from storage.database import SqlDatabase
from tests.services.subscriptions_world import World, build

JUNE = datetime(2026, 6, 1, 9, tzinfo=UTC)


@pytest.fixture
def world(database: SqlDatabase) -> World:
    world = build(database, FixedClock(JUNE))
    world.card()
    world.number()
    world.tick()
    world.go_to(2026, 6, 16, 12)
    return world


def plan_payments(world: World) -> list[Payment]:
    return [payment for payment in world.rows(Payment) if payment.purpose == "plan"]


def test_a_quote_that_was_changed_in_the_page_upgrades_nothing(world: World) -> None:
    quote = world.quote()
    to, at, seal = quote.token.split("~")
    world.pass_time(minutes=2)
    assert quote.card is not None
    for forged in (
        f"{to}~{at}~{'0' * len(seal)}",
        f"{to}~{world.clock.now().isoformat()}~{seal}",
    ):
        with pytest.raises(Conflict, match="quote_changed"):
            world.subscriptions.upgrade(world.owner, forged, quote.card.id)
    world.jobs.drain()
    assert plan_payments(world) == []


def test_an_old_quote_upgrades_nothing(world: World) -> None:
    """Days that have passed would be charged, or a price that counted then."""
    quote = world.quote()
    world.go_to(2026, 6, 20, 12)
    assert quote.card is not None
    with pytest.raises(Conflict, match="quote_expired"):
        world.subscriptions.upgrade(world.owner, quote.token, quote.card.id)
    assert plan_payments(world) == []


def test_a_licence_that_the_plan_does_not_have_is_not_to_be_had(world: World) -> None:
    (licence,) = world.licences()
    with pytest.raises(Conflict, match="tier_not_in_plan"):
        world.subscriptions.change_tier(world.owner, licence.channel_id, Tier.HIGH_THROUGHPUT)
    assert [licence.tier for licence in world.licences()] == [Tier.REGULAR]


def test_after_the_end_no_number_works_and_no_client_comes(world: World) -> None:
    shown = world.subscriptions.preview_cancel(world.owner)
    world.subscriptions.cancel(
        world.owner, token=shown.token, reason=CancelReason.OTHER, knows_numbers=True
    )
    world.clock.advance(datetime(2026, 8, 1, 0, 1, tzinfo=UTC) - world.clock.now())
    world.subscriptions.renew()
    assert partner_faults(world.partner()) == ["plan_ended"]
    assert all(channel.terminated_at for channel in world.rows(Channel))


def test_only_owners_touch_the_subscription(world: World) -> None:
    member, verbs, quote = world.member(), world.subscriptions, world.quote()
    (licence,) = world.licences()
    assert quote.card is not None
    card_id = quote.card.id
    for act in (
        lambda: verbs.overview(member),
        lambda: verbs.licences(member),
        lambda: verbs.history(member),
        lambda: verbs.quote_upgrade(member, PlanName.PREMIUM),
        lambda: verbs.upgrade(member, quote.token, card_id),
        lambda: verbs.change_tier(member, licence.channel_id, Tier.PREMIUM),
        lambda: verbs.take_back_tier(member, licence.channel_id),
        lambda: verbs.preview_cancel(member),
        lambda: verbs.cancel(member, token="", reason=CancelReason.OTHER),
        lambda: verbs.take_back_cancel(member),
        lambda: verbs.preview_downgrade(member),
        lambda: verbs.take_back_downgrade(member),
    ):
        with pytest.raises(Forbidden):
            act()
    assert plan_payments(world) == []
