"""Webhooks as a partner gets them: what, in which order, signed how, and what becomes of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest
from sqlmodel import Session
from standardwebhooks import Webhook

from core.clock import FixedClock
from core.errors import Forbidden, InvalidInput, NotFound
from core.events import EventType, record
from core.integration.outbound.book import Batch, Book
from core.integration.outbound.entities import WebhookEndpoint
from core.integration.outbound.signatures import signing_secret
from core.integration.outbound.states import DeliveryState, EndpointState, OffReason
from core.integration.outbound.tidying import Tidying
from core.integration.outbound.views import DeliveryFilters
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from storage.drain_locks import SqlDrainLocks
from tests.factories import make_partner
from tests.services.webhooks_world import SECRET, TEST, WebhooksWorld, webhooks_world
from tests.support import receivers
from tests.support.receivers import Behaviour, Receivers
from tests.support.waiting import wait_for

ONBOARDED = (
    EventType.CHANNEL_CREATED,
    EventType.CHANNEL_SUBMITTED,
    EventType.CHANNEL_PERMISSION_GRANTED,
    EventType.CHANNEL_READY,
    EventType.CHANNEL_RUNNING,
    EventType.CHANNEL_LIVE,
)


BOTH = 2


@pytest.fixture(scope="module")
def partners() -> Iterator[Receivers]:
    with receivers.running() as running:
        yield running


@pytest.fixture
def quiet(partners: Receivers) -> Receivers:
    """The receivers, having forgotten what other tests told them."""
    partners.got.clear()
    partners.behaviours.clear()
    partners.once.clear()
    partners.most_at_once.clear()
    return partners


@pytest.fixture
def world(
    database: SqlDatabase, clock: FixedClock, feed: LocalFeed, quiet: Receivers
) -> WebhooksWorld:
    return webhooks_world(database, clock, feed, quiet)


@pytest.fixture
def on_sqlite(
    tmp_path: Path, migrated_file: Path, feed: LocalFeed, clock: FixedClock, quiet: Receivers
) -> Iterator[WebhooksWorld]:
    """Where the kind of database does not matter."""
    url = f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'alone.sqlite3')}"
    database = SqlDatabase(url, feed, threads=8)
    yield webhooks_world(database, clock, feed, quiet)
    database.close()


def all_in(world: WebhooksWorld, state: DeliveryState, count: int) -> bool:
    states = [row.state for row in world.rows()]
    return states == [state.value] * count


def states(world: WebhooksWorld) -> list[str]:
    return [row.state for row in world.rows()]


def test_a_number_on_its_way_is_told_in_order_signed_and_once(world: WebhooksWorld) -> None:
    endpoint = world.endpoint("all", headers={"X-Token": "s3cret", "Host": "evil"})
    number = world.number()
    with world.draining():
        world.happen(number, *ONBOARDED, EventType.BALANCE_CHANGED)
        wait_for(lambda: all_in(world, DeliveryState.DELIVERED, 6))
    assert world.receivers.events("all") == [type_.value for type_ in ONBOARDED]
    for got in world.receivers.got["all"]:
        assert got.json.keys() == {"id", "event", "data"}
        assert got.json["data"]["id"] == number.id
        assert got.json["id"] == got.headers["webhook-id"]
        assert Webhook(signing_secret(SECRET)).verify(got.body, got.headers) == got.json
        assert got.headers["x-token"] == "s3cret"
        assert got.headers["host"] != "evil"
    seen = world.webhooks.endpoint(world.owner, endpoint)
    assert (seen.state, seen.waiting, seen.ignored_headers) == (EndpointState.LIVE, 0, ("Host",))
    (attempt, *_) = world.attempts()
    assert (attempt.status, attempt.request_headers["X-Token"]) == (200, "•••")


def test_what_fails_is_tried_again_with_the_same_bytes(world: WebhooksWorld) -> None:
    world.endpoint("once")
    world.receivers.once["once"] = [Behaviour(status=500, body=b"oops"), Behaviour(status=302)]
    number = world.number()
    with world.draining():
        world.happen(number, EventType.CHANNEL_LIVE)
        for tries, later in ((1, timedelta(seconds=7)), (2, timedelta(minutes=7))):
            wait_for(lambda: [row.tries for row in world.rows()] == [tries])  # noqa: B023
            world.pass_time(later)
        wait_for(lambda: all_in(world, DeliveryState.DELIVERED, 1))
    assert len({(got.headers["webhook-id"], got.body) for got in world.receivers.got["once"]}) == 1
    assert [(a.number, a.status, a.answer_body) for a in world.attempts()] == [
        (1, 500, "oops"),
        (2, 302, "{}"),
        (3, 200, "{}"),
    ]


def test_an_endpoint_that_is_gone_is_switched_off_and_its_owners_are_told(
    world: WebhooksWorld,
) -> None:
    endpoint = world.endpoint("gone")
    world.receivers.behaviours["gone"] = Behaviour(status=410)
    first, second = world.number(), world.number()
    with world.draining():
        world.happen(first, EventType.CHANNEL_LIVE)
        wait_for(lambda: world.row_of(endpoint).off_at)
        world.happen(second, EventType.CHANNEL_LIVE)
        wait_for(lambda: len(world.rows()) == 2)
    assert states(world) == ["gave_up", "skipped"], "what comes is kept for a replay"
    assert len(world.receivers.got["gone"]) == 1
    seen = world.webhooks.endpoint(world.owner, endpoint)
    assert (seen.state, seen.off_reason) == (EndpointState.OFF, OffReason.GONE)
    (told,) = world.told(EventType.WEBHOOK_OFF)
    assert (told.subject_id, told.data["reason"]) == (endpoint, "gone")
    world.jobs.drain()
    (mail,) = world.mailer.mails
    assert (mail.to, "127.0.0.1" in mail.subject) == (world.owner.email, True)
    world.receivers.behaviours.clear()
    world.webhooks.switch_on(world.owner, endpoint)
    with world.draining():
        assert world.webhooks.replay_range(world.owner, DeliveryFilters()) == 2
        wait_for(lambda: all_in(world, DeliveryState.DELIVERED, 2))


def test_an_endpoint_with_nothing_but_failures_for_five_days_is_switched_off(
    on_sqlite: WebhooksWorld,
) -> None:
    world = on_sqlite
    endpoint = world.endpoint("dead")
    world.receivers.behaviours["dead"] = Behaviour(status=500)
    number = world.number()
    with world.draining():
        world.happen(number, EventType.CHANNEL_LIVE)
        wait_for(lambda: [row.tries for row in world.rows()] == [1])
        world.pass_time(timedelta(hours=121))
        wait_for(lambda: world.row_of(endpoint).off_at)
    assert world.row_of(endpoint).off_reason == OffReason.FAILING
    assert states(world) == ["skipped"]
    world.jobs.drain()
    assert len(world.mailer.mails) == 1


def test_who_asks_for_less_gets_less(on_sqlite: WebhooksWorld) -> None:
    world = on_sqlite
    endpoint = world.endpoint("busy")
    world.receivers.behaviours["busy"] = Behaviour(status=429, headers=("Retry-After: 60",))
    numbers = [world.number() for _ in range(8)]
    with world.draining():
        for number in numbers:
            world.happen(number, EventType.CHANNEL_LIVE)
        wait_for(lambda: world.row_of(endpoint).slow_until)
        sent = len(world.receivers.got["busy"])
        assert sent <= 4
        slow_until = world.row_of(endpoint).slow_until
        assert slow_until is not None
        assert slow_until >= world.clock.now() + timedelta(seconds=60)
        world.receivers.behaviours["busy"] = Behaviour()

        def minutes_later() -> bool:
            world.pass_time(timedelta(seconds=5))
            return all_in(world, DeliveryState.DELIVERED, 8)

        wait_for(minutes_later)


def test_who_asks_for_less_while_more_is_fetched_gets_it_later(
    on_sqlite: WebhooksWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, read = on_sqlite, on_sqlite.book.due
    endpoint = world.endpoint("busy")
    world.receivers.behaviours["busy"] = Behaviour(
        status=429, headers=("Retry-After: 60",), hang=1.5
    )

    def read_before_it_asked(endpoint_id: str, most: int) -> Batch | None:
        batch = read(endpoint_id, most)
        if batch and len(batch.due) == BOTH:
            wait_for(lambda: world.row_of(endpoint).slow_until)
        return batch

    monkeypatch.setattr(Book, "due", lambda _book, *asked: read_before_it_asked(*asked))
    with world.draining():
        world.happen(world.number(), EventType.CHANNEL_LIVE)
        wait_for(lambda: world.receivers.got["busy"])
        world.happen(world.number(), EventType.CHANNEL_LIVE)
        wait_for(lambda: world.row_of(endpoint).slow_until)
        world.receivers.behaviours["busy"] = Behaviour()

        def minutes_later() -> bool:
            world.pass_time(timedelta(seconds=5))
            return all_in(world, DeliveryState.DELIVERED, BOTH)

        wait_for(minutes_later)


def test_a_paused_endpoint_collects_until_it_is_resumed(on_sqlite: WebhooksWorld) -> None:
    world = on_sqlite
    endpoint = world.endpoint("paused")
    world.webhooks.pause_endpoint(world.owner, endpoint)
    number = world.number()
    with world.draining():
        world.happen(number, *ONBOARDED)
        wait_for(lambda: len(world.rows()) == 6)
        seen = world.webhooks.endpoint(world.owner, endpoint)
        assert (seen.state, seen.waiting) == (EndpointState.PAUSED, 6)
        assert world.receivers.got["paused"] == []
        world.webhooks.resume_endpoint(world.owner, endpoint)
        wait_for(lambda: all_in(world, DeliveryState.DELIVERED, 6))
    assert world.receivers.events("paused") == [type_.value for type_ in ONBOARDED]


def test_each_endpoint_gets_the_events_it_wants_under_the_same_id(
    on_sqlite: WebhooksWorld,
) -> None:
    world = on_sqlite
    main = world.webhooks.set_main(world.owner, world.receivers.url("main"), {"X-A": "1"})
    assert main is not None
    assert main.endpoint.is_main
    world.endpoint("some", events=["channel_live"])
    number = world.number()
    with world.draining():
        world.happen(number, *ONBOARDED)
        wait_for(lambda: all_in(world, DeliveryState.DELIVERED, 7))
    assert world.receivers.events("some") == ["channel_live"]
    (live,) = world.receivers.got["some"]
    assert live.body == world.receivers.got["main"][-1].body


def test_nothing_is_held_while_a_receiver_takes_its_time(on_sqlite: WebhooksWorld) -> None:
    """It may call the hub back inside its answer."""
    world = on_sqlite
    world.endpoint("slow")
    world.receivers.behaviours["slow"] = Behaviour(hang=30)
    number = world.number()
    with world.draining(outgoing_total=timedelta(seconds=1.5)):
        world.happen(number, EventType.CHANNEL_LIVE)
        wait_for(lambda: world.receivers.got["slow"])
        began = monotonic()
        world.endpoint("another")
        assert monotonic() - began < 1
        assert states(world) == ["waiting"], "the receiver has not answered yet"
        wait_for(lambda: states(world) == ["retrying"])
    assert world.attempts()[0].error == "timeout"


def test_endpoints_that_misbehave_cost_the_others_nothing(on_sqlite: WebhooksWorld) -> None:
    world = on_sqlite
    good = [f"good{index}" for index in range(12)]
    ids = {name: world.endpoint(name) for name in good}
    numbers = [world.number() for _ in range(4)]
    with world.draining(outgoing_total=timedelta(seconds=1)):
        alone = _p95_of(world, good, numbers)
        for index, behaviour in enumerate(_MISBEHAVING):
            world.receivers.behaviours[f"bad{index}"] = behaviour
            world.endpoint(f"bad{index}")
        beside = _p95_of(world, good, numbers)
        wait_for(lambda: all(row.state == "delivered" for row in world.rows(ids[good[0]])))
    # Of one run, with a wide margin: the machine may be busy. `bench/deliveries.py` measures.
    assert beside < max(2, 4 * alone)
    assert max(world.receivers.most_at_once.values()) <= 4


_MISBEHAVING = (
    Behaviour(hang=30),
    Behaviour(status=500),
    Behaviour(status=302, headers=("Location: http://127.0.0.1:9/",)),
    Behaviour(trickles=0.5),
    Behaviour(body=b"x" * 3_000_000),
    Behaviour(resets=True),
    Behaviour(status=410),
    Behaviour(status=429),
)


def _p95_of(world: WebhooksWorld, names: list[str], numbers: list[str]) -> float:
    """Seconds until 95 % of an event of each number were at these endpoints."""
    known = {name: len(world.receivers.got[name]) for name in names}
    began = monotonic()
    for number in numbers:
        world.happen(number, EventType.CHANNEL_LIVE)
    all_of = len(numbers)
    wait_for(
        lambda: all(len(world.receivers.got[n]) == known[n] + all_of for n in names), seconds=60
    )
    took = sorted(got.at - began for n in names for got in world.receivers.got[n][known[n] :])
    return took[int(len(took) * 0.95)]


def test_an_event_that_cannot_be_told_costs_other_partners_nothing(
    on_sqlite: WebhooksWorld,
) -> None:
    world, theirs = on_sqlite, on_sqlite.stranger.tenant.partner_id
    world.webhooks.add_endpoint(world.stranger, world.receivers.url("theirs"))
    world.endpoint("ours")
    with world.draining():
        with world.database.transaction(TEST) as session:
            record(
                session,
                world.clock,
                EventType.BALANCE_LOW,
                partner_id=theirs,
                subject=("balance", "of nobody"),
                data={"without": "an amount"},
            )
        world.happen(world.number(), EventType.CHANNEL_CREATED)
        wait_for(lambda: all_in(world, DeliveryState.DELIVERED, 1), seconds=5)
        # The thread lives on.
        world.happen(world.number(), EventType.CHANNEL_CREATED)
        wait_for(lambda: all_in(world, DeliveryState.DELIVERED, 2), seconds=5)
    with pytest.raises(ExceptionGroup) as failed:
        world.fanout.work_off()
    assert failed.value.exceptions[0].__notes__ == [f"partner {theirs}"]


def test_ever_so_many_that_cannot_be_told_leave_room_for_those_behind(
    on_sqlite: WebhooksWorld,
) -> None:
    world = on_sqlite
    endpoint = world.endpoint("ours")
    with world.database.transaction(TEST) as session:
        for _ in range(120):  # more than are asked for at once
            _cannot_be_told(session, world)
    world.happen(world.number(), EventType.CHANNEL_CREATED)
    with pytest.raises(ExceptionGroup) as failed:
        world.fanout.work_off()
    assert len(failed.value.exceptions) == 120
    assert len(world.rows(endpoint)) == 1


def _cannot_be_told(session: Session, world: WebhooksWorld) -> None:
    """A partner with an endpoint, and an event that lacks what a webhook tells of it."""
    partner, now = make_partner(session), world.clock.now()
    url = world.receivers.url("theirs")
    session.add(WebhookEndpoint(partner_id=partner.id, url=url, created_at=now, modified_at=now))
    session.flush()
    subject = ("balance", "of nobody")
    record(session, world.clock, EventType.BALANCE_LOW, partner_id=partner.id, subject=subject)


def test_a_test_event_is_sent_once_shown_and_logged(on_sqlite: WebhooksWorld) -> None:
    world = on_sqlite
    endpoint = world.endpoint("tried", headers={"X-Token": "s3cret"})
    world.receivers.behaviours["tried"] = Behaviour(status=503, body=b"not now")
    shown = world.webhooks.test_endpoint(world.owner, endpoint, "balance_low")
    assert (shown.is_taken, shown.attempt.status, shown.attempt.answer_body) == (
        False,
        503,
        "not now",
    )
    (got,) = world.receivers.got["tried"]
    assert (got.body.decode(), got.headers["x-token"]) == (shown.body, "s3cret")
    assert "s3cret" not in repr(shown)
    details = world.webhooks.delivery(world.owner, shown.delivery_id)
    assert details.row.is_test
    assert details.row.state is DeliveryState.GAVE_UP
    assert details.attempts == (shown.attempt,)
    with pytest.raises(InvalidInput):
        world.webhooks.test_endpoint(world.owner, endpoint, "signed_in")


def test_the_log_is_paged_filtered_and_replayed_byte_for_byte(world: WebhooksWorld) -> None:
    endpoint = world.endpoint("log")
    number, other = world.number(), world.number()
    with world.draining():
        world.happen(number, *ONBOARDED)
        world.happen(other, EventType.CHANNEL_LIVE)
        wait_for(lambda: all_in(world, DeliveryState.DELIVERED, 7))
    verbs, owner = world.webhooks, world.owner
    pages, after = [], None
    while True:
        page = verbs.deliveries(owner, after=after, most=3)
        pages.append([row.event for row in page.rows])
        if (after := page.next_after) is None:
            break
    assert [len(page) for page in pages] == [3, 3, 1]
    live = DeliveryFilters(event="channel_live", endpoint_id=endpoint, channel_id=number.id)
    (row,) = verbs.deliveries(owner, live).rows
    assert (row.state, row.attempts, row.last_status) == (DeliveryState.DELIVERED, 1, 200)
    assert verbs.deliveries(owner, DeliveryFilters(state="nonsense")).rows == ()
    assert verbs.deliveries(owner, DeliveryFilters(until=world.clock.now())).rows == ()
    before = verbs.delivery(owner, row.id)
    with world.draining():
        verbs.replay(owner, row.id)
        wait_for(lambda: len(verbs.delivery(owner, row.id).attempts) == 2)
    sent = [got for got in world.receivers.got["log"] if got.json["id"] == row.event_key]
    assert [got.body.decode() for got in sent] == [before.body] * 2
    figures = verbs.health(owner, endpoint)
    assert (figures.delivered, figures.failed, figures.success_percent) == (8, 0, 100)
    assert figures.p95_millis is not None
    assert figures.hours[-1].delivered == figures.days[-1].delivered == 8


def test_only_owners_and_only_of_this_partner_see_or_do_anything(world: WebhooksWorld) -> None:
    endpoint = world.endpoint("ours")
    shown = world.webhooks.test_endpoint(world.owner, endpoint, "channel_live")
    verbs = world.webhooks
    for verb, *args in (
        (verbs.endpoints,),
        (verbs.endpoint, endpoint),
        (verbs.add_endpoint, world.receivers.url("x")),
        (verbs.delete_endpoint, endpoint),
        (verbs.test_endpoint, endpoint, "channel_live"),
        (verbs.deliveries,),
        (verbs.delivery, shown.delivery_id),
        (verbs.replay, shown.delivery_id),
        (verbs.health, endpoint),
    ):
        with pytest.raises(Forbidden):
            verb(world.member, *args)
        if args and args[0] != world.receivers.url("x"):
            with pytest.raises(NotFound):
                verb(world.stranger, *args)
    assert verbs.endpoints(world.stranger) == []
    assert verbs.deliveries(world.stranger).rows == ()
    assert verbs.replay_range(world.stranger, DeliveryFilters()) == 0


def test_the_webhook_url_is_set_changed_and_taken_away(on_sqlite: WebhooksWorld) -> None:
    world = on_sqlite
    verbs, owner = world.webhooks, world.owner
    assert verbs.main(owner) is None
    first = verbs.set_main(owner, world.receivers.url("a"), {"X-A": "1"})
    verbs.switch_off(owner, first.endpoint.id)  # type: ignore[union-attr]
    again = verbs.set_main(owner, world.receivers.url("b?c=%20d"))
    assert again is not None
    assert again.endpoint.id == first.endpoint.id  # type: ignore[union-attr]
    assert (again.endpoint.state, again.endpoint.header_names) == (EndpointState.LIVE, ("X-A",))
    assert again.endpoint.is_local
    for bad in ("ftp://x.example.com", "http://hooks.example.com/x", "https://127.0.0.1/"):
        with pytest.raises(InvalidInput) as refused:
            verbs.set_main(owner, bad)
        assert refused.value.code == "bad_target"
    with pytest.raises(InvalidInput):
        world.endpoint("x", events=["signed_in"])
    verbs.set_main(owner, None)
    assert verbs.main(owner) is None
    assert [event.type for event in world.told(EventType.WEBHOOK_REMOVED)] != []


def test_deliveries_that_are_over_for_long_are_taken_out_of_the_log(world: WebhooksWorld) -> None:
    endpoint = world.endpoint("old")
    number = world.number()
    with world.draining():
        world.happen(number, *ONBOARDED)
        wait_for(lambda: all_in(world, DeliveryState.DELIVERED, 6))
    world.webhooks.pause_endpoint(world.owner, endpoint)
    world.happen(number, EventType.CHANNEL_LIVE)
    world.fanout.work_off()
    tidying = Tidying(world.database, world.clock, world.jobs, timedelta(days=30))
    world.pass_time(timedelta(days=29))
    assert tidying.tidy() == 0
    world.pass_time(timedelta(days=2))
    assert tidying.tidy() == 6
    assert states(world) == ["waiting"], "what still waits stays"
    assert world.attempts() == []


def test_two_workers_share_the_endpoints_and_send_nothing_twice(
    world: WebhooksWorld, migrated_url: str
) -> None:
    names = [f"shared{index}" for index in range(4)]
    for name in names:
        world.endpoint(name)
    numbers = [world.number() for _ in range(5)]
    with (
        world.draining(locks=SqlDrainLocks(migrated_url)),
        world.draining(locks=SqlDrainLocks(migrated_url)),
    ):
        for number in numbers:
            world.happen(number, *ONBOARDED)
        wait_for(lambda: all_in(world, DeliveryState.DELIVERED, 120))
    for name in names:
        for number in numbers:
            of_it = [
                got.json["event"]
                for got in world.receivers.got[name]
                if got.json["data"]["id"] == number.id
            ]
            assert of_it == [type_.value for type_ in ONBOARDED]
