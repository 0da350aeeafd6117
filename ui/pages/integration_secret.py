"""The platform secret's card: made, shown, rotated with an overlap; and what needs it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from core.errors import Conflict
from core.integration.outbound.signatures import signing_secret
from core.integration.settings.views import IntegrationView, NewSecret
from ui.components import button, section_card, set_badge, status_badge, tag, viewer_zone
from ui.context import PageContext
from ui.dialogs import confirm, in_place, toast
from ui.pages import integration_words as told
from ui.pages.integration_field import SavedSwitch
from ui.pages.integration_once import show_once

_SIGNATURE_ON = (
    "Links need io_signature and io_timestamp: the HMAC-SHA256 of "
    "“partner id|timestamp” with the platform secret, at most 10 minutes old."
)
_SIGNATURE_OFF = "Anybody who knows your partner ID can begin an onboarding by your link."
_SIGNATURE_NO = "Needs a platform secret. Make one first."


class SecretCard:
    """One card; its buttons change only when the secret's state does."""

    def __init__(
        self, page: PageContext, shown: Callable[[IntegrationView], Awaitable[None]]
    ) -> None:
        self._page, self._shown = page, shown
        self._drawn: object = None
        about = "It signs your webhooks and, if you like, your links."
        with section_card("Platform secret", about) as self._place:
            with tag("div", classes="h-standing", role="status"):
                self._badge = status_badge("dot", "")
                self._said = tag("p")
            self._acts = tag("div", classes="h-actions")
            self._signature = SavedSwitch("IO Signature", self._switched, ask=self._ask_to_switch)

    def show(self, it: IntegrationView) -> None:
        badge, sentence = told.secret(it.secret, viewer_zone())
        set_badge(self._badge, *badge)
        self._said.set_text(sentence)
        self._signature.show(it.io_signature)
        self._signature.explain(_explained(it))
        standing = (it.secret.exists, it.secret.previous_until)
        if standing != self._drawn:  # else the person may be on one of its buttons
            self._drawn = standing
            self._draw_acts(it)

    def _draw_acts(self, it: IntegrationView) -> None:
        self._acts.clear()
        with self._acts:
            if not it.secret.exists:
                button("Make a secret", in_place(self._place, self._generate), kind="primary")
            elif it.secret.previous_until is None:
                button("Rotate", in_place(self._place, self._rotate), icon="refresh", small=True)
                button("Show", in_place(self._place, self._show_again), icon="eye", small=True)
            else:
                button("End the old one now", in_place(self._place, self._end), small=True)
                button("Show", in_place(self._place, self._show_again), icon="eye", small=True)

    async def _generate(self) -> None:
        await self._make(self._page.hub.integration.generate_secret)

    async def _rotate(self) -> None:
        days = self._page.hub.settings.platform_secret_overlap.days
        if await confirm(
            "Rotate the platform secret?",
            f"A new one is made. The one in use stays good for {days} days, so that you can bring "
            "the new one to your server without losing a webhook or a link.",
            "Rotate it",
            danger=False,
        ):
            await self._make(self._page.hub.integration.rotate_secret)

    async def _make(self, verb: Callable[..., NewSecret]) -> None:
        try:
            made = await self._page.call(verb)
        except Conflict as refused:  # another owner was faster
            toast(told.fault(refused.code), "warning")
        else:
            _show(made.secret, told.overlap(made.previous_until, viewer_zone()))
        await self._again()

    async def _show_again(self) -> None:
        if await confirm(
            "Show the platform secret?",
            "Whoever sees it can sign links and webhooks in your name. That you have looked is "
            "kept in the audit.",
            "Show it",
            danger=False,
        ):
            _show(await self._page.call(self._page.hub.integration.show_secret))

    async def _end(self) -> None:
        if await confirm(
            "End the old platform secret now?",
            "Whatever still uses it fails from now on: links that are signed with it, and "
            "receivers that check webhooks by it.",
            "End it now",
        ):
            await self._shown(await self._page.call(self._page.hub.integration.end_overlap))
            toast("Only the new secret is good now.")

    async def _ask_to_switch(self, is_on: bool) -> bool:
        if not is_on:
            return await confirm(
                "Switch IO Signature off?",
                "Links work without a signature then. Signed ones go on working.",
                "Switch it off",
            )
        return await confirm(
            "Switch IO Signature on?",
            "Links without a valid signature stop working at once, also the direct link on this "
            "page. Clients who have begun go on.",
            "Switch it on",
            danger=False,
        )

    async def _switched(self, is_on: bool) -> None:
        verb = self._page.hub.integration.set_io_signature
        await self._shown(await self._page.call(verb, is_on))
        toast("Links need a signature now." if is_on else "Links work without a signature now.")

    async def _again(self) -> None:
        await self._shown(await self._page.call(self._page.hub.integration.look))


def _show(secret: str, more: str = "") -> None:
    also = (signing_secret(secret), "For libraries of Standard Webhooks")
    keep = f"Keep it where only your server reads it. {more}".strip()
    show_once("Your platform secret", secret, "platform secret", also=also, more=keep, once="")


def _explained(it: IntegrationView) -> str:
    if it.io_signature:
        return _SIGNATURE_ON
    return _SIGNATURE_OFF if it.secret.exists else _SIGNATURE_NO
