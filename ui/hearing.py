"""Hears the change feed for what no partner's topic tells: a session's, or a person's own news.

The frame follows one partner; a person may have sessions that work for another one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from core.ports import ChangeFeed, Notice


def hear(
    feed: ChangeFeed, concerns: Callable[[Notice], bool], told: Callable[[], None]
) -> Callable[[], None]:
    """`told` is called on the event loop for each batch with a notice that concerns somebody;
    returns what ends it. `concerns` is called in any thread."""
    loop = asyncio.get_running_loop()

    def receive(notices: list[Notice]) -> None:
        if any(concerns(notice) for notice in notices) and loop.is_running():
            loop.call_soon_threadsafe(told)

    return feed.subscribe(receive)
