"""The frame of one open dashboard page: drawn once, it holds the sections and outlives them.

It subscribes once to its partner's topic; a section hands over its handler by
`PageContext.follow`, and the frame drops it when the section is left or drawn again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import quote, unquote

from nicegui import Client, background_tasks, ui
from nicegui.element import Element
from nicegui.elements.sub_pages import SubPages

from core.access import Permission
from core.errors import Forbidden, NotFound, NotSignedIn
from core.partners.profile.service import SUBJECT as PROFILE
from core.ports import Notice
from ui import drafts, states, support_notices
from ui.components import tag
from ui.context import PageContext
from ui.dialogs import toast
from ui.errors import guarded
from ui.faults import is_ours, log_failure, reference_of, words_for
from ui.frame_parts import SUPPORT, BottomBar, Chrome, Navigation, Outline, Palette
from ui.frame_search import Hit, find
from ui.live import LiveTopics
from ui.location import current_path, is_drawn, note_drawn
from ui.places import HOME, Section, signature_of, visible
from ui.sessions import switched
from ui.things import thing_of

# A section that loads faster than this is part of the first answer, with its right HTTP status.
_PATIENCE = 0.4


class Frame:
    """One person's open page."""

    def __init__(
        self,
        page: PageContext,
        live: LiveTopics,
        outline: Outline,
        sections: Sequence[Section],
        elsewhere: Callable[[str], bool],
    ) -> None:
        self.page = page
        self._live = live
        self._outline = outline
        self._sections = sections
        self._elsewhere = elsewhere
        self._client: Client = ui.context.client
        page.explain = self._explain_from_outside
        self._navigations: list[Navigation] = []
        self._chrome: Chrome | None = None
        self._was_connected = False
        self.is_quiet = True  # the first section and those after a reconnect take no focus
        self._built = asyncio.Event()
        self._routes: Routes | None = None

    def draw(self) -> None:
        """Everything but the section, then the section; then listen."""
        pages = visible(self._sections, self._outline.principal)
        self._draw_around(pages)
        self._client.on_exception(self.explain)
        with self._client.content:
            self._routes = Routes(self, {each.path: self._route(each) for each in self._sections})
        self._follow()

    async def settled(self) -> None:
        """Return when the section is drawn, waits for the browser itself, or takes its time."""
        waits = self._client._waiting_for_connection  # the section awaits `client.connected()`
        tasks = {asyncio.ensure_future(event.wait()) for event in (self._built, waits)}
        _, open_tasks = await asyncio.wait(
            tasks, timeout=_PATIENCE, return_when=asyncio.FIRST_COMPLETED
        )
        for task in open_tasks:
            task.cancel()

    def leave(self) -> None:
        """The section is going: nobody hears changes until the next one asks to."""
        self.page.unfollow()
        self._built.clear()

    def mark_place(self, title: str) -> None:
        """Title and navigation follow the address."""
        ui.page_title(f"{title} · {self._outline.hub_name}")
        path = current_path()
        here = next((s.path for s in self._sections if s.in_navigation and s.holds(path)), "")
        for navigation in self._navigations:
            navigation.go(here)

    def failed(self, error: Exception) -> None:
        """Draw what stands in for a section that failed; a lost session leaves the page."""
        log_failure(error)
        if isinstance(error, NotSignedIn):
            self._sign_in_again(error)
            return
        self._client.status_code = states.status_of(error)
        states.failure(error)

    def explain(self, error: Exception) -> None:
        """A handler failed: plain words in passing."""
        log_failure(error)
        if isinstance(error, NotSignedIn):
            self._sign_in_again(error)
            return
        if getattr(error, "hub_shown", False):
            return
        reference = f" Reference {reference_of(error)}." if is_ours(error) else ""
        toast(words_for(error).sentence + reference, "danger")

    def _explain_from_outside(self, error: Exception) -> None:
        """The same for what does not run in this page's context."""
        if not self._client.is_deleted:
            with self._client:
                self.explain(error)

    def nowhere(self) -> None:
        """No section has this address: a plain route of the hub does, or nobody."""
        self.leave()
        if self._elsewhere(current_path()):
            self._client.open(self._client.sub_pages_router.current_path)
            return
        self.mark_place("Not found")
        states.not_found()
        self._arrived()

    def _draw_around(self, pages: Sequence[Section]) -> None:
        layout = self._client.layout
        layout.classes("frame")
        now = self.page.hub.clock.now().isoformat()
        ui.add_head_html(f'<meta name="hub-now" content="{now}">')
        if self._outline.sandbox_url or self._outline.is_held:
            layout.classes("has-banner")
        with layout:
            chrome = self._chrome = Chrome(self._outline, pages)
            # The content goes after the navigation, in the focus order as on the screen.
            self._client.page_container.move(layout)
            self._navigations = [chrome, BottomBar(pages, self._outline.unread)]
            Palette(self._outline.principal, self._sections, self._search)
        main_of(self._client).props("id=main tabindex=-1")

    def _follow(self) -> None:
        topic = self._topic()
        if topic is not None:
            self._client.on_delete(self._live.subscribe(topic, self._receive))
        self._client.on_connect(self._connected)
        self._client.on_delete(self.page.unfollow)

    def _topic(self) -> str | None:
        """Whose changes this page follows."""
        return self._outline.principal.partner_id

    def _receive(self, notices: list[Notice]) -> Awaitable[bool] | None:
        counts = self._counts_support and support_notices.change_something(notices)
        if any(notice.subject_type == PROFILE for notice in notices):
            background_tasks.create_lazy(self._call_partner(), name=f"brand {self._client.id}")
        if not counts and not self.page.is_following:
            return None
        return guarded(lambda: self._heard(notices, counts=counts), self.explain)

    async def _heard(self, notices: list[Notice], *, counts: bool) -> None:
        if self.page.is_following and (heard := self.page.changed(notices)) is not None:
            await heard
        if counts:
            unread = await self.page.call(self.page.hub.support.unread)
            for navigation in self._navigations:
                navigation.count(SUPPORT, unread)

    async def _call_partner(self) -> None:
        """The partner has another name or logo."""

        async def read() -> None:
            memberships = await self.page.call(self.page.hub.sign_in.memberships)
            for partner, _ in memberships:
                if partner.id == self._outline.principal.partner_id and self._chrome is not None:
                    self._chrome.call_partner(partner)

        with self._client:
            await guarded(read, self.explain)

    @property
    def _counts_support(self) -> bool:
        """Whether the navigation tells of unread answers."""
        return self._outline.principal.may(Permission.SUPPORT)

    def _connected(self) -> Awaitable[bool] | None:
        """After a break the section reads again: what was pushed meanwhile is gone."""
        if not self._was_connected:
            self._was_connected = True
            return guarded(self.page.catch_up, self.explain)
        if self._routes is not None:
            self.is_quiet = True
            self._routes.refresh()
        return None

    def _route(self, section: Section) -> Callable[..., Awaitable[None]]:
        async def show(**arguments: Any) -> None:
            await self._show(section, arguments)

        show.__signature__ = signature_of(section.builder)  # type: ignore[attr-defined]
        return show

    async def _show(self, section: Section, arguments: dict[str, Any]) -> None:
        self.mark_place(section.title)
        with tag("div", classes="section") as holder:

            def build() -> Awaitable[None] | None:
                if not self._may(section):
                    raise Forbidden(code=self._refusal())
                return section.builder(**arguments)

            missed: list[Exception] = []

            def failed(error: Exception) -> None:
                self.page.unfollow()
                holder.clear()
                if self._outline.others and isinstance(error, NotFound | Forbidden):
                    missed.append(error)
                else:
                    self.failed(error)

            if await guarded(build, failed):
                if missed:
                    await self._look_elsewhere(section, arguments, missed[0])
                self._arrived()
                await guarded(self.page.drawn, self.explain)

    async def _look_elsewhere(
        self, section: Section, arguments: dict[str, Any], error: Exception
    ) -> None:
        """What is not here may be at another of the person's partners; else it is nowhere."""

        async def look() -> None:
            asked, owner = thing_of(section.path, arguments), None
            if asked is not None:
                verb = self.page.hub.whereabouts.elsewhere
                owner = await self.page.call(verb, *asked, section.permission)
            if owner is None:
                self.failed(error)
                return
            log_failure(error)
            self._client.status_code = states.ELSEWHERE
            path = self._client.sub_pages_router.current_path
            states.elsewhere(owner, path, self._client.id)

        await guarded(look, self.failed)

    def _may(self, section: Section) -> bool:
        return self.page.principal.may(section.permission)

    def _refusal(self) -> str:
        return "role_too_low" if self.page.principal.partner_id else "no_partner"

    def _arrived(self) -> None:
        self._built.set()
        if not self.is_quiet:
            self._client.run_javascript("hub.arrived()")
        self.is_quiet = False

    def _sign_in_again(self, error: NotSignedIn) -> None:
        """A session that works for another partner now goes on there; one that ended signs in."""
        if error.code == "partner_switched":
            self._client.open(switched(current_path()))
        else:
            self._client.open(f"/login?next={quote(self._client.sub_pages_router.current_path)}")

    async def _search(self, text: str) -> list[Hit]:
        hub = self.page.hub
        return await self.page.call(lambda who: find(hub, who, text))


