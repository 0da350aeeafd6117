"""The provider's memory: who is signed in, which requests wait, which codes and tokens live.

Codes live 60 seconds and work once; a code seen twice takes its access tokens with it, as
RFC 6749 4.1.2 asks, because one of the two users is a thief.
"""

import secrets
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sandbox.clock import SandboxClock
from sandbox.identity.authorization import AuthorizationRequest, Client
from sandbox.identity.faults import FaultBoard
from sandbox.identity.keys import KeyRing
from sandbox.identity.people import People, Person
from sandbox.settings import SandboxSettings

CODE_LIFE = timedelta(seconds=60)
ACCESS_TOKEN_LIFE = timedelta(hours=1)
SESSION_LIFE = timedelta(hours=12)
PENDING_LIFE = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    sub: str
    auth_time: datetime
    # Proves that the "sign out?" form came from our own page.
    form_token: str


@dataclass(slots=True, kw_only=True)
class Grant:
    """One authorization code with all it is bound to."""

    request: AuthorizationRequest
    sub: str
    auth_time: datetime
    expires_at: datetime
    used: bool = False
    access_tokens: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    sub: str
    scopes: frozenset[str]
    expires_at: datetime


class Provider:
    """State and its few moves; HTTP is in the route files."""

    def __init__(self, settings: SandboxSettings, clock: SandboxClock) -> None:
        self.issuer = settings.issuer
        self.clock = clock
        self.client = Client(
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret,
            redirect_uris=tuple(settings.oidc_redirect_uris),
            post_logout_redirect_uris=tuple(settings.post_logout_redirect_uris),
        )
        self.people = People()
        self.keys = KeyRing()
        self.faults = FaultBoard()
        self.calls: Counter[str] = Counter()
        self.last_calls: deque[dict[str, Any]] = deque(maxlen=200)
        self._sessions: dict[str, Session] = {}
        self._pending: dict[str, tuple[AuthorizationRequest, datetime]] = {}
        self._grants: dict[str, Grant] = {}
        self._access: dict[str, Access] = {}

    def load(self, people: list[dict[str, Any]]) -> None:
        """Start afresh with these people: nobody is signed in, no code or token lives."""
        self.people.load(people)
        self.faults.clear()
        self.sign_everybody_out()
        self.forget_calls()
        self._pending.clear()
        self._grants.clear()

    def sign_everybody_out(self) -> None:
        self._sessions.clear()
        self._access.clear()

    def forget_calls(self) -> None:
        self.calls.clear()
        self.last_calls.clear()

    def note_call(self, endpoint: str, parameters: Mapping[str, str]) -> None:
        """Count a call and keep its parameters, so that tests can ask how often and with what."""
        self.calls[endpoint] += 1
        entry = {"endpoint": endpoint, "at": self.clock.now().isoformat()}
        self.last_calls.append(entry | {"parameters": _without_secrets(parameters)})

    def session(self, token: str | None) -> Session | None:
        session = self._sessions.get(token or "")
        if session is None or session.auth_time + SESSION_LIFE <= self.clock.now():
            return None
        return session

    def sign_in(self, person: Person) -> tuple[str, Session]:
        """A new session with a new token; `auth_time` is now."""
        token = secrets.token_urlsafe(32)
        session = Session(
            sub=person.sub, auth_time=self.clock.now(), form_token=secrets.token_urlsafe(16)
        )
        self._sessions[token] = session
        return token, session

    def sign_out(self, token: str | None) -> None:
        self._sessions.pop(token or "", None)

    def hold(self, request: AuthorizationRequest) -> str:
        """Keep the request while the person looks at the sign-in page."""
        ticket = secrets.token_urlsafe(24)
        self._pending[ticket] = (request, self.clock.now() + PENDING_LIFE)
        return ticket

    def take(self, ticket: str) -> AuthorizationRequest | None:
        """The request of a sign-in page, once."""
        request, expires_at = self._pending.pop(ticket, (None, self.clock.now()))
        return request if expires_at > self.clock.now() else None

    def grant_code(self, request: AuthorizationRequest, session: Session) -> str:
        code = secrets.token_urlsafe(32)
        self._grants[code] = Grant(
            request=request,
            sub=session.sub,
            auth_time=session.auth_time,
            expires_at=self.clock.now() + CODE_LIFE,
        )
        return code

    def use_code(self, code: str) -> Grant | None:
        """The grant of a fresh code, which is used up by this, whatever comes next."""
        grant = self._grants.get(code)
        if grant is None or grant.expires_at <= self.clock.now():
            return None
        if grant.used:
            for token in grant.access_tokens:
                self._access.pop(token, None)
            return None
        grant.used = True
        return grant

    def grant_access(self, grant: Grant) -> str:
        token = secrets.token_urlsafe(32)
        expires_at = self.clock.now() + ACCESS_TOKEN_LIFE
        self._access[token] = Access(
            sub=grant.sub, scopes=grant.request.scopes, expires_at=expires_at
        )
        grant.access_tokens.append(token)
        return token

    def access(self, token: str) -> Access | None:
        access = self._access.get(token)
        return access if access and access.expires_at > self.clock.now() else None


def _without_secrets(parameters: Mapping[str, str]) -> dict[str, str]:
    hidden = {"client_secret"}
    return {name: "…" if name in hidden else value for name, value in parameters.items()}
