"""Who looks at a page, and which open pages end when a session does.

A session that was signed out, revoked or switched takes its open pages with it within a second:
they are deleted here, and their browsers are sent where the answer is. Other processes are told
by notices of the types below; nothing in them is secret, a session's id is a hash.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from urllib.parse import quote, urlencode

import structlog
from nicegui import background_tasks, core
from nicegui.client import Client
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse

from core.access import Principal
from core.errors import NotSignedIn, Unavailable
from core.events import EventType
from core.hub import Hub
from core.partners.rules import safe_next
from core.ports import ChangeFeed, Notice
from ui.context import in_thread
from ui.cookies import session_cookie

log = structlog.get_logger(__name__)

REVOKED = "session_revoked"
SWITCHED = "session_switched"
# Written as events by whoever removes or demotes a member; subject ("person", id).
MEMBER_CHANGED = frozenset({EventType.MEMBER_REMOVED.value, EventType.ROLE_CHANGED.value})

SIGNED_OUT_PATH = "/signed-out"
SWITCHED_PATH = "/switched"
_PRINCIPAL = "hub.principal"
_MOST_REMEMBERED = 10_000
# For the tab that posted the form: its answer is there by then and it has left, while sending it
# elsewhere earlier would stop it on its way. The other tabs still end within a second.
AFTER_THE_ANSWER = 0.5
_LOOK_EVERY = 60.0


async def current(hub: Hub, request: HTTPConnection) -> Principal | None:
    """Who is signed in with this request, read from the database now; None for nobody."""
    secret = request.cookies.get(session_cookie(hub.settings), "")
    if not secret:
        return None
    try:
        principal = await in_thread(hub.sign_in.principal, secret)
    except NotSignedIn:
        return None
    request.scope[_PRINCIPAL] = principal
    return principal


def sign_in_first(request: HTTPConnection) -> RedirectResponse:
    """To the sign-in page, and back here afterwards."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    target = safe_next(asked)
    return RedirectResponse(
        "/login" if target == "/" else f"/login?next={quote(target, safe='')}", status_code=303
    )


