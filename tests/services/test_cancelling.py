"""A number ends: at once by Support, or with the month; at Meta it is deregistered behind that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from core.access import Gate, Principal
from core.accounts.cancelling import SWEEP, Cancelling, end_now, end_of_month
from core.accounts.entities import Channel, WabaAccount
from core.accounts.leaving import Leaving
from core.accounts.states import State
from core.clock import FixedClock
from core.errors import Conflict, NotFound, Unavailable
from core.events import Event, EventType
from core.partners.entities import Role
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
    cancelling: Cancelling
    owner: Principal
    member: Principal
    stranger: Principal

    def end(self, channel_id: str = "", by: str = "hub") -> bool:
        with self.database.transaction(ALL) as session:
            return end_now(session, self.clock, self.jobs, channel_id or self.number.id, by=by)

    def end_and_break(self) -> None:
        with self.database.transaction(ALL) as session:
            end_now(session, self.clock, self.jobs, self.number.id, by="hub")
            raise RuntimeError

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
        partner, other = factories.make_partner(session), factories.make_partner(session)
        client = factories.make_client(session, partner)
        sealed = f"waba_account:{signup.waba_id}:token|{token}"
        waba = factories.make_waba(session, client, external_id=signup.waba_id, token=sealed)
        return World(
            database=database,
            clock=clock,
            jobs=jobs,
            meta=meta,
            number=factories.make_channel(session, waba, external_id=signup.phone_id),
            waba=waba,
            token=token,
            cancelling=Cancelling(Gate(database, clock), database, clock, jobs),
            owner=factories.make_principal(session, partner, Role.OWNER, clock),
            member=factories.make_principal(session, partner, Role.MEMBER, clock),
            stranger=factories.make_principal(session, other, Role.OWNER, clock),
        )


@pytest.mark.parametrize(
    ("asked", "ends"),
    [
        ((2026, 11, 22, 12, 0), (2026, 12, 1)),
        ((2026, 11, 30, 23, 59), (2026, 12, 1)),
        ((2026, 12, 1, 0, 0), (2027, 1, 1)),
        ((2028, 2, 29, 8, 0), (2028, 3, 1)),
        ((2027, 1, 31, 8, 0), (2027, 2, 1)),
    ],
)
def test_a_cancelled_number_works_until_the_month_is_over(
    asked: tuple[int, ...], ends: tuple[int, ...]
) -> None:
    assert end_of_month(datetime(*asked, tzinfo=UTC)) == datetime(*ends, tzinfo=UTC)  # type: ignore[misc, arg-type]


def test_a_cancelled_number_goes_on_and_is_told_of_once(world: World) -> None:
    ends_at = world.cancelling.request_cancellation(world.member, world.number.id)
    world.clock.advance(timedelta(days=1))
    again = world.cancelling.request_cancellation(world.owner, world.number.id)
    assert ends_at == again == datetime(2026, 12, 1, tzinfo=UTC)
    assert world.jobs.tick(SWEEP) == 0
    row = world.row()
    assert (row.state, row.terminated_at) == (State.CANCELLING, None)
    assert row.cancelled_at == world.clock.now() - timedelta(days=1)
    (event,) = world.told(EventType.CANCELLATION_REQUESTED)
    assert event.actor == world.member.person_id
    assert event.data["ends_at"] == ends_at.isoformat()


def test_until_then_it_can_be_kept(world: World) -> None:
    world.cancelling.request_cancellation(world.owner, world.number.id)
    world.clock.advance(timedelta(days=8, hours=11))  # 30 November, 23:00
    world.cancelling.revoke_cancellation(world.member, world.number.id)
    world.cancelling.revoke_cancellation(world.member, world.number.id)
    world.clock.advance(timedelta(days=3))
    assert world.jobs.tick(SWEEP) == 0
    row = world.row()
    assert (row.state, row.cancelled_at, row.ends_at) == (State.LIVE, None, None)
    assert len(world.told(EventType.CANCELLATION_REVOKED)) == 1


def test_when_the_month_is_over_it_ends_by_itself_and_cannot_be_kept(world: World) -> None:
    world.cancelling.request_cancellation(world.owner, world.number.id)
    world.clock.advance(timedelta(days=8, hours=12))  # 1 December, 0:00
    with pytest.raises(Conflict) as late:
        world.cancelling.revoke_cancellation(world.owner, world.number.id)
    assert late.value.code == "number_ended"
    assert world.jobs.tick(SWEEP) == 1
    assert world.jobs.tick(SWEEP) == 0
    assert world.row().state == State.CANCELLED
    for verb in (world.cancelling.request_cancellation, world.cancelling.revoke_cancellation):
        with pytest.raises(Conflict) as ended:
            verb(world.owner, world.number.id)
        assert ended.value.code == "number_ended"
    (event,) = world.told(EventType.CANCELLATION_PROCESSED)
    assert event.actor == "hub"
    world.jobs.drain()
    assert world.at_meta == "NOT_APPLICABLE"


def test_the_sweep_takes_numbers_of_all_partners_that_are_due(world: World) -> None:
    with world.database.transaction(ALL) as session:
        other = factories.make_number(session, factories.make_partner(session))
    world.cancelling.request_cancellation(world.owner, world.number.id)
    with world.database.transaction(ALL) as session:
        session.merge(other).ends_at = world.clock.now()
    assert world.jobs.tick(SWEEP) == 1
    assert world.row(other.id).terminated_at is not None
    assert world.row().terminated_at is None


def test_support_can_end_a_number_that_is_cancelled_already(world: World) -> None:
    world.cancelling.request_cancellation(world.owner, world.number.id)
    world.clock.advance(timedelta(hours=1))
    assert world.end(by="PE1")
    row = world.row()
    assert row.terminated_at == world.clock.now()
    assert row.cancelled_at == world.clock.now() - timedelta(hours=1)
    world.clock.advance(timedelta(days=30))
    assert world.jobs.tick(SWEEP) == 0


def test_a_stranger_cannot_cancel_or_keep_it(world: World) -> None:
    for verb in (world.cancelling.request_cancellation, world.cancelling.revoke_cancellation):
        for who, id_ in ((world.stranger, world.number.id), (world.owner, "nobodyCH")):
            with pytest.raises(NotFound):
                verb(who, id_)
    assert world.row().cancelled_at is None


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
    with pytest.raises(RuntimeError):
        world.end_and_break()
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
