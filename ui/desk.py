"""The desk's root pages: staff only, in a light frame of their own with the same look.

What the desk shows is in `ui.pages.desk`; here is who gets in, and what stands around it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fastapi import FastAPI, Request, Response
from nicegui import ui

from core.access import Permission
from core.errors import HubError, NotFound, NotSignedIn
from core.hub import Hub, is_held
from ui import sessions, states
from ui.context import PageContext, in_thread
from ui.faults import log_failure
from ui.frame import Frame, main_of
from ui.frame_parts import DESK, Chrome, Outline
from ui.live import DESK as DESK_TOPIC
from ui.live import LiveTopics
from ui.pages import desk as pages
from ui.places import HOME, Section
from ui.rooms import Rooms

_SECTIONS = (
    Section(path=DESK, title="Support desk", builder=pages.build, permission=Permission.SUPPORT),
    Section(
        path=f"{DESK}/{{conversation_id}}",
        title="Support desk",
        builder=pages.build,
        permission=Permission.SUPPORT,
    ),
)


def install(sandbox_url: str = "") -> Callable[[FastAPI, Hub], None]:
    """`/desk` and `/desk/{conversation_id}`, for `create_app`: after the guards."""

    def install_in(app: FastAPI, hub: Hub) -> None:
        desk = _Desk(hub, app.state.live, sandbox_url)
        for path in (DESK, f"{DESK}/{{conversation_id}}"):
            ui.page(path, title="Support desk", language="en-GB")(desk.root)

    return install_in


class _Desk:
    """Who gets in."""

    def __init__(self, hub: Hub, live: LiveTopics, sandbox_url: str) -> None:
        self._hub = hub
        self._live = live
        self._rooms = Rooms(hub, live)
        self._sandbox_url = sandbox_url

    async def root(self, request: Request) -> Response | None:
        """The frame with the desk in it; sign-in first, and nothing at all for others."""
        try:
            who = await sessions.current(self._hub, request)
            if who is None:
                return sessions.sign_in_first(request)
            if not who.is_staff:
                return self._nothing_here()
            outline = Outline(
                hub_name=self._hub.settings.name,
                principal=who,
                partner=None,
                others=(),
                sandbox_url=self._sandbox_url,
                is_held=await in_thread(is_held, self._hub),
            )
        except NotSignedIn:
            return sessions.sign_in_first(request)
        except HubError as error:
            log_failure(error)
            ui.context.client.status_code = states.status_of(error)
            states.alone("Something went wrong", error)
            return None
        page = PageContext(hub=self._hub, principal=who, rooms=self._rooms)
        frame = DeskFrame(page, self._live, outline, _SECTIONS, lambda path: path != "")
        frame.draw()
        await frame.settled()
        return None

    def _nothing_here(self) -> Response | None:
        """For whoever is no staff the desk is not there."""
        ui.context.client.status_code = 404
        states.alone(f"Not found · {self._hub.settings.name}", NotFound())
        return None


class DeskFrame(Frame):
    """One staff member's open page: a top bar, and what is told about all partners."""

    def _draw_around(self, pages: Sequence[Section]) -> None:
        layout = self._client.layout
        layout.classes("frame desk")
        now = self.page.hub.clock.now().isoformat()
        ui.add_head_html(f'<meta name="hub-now" content="{now}">')
        if self._outline.sandbox_url or self._outline.is_held:
            layout.classes("has-banner")
        with layout:
            chrome = DeskChrome(self._outline)
            self._client.page_container.move(layout)
            self._navigations = [chrome]
        main_of(self._client).props("id=main tabindex=-1")

    def _topic(self) -> str | None:
        return DESK_TOPIC

    @property
    def _counts_support(self) -> bool:
        return False

    def _may(self, section: Section) -> bool:
        return self.page.principal.is_staff

    def _refusal(self) -> str:
        return "not_staff"


class DeskChrome(Chrome):
    """Top bar with the person's menu; a way to the partner's dashboard for who works there."""

    def __init__(self, outline: Outline) -> None:
        super().__init__(outline, ())
        who = outline.principal
        links = ({"word": "WhatsApp Accounts", "href": HOME, "icon": "chat"},)
        self._props.update(
            {
                "home": DESK,
                "title": "Support desk",
                "support": "",
                "links": links if who.partner_id else (),
            }
        )
