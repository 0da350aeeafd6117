"""What owners find in the record, and what is never in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from core.access import Principal
from core.audit.sealing import Sealing
from core.audit.trail import Happened, TrailQuery
from core.clock import FixedClock
from core.errors import Forbidden, NotFound
from core.events import EventType
from storage.database import SqlDatabase
from tests import factories
from tests.services.audit_world import HOME, TEST, World, build


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> World:
    return build(database, clock)


def test_who_what_before_and_after_where_from_and_when(world: World) -> None:
    id_ = world.tell(
        EventType.CAP_CHANGED, world.owner.person_id, before_micros=None, micros=5_000_000
    )
    (row,) = world.audit.trail(world.owner, TrailQuery()).rows
    assert (row.id, row.type, row.at) == (id_, "client_cap_changed", world.clock.now())
    assert (row.actor_name, row.subject_name) == (world.owner.name, "Café Müller")
    assert (row.address, row.agent) == (HOME.address, HOME.agent)
    assert row.data == {"before_micros": None, "micros": 5_000_000}


def test_events_are_found_by_person_kind_subject_day_and_name(world: World) -> None:
    first = world.tell(EventType.CAP_CHANGED, world.owner.person_id)
    world.clock.advance(timedelta(days=1))
    second = world.tell(EventType.ROLE_CHANGED, "hub", ("person", world.member.person_id))
    assert world.found() == [second, first]
    assert world.found(actor=world.owner.person_id) == [first]
    assert world.found(types={EventType.ROLE_CHANGED.value}) == [second]
    assert world.found(subject=("client", world.client_id)) == [first]
    assert world.found(since=world.clock.now()) == [second]
    assert world.found(until=world.clock.now()) == [first]
    for text in ("Müller", "CAF", world.owner.name):
        assert world.found(text=text) == [first]
    assert world.found(text="role", text_types={EventType.ROLE_CHANGED.value}) == [second]
    for nothing in ("%", "\x00", "\ud800", "x" * 500):
        assert world.found(text=nothing) == []


def test_ids_values_and_addresses_are_found_and_letters_match_no_phone_number(
    world: World,
) -> None:
    with world.database.transaction(TEST) as session:
        waba = factories.make_waba(session, factories.make_client(session, world.partner))
        channel = factories.make_channel(session, waba, phone_number="49170001002")
    number = world.tell(EventType.CHANNEL_LIVE, subject=("channel", channel.id))
    told = world.tell(
        EventType.PROFILE_CHANGED,
        world.owner.person_id,
        change={"brand_name": {"previous": '100% "Café"', "current": "a_b"}, "run": "Run001"},
    )
    world.tell(EventType.CONVERSATION_CLOSED, world.staff.person_id, ("conversation", "Con001"))
    assert world.found(text=channel.id) == [number]
    assert world.found(text="0001 00") == world.found(text="+49 170-00") == [number]
    assert world.found(text="Acm001CH") == world.found(text="1 CH") == []
    for text in ("Run001", "CAF", '"café', "0% ", "a_b", "192.0.2.7", "192.0."):
        assert world.found(text=text) == [told], text  # not the staff's own, from there as well
    for nothing in ("a%b", "acb", "92.0.2.7", "2001:"):
        assert world.found(text=nothing) == [], nothing


def test_values_are_found_by_three_letters_in_the_newest_events_or_from_a_day_on(
    world: World,
) -> None:
    old = world.tell(EventType.CAP_CHANGED, word="needle")
    new = world.tell(EventType.CAP_CHANGED, word="needle")
    assert world.found(text="nee") == [new, old]
    assert world.found(text="ne") == []
    now = world.clock.now()
    assert world.found(text="nee", most_valued=1) == [new]
    assert world.found(text="nee", most_valued=1, until=now + timedelta(days=1)) == [new]
    assert world.found(text="nee", most_valued=1, since=now) == [new, old]
    assert world.found(text=world.client_id, most_valued=1) == [new, old]


def test_long_records_are_turned_by_key(world: World) -> None:
    ids = [world.tell(EventType.CAP_CHANGED) for _ in range(5)]
    page = world.audit.trail(world.owner, TrailQuery(limit=2))
    assert [row.id for row in page.rows] == [ids[4], ids[3]]
    world.tell(EventType.CAP_CHANGED)  # what comes in between moves nothing
    page = world.audit.trail(world.owner, TrailQuery(limit=2, before_id=page.next_id))
    assert [row.id for row in page.rows] == [ids[2], ids[1]]
    page = world.audit.trail(world.owner, TrailQuery(limit=2, before_id=page.next_id))
    assert ([row.id for row in page.rows], page.next_id) == ([ids[0]], None)


def test_members_and_strangers_see_nothing_of_it(world: World) -> None:
    id_ = world.tell(EventType.CAP_CHANGED)
    verbs: list[Callable[[Principal], object]] = [
        lambda who: world.audit.trail(who, TrailQuery()),
        lambda who: world.audit.details(who, str(id_)),
        lambda who: next(world.audit.export_csv(who, TrailQuery(), plain)),
        world.audit.actors,
        world.audit.chain_state,
    ]
    for verb in verbs:
        with pytest.raises(Forbidden):
            verb(world.member)
    assert world.audit.trail(world.stranger, TrailQuery()).rows == ()
    assert world.audit.trail(world.stranger, TrailQuery(text="Müller")).rows == ()
    with pytest.raises(NotFound):
        world.audit.details(world.stranger, str(id_))


def test_what_staff_keep_to_themselves_is_nowhere(world: World) -> None:
    id_ = world.tell(EventType.NOTE_WRITTEN, world.staff.person_id)
    assert world.found() == []
    assert world.found(types={EventType.NOTE_WRITTEN.value}) == []
    assert world.found(text=EventType.NOTE_WRITTEN.value) == []
    with pytest.raises(NotFound):
        world.audit.details(world.owner, str(id_))
    assert exported(world) == []


def test_staff_act_under_their_own_name_and_from_the_desk(world: World) -> None:
    world.tell(EventType.CONVERSATION_CLOSED, world.staff.person_id)
    (row,) = world.audit.trail(world.owner, TrailQuery()).rows
    assert (row.actor_name, row.is_staff) == ("Sam Patel", True)
    assert (row.address, row.agent) == ("", "")  # where the operator's people sit is theirs


def test_the_export_is_what_the_filters_show_and_runs_nothing(world: World) -> None:
    evil = '=HYPERLINK("http://evil.example")'
    with world.database.transaction(TEST) as session:
        client = factories.make_client(session, world.partner, name=evil)
    told = world.tell(
        EventType.CLIENT_CHANGED,
        world.owner.person_id,
        ("client", client.id),
        change={"partner_payload": {"previous": "", "current": "@SUM(1)"}},
    )
    world.tell(EventType.CAP_CHANGED)
    assert len(exported(world)) == 2
    (row,) = exported(world, types={EventType.CLIENT_CHANGED.value})
    assert row["Event"] == str(told)
    assert row["About"] == f"'{evil}"
    assert (row["Before"], row["After"]) == ("", "'@SUM(1)")
    assert (row["Where from"], row["Browser or program"]) == (HOME.address, HOME.agent)


def test_the_export_tells_amounts_and_tiers_that_were_first_written_in_another_way(
    world: World,
) -> None:
    world.tell(EventType.LICENCE_CHANGED, subject=("licence", "CH1"), tier="regular")
    world.tell(EventType.LICENCE_CHANGED, subject=("licence", "CH1"), tier="premium", by="x")
    price = {"price": {"previous": "1000000000 EUR", "current": "500000000 EUR"}}
    world.tell(EventType.REQUEST_ACCEPTED, change=price)
    accepted, licence, _ = exported(world)
    assert (accepted["Before"], accepted["After"]) == ("1000.00 EUR", "500.00 EUR")
    assert (licence["Before"], licence["After"], licence["More"]) == ("regular", "premium", "")


def test_a_sealed_event_shows_its_place_in_the_chain(world: World) -> None:
    first = world.tell(EventType.CAP_CHANGED)
    assert world.audit.chain_state(world.owner).waiting == 1
    Sealing(world.database, world.clock).run()
    state = world.audit.chain_state(world.owner)
    assert (state.sealed_at, state.waiting) == (world.clock.now(), 0)
    it = world.audit.details(world.owner, str(first))
    assert (it.seq, len(it.hash)) == (1, 64)


def exported(world: World, **values: Any) -> list[dict[str, str]]:
    """The file's rows by heading."""
    query = TrailQuery(**values)
    content = b"".join(world.audit.export_csv(world.owner, query, plain))
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def plain(row: Happened) -> tuple[str, str, str]:
    return row.type, row.actor_name, row.address
