"""`/identity/authorize` and the sign-in page: from the client's request to its answer."""

from typing import Annotated
from urllib.parse import urlencode, urlsplit, urlunsplit

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel
from starlette.datastructures import QueryParams

from sandbox.identity import pages
from sandbox.identity.authorization import (
    AuthorizationRequest,
    NotTrustedError,
    RefusedError,
    parse,
)
from sandbox.identity.people import Person, is_hinted
from sandbox.identity.provider import Provider, Session

COOKIE = "sandbox_identity"


class Choice(BaseModel):
    """The sign-in page's form; `request` is the ticket of the page, good for one use."""

    request: str
    sub: str = ""
    name: str = ""
    email: str = ""
    email_verified: bool = False
    deny: str = ""


class AuthorizeRoutes:
    """The part of the provider that a browser sees before it has a code."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/identity", tags=["identity"])
        router.get("/authorize")(self.authorize)
        router.post("/authorize")(self.authorize)
        router.post("/sign-in")(self.sign_in)
        return router

    async def authorize(self, request: Request) -> Response:
        parameters = await parameters_of(request)
        self._provider.note_call("authorize", parameters)
        try:
            asked = parse(parameters, self._provider.client)
        except NotTrustedError as error:
            return pages.problem_page("This sign-in link does not work", str(error))
        except RefusedError as error:
            return self._refuse(error)
        if self._provider.faults.strikes("answer_html_error"):
            return self._refuse(_refusal(asked, "access_denied", "<img src=x onerror=alert(1)>"))
        session = self._provider.session(request.cookies.get(COOKIE))
        return self._answer_or_ask(asked, session)

    async def sign_in(self, choice: Annotated[Choice, Form()]) -> Response:
        """What the sign-in page posts: a listed person, somebody typed in, or a denial."""
        asked = self._provider.take(choice.request)
        if asked is None:
            return pages.problem_page(
                "This page was used already", "Go back to the hub and sign in again."
            )
        if choice.deny:
            return self._refuse(_refusal(asked, "access_denied", "The person said no."))
        person = self._chosen(choice)
        if person is None:
            ticket = self._provider.hold(asked)
            return self._sign_in_page(asked, ticket, "Choose a person or fill in an e-mail.")
        token, session = self._provider.sign_in(person)
        answer = self._grant(asked, session)
        answer.set_cookie(COOKIE, token, path="/identity", httponly=True, samesite="lax")
        return answer

    def _chosen(self, choice: Choice) -> Person | None:
        if choice.sub:
            return self._provider.people.get(choice.sub)
        if not choice.email.strip():
            return None
        return self._provider.people.guest(
            name=choice.name, email=choice.email, email_verified=choice.email_verified
        )

    def _answer_or_ask(self, asked: AuthorizationRequest, session: Session | None) -> Response:
        if session is not None and self._session_suffices(asked, session):
            return self._grant(asked, session)
        if "none" in asked.prompts:
            return self._refuse(_refusal(asked, "login_required", "Nobody is signed in."))
        return self._sign_in_page(asked, self._provider.hold(asked), "")

    def _session_suffices(self, asked: AuthorizationRequest, session: Session) -> bool:
        """True if the signed-in person need not be asked again."""
        if asked.prompts & {"login", "select_account", "consent"}:
            return False
        age = (self._provider.clock.now() - session.auth_time).total_seconds()
        if asked.max_age is not None and age > asked.max_age:
            return False
        person = self._provider.people.get(session.sub)
        return person is not None and (not asked.login_hint or is_hinted(person, asked.login_hint))

    def _sign_in_page(self, asked: AuthorizationRequest, ticket: str, problem: str) -> Response:
        listed = self._provider.people.listed(asked.login_hint)
        return pages.sign_in_page(ticket, listed, asked.login_hint, problem)

    def _grant(self, asked: AuthorizationRequest, session: Session) -> Response:
        code = self._provider.grant_code(asked, session)
        return self._redirect(asked.redirect_uri, {"code": code}, asked.state)

    def _refuse(self, refused: RefusedError) -> Response:
        answer = {"error": refused.error, "error_description": refused.description}
        return self._redirect(refused.redirect_uri, answer, refused.state)

    def _redirect(self, uri: str, answer: dict[str, str], state: str | None) -> Response:
        """Answer at the client's URI with `state` and, as RFC 9207 asks, with `iss`."""
        answer = answer | self._state_part(state) | self._iss_part()
        url = with_query(uri, answer)
        # 303: the form on the sign-in page was posted, the client wants a GET.
        headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        return RedirectResponse(url, status_code=303, headers=headers)

    def _state_part(self, state: str | None) -> dict[str, str]:
        faults = self._provider.faults
        if faults.strikes("answer_without_state") or state is None:
            return {}
        return {"state": "another-state" if faults.strikes("answer_wrong_state") else state}

    def _iss_part(self) -> dict[str, str]:
        faults = self._provider.faults
        if faults.strikes("answer_without_iss"):
            return {}
        wrong = faults.strikes("answer_wrong_iss")
        return {"iss": "https://evil.example/identity" if wrong else self._provider.issuer}


def _refusal(asked: AuthorizationRequest, error: str, description: str) -> RefusedError:
    return RefusedError(error, description, redirect_uri=asked.redirect_uri, state=asked.state)


async def parameters_of(request: Request) -> QueryParams:
    if request.method == "GET":
        return request.query_params
    form = await request.form()
    return QueryParams([(name, str(value)) for name, value in form.multi_items()])


def with_query(uri: str, answer: dict[str, str]) -> str:
    """The URI with the answer added; a query that it already has stays."""
    parts = urlsplit(uri)
    query = "&".join(part for part in (parts.query, urlencode(answer)) if part)
    return urlunsplit(parts._replace(query=query))
