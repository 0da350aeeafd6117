"""A number ends: at once by Support, or with the month; at Meta it is deregistered behind that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlmodel import select

from core.accounts.cancelling import end_now
from core.accounts.entities import Channel, WabaAccount
from core.accounts.leaving import Leaving
from core.accounts.states import State
from core.clock import FixedClock
from core.errors import NotFound, Unavailable
from core.events import Event, EventType
from core.ports import Everything, Tenant
from storage.database import SqlDatabase
from storage.jobs_inline import InlineJobs
from tests import factories
from tests.support.accounts import PlainVault
from tests.support.twins import FakeMeta

ALL = Everything("test")


@dataclass(kw_only=True)
class World:
    """A partner's client with a registered number at Meta."""

    database: SqlDatabase
    clock: FixedClock
    jobs: InlineJobs
    meta: FakeMeta
    number: Channel
    waba: WabaAccount
    token: str

    def end(self, channel_id: str = "", by: str = "hub") -> bool:
        with self.database.transaction(ALL) as session:
            return end_now(session, self.clock, self.jobs, channel_id or self.number.id, by=by)

    def row(self, channel_id: str = "") -> Channel:
        with self.database.reading(ALL) as session:
            return session.get_one(Channel, channel_id or self.number.id)

    def told(self, type_: EventType, channel_id: str = "") -> list[Event]:
        query = select(Event).where(
            Event.type == type_.value, Event.subject_id == (channel_id or self.number.id)
        )
        with self.database.reading(ALL) as session:
            return list(session.exec(query.order_by(Event.id)))  # type: ignore[arg-type]

    @property
    def at_meta(self) -> str:
        return str(self.meta.phones[self.number.external_id or ""]["platform_type"])

    @property
    def outcome(self) -> object:
        (event,) = self.told(EventType.CHANNEL_DEREGISTERED)
        return event.data["outcome"]


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> World:
    meta, jobs = FakeMeta(clock), InlineJobs()
    Leaving(database, clock, PlainVault(), meta, jobs)
    signup = meta.popup()
    token = meta.exchange_code(signup.code).value
    meta.subscribe(signup.waba_id, token)
    meta.register(signup.phone_id, "123456", token)
    with database.transaction(ALL) as session:
        client = factories.make_client(session, factories.make_partner(session))
        sealed = f"waba_account:{signup.waba_id}:token|{token}"
        waba = factories.make_waba(session, client, external_id=signup.waba_id, token=sealed)
        number = factories.make_channel(session, waba, external_id=signup.phone_id)
    return World(
        database=database,
        clock=clock,
        jobs=jobs,
        meta=meta,
        number=number,
        waba=waba,
        token=token,
    )


def test_an_ended_number_is_over_at_once_and_told_of_once(world: World) -> None:
    assert world.end(by="PE1")
    world.clock.advance(timedelta(minutes=1))
    assert not world.end(by="PE2")
    row = world.row()
    assert row.cancelled_at == row.terminated_at == world.clock.now() - timedelta(minutes=1)
    assert row.state == State.CANCELLED
    (event,) = world.told(EventType.CANCELLATION_PROCESSED)
    assert event.actor == "PE1"


def test_an_ended_number_leaves_meta_and_the_last_one_its_account(world: World) -> None:
    world.end()
    assert world.at_meta == "CLOUD_API"  # never inside the transaction
    world.jobs.drain()
    assert world.at_meta == "NOT_APPLICABLE"
    assert not world.meta.is_subscribed(world.waba.external_id, world.token)
    assert world.outcome == "deregistered"


def test_an_account_with_another_number_keeps_its_webhooks(world: World) -> None:
    with world.database.transaction(ALL) as session:
        factories.make_channel(session, world.waba)
    world.end()
    world.jobs.drain()
    assert world.outcome == "deregistered"
    assert world.meta.is_subscribed(world.waba.external_id, world.token)


def test_nothing_is_done_at_meta_when_the_transaction_is_taken_back(world: World) -> None:
    with world.database.transaction(ALL) as session:
        end_now(session, world.clock, world.jobs, world.number.id, by="hub")
        session.rollback()
    assert world.jobs.drain() == 0
    assert world.row().terminated_at is None


def test_a_number_in_the_business_app_stays_there(world: World) -> None:
    with world.database.transaction(ALL) as session:
        session.merge(world.number).is_on_biz_app = True
    world.end()
    world.jobs.drain()
    assert world.outcome == "on_business_app"
    assert world.meta.asked("deregister") == 0
    assert not world.meta.is_subscribed(world.waba.external_id, world.token)


def test_an_answer_that_was_lost_is_asked_for_again(world: World) -> None:
    world.meta.lose_answer("deregister")
    world.end()
    world.jobs.drain()
    assert world.at_meta == "NOT_APPLICABLE"
    assert world.outcome == "not_registered"


def test_while_meta_is_away_the_number_waits_and_leaves_later(world: World) -> None:
    world.meta.fail("deregister", Unavailable(), times=4)
    world.end()
    assert world.jobs.drain() == 2
    assert [job.delay for job in world.jobs.done] == [0, 60]
    assert world.outcome == "deregistered"


def test_a_used_up_budget_is_waited_for_and_not_knocked_at(world: World) -> None:
    world.meta.fail("deregister", 133016, times=6)
    world.end()
    assert world.jobs.drain() == 7
    assert world.meta.asked("deregister") == 7
    assert world.jobs.done[-1].delay == timedelta(hours=72).total_seconds()
    assert world.outcome == "deregistered"


def test_in_the_end_the_timeline_says_that_meta_refused(world: World) -> None:
    world.meta.fail("deregister", 133016, times=7)
    world.end()
    world.jobs.drain()
    assert world.outcome == "refused"


@pytest.mark.parametrize(
    ("code", "outcome"), [(190, "no_access"), (10, "no_access"), (131031, "refused")]
)
def test_a_refusal_of_metas_is_told_and_changes_nothing_here(
    world: World, code: int, outcome: str
) -> None:
    world.meta.fail("deregister", code)
    world.end()
    world.jobs.drain()
    assert world.outcome == outcome
    assert world.row().state == State.CANCELLED


def test_an_account_that_the_client_took_away_is_not_asked(world: World) -> None:
    with world.database.transaction(ALL) as session:
        session.merge(world.waba).removed = True
    world.end()
    world.jobs.drain()
    assert world.outcome == "no_access"
    assert world.meta.asked("deregister") == 0


def test_a_job_that_is_run_twice_tells_once(world: World) -> None:
    world.end()
    world.jobs.drain()
    with world.database.transaction(ALL) as session:
        job = world.jobs.done[0]
        world.jobs.enqueue(session, job.name, *job.args, key="again")
    world.jobs.drain()
    assert world.outcome == "deregistered"


def test_another_partners_number_is_not_there(world: World) -> None:
    with world.database.transaction(ALL) as session:
        other = factories.make_partner(session)
    with (
        pytest.raises(NotFound),
        world.database.transaction(Tenant(other.id)) as session,
    ):
        end_now(session, world.clock, world.jobs, world.number.id, by="hub")
    assert world.row().terminated_at is None
