"""Where a number's data is: owners change it in a guided run, its steps live, read back at Meta."""

from __future__ import annotations

from core.access import Permission
from core.accounts.regions.entities import RegionChange
from core.accounts.regions.service import RegionView
from core.accounts.results import ChannelDetails
from core.errors import Conflict, InvalidInput
from ui import format as words
from ui.components import button, section_card, status_badge, tag, viewer_zone
from ui.context import PageContext
from ui.dialogs import toast
from ui.pages import account_region_words as told
from ui.pages.account_region_dialog import RegionDialog


class RegionCard:
    """The card on the details page; drawn anew only when something about the region has changed."""

    def __init__(self, page: PageContext, channel_id: str) -> None:
        self._page, self._id = page, channel_id
        self._drawn: object = None
        self._readings = 0
        self._number = ""
        with section_card("Storage region", "Where Meta stores its messages.") as self._place:
            self._body = tag("div", classes="stack-tight")

    async def show(self, it: ChannelDetails) -> None:
        """Where it is, how the newest run stands, and what can be done; members see where only."""
        self._number = words.phone(it.row.phone_number) or it.row.name or "this number"
        if self._page.principal.may(Permission.SETTINGS):
            await self._load()
        elif it.row.region != self._drawn:
            self._drawn = it.row.region
            self._body.clear()
            with self._body:
                tag("p", told.region_name(it.row.region))
                tag("p", "An owner can change it.", "quiet small")

    async def _load(self) -> None:
        """Read it again; a reading that began later knows better."""
        self._readings = reading = self._readings + 1
        view = await self._page.call(self._page.hub.regions.look, self._id)
        if reading == self._readings and not self._body.is_deleted:
            self._show(view)

    def _show(self, view: RegionView) -> None:
        run = view.run
        at = (run.id, run.state, run.step) if run is not None else None
        standing = (view.region, view.used, view.free_at, view.why_not, view.needs_pin, at)
        if standing == self._drawn:
            return  # the person may be on its button
        self._drawn = standing
        self._body.clear()
        with self._body:
            self._draw(view)

    def _draw(self, view: RegionView) -> None:
        tag("p", told.region_name(view.region))
        if view.run is not None:
            self._draw_run(view.run)
        why = told.why_not(view, viewer_zone())
        with tag("div", classes="h-actions"):
            change = button("Change region", self._pressed)
            change.set_enabled(not why)
        if why:
            change.props["title"] = why
        if view.why_not != "working":
            tag("p", why or told.budget(view), "quiet small")

    def _draw_run(self, run: RegionChange) -> None:
        with tag("div", classes="stack-tight", role="status"):
            status_badge(*told.badge(run))
            tag("p", told.outcome(run, viewer_zone()), "small")
        if not told.is_recent(run, self._page.hub.clock.now()):
            return
        with tag("ol", classes="h-steps small"):
            for icon, step, word, state in told.steps(run):
                with tag("li", classes=f"i i-{icon} is-{state}"):
                    tag("span", step)
                    tag("span", word, "quiet")

    async def _pressed(self) -> None:
        with self._place:  # no push draws anew what was pressed meanwhile
            view = await self._page.call(self._page.hub.regions.look, self._id)
            self._show(view)
            if not view.why_not:
                await self._ask(view)

    async def _ask(self, view: RegionView) -> None:
        wish = await RegionDialog(view, self._number).ask()
        if wish is None:
            return
        verb = self._page.hub.regions.start
        try:
            await self._page.call(verb, self._id, wish.region, wish.pin)
        except (Conflict, InvalidInput) as refused:
            toast(told.refusal(refused.code), "danger")
        await self._load()
