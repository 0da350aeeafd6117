"""The browser's side of Embedded Signup: the SDK script, the dialog address and the popup."""

import html
import json
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from sandbox.meta.endings import Details, SignupRefused
from sandbox.meta.numbers import display
from sandbox.meta.signup import SignupSession
from sandbox.meta.values import SIGNUP_ERRORS, VERTICALS, Node
from sandbox.meta.world import MetaWorld

_STATIC = Path(__file__).parent / "static"
_ASSETS = {"popup.js": "text/javascript", "popup.css": "text/css"}
# PARTNER_ADDED reaches the hub a moment after the window has told its story.
_EVENT_DELAY = 0.3


def build_popup_router(world: MetaWorld) -> APIRouter:
    """SDK, dialog and popup routes."""
    router = APIRouter()
    popup = Popup(world)
    router.add_api_route("/sdk.js", popup.sdk, methods=["GET"])
    router.add_api_route("/{language}/sdk.js", popup.sdk, methods=["GET"])
    router.add_api_route("/es/assets/{name}", popup.asset, methods=["GET"])
    dialog = "/{version:graph_version}/dialog/oauth"
    router.add_api_route(dialog, popup.start, methods=["GET"], response_model=None)
    router.add_api_route("/es/{session_id}", popup.page, methods=["GET"])
    for name in ("finish", "done", "leave"):
        path, act = f"/es/{{session_id}}/{name}", getattr(popup, name)
        router.add_api_route(path, act, methods=["POST"], response_model=None)
    return router


class Popup:
    """The pages and acts of one world's popups."""

    def __init__(self, world: MetaWorld) -> None:
        self._world = world

    async def sdk(self) -> Response:
        """The script that a host page loads."""
        text = (_STATIC / "sdk.js").read_text("utf-8")
        text = text.replace("{{public_url}}", self._world.settings.public_url)
        # Pages load it with crossorigin=anonymous, which wants a word from this side.
        headers = {"Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"}
        return Response(text, media_type="text/javascript", headers=headers)

    async def asset(self, name: str) -> Response:
        """Style and script of the popup."""
        if name not in _ASSETS:
            return Response(status_code=404)
        return Response((_STATIC / name).read_text("utf-8"), media_type=_ASSETS[name])

    async def start(self, version: str, request: Request) -> Response:
        """Opens a session and goes to its page; a page that says why not."""
        world, query = self._world, dict(request.query_params)
        try:
            session = world.signups.open(query)
        except SignupRefused as refused:
            return _refusal(refused.message, refused.code)
        return RedirectResponse(f"/es/{session.id}", status_code=303)

    async def page(self, session_id: str) -> Response:
        """The popup with the hub's prefill."""
        session = self._world.signups.get(session_id)
        if session is None:
            return _refusal("This signup is over. Close the window and start again.", "404")
        text = json.dumps(self._page_data(session)).replace("<", "\\u003c")
        page = (_STATIC / "popup.html").read_text("utf-8").replace("{{session}}", text)
        return HTMLResponse(page, headers={"Cache-Control": "no-store"})

    async def finish(self, session_id: str, request: Request) -> Response:
        """The client agreed: accounts exist now, the webhooks follow."""
        session = self._session(session_id)
        if session is None:
            return _gone()
        world, first = self._world, session.finished is None
        given = await _body(request)
        try:
            result = world.signups.finish(session, given)
        except SignupRefused as refused:
            problem = {"code": refused.code, "message": refused.message}
            return JSONResponse(problem, status_code=409)
        if first:
            world.sender.send_later(session.events, _EVENT_DELAY)
        return JSONResponse(result)

    async def done(self, session_id: str) -> Response:
        """The client closed the last screen: the code's time begins."""
        session = self._session(session_id)
        if session is None:
            return _gone()
        self._world.signups.hand_over(session)
        return JSONResponse({"success": True})

    async def leave(self, session_id: str, request: Request) -> Response:
        """The client gave up, with or without a reported error."""
        session = self._session(session_id)
        if session is None:
            return _gone()
        world, given = self._world, await _body(request)
        try:
            result = world.signups.leave(session, given)
        except SignupRefused as refused:
            problem = {"code": refused.code, "message": refused.message}
            return JSONResponse(problem, status_code=409)
        world.sender.send_later(session.events, _EVENT_DELAY)
        return JSONResponse(result)

    def _session(self, session_id: str) -> SignupSession | None:
        return self._world.signups.get(session_id)

    def _page_data(self, session: SignupSession) -> Node:
        state, setup = self._world.state, session.setup
        business = setup.get("business") or {}
        details = Details.read({}, setup, session.phone)
        preverified = state.phones.get(details.preverified_id or "")
        number = preverified["display_phone_number"] if preverified else display(details.phone)
        portfolio = state.businesses.get(details.business_id or "")
        return {
            "id": session.id,
            "categories": sorted(VERTICALS),
            "errors": SIGNUP_ERRORS,
            "portfolio": portfolio["name"] if portfolio else None,
            "preverified": preverified is not None,
            "details": {
                "business_name": details.business_name,
                "email": business.get("email") or "owner@demo-bakery.example",
                "website": business.get("website") or "https://demo-bakery.example",
                "country": details.country,
                "account_name": details.account_name,
                "currency": details.currency,
                "display_name": details.display_name,
                "category": details.profile["vertical"],
                "description": details.profile["description"],
                "phone": number,
            },
        }


async def _body(request: Request) -> dict[str, Any]:
    given = await request.json()
    return given if isinstance(given, dict) else {}


def _gone() -> Response:
    return JSONResponse({"code": "404", "message": "This signup is over."}, status_code=404)


def _refusal(message: str, code: str) -> Response:
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<title>Sandbox signup</title><link rel="stylesheet" href="/es/assets/popup.css"></head>'
        '<body><main><h1>Signup cannot start</h1><p id="problem" role="alert">'
        f"{html.escape(message)} (code {html.escape(code)})</p></main></body></html>"
    )
    return HTMLResponse(page, status_code=400)
