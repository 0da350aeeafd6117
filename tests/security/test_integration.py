"""The guards around the integration's settings; each is in the register and missed here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from core.access import Gate
from core.accounts.entities import ConsentState
from core.clock import FixedClock
from core.errors import Forbidden, InvalidInput
from core.integration.outbound.entities import WebhookEndpoint
from core.integration.outbound.forwarding import Forwarding
from core.integration.settings.room import Room
from core.integration.settings.trying import Trying
from core.partners import platform_secret
from core.partners.entities import Partner
from storage.database import SqlDatabase
from tests import factories
from tests.services.integration_world import TEST, IntegrationWorld, integration_world
from tests.support.outgoing import CountingDial, Names, outgoing
from tests.support.statuses import messages

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def world(database: SqlDatabase) -> IntegrationWorld:
    return integration_world(database, FixedClock(NOW))


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example.com/done",
        "https://127.0.0.1/done",
        "https://hub.test/oauth",
        "javascript:alert(1)",
        "https://shop.example.com\\@evil.example/",
    ],
)
def test_clients_are_sent_to_no_address_that_is_not_the_partners(
    world: IntegrationWorld, url: str
) -> None:
    with pytest.raises(InvalidInput):
        world.integration.set_redirect_url(world.owner, url)
    assert world.row().redirect_url == "https://partner.example/done"


@pytest.mark.parametrize(
    "text", ["https://a.example.com/page", "http://a.example.com", "https://*"]
)
def test_an_extra_origin_is_no_page_and_no_foreign_scheme(
    world: IntegrationWorld, text: str
) -> None:
    with pytest.raises(InvalidInput):
        world.integration.set_extra_origins(world.owner, [text])
    assert world.row().extra_origins == []


def test_a_member_neither_sees_nor_changes_the_platform_secret(world: IntegrationWorld) -> None:
    world.integration.generate_secret(world.owner)
    before = world.row().platform_secret
    for act in (
        world.integration.show_secret,
        world.integration.rotate_secret,
        world.integration.end_overlap,
        world.integration.look,
    ):
        with pytest.raises(Forbidden):
            act(world.member)
    assert world.row().platform_secret == before


def test_an_old_platform_secret_is_good_for_its_overlap_only(world: IntegrationWorld) -> None:
    old = world.integration.generate_secret(world.owner).secret
    new = world.integration.rotate_secret(world.owner).secret
    assert good(world) == [new, old]
    world.clock.advance(timedelta(days=7))
    assert good(world) == [new]


def good(world: IntegrationWorld) -> list[str]:
    return platform_secret.current_secrets(world.row(), world.vault, world.clock.now())


def test_the_test_of_a_redirect_url_reaches_nothing_inside(world: IntegrationWorld) -> None:
    """A name that was public when it was saved leads inside now."""
    dial = CountingDial()
    room = Room(
        gate=Gate(world.database, world.clock),
        clock=world.clock,
        vault=world.vault,
        meta=cast(Any, world.meta),
        settings=world.settings,
    )
    with world.database.transaction(TEST) as session:
        row = session.get_one(Partner, world.partner.id)
        row.redirect_url = "https://shop.partner-ok.com/done"
    guarded = outgoing(dial, Names([["169.254.169.254"]]))
    answer = Trying(room, guarded).test_redirect(world.owner)
    assert not answer.is_good
    assert dial.dialled == []


@pytest.mark.parametrize(
    ("values", "count"),
    [
        ({"consent": ConsentState.GRANTED.value}, 1),
        ({"consent": ConsentState.PENDING.value}, 0),
        ({"consent": ConsentState.REVOKED.value}, 0),
        ({"terminated_at": NOW}, 0),
    ],
)
def test_what_customers_write_is_the_partners_with_permission_only(
    world: IntegrationWorld, values: dict[str, Any], count: int
) -> None:
    with world.database.transaction(TEST) as session:
        number = factories.make_number(session, world.partner, **values)
        hook = {"url": "https://partner.example/x", "created_at": NOW, "modified_at": NOW}
        session.add(WebhookEndpoint(partner_id=world.partner.id, channel_id=number.id, **hook))
        session.flush()
        told = messages(number.external_id or "", [{"id": "w1", "text": {"body": "secret"}}])
        assert Forwarding(world.clock).take(session, [(b"{}", told)]) == count
