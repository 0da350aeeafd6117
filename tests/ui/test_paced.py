"""Work that follows changes: at once, then in one go for all that came meanwhile, never after."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from ui.paced import Paced


@dataclass
class Section:
    """Counts what is drawn; `busy` holds the drawing up."""

    is_deleted: bool = False
    drawn: int = 0
    busy: asyncio.Event = field(default_factory=asyncio.Event)

    async def draw(self) -> None:
        self.drawn += 1
        await self.busy.wait()


async def test_changes_that_come_while_it_draws_are_drawn_once_more_and_not_waited_for() -> None:
    section = Section()
    paced = Paced(section.draw, section, gap=0)
    first = asyncio.create_task(paced())
    await asyncio.sleep(0)
    for _ in range(10):
        await paced()
    assert section.drawn == 1
    section.busy.set()
    await first
    assert section.drawn == 2


async def test_what_is_gone_is_not_drawn_again() -> None:
    section = Section()
    paced = Paced(section.draw, section, gap=0)
    first = asyncio.create_task(paced())
    await asyncio.sleep(0)
    await paced()
    section.is_deleted = True
    section.busy.set()
    await first
    assert section.drawn == 1


async def test_a_failure_is_told_and_the_next_change_is_drawn_all_the_same() -> None:
    section = Section()
    section.busy.set()

    async def fails() -> None:
        section.drawn += 1
        if section.drawn == 1:
            raise LookupError

    paced = Paced(fails, section, gap=0)
    (failure,) = await asyncio.gather(paced(), return_exceptions=True)
    assert isinstance(failure, LookupError)
    await paced()
    assert section.drawn == 2
