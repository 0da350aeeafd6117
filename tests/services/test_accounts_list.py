"""The list of numbers: pages, sorts, filters, searches, and whose rows they are."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.accounts.queries import SORTS
from core.accounts.results import ChannelPage, ChannelQuery
from core.accounts.states import Group
from core.clock import FixedClock
from core.errors import NotFound
from storage.database import SqlDatabase
from tests import factories
from tests.services.accounts_world import TEST, AccountsWorld, accounts_world


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> AccountsWorld:
    return accounts_world(database, clock)


def names(page: ChannelPage) -> list[str]:
    return [row.name for row in page.rows]


def look(world: AccountsWorld, **query: object) -> ChannelPage:
    return world.accounts.channels(world.owner, ChannelQuery(**query))


def fill(world: AccountsWorld, many: int) -> None:
    """Numbers whose every sort value is shared by some, so that the id must decide."""
    limits, qualities = ("TIER_250", "TIER_2K", ""), ("GREEN", "RED", "UNKNOWN")
    with world.database.transaction(TEST) as session:
        client = factories.make_client(session, world.partner)
        waba = factories.make_waba(session, client)
        for n in range(many):
            factories.make_channel(
                session, waba, name=f"n{n % 4}", quality=qualities[n % 3],
                messaging_limit=limits[n % 3], modified_at=factories.now().replace(second=n % 5),
                meta_status=("CONNECTED", "FLAGGED", "PENDING")[n % 3],
            )  # fmt: skip


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("descending", [False, True])
def test_paging_forward_and_back_shows_every_number_once_in_order(
    world: AccountsWorld, sort: str, descending: bool
) -> None:
    fill(world, 23)
    whole = look(world, sort=sort, descending=descending, size=100)
    assert len(whole.rows) == 23
    assert (whole.next_cursor, whole.previous_cursor) == ("", "")
    pages = [look(world, sort=sort, descending=descending, size=5)]
    while pages[-1].next_cursor:
        after = pages[-1].next_cursor
        pages.append(look(world, sort=sort, descending=descending, size=5, after=after))
    assert [row.id for page in pages for row in page.rows] == [row.id for row in whole.rows]
    page = pages[-1]
    for earlier in reversed(pages[:-1]):
        before = page.previous_cursor
        page = look(world, sort=sort, descending=descending, size=5, before=before)
        assert page.rows == earlier.rows
    assert page.previous_cursor == ""


def test_the_status_column_shows_first_who_needs_somebody(world: AccountsWorld) -> None:
    world.number(name="well")
    world.number(name="waiting", consent="pending")
    world.number(name="flagged", meta_status="FLAGGED")
    assert names(look(world, sort="status")) == ["flagged", "waiting", "well"]


@pytest.mark.parametrize("cursor", ["", "x", "=", "%00", "bnVsbA", "a" * 5000, "北", "\x00"])
def test_a_cursor_that_is_none_shows_the_first_page(world: AccountsWorld, cursor: str) -> None:
    fill(world, 3)
    assert len(look(world, after=cursor).rows) == 3


def test_a_cursor_of_another_partner_shows_own_rows_only(world: AccountsWorld) -> None:
    fill(world, 12)
    cursor = look(world, size=5).next_cursor
    page = world.accounts.channels(world.stranger, ChannelQuery(before=cursor, after=cursor))
    assert {row.id for row in page.rows} <= {world.strange_number.id}


def test_filters_combine(world: AccountsWorld) -> None:
    world.number(name="a", quality="RED", region="DE")
    world.number(name="b", quality="RED", region="")
    world.number(name="c", quality="PURPLE", messaging_limit="TIER_250", consent="pending")
    assert names(look(world, quality="low")) == ["a", "b"]
    assert names(look(world, quality="low", region="DE")) == ["a"]
    assert names(look(world, region="none")) == ["b", "c"]
    assert names(look(world, quality="unknown")) == ["c"]
    assert names(look(world, limit="TIER_0.25K")) == ["c"]
    assert names(look(world, consent="pending")) == ["c"]
    assert names(look(world, group=Group.LIVE)) == ["a", "b"]
    assert sorted(names(look(world, group=Group.LIVE, sort="status"))) == ["a", "b"]
    assert names(look(world, verification="VERIFIED")) == ["a", "b", "c"]


def test_filtering_by_a_client_shows_its_numbers(world: AccountsWorld) -> None:
    mine, _ = world.number(name="mine"), world.number(name="other")
    assert names(look(world, client_id=mine.client_id)) == ["mine"]
    assert names(look(world, client_id=world.strange_number.client_id)) == []


@pytest.mark.parametrize("field", ["group", "quality", "limit", "client_id", "consent", "region"])
@pytest.mark.parametrize("value", ["from_2031", "'; DROP TABLE channel;--", "北京"])
def test_a_filter_nobody_knows_keeps_nothing(world: AccountsWorld, field: str, value: str) -> None:
    fill(world, 3)
    assert look(world, **{field: value}).rows == ()


@pytest.mark.parametrize("text", ["\x00", "\ud800", "a" * 3000])
def test_text_that_no_database_takes_breaks_nothing(world: AccountsWorld, text: str) -> None:
    fill(world, 1)
    for field in ("search", "limit", "client_id", "region", "sort", "after", "group"):
        look(world, **{field: text})
    assert world.accounts.search(world.owner, text) == []
    assert world.accounts.changed([world.owner], [text]).rows == ()
    with pytest.raises(NotFound):
        world.accounts.channel(world.owner, text)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("mühle", ["Mühle"]), ("MÜHLE", ["Mühle"]), ("m", ["Mühle"]), ("mü", ["Mühle"]),
        ("0151 12", ["Mühle"]), ("49", ["Mühle", "Zoo"]), ("zz", []), ("_", []), ("%", []),
        ("strange", []), ("", ["Mühle", "Zoo"]), ("  ", ["Mühle", "Zoo"]), ("北", []),
    ],
)  # fmt: skip
def test_search_finds_by_part_and_short_text_by_beginning(
    world: AccountsWorld, search: str, found: list[str]
) -> None:
    world.number(name="Mühle", phone_number="4915112345")
    world.number(name="Zoo", phone_number="4930999")
    assert names(look(world, search=search)) == found


def test_search_keeps_within_the_filters(world: AccountsWorld) -> None:
    world.number(name="Mill one", quality="RED")
    world.number(name="Mill two")
    assert names(look(world, search="mill", quality="low")) == ["Mill one"]


def test_groups_are_counted_whatever_the_filters(world: AccountsWorld) -> None:
    assert look(world).is_nothing_yet
    fill(world, 6)
    page = look(world, search="nobody")
    assert not page.is_nothing_yet
    assert page.rows == ()
    assert {group: count.number for group, count in page.counts.items()} == {
        Group.ATTENTION: 2, Group.PROGRESS: 2, Group.LIVE: 2, Group.ENDED: 0,
    }  # fmt: skip


def test_the_next_action_counts_what_time_has_done_since(
    world: AccountsWorld, clock: FixedClock
) -> None:
    with world.database.transaction(TEST) as session:
        client = factories.make_client(session, world.partner)
        expiring = clock.now() + timedelta(days=1)
        waba = factories.make_waba(session, client, token_expires_at=expiring)
        factories.make_channel(session, waba)
    assert look(world).rows[0].action.sentence == "live"
    clock.advance(timedelta(days=2))
    assert look(world).rows[0].action.sentence == "token_expired"


def test_live_rows_are_only_the_partners_own_in_the_order_asked(world: AccountsWorld) -> None:
    one, two = world.number(), world.number()
    asked = [two.id, world.strange_number.id, "nobodyCH", one.id, two.id]
    found = world.accounts.changed([world.owner, world.member], asked)
    assert [row.id for row in found.rows] == [two.id, one.id]
    assert found.counts == look(world).counts
    assert found.refused == {}


def test_a_page_is_never_larger_than_a_hundred(world: AccountsWorld) -> None:
    fill(world, 3)
    assert len(look(world, size=10**9).rows) == 3
    assert len(look(world, size=-5).rows) == 1
