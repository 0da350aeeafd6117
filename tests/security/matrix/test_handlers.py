"""Every event of open pages: with ids of somebody else, and by somebody who may not any more.

The pages are real ones on the demo's data; an event is what a browser sends, arguments and all.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from nicegui import background_tasks
from nicegui.client import Client
from nicegui.element import Element
from sqlmodel import col, update

from core.partners.entities import Membership
from tests import factories
from tests.security.matrix import words
from tests.security.matrix.routes import PLACES
from tests.security.matrix.site import Site
from tests.security.matrix.world import TEST, A, B
from ui.elements.data_table import DataTable

# Found in the demo world; without one the page of a thing is not there, and hears nothing.
_THINGS = {
    "channel_id": "channel",
    "conversation_id": "support_conversation",
    "event_id": "event",
    "invoice_id": "invoice",
    "payment_id": "payment",
}
MANY = 150
# With acts on their rows; some are only there while they have rows.
TABLES = 8
# What a DataTable's rows are, by the table of their ids.
_IN_ROWS = (
    *("api_key", "api_user", "card", "client", "channel"),
    *("invitation", "invoice", "person", "user_session"),
)
PATIENCE_SECONDS = 60
_PART = re.compile(r"{(\w+)}")


def addresses(site: Site) -> Iterator[str]:
    own = site.world.ids[A]
    for path in PLACES:
        parts = {name: str(own[table]) for name, table in _THINGS.items()}
        if all(name in parts for name in _PART.findall(path)):
            yield path.format(**parts)


def opened(site: Site, role: str) -> list[Client]:
    """The pages that somebody of this role has open."""
    before = set(Client.instances)
    for path in addresses(site):
        assert site.ask(role, "GET", path).status_code == 200, path
    return [page for key, page in Client.instances.items() if key not in before]


async def fired(pages: list[Client], brought: list[Any]) -> int:
    """How many events were heard; each has been dealt with."""
    count = 0
    for page in pages:
        count += _fire(page, list(page.elements.values()), brought)
        await _quiet()
    return count


def _fire(page: Client, elements: list[Element], brought: list[Any]) -> int:
    frames = [
        {"id": element.id, "listener_id": listener, "args": [json.dumps(told)]}
        for element in elements
        for listener in element._event_listeners
        for told in brought
    ]
    for frame in frames:
        page.handle_event(frame)
    return len(frames)


async def acted(pages: list[Client], ids: list[str], *, shown: bool) -> tuple[int, int]:
    """How many acts of rows were sent, and to how many of the tables that have some.

    With `shown` also on the rows that are there. What a dialog asks then is agreed to.
    """
    tables = sent = 0
    for page in pages:
        before = set(page.elements)
        for table in [each for each in page.elements.values() if isinstance(each, DataTable)]:
            rows = [row["id"] for row in table.rows[:2]] if shown else []
            acts = [[row, key] for row in (*ids, *rows) for key in _keys_of(table)]
            heard = _fire(page, [table], acts)
            tables, sent = tables + bool(heard), sent + heard
        await _quiet()
        asked = [element for key, element in page.elements.items() if key not in before]
        _fire(page, asked, [None])
        await _quiet()
    return sent, tables


def _keys_of(table: DataTable) -> list[str]:
    """What its rows offer; without any, what they would: one sign-in, nothing unpaid."""
    keys = {act["key"] for row in table.rows for act in row.get("acts", ())}
    return sorted(keys or {"end", "pay"})


async def _quiet() -> None:
    """What was begun is done, but for what waits for a browser."""
    waiting = _running()
    if waiting:
        await asyncio.wait(waiting, timeout=0.2)


def _running() -> set[Any]:
    return {task for task in background_tasks.running_tasks if not task.done()}


async def closed(pages: list[Client], standing: set[Any]) -> None:
    """The pages are gone; every task that was begun since has ended, so none can write later."""
    for _ in range(5):
        await _quiet()
    for page in pages:
        if page.id in Client.instances:  # NiceGUI lets go of those that no browser came for
            page.delete()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while waiting := _running() - standing:
            await asyncio.wait(waiting)


@pytest.fixture
def standing(site: Site) -> set[Any]:
    """What runs as long as the hub does."""
    return _running()


@pytest.fixture
def ids(site: Site) -> list[str]:
    """Of everything of the other partner's that is a row of a table somewhere."""
    return [str(site.world.ids[B][kind]) for kind in _IN_ROWS]


@pytest.fixture
def theirs(site: Site) -> list[Any]:
    """What a browser might bring along: ids of the other partner, as rows and as plain values."""
    ids = site.world.ids[B]
    row = {"id": ids["channel"], "client_id": ids["client"], "key": ids["card"], "value": True}
    return [ids["channel"], {"row": row, **row}]


def test_events_with_ids_of_somebody_else_change_nothing_of_theirs(
    site: Site, ids: list[str], theirs: list[Any], standing: set[Any]
) -> None:
    before = site.world.rows_of(B)
    pages = opened(site, words.OWNER)
    sent, tables = site.run(acted(pages, ids, shown=False))
    assert (sent >= tables * len(ids), tables >= TABLES) == (True, True)
    assert site.run(fired(pages, theirs)) > MANY
    site.run(closed(pages, standing))
    assert site.world.rows_of(B) == before


def test_acts_of_rows_are_heard_as_a_browser_sends_them(site: Site, standing: set[Any]) -> None:
    """Else the test above would send what nobody understands: an own row's act asks a question."""
    opened_ones = opened(site, words.OWNER)
    pages = [page for page in opened_ones if page.request.url.path == "/users"]
    (table,) = (e for e in pages[0].elements.values() if _is_labelled(e, "Invitations"))
    assert isinstance(table, DataTable)
    count = len(pages[0].elements)

    async def withdraw() -> None:
        _fire(pages[0], [table], [["nobodys", "withdraw"]])
        await _quiet()
        assert len(pages[0].elements) == count
        _fire(pages[0], [table], [[table.rows[0]["id"], "withdraw"]])
        await _quiet()

    site.run(withdraw())
    assert len(pages[0].elements) > count
    site.run(closed(opened_ones, standing))


def _is_labelled(element: Element, label: str) -> bool:
    return isinstance(element, DataTable) and element._props["label"] == label


def test_events_of_somebody_who_was_removed_a_moment_ago_change_nothing(
    site: Site, ids: list[str], theirs: list[Any], standing: set[Any]
) -> None:
    """Nobody told the pages: whatever they still show, the verbs ask the database."""
    pages = opened(site, words.LEAVER)
    who = site.world.principals[words.LEAVER]
    gone = update(Membership).where(col(Membership.person_id) == who.person_id)
    with site.world.assembled.database.transaction(TEST) as session:
        session.execute(gone.values(removed_at=factories.now()))
    before = site.world.rows_of(A), site.world.rows_of(B)
    sent, tables = site.run(acted(pages, ids, shown=True))
    assert (sent > tables * len(ids), tables >= TABLES) == (True, True)
    assert site.run(fired(pages, [*theirs, None])) > MANY
    site.run(closed(pages, standing))
    assert (site.world.rows_of(A), site.world.rows_of(B)) == before
