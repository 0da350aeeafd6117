"""The configured identity provider, asked lazily and remembered.

One instance per process. Metadata and keys are fetched once for everybody who waits for them;
an unknown key id leads to one more fetch, at most one in `_REFETCH_AFTER`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote_plus, urlencode

import httpx
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from core.clock import Clock
from core.errors import InvalidInput
from core.partners.sign_in import ClaimedLogin, LoginStart
from core.settings import Settings
from ui.oidc.fetching import Wire, get_json, told_as_unavailable
from ui.oidc.id_token import IdTokenRefusedError, UnknownKeyError, check_claims, verified
from ui.oidc.metadata import Metadata, checked, discovery_url

_SCOPE = "openid email profile"
# A provider that rotates keys does so once; a forger who invents key ids gets one fetch a minute.
_REFETCH_AFTER = timedelta(minutes=1)
_KEYS_LIFE = timedelta(hours=24)

T = TypeVar("T")


class Provider:
    """What `ui.login` needs of the provider: where to send people, and who came back."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        wire: Wire | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._wire = wire or Wire()
        self._metadata: Metadata | None = None
        self._keys: dict[str, Any] = {}
        self._keys_at: datetime | None = None
        self._refetched_at: datetime | None = None
        self._waiting: dict[str, asyncio.Task[Any]] = {}

    @property
    def redirect_uri(self) -> str:
        return f"{self._settings.base_url.rstrip('/')}/login/callback"

    async def metadata(self) -> Metadata:
        """Raises Unavailable (`provider_down`, `provider_misconfigured`)."""
        if self._metadata is None:
            self._metadata = await self._once("metadata", self._discover)
        return self._metadata

    async def authorization_url(
        self,
        start: LoginStart,
        prompt: str = "",
        *,
        max_age: int | None = None,
        login_hint: str = "",
    ) -> str:
        """Where to send the browser; always S256, always a nonce.

        With `max_age` (*seconds*) the provider must say when it asked the person.
        """
        metadata = await self.metadata()
        asked = {"prompt": prompt, "max_age": max_age, "login_hint": login_hint}
        more = {name: value for name, value in asked.items() if value not in ("", None)}
        async with self._oauth() as client:
            url, _ = client.create_authorization_url(
                metadata.authorization_endpoint,
                state=start.state,
                nonce=start.nonce,
                code_verifier=start.verifier,
                **more,
            )
        return str(url)

    async def check_answer(self, iss: str | None) -> None:
        """Returns if the answer can be our provider's (RFC 9207); raises InvalidInput.

        Comes before the code goes anywhere: in a mix-up the code is another provider's.
        """
        metadata = await self.metadata()
        missing = iss is None and metadata.names_itself_in_answers
        if missing or (iss is not None and iss != metadata.issuer):
            raise InvalidInput(code="login_foreign_answer")

    async def exchange(self, code: str, login: ClaimedLogin) -> tuple[dict[str, Any], str]:
        """(claims, id_token) of the person who signed in.

        Raises InvalidInput (`code_refused`, `id_token_refused`) or Unavailable.
        """
        answer = await self._token_answer(code, login.verifier)
        id_token = answer.get("id_token")
        if not isinstance(id_token, str) or not id_token:
            raise IdTokenRefusedError("there is none")
        claims = await self._verified(id_token)
        check_claims(
            claims,
            issuer=self._settings.oidc_issuer,
            client_id=self._settings.oidc_client_id,
            nonce=login.nonce,
            now=self._clock.now(),
        )
        return await self._completed(claims, str(answer.get("access_token") or "")), id_token

    def logout_url(self, id_token: str) -> str:
        """The provider's own sign-out, or "" where it has none (or was never reached)."""
        if self._metadata is None or not self._metadata.end_session_endpoint:
            return ""
        endpoint = self._metadata.end_session_endpoint
        query = {
            "client_id": self._settings.oidc_client_id,
            "post_logout_redirect_uri": f"{self._settings.base_url.rstrip('/')}/",
        }
        if id_token:
            query["id_token_hint"] = id_token
        return endpoint + ("&" if "?" in endpoint else "?") + urlencode(query)

    async def _discover(self) -> Metadata:
        issuer = self._settings.oidc_issuer
        return checked(await get_json(discovery_url(issuer), self._wire), issuer)

    async def _token_answer(self, code: str, verifier: str) -> dict[str, Any]:
        metadata = await self.metadata()
        secret = self._settings.oidc_client_secret.get_secret_value()
        auth = None
        if not metadata.takes_secret_in_body:
            # RFC 6749 2.3.1: both halves are form-encoded first, which authlib leaves out.
            auth = httpx.BasicAuth(quote_plus(self._settings.oidc_client_id), quote_plus(secret))
        try:
            async with told_as_unavailable(self._wire), self._oauth() as client:
                answer = await client.fetch_token(
                    metadata.token_endpoint,
                    code=code,
                    code_verifier=verifier,
                    grant_type="authorization_code",
                    auth=auth,
                )
        except OAuthError as error:
            raise InvalidInput(code="code_refused", error=str(error.error)[:100]) from error
        return dict(answer)

    async def _verified(self, id_token: str) -> dict[str, Any]:
        known = await self._current_keys()
        try:
            return verified(id_token, known)
        except UnknownKeyError:
            fresh = await self._refetched_keys()
            if fresh is known:
                raise
            return verified(id_token, fresh)

    async def _completed(self, claims: dict[str, Any], access_token: str) -> dict[str, Any]:
        """Strict providers keep e-mail and name out of the id_token; userinfo has them."""
        metadata = await self.metadata()
        if "email" in claims or not metadata.userinfo_endpoint or not access_token:
            return claims
        told = await get_json(metadata.userinfo_endpoint, self._wire, access_token)
        if told.get("sub") != claims["sub"]:
            raise IdTokenRefusedError("userinfo tells of somebody else")
        more = {name: told[name] for name in ("email", "email_verified", "name") if name in told}
        return claims | more

    async def _current_keys(self) -> dict[str, Any]:
        if self._keys_at is None or self._clock.now() - self._keys_at > _KEYS_LIFE:
            return await self._once("keys", self._fetch_keys)
        return self._keys

    async def _refetched_keys(self) -> dict[str, Any]:
        now = self._clock.now()
        if self._refetched_at and now - self._refetched_at < _REFETCH_AFTER:
            return self._keys
        self._refetched_at = now
        return await self._once("keys", self._fetch_keys)

    async def _fetch_keys(self) -> dict[str, Any]:
        metadata = await self.metadata()
        self._keys = await get_json(metadata.jwks_uri, self._wire)
        self._keys_at = self._clock.now()
        return self._keys

    async def _once(self, what: str, fetch: Callable[[], Awaitable[T]]) -> T:
        """Everybody who asks while a fetch is under way gets its outcome, good or bad."""
        task = self._waiting.get(what)
        if task is None or task.done():
            # Kept in the dict, so it is not collected half way; shielded, so one impatient browser
            # does not take the answer from the others.
            task = self._waiting[what] = asyncio.ensure_future(fetch())
        outcome: T = await asyncio.shield(task)
        return outcome

    def _oauth(self) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            client_id=self._settings.oidc_client_id,
            client_secret=self._settings.oidc_client_secret.get_secret_value(),
            token_endpoint_auth_method="client_secret_post",  # noqa: S106  a method's name
            code_challenge_method="S256",
            scope=_SCOPE,
            redirect_uri=self.redirect_uri,
            **self._wire.client_options(),
        )