class Routes(SubPages):
    """NiceGUI's sub pages with the hub's own answers for an unknown address and a failure."""

    def __init__(self, frame: Frame, routes: dict[str, Callable[..., Any]]) -> None:
        self._frame = frame
        super().__init__(routes, data={"page": frame.page})

    @staticmethod
    def _match_path(pattern: str, path: str) -> dict[str, str] | None:
        # A request arrives decoded, a link that is followed inside the page as it was written.
        return SubPages._match_path(pattern, unquote(path))

    def _render_page(self, match: Any) -> bool:
        if not self._frame.is_quiet:
            drafts.forget(self.client)
        # Before the builder's first line: a notice in between must not find the old handler.
        self._frame.leave()
        note_drawn(self.client)
        return super()._render_page(match)

    def _required_query_params_changed(self, match: Any) -> bool:
        # NiceGUI looks at named parameters only; sections read the whole query. The accounts'
        # list follows its address by itself.
        return match.path != HOME and not is_drawn(self.client)

    def _render_404(self) -> None:
        self._frame.nowhere()

    def _render_error(self, error: Exception) -> None:
        error.hub_shown = True  # type: ignore[attr-defined]  # NiceGUI also tells `explain`
        self._frame.failed(error)


def main_of(client: Client) -> Element:
    """The page's main landmark."""
    slot = client.content.parent_slot
    assert slot is not None  # noqa: S101  # NiceGUI always puts its content into a q-page
    return slot.parent
