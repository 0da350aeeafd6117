"""A person's own signed-in browsers: seen, and signed out from here; live, for everybody."""

from __future__ import annotations

from nicegui import background_tasks, ui

from core.errors import NotFound
from core.partners.sessions import SessionSummary
from core.ports import Notice
from ui import format as words
from ui.components import button, page_header, tag, viewer_zone
from ui.context import PageContext
from ui.dialogs import confirm, toast
from ui.elements.data_table import Column, DataTable, Row, act, badge_cell, cell, time_cell
from ui.errors import guarded
from ui.hearing import hear
from ui.pages.session_words import device
from ui.sessions import REVOKED, tell

SENTENCE = "Every browser in which you are signed in. One that you do not know: sign it out."
_COLUMNS = (
    Column(key="device", title="Device"),
    Column(key="state", title="State"),
    Column(key="seen", title="Last seen"),
    Column(key="since", title="Signed in"),
)
_EVERYWHERE = "Every other browser of yours is signed out, and its open pages stop at once."


async def build(page: PageContext) -> None:
    """Draw the section and keep it live."""
    await Me(page).draw()


class Me:
    """One open page of a person's sessions."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        self._sessions: dict[str, SessionSummary] = {}
        self._client = ui.context.client

    async def draw(self) -> None:
        self._page.on_leaving(hear(self._page.hub.feed, self._concerns, self._reload_soon))
        with page_header("Your sign-ins", SENTENCE):
            self._others = button("Sign out everywhere else", self._end_others)
        with tag("div", classes="stack") as self._room:
            self._table = DataTable("Your sign-ins", _COLUMNS, on_act=self._acted)
        await self._load()

    async def _load(self) -> None:
        sessions = await self._page.call(self._page.hub.sign_in.sessions)
        if self._room.is_deleted:
            return
        # This one first: what the others are is judged beside it.
        sessions.sort(key=lambda each: not each.is_this_one)
        self._sessions = {each.id: each for each in sessions}
        self._table.show([self._row(each) for each in sessions])
        self._others.set_enabled(len(sessions) > 1)

    def _row(self, it: SessionSummary) -> Row:
        name, zone = device(it.user_agent), viewer_zone()
        return {
            "id": it.id,
            "device": cell(name, second=it.ip, title=it.user_agent),
            "state": badge_cell("check-circle", "This one", "success")
            if it.is_this_one
            else badge_cell("check-circle", "Active", "neutral"),
            "seen": time_cell(
                words.relative(it.last_seen_at, self._page.hub.clock.now(), zone),
                it.last_seen_at.isoformat(),
                words.exact(it.last_seen_at, zone),
            ),
            "since": cell(words.exact(it.created_at, zone)),
            "acts": [] if it.is_this_one else [act("end", "Sign out", f"Sign out {name}, {it.ip}")],
        }

    async def _acted(self, session_id: str, key: str) -> None:
        it = self._sessions.get(session_id)
        if it is None or key != "end" or it.is_this_one:
            return
        try:
            ended = await self._page.call(self._page.hub.sign_in.revoke, session_id)
        except NotFound:
            toast("This one was signed out already.", "info")
        else:
            await self._stop_pages(ended)
            toast(f"{device(it.user_agent)} is signed out.")
        await self._load()

    async def _end_others(self) -> None:
        with self._room:
            agreed = await confirm("Sign out everywhere else?", _EVERYWHERE, "Sign out the others")
        if agreed:
            ended = await self._page.call(self._page.hub.sign_in.sign_out_elsewhere)
            await self._stop_pages(ended)
            toast(f"{words.count(len(ended), 'browser')} signed out.")
            await self._load()

    async def _stop_pages(self, ended: list[str]) -> None:
        """A session that works for a partner is told of by its event; this is for the others."""
        for session_hash in ended:
            await tell(self._page.hub, REVOKED, session_hash, None)

    def _concerns(self, notice: Notice) -> bool:
        if notice.subject_type == "person":
            return notice.subject_id == self._page.principal.person_id
        return notice.subject_type == "session" and notice.subject_id in self._sessions

    def _reload_soon(self) -> None:
        if not self._client.is_deleted:
            background_tasks.create_lazy(self._reload(), name=f"own sessions {self._client.id}")

    async def _reload(self) -> None:
        with self._client:
            await guarded(self._load, self._page.explain)
