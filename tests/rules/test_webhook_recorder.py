"""Results of posts are kept until the database takes them, whatever else is wrong with a batch."""

from __future__ import annotations

import asyncio
from typing import Any

from core.errors import Unavailable
from core.integration.outbound.recorder import Recorder


class Book:
    """Takes no two results at once, and none in its first moment."""

    def __init__(self) -> None:
        self.asked = 0
        self.kept: list[Any] = []

    def record(self, results: list[Any]) -> None:
        self.asked += 1
        if len(results) > 1:
            raise ValueError("a result that cannot be kept")
        if self.asked == 2:
            raise Unavailable("the database is away")
        self.kept += results


async def test_a_database_that_goes_away_while_results_are_kept_one_by_one_loses_none() -> None:
    book = Book()
    recorder = Recorder(book)  # type: ignore[arg-type]  as much of it as a recorder asks
    done: list[str] = []
    for result in ("first", "second"):
        recorder.put(result, lambda result=result: done.append(result))  # type: ignore[arg-type,misc]
    recorder.end()
    async with asyncio.timeout(20):
        await recorder.work()
    assert done == book.kept == ["first", "second"]
