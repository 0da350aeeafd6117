"""A WABA read from Meta: rows follow, bursts are one reading, a lost token is left alone."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import select

from core.accounts.entities import Channel, Template, WabaAccount
from core.accounts.readings import Readings
from core.clock import FixedClock
from core.errors import MetaError
from core.events import Event
from core.ports import Everything
from storage.database import SqlDatabase
from storage.jobs_inline import InlineJobs
from tests.factories import make_channel, make_client, make_partner, make_waba

ALL = Everything("test")


class OpenVault:
    """Seals nothing."""

    def seal(self, plain: str, *, context: str) -> str:
        return plain

    def open(self, sealed: str, *, context: str) -> str:
        return sealed


class MetaSays:
    """Answers the three reading calls with what it is told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.node: dict[str, Any] = {"name": "Anna GmbH", "business_verification_status": "PENDING"}
        self.numbers: list[dict[str, Any]] = []
        self.fault: Exception | None = None

    def waba(self, waba_id: str, token: str) -> dict[str, Any]:
        self.asked += 1
        if self.fault:
            raise self.fault
        return self.node

    def phone_numbers(self, waba_id: str, token: str) -> list[dict[str, Any]]:
        return self.numbers

    def templates(self, waba_id: str, token: str) -> list[dict[str, Any]]:
        return [{"id": "77", "name": "hello", "language": "de", "status": "PAUSED"}]


@pytest.fixture
def meta() -> MetaSays:
    return MetaSays()


@pytest.fixture
def jobs() -> InlineJobs:
    return InlineJobs()


@pytest.fixture
def readings(
    database: SqlDatabase, clock: FixedClock, meta: MetaSays, jobs: InlineJobs
) -> Readings:
    return Readings(database, clock, OpenVault(), meta, jobs)  # type: ignore[arg-type]


@pytest.fixture
def ids(database: SqlDatabase, meta: MetaSays) -> tuple[str, str]:
    """A WABA with a token and one number, which Meta calls low and with a newer limit."""
    with database.transaction(ALL) as session:
        waba = make_waba(session, make_client(session, make_partner(session)), token="t")
        channel = make_channel(session, waba)
        meta.numbers = [
            {
                "id": channel.external_id,
                "quality_rating": "RED",
                "whatsapp_business_manager_messaging_limit": "TIER_10K",
                "status": "SOMETHING_NEW",
            }
        ]
        return waba.id, channel.id


def test_rows_say_what_meta_says(
    database: SqlDatabase, readings: Readings, ids: tuple[str, str]
) -> None:
    readings.read(ids[0])
    with database.reading(ALL) as session:
        waba, channel = session.get(WabaAccount, ids[0]), session.get(Channel, ids[1])
        assert waba is not None
        assert channel is not None
        assert (waba.name, waba.business_verification) == ("Anna GmbH", "pending")
        assert (channel.quality, channel.messaging_limit) == ("RED", "TIER_10K")
        assert channel.meta_status == "SOMETHING_NEW"
        assert channel.verification == "pending"
        (template,) = session.exec(select(Template)).all()
        assert (template.name, template.status) == ("hello", "PAUSED")


def test_reading_the_same_again_is_not_news(
    database: SqlDatabase, readings: Readings, ids: tuple[str, str]
) -> None:
    readings.read(ids[0])
    with database.reading(ALL) as session:
        before = len(session.exec(select(Event)).all())
    readings.read(ids[0])
    with database.reading(ALL) as session:
        assert len(session.exec(select(Event)).all()) == before > 0


def test_a_burst_of_hints_is_one_reading(
    database: SqlDatabase, readings: Readings, jobs: InlineJobs, meta: MetaSays,
    ids: tuple[str, str],
) -> None:  # fmt: skip
    for _ in range(20):
        with database.transaction(ALL) as session:
            readings.request(session, ids[0])
    jobs.drain()
    assert meta.asked == 1


def test_every_shared_waba_is_read_as_a_net(
    database: SqlDatabase, readings: Readings, jobs: InlineJobs, meta: MetaSays,
    ids: tuple[str, str],
) -> None:  # fmt: skip
    with database.transaction(ALL) as session:
        make_waba(session, make_client(session, make_partner(session)), token="t", removed=True)
    readings.read_all()
    jobs.drain()
    assert meta.asked == 1


def test_a_waba_that_meta_refuses_stays_as_it_was(
    database: SqlDatabase, readings: Readings, meta: MetaSays, ids: tuple[str, str]
) -> None:
    meta.fault = MetaError("expired", meta_code=190)
    readings.read(ids[0])
    with database.reading(ALL) as session:
        assert session.get(Channel, ids[1]).quality == "GREEN"  # type: ignore[union-attr]


def test_a_waba_without_a_token_is_not_asked_for(
    database: SqlDatabase, readings: Readings, meta: MetaSays
) -> None:
    with database.transaction(ALL) as session:
        waba_id = make_waba(session, make_client(session, make_partner(session))).id
    readings.read(waba_id)
    assert meta.asked == 0
