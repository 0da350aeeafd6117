"""Both change feeds keep one contract: everybody hears everything, in order, until they leave."""

from collections.abc import Iterator

import psycopg
import pytest

from core.ports import ChangeFeed, Notice
from storage.changes import LocalFeed
from storage.postgres_feed import CHANNEL, PAYLOAD, RECONNECTED, PostgresFeed, payloads
from tests.support.waiting import wait_for

NOTICE = Notice("minePA", "channel_live", "channel", "abcCH")


@pytest.fixture(params=["local", pytest.param("postgresql", marks=pytest.mark.postgres)])
def feed(request: pytest.FixtureRequest) -> Iterator[ChangeFeed]:
    if request.param == "local":
        yield LocalFeed()
        return
    feed = PostgresFeed(request.getfixturevalue("postgres_url"))
    yield feed
    feed.close()


def test_every_subscriber_hears_every_notice_in_order(feed: ChangeFeed) -> None:
    first: list[Notice] = []
    second: list[Notice] = []
    feed.subscribe(first.extend)
    feed.subscribe(second.extend)
    told = [Notice("minePA", "channel_live", "channel", f"{n}CH") for n in range(300)]
    feed.publish(told[:200])
    feed.publish(told[200:])
    wait_for(lambda: len(first) == len(second) == 300)
    assert first == second == told


def test_who_left_hears_nothing_more(feed: ChangeFeed) -> None:
    stays: list[Notice] = []
    leaves: list[Notice] = []
    leave = feed.subscribe(leaves.extend)
    feed.subscribe(stays.extend)
    leave()
    leave()
    feed.publish([NOTICE])
    wait_for(lambda: stays)
    assert leaves == []


def test_a_failing_subscriber_harms_neither_others_nor_the_publisher(feed: ChangeFeed) -> None:
    heard: list[Notice] = []

    def fail(_notices: list[Notice]) -> None:
        raise ZeroDivisionError

    feed.subscribe(fail)
    feed.subscribe(heard.extend)
    feed.publish([NOTICE])
    wait_for(lambda: heard == [NOTICE])


@pytest.mark.postgres
def test_other_processes_hear_and_a_broken_connection_mends_itself(postgres_url: str) -> None:
    here, there = PostgresFeed(postgres_url), PostgresFeed(postgres_url)
    heard: list[Notice] = []
    there.subscribe(heard.extend)
    here.publish([NOTICE])
    wait_for(lambda: heard == [NOTICE])
    _cut_connections(postgres_url)
    wait_for(lambda: RECONNECTED in heard)
    here.publish([NOTICE])
    wait_for(lambda: heard[-1] == NOTICE)
    here.close()
    there.close()


@pytest.mark.postgres
def test_telling_never_fails_the_teller(postgres_url: str) -> None:
    feed = PostgresFeed(postgres_url.replace(":2", ":1", 1))  # a port where nobody answers
    feed.publish([NOTICE])
    feed.close()


def test_payloads_are_never_too_long() -> None:
    many = [Notice("minePA", "t" * 64, "s" * 32, "ü" * 64) for _ in range(200)]
    texts = list(payloads(many))
    assert all(len(text.encode()) <= PAYLOAD for text in texts)
    assert len(texts) > 1
    assert list(payloads([])) == []


def _cut_connections(url: str) -> None:
    question = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE query LIKE %s AND pid <> pg_backend_pid()"
    )

    def cut() -> bool:
        with psycopg.connect(url) as connection:
            return len(connection.execute(question, [f"LISTEN {CHANNEL}%"]).fetchall()) > 0

    wait_for(cut)
