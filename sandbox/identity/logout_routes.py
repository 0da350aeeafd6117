"""RP-initiated logout: `/identity/logout`.

Only a valid id_token of the signed-in person signs out without asking; otherwise any page in
the world could sign people out with a link.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import QueryParams

from sandbox.identity import pages
from sandbox.identity.authorize_routes import COOKIE, parameters_of, with_query
from sandbox.identity.provider import Provider
from sandbox.identity.tokens import read_hint


class LogoutRoutes:
    """The end-session endpoint and its question."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/identity", tags=["identity"])
        router.get("/logout")(self.logout)
        router.post("/logout")(self.logout)
        router.post("/logout/confirm")(self.confirm)
        return router

    async def logout(self, request: Request) -> Response:
        parameters = await parameters_of(request)
        self._provider.note_call("logout", parameters)
        hinted_sub, client_known, problem = self._hint(parameters)
        target = parameters.get("post_logout_redirect_uri", "")
        problem = problem or self._target_problem(target, client_known)
        if problem:
            return pages.problem_page("Signing out did not work", problem)
        token = request.cookies.get(COOKIE)
        session = self._provider.session(token)
        state = parameters.get("state", "")
        if session is not None and session.sub != hinted_sub:
            return pages.sign_out_page(session.form_token, {"target": target, "state": state})
        return self._signed_out(token, target, state)

    async def confirm(
        self,
        request: Request,
        form_token: Annotated[str, Form()],
        target: Annotated[str, Form()] = "",
        state: Annotated[str, Form()] = "",
    ) -> Response:
        token = request.cookies.get(COOKIE)
        session = self._provider.session(token)
        if session is None or session.form_token != form_token:
            return pages.problem_page("Signing out did not work", "You are not signed in here.")
        if self._target_problem(target, True):
            return pages.problem_page("Signing out did not work", "The way back is not known.")
        return self._signed_out(token, target, state)

    def _hint(self, parameters: QueryParams) -> tuple[str | None, bool, str]:
        """Whose id_token came, whether the client is known by it, and what is wrong."""
        client_id = parameters.get("client_id")
        expected = self._provider.client.client_id
        if client_id is not None and client_id != expected:
            return None, False, "This client is not registered here."
        if "id_token_hint" not in parameters:
            return None, client_id is not None, ""
        claims = read_hint(parameters["id_token_hint"], self._provider.keys)
        if claims is None or claims.get("iss") != self._provider.issuer:
            return None, False, "The id_token_hint was not issued here."
        if claims.get("aud") != expected:
            return None, False, "The id_token_hint belongs to another client."
        return str(claims.get("sub")), True, ""

    def _target_problem(self, target: str, client_known: bool) -> str:
        if not target:
            return ""
        if not client_known:
            return "A way back needs an id_token_hint or a client_id."
        if target not in self._provider.client.post_logout_redirect_uris:
            return "This post-logout address is not registered for the client."
        return ""

    def _signed_out(self, token: str | None, target: str, state: str) -> Response:
        self._provider.sign_out(token)
        answer: Response = pages.signed_out_page()
        if target:
            url = with_query(target, {"state": state} if state else {})
            answer = RedirectResponse(url, status_code=303)
        answer.delete_cookie(COOKIE, path="/identity")
        return answer
