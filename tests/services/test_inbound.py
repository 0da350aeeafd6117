"""Meta's webhooks applied to rows: any order, any number of times, unknown ones kept."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from core.accounts.entities import Channel, Template, WabaAccount
from core.clock import FixedClock
from core.events import Event
from core.integration.drain import Drain
from core.integration.entities import InboundWebhook
from core.integration.inbound import Inbound
from core.integration.inbound_tidying import InboundTidying
from core.partners.entities import Partner
from core.ports import Everything
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from storage.intake import IntakeWriter
from tests.factories import make_channel, make_client, make_partner, make_waba
from tests.support.bodies import body, envelope
from tests.support.waiting import wait_for

ALL = Everything("test")
WABA, SISTER = "100000000000001", "100000000000002"
NUMBER = "4915112345678"


class JobList:
    """Remembers what was enqueued; the jobs themselves have tests of their own."""

    def __init__(self) -> None:
        self.enqueued: list[tuple[Any, ...]] = []

    def enqueue(self, session: Session, name: str, *args: Any, key: str, delay: float = 0) -> None:
        self.enqueued.append((name, *args))

    def schedule(self, name: str, every: timedelta, verb: Any) -> None:
        """The test calls it."""


class NoReadings:
    """Remembers which WABAs were worth reading."""

    def __init__(self) -> None:
        self.requested: list[str] = []

    def request(self, session: Session, waba_id: str) -> None:
        self.requested.append(waba_id)


@pytest.fixture
def jobs() -> JobList:
    return JobList()


@pytest.fixture
def readings() -> NoReadings:
    return NoReadings()


@pytest.fixture
def inbound(
    database: SqlDatabase, clock: FixedClock, jobs: JobList, readings: NoReadings
) -> Inbound:
    return Inbound(database, clock, jobs, readings)  # type: ignore[arg-type]


@pytest.fixture
def world(database: SqlDatabase) -> dict[str, str]:
    """One portfolio with two WABAs, a number each."""
    with database.transaction(ALL) as session:
        client = make_client(session, make_partner(session))
        waba = make_waba(session, client, external_id=WABA, owner_business_id="900")
        sister = make_waba(session, client, external_id=SISTER, owner_business_id="900")
        number = make_channel(session, waba, phone_number=NUMBER, quality="GREEN")
        other = make_channel(session, sister)
        return {"waba": waba.id, "number": number.id, "other": other.id}


def store(database: SqlDatabase, clock: FixedClock, feed: LocalFeed, *bodies: bytes) -> None:
    writer = IntakeWriter(database.writer, clock, feed)
    writer.start()

    async def all_of_them() -> None:
        await asyncio.gather(*(writer.store(body_) for body_ in bodies))

    try:
        asyncio.run(all_of_them())
    finally:
        writer.stop()


@pytest.fixture
def receive(database: SqlDatabase, clock: FixedClock, feed: LocalFeed, inbound: Inbound) -> Any:
    """Store bodies and work them off."""

    def receive_(*bodies: bytes) -> None:
        store(database, clock, feed, *bodies)
        while inbound.work_off():
            pass

    return receive_


def channel(database: SqlDatabase, channel_id: str) -> Channel:
    with database.reading(ALL) as session:
        found = session.get(Channel, channel_id)
        assert found is not None
        return found


def test_a_flagged_number_shows_at_once_and_is_read_again(
    database: SqlDatabase, world: dict[str, str], receive: Any, readings: NoReadings
) -> None:
    value = {"display_phone_number": "+49 151 12345678", "event": "FLAGGED"}
    receive(body(WABA, "phone_number_quality_update", value))
    assert channel(database, world["number"]).meta_status == "FLAGGED"
    assert channel(database, world["number"]).state == "flagged"
    assert readings.requested == [world["waba"]]


def test_the_limit_of_a_portfolio_reaches_every_number_of_it(
    database: SqlDatabase, world: dict[str, str], receive: Any
) -> None:
    receive(
        body(WABA, "business_capability_update", {"max_daily_conversations_per_business": 100_000})
    )
    assert channel(database, world["number"]).messaging_limit == "TIER_100K"
    assert channel(database, world["other"]).messaging_limit == "TIER_100K"


def test_an_older_fact_that_comes_late_changes_nothing_but_is_on_record(
    database: SqlDatabase, world: dict[str, str], receive: Any
) -> None:
    receive(body(WABA, "account_review_update", {"decision": "APPROVED"}, at=200))
    receive(body(WABA, "account_review_update", {"decision": "REJECTED"}, at=100))
    with database.reading(ALL) as session:
        assert session.get(WabaAccount, world["waba"]).review_status == "APPROVED"  # type: ignore[union-attr]
        events = session.exec(select(Event).order_by(col(Event.id))).all()
    assert [event.data.get("late", False) for event in events] == [False, True]


def test_the_same_body_twice_is_one_row_and_one_event(
    database: SqlDatabase, world: dict[str, str], receive: Any
) -> None:
    told = body(WABA, "account_review_update", {"decision": "PENDING"})
    receive(told, told)
    receive(told)
    with database.reading(ALL) as session:
        assert len(session.exec(select(InboundWebhook)).all()) == 1
        assert len(session.exec(select(Event)).all()) == 1


def test_the_same_fact_in_another_batch_is_one_event(
    database: SqlDatabase, world: dict[str, str], receive: Any
) -> None:
    change = {"field": "account_review_update", "value": {"decision": "PENDING"}}
    receive(envelope([{"id": WABA, "time": 5, "changes": [change]}]))
    receive(envelope([{"id": WABA, "time": 5, "changes": [change, change]}]))
    with database.reading(ALL) as session:
        assert len(session.exec(select(Event)).all()) == 1


def test_an_unknown_account_is_kept_and_applied_once_it_appears(
    database: SqlDatabase, world: dict[str, str], receive: Any, clock: FixedClock, inbound: Inbound
) -> None:
    receive(body("555", "account_review_update", {"decision": "REJECTED"}))
    with database.transaction(ALL) as session:
        (kept,) = session.exec(select(InboundWebhook)).all()
        assert (kept.waiting, kept.processed_at) == (1, None)
        client = make_client(session, make_partner(session))
        late = make_waba(session, client, external_id="555", review_status="").id
    clock.advance(timedelta(seconds=3))
    inbound.work_off()
    with database.reading(ALL) as session:
        assert session.get(WabaAccount, late).review_status == "REJECTED"  # type: ignore[union-attr]
        (done,) = session.exec(select(InboundWebhook)).all()
        assert done.processed_at == clock.now()


def test_an_account_that_never_appears_is_given_up_after_seven_days(
    database: SqlDatabase, receive: Any, clock: FixedClock, inbound: Inbound
) -> None:
    receive(body("555", "account_review_update", {"decision": "REJECTED"}))
    clock.advance(timedelta(days=7, seconds=1))
    inbound.work_off()
    with database.reading(ALL) as session:
        (kept,) = session.exec(select(InboundWebhook)).all()
        assert (kept.error, kept.processed_at) == ("unknown account", clock.now())


def test_a_newly_shared_account_is_told_to_the_onboarding(receive: Any, jobs: JobList) -> None:
    info = {"waba_id": "777", "owner_business_id": "888"}
    receive(body("1", "account_update", {"event": "PARTNER_ADDED", "waba_info": info}))
    assert jobs.enqueued == [("partner_added", "777", "888", "", 1_790_000_000_999)]


def test_a_body_that_cannot_be_applied_holds_up_nobody(
    database: SqlDatabase, world: dict[str, str], receive: Any, readings: NoReadings
) -> None:
    def broken(session: Session, waba_id: str) -> None:
        raise ZeroDivisionError("broken reading")

    readings.request = broken  # type: ignore[method-assign]
    receive(
        body(WABA, "account_update", {"event": "SOMETHING_NEW"}),
        body(WABA, "account_update", {"event": "PARTNER_REMOVED"}),  # is not read again
    )
    with database.reading(ALL) as session:
        assert session.get(WabaAccount, world["waba"]).removed  # type: ignore[union-attr]
        failed = session.exec(
            select(InboundWebhook).where(col(InboundWebhook.processed_at).is_(None))
        ).one()
        assert "ZeroDivisionError" in failed.error


def test_bodies_that_are_dealt_with_go_after_their_time_and_no_other(
    database: SqlDatabase, world: dict[str, str], receive: Any, jobs: JobList, clock: FixedClock
) -> None:
    tidying = InboundTidying(database, clock, jobs, timedelta(days=30))  # type: ignore[arg-type]
    receive(
        body(WABA, "account_update", {"event": "PARTNER_REMOVED"}),
        body("555", "account_review_update", {"decision": "REJECTED"}),  # nobody's yet
    )
    clock.advance(timedelta(days=30))
    assert tidying.tidy() == 0
    clock.advance(timedelta(seconds=1))
    assert tidying.tidy() == 1
    with database.reading(ALL) as session:
        (kept,) = session.exec(select(InboundWebhook)).all()
        assert b"555" in kept.body


def test_ten_thousand_facts_in_any_order_with_duplicates_end_in_the_same_state(
    database: SqlDatabase, clock: FixedClock, feed: LocalFeed, inbound: Inbound
) -> None:
    facts = [_random_fact(random.Random(n)) for n in range(2_500)]  # noqa: S311
    states = []
    for seed in (1, 2):  # 2 orders x 2,500 facts x 2 tellings
        ids = _fresh_world(database)
        order = facts * 2
        random.Random(seed).shuffle(order)  # noqa: S311
        batches = [_batch(order[i : i + 100], ids, seed, i) for i in range(0, len(order), 100)]
        store(database, clock, feed, *batches)
        while inbound.work_off():
            pass
        states.append(_state(database, ids))
    for part, first in states[0].items():
        assert first == states[1][part], part
    assert states[0]["events"] > 0


def _fresh_world(database: SqlDatabase) -> dict[str, str]:
    with database.transaction(ALL) as session:
        client = make_client(session, make_partner(session))
        waba = make_waba(session, client)
        waba.owner_business_id = f"9{waba.external_id}"
        # The same digits in both worlds: they are part of the facts that are compared.
        number = make_channel(session, waba, phone_number=NUMBER, name="Anna")
        return {"waba": waba.id, "external": waba.external_id, "number": number.id}


def _random_fact(rng: random.Random) -> tuple[int, str, dict[str, Any]]:
    at = 1_790_000_000 + rng.randrange(40)  # few seconds, so that times often tie
    pick = rng.choice
    return pick(
        [
            (at, "account_review_update", {"decision": pick(["APPROVED", "REJECTED", "ODD"])}),
            (at, "account_update", {"event": pick(["PARTNER_REMOVED", "ACCOUNT_RECONNECTED"])}),
            (
                at,
                "account_update",
                {
                    "event": "DISABLED_UPDATE",
                    "ban_info": {
                        "waba_ban_state": pick(["SCHEDULE_FOR_DISABLE", "DISABLE", "REINSTATE"]),
                        "waba_ban_date": f"April {rng.randrange(1, 29)}, 2026",
                    },
                },
            ),
            (
                at,
                "phone_number_quality_update",
                {
                    "display_phone_number": NUMBER,
                    "event": pick(["FLAGGED", "UNFLAGGED", "THROUGHPUT_UPGRADE", "NEWER"]),
                    "current_limit": pick(["TIER_250", "TIER_2K", "TIER_ODD"]),
                },
            ),
            (
                at,
                "phone_number_name_update",
                {
                    "display_phone_number": NUMBER,
                    "decision": pick(["APPROVED", "REJECTED", "PENDING", "DEFERRED"]),
                    "requested_verified_name": pick(["Anna", "Bert", "Çağla"]),
                    "rejection_reason": pick([None, "NAME_ODD"]),
                },
            ),
            (
                at,
                "message_template_status_update",
                {
                    "event": pick(["APPROVED", "REJECTED", "PAUSED"]),
                    "message_template_id": rng.randrange(1, 6),
                    "message_template_name": "t",
                    "message_template_language": "en",
                    "message_template_category": pick(["UTILITY", "MARKETING"]),
                    "reason": pick(["NONE", "SCAM"]),
                },
            ),
            (at, "account_alerts", _random_alert(rng)),
        ]
    )


def _random_alert(rng: random.Random) -> dict[str, Any]:
    kind = rng.choice(["OBA_APPROVED", "OBA_REJECTED", "PROFILE_PICTURE_LOST"])
    return {"entity_type": "BUSINESS", "entity_id": "1", "alert_info": {"alert_type": kind}}


def _batch(
    facts: list[tuple[int, str, dict[str, Any]]], ids: dict[str, str], seed: int, start: int
) -> bytes:
    entries = [
        {"id": ids["external"], "time": at, "changes": [{"field": field, "value": value}]}
        for at, field, value in facts
    ]
    return envelope([*entries, {"id": f"batch{seed}-{start}", "changes": []}])


_OWN = {"id", "partner_id", "client_id", "waba_account_id", "external_id", "created_at"}
_DERIVED = {"modified_at", "live_at", "search_text", "client_name", "client_key", "phone_number"}
_SKIP = _OWN | _DERIVED | {"display_phone_number", "owner_business_id", "name_key"}


def _state(database: SqlDatabase, ids: dict[str, str]) -> dict[str, Any]:
    """All that Meta owns in this world, without what tells two worlds apart."""
    with database.reading(ALL) as session:
        waba = session.get(WabaAccount, ids["waba"])
        number = session.get(Channel, ids["number"])
        assert waba is not None
        assert number is not None
        templates = session.exec(
            select(Template)
            .where(Template.waba_account_id == waba.id)
            .order_by(col(Template.external_id))
        ).all()
        events = session.exec(select(Event).where(Event.partner_id == waba.partner_id)).all()
        return {
            "waba": waba.model_dump(exclude=_SKIP | {"name"}),
            "number": number.model_dump(exclude=_SKIP),
            "templates": [template.model_dump(exclude=_SKIP) for template in templates],
            "events": len(events),
        }


def test_a_solution_that_meta_ends_is_ended_here_once(database: SqlDatabase, receive: Any) -> None:
    with database.transaction(ALL) as session:
        ours = make_partner(session, solution_id="610020030040054")
        other = make_partner(session)
    pending, ended, broken = (
        body("777", "partner_solutions", {"event": "SOLUTION_UPDATED", **value})
        for value in (
            {"solution_id": "610020030040054", "solution_status": "PENDING_DEACTIVATION"},
            {"solution_id": "610020030040054", "solution_status": "DEACTIVATED"},
            {"solution_id": ["610020030040054"], "solution_status": {}},
        )
    )
    receive(pending, broken)
    assert solutions(database, ours, other) == ["ACTIVE", "ACTIVE"]
    receive(ended)
    receive(ended.replace(b"777", b"778"))
    assert solutions(database, ours, other) == ["DEACTIVATED", "ACTIVE"]
    with database.reading(ALL) as session:
        told = session.exec(select(Event).where(Event.type == "integration_changed")).all()
    assert [event.partner_id for event in told] == [ours.id]


def solutions(database: SqlDatabase, *partners: Partner) -> list[str]:
    with database.reading(ALL) as session:
        return [session.get_one(Partner, each.id).solution_status for each in partners]


def test_the_drain_works_off_more_than_one_batch_and_what_comes_later(
    database: SqlDatabase, clock: FixedClock, feed: LocalFeed, inbound: Inbound, world: object
) -> None:
    value = {"max_daily_conversations_per_business": 250}
    told = [body(WABA, "business_capability_update", value, at) for at in range(1, 122)]

    def is_all_done(number: int) -> bool:
        with database.reading(ALL) as session:
            rows = session.exec(select(InboundWebhook.processed_at)).all()
        return len(rows) == number and None not in rows

    store(database, clock, LocalFeed(), *told[:-1])  # nobody hears of them
    drain = Drain(inbound, feed)
    drain.start()
    try:
        wait_for(lambda: is_all_done(120))
        store(database, clock, feed, told[-1])
        wait_for(lambda: is_all_done(121))
    finally:
        drain.stop()
