"""Pages of one partner that show the same list: a change is read once and told once.

Every reading checks the authority of everybody in the room, in its own transaction, and its
message goes to the pages of those who still have it: no socket is in a room that could outlive a
right. Messages are numbered, since they pass by NiceGUI's replay: who misses one reads again.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from nicegui import background_tasks, core, run

from core.access import Principal
from core.errors import HubError
from core.hub import Hub
from core.ports import Notice
from ui.errors import guarded
from ui.live import LiveTopics

EVENT = "patch"  # of the socket; `list` in the message says which list is meant


class Read(Protocol):
    """What a reading for many gives at least: who is not to see it, by session hash."""

    @property
    def refused(self) -> Mapping[str, HubError]: ...


About = TypeVar("About")
Found = TypeVar("Found", bound=Read)


@dataclass(eq=False, slots=True, kw_only=True)
class Member:
    """One open page in a room."""

    page_id: str
    who: Principal
    explain: Callable[[Exception], None]  # says on the page why it hears nothing any more
    catch_up: Callable[[], Awaitable[None] | None]


class Room(ABC, Generic[About, Found]):
    """The open pages of one partner that show one list; lives on the event loop."""

    kind: ClassVar[str]

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.number = 0  # of the last message
        self.readings = 0  # begun so far
        self._members: dict[int, Member] = {}
        self._waiting: list[Notice] = []
        self._meanwhile: dict[object, list[Notice]] = {}
        self._is_working = False

    @abstractmethod
    def concerned(self, notices: Sequence[Notice]) -> About | None:
        """What to read because of the notices; None when the list does not show it."""

    @abstractmethod
    def read(self, everybody: Sequence[Principal], about: About) -> Found:
        """Read it for all of them, in a worker thread."""

    @abstractmethod
    def message(self, about: About, found: Found) -> dict[str, Any]:
        """Keep what was read and say what the browsers are told."""

    @property
    def is_empty(self) -> bool:
        return not self._members

    def join(self, member: Member) -> None:
        self._members[id(member)] = member

    def leave(self, member: Member) -> None:
        """The page hears no message any more, not even of a reading that is under way."""
        self._members.pop(id(member), None)

    def tell(self, notices: Sequence[Notice]) -> None:
        """Read and tell what the notices are about, after what is being told now."""
        for missed in self._meanwhile.values():
            missed.extend(notices)
        self._tell_soon(notices)

    @contextmanager
    def meanwhile(self) -> Iterator[None]:
        """What is told while the block reads a page is told once more: the page may be older."""
        key: object = object()
        missed = self._meanwhile[key] = []
        try:
            yield
        finally:
            del self._meanwhile[key]
            self._tell_soon(missed)

    def _tell_soon(self, notices: Sequence[Notice]) -> None:
        self._waiting += notices
        if self._waiting and not self._is_working:
            self._is_working = True
            background_tasks.create(self._work(), name=f"tell {self.kind}")

    async def _work(self) -> None:
        while self._waiting:
            notices, self._waiting = self._waiting, []
            await guarded(lambda notices=notices: self._tell(notices), self._failed)  # type: ignore[misc]
        self._is_working = False

    async def _tell(self, notices: Sequence[Notice]) -> None:
        about = self.concerned(notices)
        if about is None or self.is_empty:
            return
        asked = {member.who.session_hash: member.who for member in self._members.values()}
        self.readings += 1
        found = await run.io_bound(self.read, list(asked.values()), about)
        if found is None:  # NiceGUI's answer when the process is ending
            return
        pages = self._authorized(asked, found.refused)
        message = self.message(about, found)
        if pages:
            self.number += 1
            told = {"list": self.kind, "number": self.number, **message}
            await core.sio.emit(EVENT, told, to=pages)

    def _authorized(
        self, asked: Mapping[str, Principal], refused: Mapping[str, HubError]
    ) -> list[str]:
        """Ids of the pages that may be told; the others are told why not, and leave.

        Who came while it was read and was not asked about finds the gap at the next message.
        """
        pages = []
        for member in list(self._members.values()):
            key = member.who.session_hash
            if key in refused:
                self.leave(member)
                member.explain(refused[key])
            elif key in asked:
                pages.append(member.page_id)
        return pages

    def _failed(self, error: Exception) -> None:
        """Everybody hears of it; the gap makes them read again at the next message."""
        self.number += 1
        for member in list(self._members.values()):
            member.explain(error)


AnyRoom = TypeVar("AnyRoom", bound=Room[Any, Any])


class Rooms:
    """The rooms of this process; one for each partner and list, while somebody is in it."""

    def __init__(self, hub: Hub, live: LiveTopics) -> None:
        self._hub = hub
        self._live = live
        self._rooms: dict[tuple[str, type[Any]], tuple[Room[Any, Any], Callable[[], None]]] = {}

    def enter(self, kind: type[AnyRoom], member: Member) -> AnyRoom:
        """The room of the member's partner; `member` hears what is told there from now on."""
        key = (member.who.tenant.partner_id, kind)
        if key not in self._rooms:
            room = kind(self._hub)
            self._rooms[key] = (room, self._live.listen(key[0], room.tell))
        room = self._rooms[key][0]  # type: ignore[assignment]  # kept by its class
        room.join(member)
        return room

    def leave(self, room: Room[Any, Any], member: Member) -> None:
        """An empty room is closed."""
        room.leave(member)
        key = (member.who.tenant.partner_id, type(room))
        if room.is_empty and key in self._rooms:
            _, end = self._rooms.pop(key)
            end()

    def __len__(self) -> int:
        return len(self._rooms)
