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
from sqlmodel import col, update

from core.partners.entities import Membership
from tests import factories
from tests.security.matrix import words
from tests.security.matrix.routes import PLACES
from tests.security.matrix.site import Site
from tests.security.matrix.world import TEST, A, B

# Found in the demo world; without one the page of a thing is not there, and hears nothing.
_THINGS = {
    "channel_id": "channel",
    "conversation_id": "support_conversation",
    "event_id": "event",
    "invoice_id": "invoice",
    "payment_id": "payment",
}
MANY = 150
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
        for element in list(page.elements.values()):
            for listener in list(element._event_listeners):
                for told in brought:
                    frame = {"id": element.id, "listener_id": listener, "args": [json.dumps(told)]}
                    page.handle_event(frame)
                    count += 1
        await _quiet()
    for _ in range(5):
        await _quiet()
    return count


async def _quiet() -> None:
    """What was begun is done, but for what waits for a browser."""
    waiting = [task for task in background_tasks.running_tasks if not task.done()]
    if waiting:
        await asyncio.wait(waiting, timeout=0.2)


@pytest.fixture
def theirs(site: Site) -> list[Any]:
    """What a browser might bring along: ids of the other partner, as rows and as plain values."""
    ids = site.world.ids[B]
    row = {"id": ids["channel"], "client_id": ids["client"], "key": ids["card"], "value": True}
    return [ids["channel"], {"row": row, **row}]


def test_events_with_ids_of_somebody_else_change_nothing_of_theirs(
    site: Site, theirs: list[Any]
) -> None:
    before = site.world.rows_of(B)
    pages = opened(site, words.OWNER)
    assert site.run(fired(pages, theirs)) > MANY
    assert site.world.rows_of(B) == before


def test_events_of_somebody_who_was_removed_a_moment_ago_change_nothing(
    site: Site, theirs: list[Any]
) -> None:
    """Nobody told the pages: whatever they still show, the verbs ask the database."""
    pages = opened(site, words.LEAVER)
    who = site.world.principals[words.LEAVER]
    gone = update(Membership).where(col(Membership.person_id) == who.person_id)
    with site.world.assembled.database.transaction(TEST) as session:
        session.execute(gone.values(removed_at=factories.now()))
    before = site.world.rows_of(A), site.world.rows_of(B)
    assert site.run(fired(pages, [*theirs, None])) > MANY
    assert (site.world.rows_of(A), site.world.rows_of(B)) == before
