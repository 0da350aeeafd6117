"""A live number's data moves to another region: off, set, on again, read back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from core.access import Gate
from core.accounts.entities import Channel
from core.accounts.regions.rules import RegionMove, free_at, next_move
from core.accounts.regions.service import Regions
from core.clock import FixedClock
from core.errors import Conflict, Forbidden, InvalidInput, NotFound, Unavailable
from core.events import Event, EventType
from core.partners.entities import Role
from core.ports import Everything, Notice
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from storage.jobs_inline import InlineJobs
from tests import factories
from tests.support.accounts import PlainVault
from tests.support.twins import FakeMeta

TEST = Everything("test")


class World:
    """A partner with a live number at Meta, registered three days and more ago."""

    def __init__(self, database: SqlDatabase, clock: FixedClock) -> None:
        self.database, self.clock = database, clock
        self.meta, self.jobs, self.feed = FakeMeta(clock), InlineJobs(), LocalFeed()
        self.regions = Regions(
            gate=Gate(database, clock),
            database=database,
            clock=clock,
            feed=self.feed,
            vault=PlainVault(),
            meta=self.meta,
            jobs=self.jobs,
        )
        signup = self.meta.popup()
        token = self.meta.exchange_code(signup.code).value
        self.meta.register(signup.phone_id, "123456", token)
        self.phone_id = signup.phone_id
        with database.transaction(TEST) as session:
            partner, other = factories.make_partner(session), factories.make_partner(session)
            self.owner = factories.make_principal(session, partner, Role.OWNER, clock)
            self.member = factories.make_principal(session, partner, Role.MEMBER, clock)
            self.stranger = factories.make_principal(session, other, Role.OWNER, clock)
            sealed = f"waba_account:{signup.waba_id}:token|{token}"
            client = factories.make_client(session, partner)
            waba = factories.make_waba(session, client, external_id=signup.waba_id, token=sealed)
            self.channel_id = factories.make_channel(
                session,
                waba,
                external_id=signup.phone_id,
                pin=f"channel:{signup.phone_id}:pin|123456",
                live_at=clock.now() - timedelta(hours=80),
            ).id

    def start(self, region: str = "DE", **values: Any) -> Any:
        return self.regions.start(self.owner, self.channel_id, region, **values)

    def look(self) -> Any:
        return self.regions.look(self.owner, self.channel_id)

    def change(self, **values: Any) -> None:
        with self.database.transaction(TEST) as session:
            channel = session.get_one(Channel, self.channel_id)
            for name, value in values.items():
                setattr(channel, name, value)


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> World:
    return World(database, clock)


def test_the_next_move_follows_from_what_meta_says() -> None:
    moves = [
        next_move(is_registered=on, region=region, wanted="DE")
        for on, region in ((True, ""), (False, ""), (False, "DE"), (True, "DE"))
    ]
    assert moves == [
        RegionMove.DEREGISTER,
        RegionMove.SET_REGION,
        RegionMove.REGISTER,
        RegionMove.DONE,
    ]


def test_a_run_moves_the_data_and_says_so_when_meta_confirms(world: World) -> None:
    view = world.start()
    assert (view.why_not, view.run.state) == ("working", "working")
    world.jobs.drain()
    view = world.look()
    assert (view.region, view.run.state, view.run.error_code) == ("DE", "done", "")
    assert (view.used, view.budget, view.why_not) == (2, 10, "")
    assert world.meta.phones[world.phone_id]["region"] == "DE"
    assert world.meta.phones[world.phone_id]["platform_type"] == "CLOUD_API"
    world.start("")
    world.jobs.drain()
    assert (world.look().region, world.meta.phones[world.phone_id]["region"]) == ("", None)


@pytest.mark.parametrize("call", ["deregister", "set_storage_region", "register"])
def test_a_lost_answer_costs_no_second_call(world: World, call: str) -> None:
    before = world.meta.asked(call)
    world.meta.lose_answer(call)
    world.start()
    world.jobs.drain()
    assert world.look().run.state == "done"
    assert world.meta.asked(call) - before == 1
    assert world.meta.phones[world.phone_id]["region"] == "DE"


def test_meta_that_is_gone_is_waited_for(world: World) -> None:
    world.meta.fail("phone_number", Unavailable("gone", sent=False), times=3)
    world.start()
    world.jobs.drain()
    assert world.look().run.state == "done"
    assert [job.delay for job in world.jobs.done] == [0, 5, 30, 120]


def test_a_wrong_pin_stops_the_run_and_the_right_one_ends_it(world: World) -> None:
    world.meta.phones[world.phone_id]["pin"] = "654321"
    world.start()
    world.jobs.drain()
    view = world.look()
    assert (view.run.state, view.run.error_code, view.needs_pin) == (
        "stopped",
        "pin_mismatch",
        True,
    )
    with pytest.raises(InvalidInput):
        world.start()
    world.start(pin="654321")
    world.jobs.drain()
    assert world.look().run.state == "done"


def test_only_one_run_at_a_time_and_only_within_the_budget(world: World) -> None:
    world.start()
    with pytest.raises(Conflict) as twice:
        world.start("CH")
    assert twice.value.code == "working"
    world.jobs.drain()
    for region in ("CH", "DE", "CH", "DE"):
        world.clock.advance(timedelta(minutes=1))
        world.start(region)
        world.jobs.drain()
    view = world.look()
    assert (view.used, view.why_not) == (10, "registrations_used_up")
    assert view.free_at is not None
    with pytest.raises(Conflict) as spent:
        world.start("CH")
    assert spent.value.code == "registrations_used_up"
    world.clock.advance(timedelta(hours=73))
    assert world.look().why_not == ""


def test_budgets_come_back_one_try_after_the_other(clock: FixedClock) -> None:
    now = clock.now()
    tries = [now - timedelta(hours=hours) for hours in range(1, 10)]
    assert free_at(tries[:8], now) is None
    assert free_at(tries, now) == now - timedelta(hours=9) + timedelta(hours=72)


def test_what_cannot_be_moved_says_why(world: World) -> None:
    with pytest.raises(InvalidInput):
        world.start("US")
    with pytest.raises(Conflict, match="same_region"):
        world.start("")
    for values, code in (
        ({"is_on_biz_app": True}, "on_business_app"),
        ({"live_at": None}, "not_live"),
    ):
        world.change(**values)
        with pytest.raises(Conflict) as refused:
            world.start()
        assert refused.value.code == code
        world.change(is_on_biz_app=False)
    with pytest.raises(NotFound):
        world.regions.look(world.stranger, world.channel_id)
    with pytest.raises(Forbidden):
        world.regions.look(world.member, world.channel_id)
    assert world.meta.asked("deregister") == 0


def test_the_timeline_tells_of_both_ends(world: World) -> None:
    world.start()
    world.jobs.drain()
    with world.database.reading(TEST) as session:
        query = select(Event).where(Event.type == EventType.CHANNEL_REGION_CHANGE.value)
        assert [event.data["state"] for event in session.exec(query)] == ["working", "done"]


def test_open_pages_hear_of_every_move(world: World) -> None:
    told: list[tuple[str, str]] = []

    def hear(notices: list[Notice]) -> None:
        run = world.look().run
        told.extend((notice.subject_id, run.step) for notice in notices)

    world.feed.subscribe(hear)
    world.start()
    world.jobs.drain()
    moves = ["deregister", "set_region", "register"]
    assert told == [(world.channel_id, move) for move in moves]
