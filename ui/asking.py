"""What the provider is asked about a person, and what its refusals mean.

An ordinary sign-in lets the provider decide whether to ask; a confirmation has it ask in any case.
With an age in the question it says when it asked: who has just typed a password is not asked again
before the first top-up.
"""

from __future__ import annotations

from datetime import timedelta

from starlette.datastructures import FormData

from core.access import Principal
from core.errors import Forbidden, HubError, InvalidInput, NotFound, Unavailable
from core.hub import Hub
from core.partners.invitation_rules import InvitationState
from ui.context import in_thread
from ui.oidc.provider import Provider


class Asking:
    """Begins trips to the provider; one per process."""

    def __init__(self, hub: Hub, provider: Provider) -> None:
        self._hub = hub
        self._provider = provider

    async def url(
        self, form: FormData, next_path: str, browser: str, confirming: Principal | None
    ) -> str:
        """An attempt of this browser is open; where the provider asks the person.

        `confirming` is whose session is to be fresh again. Raises Unavailable.
        """
        if confirming is not None:
            return await self._to_confirm(next_path, browser, confirming)
        invitation = str(form.get("invitation") or "")
        begin = self._hub.sign_in.begin
        start = await in_thread(begin, next_path, browser, invitation=invitation)
        return await self._provider.authorization_url(
            start,
            "login" if form.get("again") else "",
            max_age=_seconds(self._hub.settings.session_lifetime),
            login_hint=await self._invited(invitation) if invitation else "",
        )

    async def _to_confirm(self, next_path: str, browser: str, who: Principal) -> str:
        begin = self._hub.sign_in.begin
        start = await in_thread(begin, next_path, browser, confirms=who.session_hash)
        return await self._provider.authorization_url(
            start,
            "login",
            max_age=_seconds(self._hub.settings.fresh_sign_in),
            login_hint=who.email,
        )

    async def _invited(self, token: str) -> str:
        """The address that an open invitation is for."""
        try:
            landing = await in_thread(self._hub.users.landing, token)
        except NotFound:
            return ""
        return landing.email if landing.state is InvitationState.OPEN else ""


def told_by_provider(error: str, *, is_confirming: bool) -> HubError:
    """The error that stands for the provider's own, of which nothing is shown."""
    if error in ("server_error", "temporarily_unavailable"):
        return Unavailable(code="provider_down")
    if error in ("access_denied", "login_required", "consent_required", "interaction_required"):
        return Forbidden(code="confirm_denied" if is_confirming else "access_denied")
    return InvalidInput(code="login_refused", reason="the provider answered with an error")


def _seconds(lifetime: timedelta) -> int:
    return int(lifetime.total_seconds())
