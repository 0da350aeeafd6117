"""Ending a number: with the month, kept until then, or at once by Support; and what follows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from urllib.parse import urlencode

from core.access import Permission
from core.accounts.cancelling import end_of_month
from core.accounts.results import ChannelDetails
from core.errors import Conflict
from ui import format as words
from ui.components import button, section_card, status_badge, tag, viewer_zone
from ui.context import PageContext
from ui.dialogs import confirm, in_place, toast

_TYPED = "CANCEL"
_TICKED = "I know that my client's number stops working here then."
_ENDED = "This number has ended meanwhile."


class Cancellation:
    """The card on the details page; drawn anew only when where the number stands has changed."""

    def __init__(
        self, page: PageContext, channel_id: str, again: Callable[[], Awaitable[None]]
    ) -> None:
        self._page = page
        self._id = channel_id
        self._again = again
        self._drawn: object = None
        with section_card("Cancellation") as self._place:
            self._body = tag("div", classes="stack-tight cancellation")

    def show(self, it: ChannelDetails) -> None:
        """What stands, what follows and what can be done about it."""
        standing = (it.cancelled_at, it.ends_at, it.terminated_at, it.row.is_on_biz_app)
        if standing == self._drawn:
            return  # the person may be on one of its buttons
        self._drawn = standing
        self._number = words.phone(it.row.phone_number) or it.row.name or "this number"
        self._body.clear()
        with self._body:
            if it.terminated_at is not None:
                self._draw_ended(it, it.terminated_at)
            elif it.cancelled_at is not None:
                self._draw_cancelled(it, it.cancelled_at)
            else:
                self._draw_going_on(it)

    def _draw_going_on(self, it: ChannelDetails) -> None:
        tag("p", "A cancelled number works until the end of the month. You can keep it until then.")
        _draw_what_follows(it)
        with tag("div", classes="h-actions"):
            button("Cancel this number", in_place(self._place, self._cancel), kind="danger")
        self._draw_now()

    def _draw_cancelled(self, it: ChannelDetails, since: datetime) -> None:
        status_badge("hourglass", "Cancelled", "warning")
        ends = f"It works until {last_day(it.ends_at)}" if it.ends_at else "It still works"
        asked = words.day(since, viewer_zone())
        tag("p", f"{ends}. Cancelled on {asked}; you can keep it until then.")
        _draw_what_follows(it)
        with tag("div", classes="h-actions"):
            button("Keep this number", in_place(self._place, self._keep))
        self._draw_now()

    def _draw_ended(self, it: ChannelDetails, ended: datetime) -> None:
        status_badge("minus", "Ended", "neutral")
        tag("p", f"It ended on {words.day(ended, viewer_zone())} and works no longer here.")
        back = "Your client can bring it back with a new onboarding link."
        if it.row.is_on_biz_app:
            back = f"It is still in the WhatsApp Business app. {back}"
        tag("p", back, "quiet small")

    def _draw_now(self) -> None:
        if not self._page.principal.may(Permission.SUPPORT):
            tag("p", "Sooner than that: an owner asks Support to delete it now.", "quiet small")
            return
        query = urlencode({"ask": "delete_number", "channel": self._id})
        with tag("p", "Sooner than that: ", "quiet small"):
            tag("a", "ask Support to delete it now", href=f"/support?{query}")

    async def _cancel(self) -> None:
        until = last_day(end_of_month(self._page.hub.clock.now()))
        if not await confirm(
            f"Cancel {self._number}?",
            f"It works until {until}, and you can keep it until then.",
            "Cancel the number",
            typed=_TYPED,
            ticked=_TICKED,
        ):
            return
        verb = self._page.hub.cancelling.request_cancellation
        try:
            ends_at = await self._page.call(verb, self._id)
        except Conflict:
            toast(_ENDED, "danger")
        else:
            toast(f"Cancelled. It works until {last_day(ends_at)}.")
        await self._again()

    async def _keep(self) -> None:
        verb = self._page.hub.cancelling.revoke_cancellation
        try:
            await self._page.call(verb, self._id)
        except Conflict:
            toast(_ENDED, "danger")
        else:
            toast("You keep this number. Nothing changes.")
        await self._again()


def last_day(ends_at: datetime) -> str:
    """`30 Nov 2026 (UTC)`, of a half-open end."""
    return f"{words.day(ends_at - timedelta.resolution)} (UTC)"


def _draw_what_follows(it: ChannelDetails) -> None:
    with tag("ul", classes="h-bullets small"):
        tag("li", "After that it sends and receives nothing here, and its licence ends.")
        if it.row.is_on_biz_app:
            tag("li", "It stays in the WhatsApp Business app; your client disconnects it there.")
        else:
            tag("li", "The hub takes it off Meta's Cloud API. The number stays your client's.")
        tag("li", "Its invoices and its history stay here. Your client can bring it back later.")
