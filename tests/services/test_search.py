"""What the search of the frame finds beside numbers: clients, and invoices for owners."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.billing.invoices.number_search import numbers_meant
from core.clock import FixedClock
from core.errors import Forbidden
from storage.database import SqlDatabase
from tests import factories
from tests.services.accounts_world import TEST, AccountsWorld, accounts_world
from tests.services.invoices_world import World, build


@pytest.fixture
def accounts(database: SqlDatabase, clock: FixedClock) -> AccountsWorld:
    """A client with a number, one without, and another partner's."""
    world = accounts_world(database, clock)
    with database.transaction(TEST) as session:
        north = factories.make_client(session, world.partner, id="NordABCL", name="Nordlicht")
        waba = factories.make_waba(session, north)
        for name in ("Hotline", "Shop"):
            factories.make_channel(session, waba, name=name)
        factories.make_client(session, world.partner, name="Grünes Ärmelhaus", organisation="Ruhm")
        partner = factories.make_partner(session)
        factories.make_client(session, partner, id="NordXYCL", name="Nordlicht of others")
    return world


@pytest.mark.parametrize(
    ("text", "found"),
    [
        *[("nord", ["Nordlicht"]), ("LICHT", ["Nordlicht"]), ("NordABCL", ["Nordlicht"])],
        *[("nordabcl", ["Nordlicht"]), ("ÄRMEL", ["Grünes Ärmelhaus"])],
        *[("ruhm", ["Grünes Ärmelhaus"]), ("hotline", []), ("NordXYCL", []), ("no", [])],
        *[("", []), ("%", []), ("___", []), ("\x00\x00\x00", []), ("\ud800\ud800\ud800", [])],
    ],
)
def test_clients_are_found_by_a_part_of_their_name_and_by_id(
    accounts: AccountsWorld, text: str, found: list[str]
) -> None:
    hits = accounts.accounts.search_clients(accounts.owner, text)
    assert [hit.name for hit in hits] == found


def test_so_many_clients_as_asked_for_and_the_beginning_first(accounts: AccountsWorld) -> None:
    with accounts.database.transaction(TEST) as session:
        for name in ("Hotel Nord", "Nord", "Zum Nordpol"):
            factories.make_client(session, accounts.partner, name=name)
    hits = accounts.accounts.search_clients(accounts.owner, "nord", limit=3)
    assert [hit.name for hit in hits] == ["Nord", "Nordlicht", "Hotel Nord"]


@pytest.fixture
def invoices(database: SqlDatabase, clock: FixedClock) -> World:
    world = build(database, clock)
    clock.advance(datetime(2026, 9, 10, tzinfo=UTC) - clock.now())
    world.top_up("100", "t1")
    world.top_up("100", "t2")
    return world


def test_invoices_are_found_by_number_its_end_a_part_and_the_id(invoices: World) -> None:
    first, second = (
        invoices.invoices.search(invoices.who, number)[0] for number in ("000001", "2026-000002")
    )
    assert (first.number, second.number) == ("2026-000001", "2026-000002")
    for text, found in (
        ("001", [first.id]),
        (first.id, [first.id]),
        ("2026-0000", [second.id, first.id]),
        ("000003", []),
        ("%%%", []),
        ("\x00\x00\x00", []),
        ("20", []),
    ):
        hits = invoices.invoices.search(invoices.who, text)
        assert sorted(hit.id for hit in hits) == sorted(found), text
    assert len(invoices.invoices.search(invoices.who, "2026", limit=1)) == 1


def test_no_invoice_of_another_partner_and_none_for_members(
    invoices: World, database: SqlDatabase, clock: FixedClock
) -> None:
    with database.transaction(TEST) as session:
        other = factories.make_partner(session)
        stranger = factories.make_principal(session, other, "owner", clock)
        member = factories.make_principal(session, other, "member", clock)
    assert invoices.invoices.search(stranger, "2026-000001") == []
    with pytest.raises(Forbidden):
        invoices.invoices.search(member, "2026-000001")


def test_digits_stand_for_a_number_of_each_of_the_last_years() -> None:
    meant = numbers_meant("21", prefix="A", year=2026)
    assert meant[:2] == ["A2026-000021", "A2025-000021"]
    assert len(meant) == 10
    assert numbers_meant("a2026-000021", prefix="A", year=2026) == ["A2026-000021"]
    assert numbers_meant("1234567", prefix="", year=2026) == ["1234567"]
