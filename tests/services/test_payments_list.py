"""The list of payments: pages, filters, sums; another partner's are not there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.billing.payments.entities import PaymentRefund
from core.billing.payments.listing import PaymentPage, PaymentQuery
from core.billing.payments.states import OPEN, PaymentStatus, Purpose
from core.clock import FixedClock
from core.money import Money
from storage.database import SqlDatabase
from tests.factories import make_partner, make_principal
from tests.services.payments_world import ALL, World, build, require_agreement
from tests.support.payments_twin import euros


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> World:
    """Two top-ups at the same moment, an invoice that is paid, one top-up under way."""
    world = build(database, clock)
    world.card()
    world.topped_up("100")
    world.topped_up("50")
    world.invoice()
    world.jobs.drain()
    world.top_up("20")
    return world


def listed(world: World, **values: object) -> PaymentPage:
    return world.payments.list_payments(world.owner, PaymentQuery(**values))  # type: ignore[arg-type]


def test_every_page_goes_on_where_the_one_before_ended(world: World) -> None:
    every = [row.id for row in listed(world).rows]
    assert len(every) == 4
    seen: list[str] = []
    cursor = ""
    while True:
        page = listed(world, size=1, cursor=cursor)
        seen += [row.id for row in page.rows]
        cursor = page.next_cursor
        if not cursor:
            break
    assert seen == every


@pytest.mark.parametrize("cursor", ["x", "\x00", "é", "9" * 500])
def test_a_strange_cursor_is_the_first_page(world: World, cursor: str) -> None:
    assert listed(world, cursor=cursor).rows == listed(world).rows


def test_what_is_under_way_is_the_credit_that_is_on_its_way(world: World) -> None:
    page = listed(world, statuses=tuple(OPEN), purposes=(Purpose.TOP_UP, Purpose.AUTO_RENEWAL))
    assert [row.net for row in page.rows] == [Money.of("20", "EUR")]
    (total,) = page.sums
    assert (0, total.waiting.minor) == (total.charged.minor, world.credit()[1])


def test_what_cards_paid_less_what_went_back_is_the_figure_of_the_books(world: World) -> None:
    (first,) = [row for row in listed(world).rows if row.net == Money.of("100", "EUR")]
    world.provider.refund_at_desk(world.row(first.id).provider_id or "", euros(4000))
    world.deliver()
    (total,) = listed(world, statuses=(PaymentStatus.SUCCEEDED,)).sums
    assert (total.charged - total.refunded).micros == world.agreement().provider
    assert total.refunded.minor == 4000
    require_agreement(world)


def test_a_client_and_a_purpose_narrow_the_list(world: World) -> None:
    assert len(listed(world, client_id="").rows) == 4
    assert listed(world, client_id="CLnobody").rows == ()
    (paid,) = listed(world, purposes=(Purpose.INVOICE,)).rows
    assert paid.invoice_id


def test_a_month_has_what_was_decided_in_it(world: World) -> None:
    this = world.clock.now().date().replace(day=1)
    assert len(listed(world, ended_in=this).rows) == 3  # one is under way
    for month in (this - timedelta(days=1), this + timedelta(days=31)):
        assert listed(world, ended_in=month.replace(day=1)).rows == ()


def test_a_refund_names_its_payment_to_its_own_partner_only(world: World) -> None:
    first = listed(world, purposes=(Purpose.TOP_UP,), statuses=(PaymentStatus.SUCCEEDED,)).rows[0]
    world.provider.refund_at_desk(world.row(first.id).provider_id or "", euros(100))
    world.deliver()
    (refund,) = world.rows(PaymentRefund)
    assert world.payments.payment_of_refund(world.owner, refund.id) == first.id

    with world.database.transaction(ALL) as session:
        other = make_principal(session, make_partner(session), clock=world.clock)
    assert not world.payments.payment_of_refund(other, refund.id)
    assert world.payments.list_payments(other, PaymentQuery()).rows == ()
