"""The operator imports a rate card after a look at it, and puts markups on from coming days."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from core.billing.card_import import CardImport, report
from core.clock import FixedClock
from core.errors import Conflict, InvalidInput, NotFound
from storage.database import SqlDatabase
from storage.jobs_inline import InlineJobs
from tests.services.metering_world import PHONE, World, build
from tests.support.statuses import messages, status

FIRST, NEXT = date(2026, 10, 1), date(2026, 12, 1)
HEAD = "Market,Currency,Marketing,Utility,Authentication,Authentication-International,Service\n"
GERMANY = "Germany,{},0.2,0.1,0.1,n/a,0.05\n"


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> World:
    return build(database, clock, currency="USD")


@pytest.fixture
def jobs() -> InlineJobs:
    return InlineJobs()


@pytest.fixture
def desk(world: World, jobs: InlineJobs) -> CardImport:
    return CardImport(world.database, world.clock, world.cards, world.metering, jobs)


def test_parked_messages_are_rated_once_their_card_is_imported(
    world: World, desk: CardImport, jobs: InlineJobs
) -> None:
    world.take(messages(PHONE, [status(f"w{n}") for n in range(1_001)]))
    assert len(world.parked()) == 1_001
    draft = desk.try_out(HEAD + GERMANY.format("USD"), "", currency="USD", day=FIRST)
    assert world.parked(), "looking changes nothing"
    card = desk.apply(draft, "meta.csv")
    assert jobs.drain() == 1
    assert world.parked() == {}
    assert {line.card for line in world.lines()} == {card}
    world.agree()


def test_a_look_lists_what_is_odd(desk: CardImport) -> None:
    rows = GERMANY.format("USD") * 2 + "Atlantis,USD,1,1,1,1,1\n"
    draft = desk.try_out(HEAD + rows, "", currency="USD", day=FIRST)
    told = "\n".join(report(draft))
    assert "line 3: duplicate: Germany" in told
    assert "line 4: unknown market: Atlantis" in told
    assert "Cannot be imported" in told
    with pytest.raises(InvalidInput):
        desk.apply(draft, "meta.csv")


def test_a_jump_against_the_card_in_force_is_listed_and_may_be_imported(desk: CardImport) -> None:
    draft = desk.try_out(HEAD + GERMANY.format("EUR"), "", currency="EUR", day=NEXT)
    told = "\n".join(report(draft))
    assert "jump: Germany/marketing" in told
    assert told.endswith("May be imported.")
    assert desk.apply(draft, "meta.csv") == "EUR-2026-12-01-v1"


def test_other_currencies_are_refused(desk: CardImport) -> None:
    with pytest.raises(InvalidInput):
        desk.try_out("", "", currency="GBP", day=FIRST)


def test_a_markup_begins_on_a_coming_day_and_is_never_changed(
    world: World, desk: CardImport
) -> None:
    assert desk.set_markup(world.partner_id, Decimal("5.5"), NEXT).hundredths == 550
    with pytest.raises(Conflict):
        desk.set_markup(world.partner_id, Decimal(6), NEXT)
    with pytest.raises(InvalidInput):
        desk.set_markup(world.partner_id, Decimal(5), date(2026, 11, 22))
    with pytest.raises(NotFound):
        desk.set_markup("nobodyPA", Decimal(5), NEXT)


@pytest.mark.parametrize("percent", ["-1", "1000.01", "1.005", "NaN", "Infinity"])
def test_odd_percentages_are_refused(world: World, desk: CardImport, percent: str) -> None:
    with pytest.raises(InvalidInput):
        desk.set_markup(world.partner_id, Decimal(percent), NEXT)