class OpenPages:
    """The pages that are open in this process, by session."""

    def __init__(self) -> None:
        self._pages: dict[str, dict[str, Client]] = {}
        # Where a session stands since it changed: None means ended. A page that was fetched before
        # and shakes hands after does not fit any more.
        self._changed: OrderedDict[str, str | None] = OrderedDict()
        self._used: set[str] = set()

    def admit(self, page: Client) -> bool:
        """False for a page of an ended or moved session; others are kept in mind from now on."""
        principal = principal_of(page)
        if principal is None:
            return True
        key = principal.session_hash
        if key in self._changed and self._changed[key] != (principal.partner_id or ""):
            return False
        if page.id not in self._pages.setdefault(key, {}):
            self._pages[key][page.id] = page
            page.on_delete(lambda: self._forget(key, page.id))
        return True

    def used(self, page_id: str) -> None:
        """Somebody acted on the page: its session is not idle."""
        page = Client.instances.get(page_id)
        who = principal_of(page) if page is not None else None
        if who is not None:
            self._used.add(who.session_hash)

    def count(self, session_hash: str) -> int:
        return len(self._pages.get(session_hash, {}))

    async def end(
        self, session_hash: str, *, path: str = SIGNED_OUT_PATH, delay: float = 0
    ) -> None:
        """Every page of the session is gone; after `delay` *seconds* its browsers go to `path`."""
        self._remember(session_hash, None)
        await self._end(self._pages.get(session_hash, {}), path, delay)

    async def switch(self, session_hash: str, partner_id: str, *, but: str = "") -> None:
        """Every page of the session goes on in its section, for the partner it works for now.

        The page `but` is on its way already: it is gone, and its browser is sent nowhere.
        """
        self._remember(session_hash, partner_id)
        pages = self._pages.get(session_hash, {})
        stale = [page for page in pages.values() if not _works_for(page, partner_id)]
        for page in stale:
            here = page.sub_pages_router.current_path
            path = "" if page.id == but else switched(here)
            await self._end({page.id: page}, path)

    async def end_member(self, person_id: str, partner_id: str) -> None:
        """The person's pages at this partner start again and find out what is left of them."""
        stale = {
            page.id: page
            for pages in self._pages.values()
            for page in pages.values()
            if (who := principal_of(page)) is not None
            and who.person_id == person_id
            and who.partner_id == partner_id
        }
        await self._end(stale, "/")

    def follow(self, feed: ChangeFeed) -> None:
        """Hear of sessions that end in other processes, too."""
        feed.subscribe(self._hear)

    async def watch(self, hub: Hub) -> None:
        """For ever: sessions that run out take their pages with them within a minute."""
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            try:
                await self.look_after(hub)
            except Unavailable:
                log.warning("sessions_not_looked_after")  # the database is away; the next minute

    async def look_after(self, hub: Hub) -> None:
        """Used sessions are not idle; pages of sessions that are over are gone."""
        used, self._used = self._used, set()
        if self._pages:
            over = await in_thread(hub.sign_in.look_after, list(self._pages), used)
            for session_hash in over:
                await self.end(session_hash)

    def _hear(self, notices: list[Notice]) -> None:
        """Called in any thread."""
        ours = [n for n in notices if n.type in (REVOKED, SWITCHED) or n.type in MEMBER_CHANGED]
        if ours and core.loop is not None and core.loop.is_running():
            core.loop.call_soon_threadsafe(self._obey_soon, ours)

    def _obey_soon(self, notices: list[Notice]) -> None:
        background_tasks.create(self._obey(notices), name="end pages of changed sessions")

    async def _obey(self, notices: list[Notice]) -> None:
        for notice in notices:
            if notice.type == REVOKED:
                # The process that ended it has dealt with its own pages already.
                if self._changed.get(notice.subject_id, "") is not None:
                    await self.end(notice.subject_id)
            elif notice.type == SWITCHED:
                await self.switch(notice.subject_id, notice.partner_id)
            else:
                await self.end_member(notice.subject_id, notice.partner_id)

    async def _end(self, pages: dict[str, Client], path: str, delay: float = 0) -> None:
        sockets = [sid for page in list(pages.values()) for sid in await _delete(page)]
        if sockets and path:
            background_tasks.create(_send_away(sockets, path, delay), name="send pages away")

    def _forget(self, session_hash: str, page_id: str) -> None:
        pages = self._pages.get(session_hash, {})
        pages.pop(page_id, None)
        if not pages:
            self._pages.pop(session_hash, None)

    def _remember(self, session_hash: str, partner_id: str | None) -> None:
        self._changed[session_hash] = partner_id
        self._changed.move_to_end(session_hash)
        if len(self._changed) > _MOST_REMEMBERED:
            self._changed.popitem(last=False)


def switched(path: str) -> str:
    """The address that leads on from `path` once its session works for another partner."""
    return f"{SWITCHED_PATH}?{urlencode({'from': path})}"


async def tell(hub: Hub, type_: str, session_hash: str, partner_id: str | None) -> None:
    """Tell the other processes about a session (REVOKED, SWITCHED)."""
    notice = Notice(partner_id or "", type_, "session", session_hash)
    await in_thread(hub.feed.publish, [notice])


def principal_of(page: Client) -> Principal | None:
    """Who loaded the page; None for a page that asked nobody to sign in."""
    principal = page.request.scope.get(_PRINCIPAL)
    return principal if isinstance(principal, Principal) else None


def _works_for(page: Client, partner_id: str) -> bool:
    who = principal_of(page)
    return who is not None and who.partner_id == partner_id


async def _delete(page: Client) -> list[str]:
    """The page and its handlers are gone, its sockets hear no room any more; returns those."""
    sockets = [
        sid for sid in page._socket_to_document_id if core.sio.manager.is_connected(sid, "/")
    ]
    for sid in sockets:
        for room in [room for room in core.sio.rooms(sid) if room != sid]:
            await core.sio.leave_room(sid, room)
    if page.id in Client.instances:
        page.delete()
    # A page whose browser had left already was to be deleted later; once is enough.
    for waiting in page._delete_tasks.values():
        waiting.cancel()
    return sockets


async def _send_away(sockets: list[str], path: str, delay: float) -> None:
    if delay:
        await asyncio.sleep(delay)
    for sid in sockets:
        await core.sio.emit("open", {"path": path, "new_tab": False}, to=sid)
