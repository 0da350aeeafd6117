"""What a section builder receives: the hub, who is looking, and how to follow changes.

A builder never opens a session and never keeps a service result across requests: it calls a
service verb in a worker thread as its own principal and sets what changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from nicegui import run, ui

from core.access import Principal
from core.errors import FreshSignInNeeded
from core.hub import Hub
from core.ports import Notice
from ui.confirming import confirmed
from ui.faults import log_failure
from ui.rooms import AnyRoom, Member, Room, Rooms

P = ParamSpec("P")
R = TypeVar("R")

Handler = Callable[[list[Notice]], Awaitable[None] | None]


@dataclass(kw_only=True)
class PageContext:
    """One open dashboard page; `principal` is fixed at load, authority is checked at every act."""

    hub: Hub
    principal: Principal
    rooms: Rooms
    explain: Callable[[Exception], None] = field(default=log_failure, repr=False)
    _handler: Handler | None = field(default=None, repr=False)
    _early: list[Notice] | None = field(default=None, repr=False)  # until the section is drawn
    _ends: list[Callable[[], None]] = field(default_factory=list, repr=False)
    _place: tuple[Room[Any, Any], Member] | None = field(default=None, repr=False)

    def follow(self, handler: Handler) -> None:
        """Let the section hear about changes of this partner; call it *before* loading.

        One handler at a time: the frame drops it when the section is left. What is told before
        the section is drawn, it hears right after.
        """
        self._handler, self._early = handler, []

    def enter(self, kind: type[AnyRoom], catch_up: Callable[[], Awaitable[None] | None]) -> AnyRoom:
        """Share a room with the partner's other open pages; call it *before* loading.

        `catch_up` is called once the browser is there: what was told before, it has not heard.
        The frame leaves the room when the section is left.
        """
        self._leave()
        page_id, who = ui.context.client.id, self.principal
        member = Member(page_id=page_id, who=who, explain=self.explain, catch_up=catch_up)
        room = self.rooms.enter(kind, member)
        self._place = (room, member)
        return room

    def unfollow(self) -> None:
        """Called by the frame when the section changes."""
        self._handler, self._early = None, None
        self._leave()
        while self._ends:
            self._ends.pop()()

    def on_leaving(self, end: Callable[[], None]) -> None:
        """`end` is called once the section is left: for what it follows by other ways."""
        self._ends.append(end)

    def drawn(self) -> Awaitable[None] | None:
        """Called by the frame when the section has been built: what was told meanwhile is told."""
        early, self._early = self._early, None
        return self._handler(early) if self._handler is not None and early else None

    @property
    def is_following(self) -> bool:
        """The section has a handler of its own."""
        return self._handler is not None

    def changed(self, notices: list[Notice]) -> Awaitable[None] | None:
        """Called by the frame for each coalesced batch of the partner's notices."""
        if self._early is not None:
            self._early += notices
            return None
        return self._handler(notices) if self._handler is not None else None

    def catch_up(self) -> Awaitable[None] | None:
        """Called by the frame when the browser is there for the first time."""
        return self._place[1].catch_up() if self._place is not None else None

    async def call(
        self, verb: Callable[Concatenate[Principal, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a service verb as this page's principal in the bounded thread pool.

        Raises the HubError of the verb; `ui.frame` turns what a handler lets through into the
        hub's own message (a lost session leaves the page). A verb that wants a fresh sign-in is
        tried again once the person has confirmed who it is.
        """
        try:
            return await in_thread(verb, self.principal, *args, **kwargs)
        except FreshSignInNeeded:
            if not await confirmed(self.hub, self.principal):
                raise
        return await in_thread(verb, self.principal, *args, **kwargs)

    def _leave(self) -> None:
        if self._place is not None:
            self.rooms.leave(*self._place)
            self._place = None


async def in_thread(verb: Callable[..., R], *args: Any, **kwargs: Any) -> R:
    """Run blocking work off the event loop; for pages that have no principal."""
    # The request's id goes along: the pool's threads have no context of their own.
    result = await run.io_bound(copy_context().run, verb, *args, **kwargs)
    # NiceGUI swallows a cancellation here and answers None: whoever was left must not go on.
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
    return cast(R, result)
