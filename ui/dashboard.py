"""The one root page of the dashboard: every address below it is a section in the same frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from nicegui import ui

from core.access import Permission, Principal
from core.errors import HubError, NotSignedIn
from core.hub import Hub, is_held
from ui import sessions, states
from ui.context import PageContext, in_thread
from ui.faults import log_failure
from ui.frame import Frame
from ui.frame_parts import DESK, Outline
from ui.guards.requests import asked_by
from ui.live import LiveTopics
from ui.places import HOME, Section, template_of_place
from ui.rooms import Rooms


class Dashboard:
    """`root` answers every GET that no other page or route takes."""

    def __init__(
        self,
        hub: Hub,
        live: LiveTopics,
        sections: Sequence[Section],
        elsewhere: Callable[[str], bool],
        sandbox_url: str = "",
    ) -> None:
        self._hub = hub
        self._live = live
        self._rooms = Rooms(hub, live)
        self._sections = sections
        self._elsewhere = elsewhere
        self._sandbox_url = sandbox_url

    async def root(self, request: Request) -> Response | None:
        """The frame with the section of the address; sign-in first, 404 for what is nowhere."""
        if request.method not in ("GET", "HEAD"):
            return PlainTextResponse("Not found", 404)
        try:
            who = await sessions.current(self._hub, request)
            if who is None:
                return self._signed_out(request)
            if elsewhere := self._home_of(who, request.url.path):
                return RedirectResponse(elsewhere)
            outline = await in_thread(self._outline, who)
        except NotSignedIn:
            return sessions.sign_in_first(request)
        except HubError as error:
            return _unavailable(request, error)
        page = PageContext(hub=self._hub, principal=who, rooms=self._rooms)
        frame = Frame(page, self._live, outline, self._sections, self._elsewhere)
        frame.draw()
        if (asked := asked_by(request.scope)) is not None:
            asked.route = template_of_place(self._sections, request.url.path)
        await frame.settled()
        return None

    def _home_of(self, who: Principal, path: str) -> str:
        """Where this person belongs instead; '' for here. Staff without a partner have the desk."""
        if who.is_staff and who.partner_id is None and self._is_place(path):
            return DESK
        return HOME if path == "/" else ""

    def _outline(self, who: Principal) -> Outline:
        memberships = self._hub.sign_in.memberships(who)
        return Outline(
            hub_name=self._hub.settings.name,
            principal=who,
            partner=next((each for each, _ in memberships if each.id == who.partner_id), None),
            others=[(each, role) for each, role in memberships if each.id != who.partner_id],
            sandbox_url=self._sandbox_url,
            is_held=is_held(self._hub),
            unread=self._hub.support.unread(who) if who.may(Permission.SUPPORT) else 0,
        )

    def _signed_out(self, request: Request) -> Response | None:
        if self._is_place(request.url.path):
            return sessions.sign_in_first(request)
        ui.context.client.status_code = 404
        states.alone(f"Not found · {self._hub.settings.name}")
        return None

    def _is_place(self, path: str) -> bool:
        return path == "/" or any(section.holds(path) for section in self._sections)


def _unavailable(request: Request, error: HubError) -> Response:
    log_failure(error)
    states.alone("Something went wrong", error)
    response = ui.context.client.build_response(request, states.status_of(error))
    response.headers["Retry-After"] = "5"
    return response
