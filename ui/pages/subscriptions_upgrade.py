"""Upgrade to Premium: compare, see the very invoice, confirm, and what became of it; live."""

from __future__ import annotations

from core.errors import HubError, NotFound
from core.ports import Notice
from core.subscriptions.states import PlanName, SubscriptionState
from core.subscriptions.views import Overview, UpgradeView
from ui.components import empty_state, link_button, note, page_header, tag
from ui.context import PageContext
from ui.location import current_query, show_query
from ui.pages import payment_words
from ui.pages import subscriptions_words as told
from ui.pages.subscriptions import ABOUT, PATH
from ui.pages.subscriptions_progress import Progress
from ui.pages.subscriptions_quote import Quoted

_SENTENCE = "What you see here is what the card is charged and what the invoice says."
_CHANGES_QUOTE = frozenset({"card", "billing_details", "partner"})


async def build(page: PageContext) -> None:
    """Draw the section and keep it live."""
    await Upgrade(page).draw()


class Upgrade:
    """One open page: the preview, or how an upgrade stands, whoever of the team began it."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        # Its own id, or its payment's: back from the provider's hosted check.
        self._change_id = current_query().get("change", "")[:40]
        self._readings = 0
        self._quoted: Quoted | None = None
        self._progress: Progress | None = None

    async def draw(self) -> None:
        self._page.follow(self._changed)
        title = f"Upgrade to {told.plan(PlanName.PREMIUM)}"
        page_header(title, _SENTENCE, [("Subscriptions", PATH)])
        self._said = tag("div", classes="h-holder")
        self._room = tag("div", classes="stack")
        await self._load()
        if self._progress is not None and self._progress.is_open:
            await self._look_again(self._progress.payment_id)

    async def _load(self) -> None:
        """Show how it stands; a reading that began later knows better."""
        # What was pressed may be drawn anew meanwhile: the page's own room outlives it.
        with self._room:
            await self._read()

    async def _read(self) -> None:
        self._readings = reading = self._readings + 1
        it = await self._page.call(self._page.hub.subscriptions.overview)
        change = it.open_change or await self._known()
        if reading != self._readings or self._room.is_deleted:
            return
        if change is not None:
            await self._follow(change)
        elif it.plan is PlanName.PREMIUM or it.state is not SubscriptionState.ACTIVE:
            self._draw_refusal(it)
        elif self._quoted is not None:
            await self._quoted.renew()
        else:
            await self._ask()

    async def _known(self) -> UpgradeView | None:
        """The upgrade that this page or its address is about."""
        if not self._change_id:
            return None
        try:
            verb = self._page.hub.subscriptions.upgrade_state
            return await self._page.call(verb, self._change_id)
        except NotFound:  # somebody wrote into the address
            self._change_id = ""
            return None

    async def _ask(self) -> None:
        """Compare, and the invoice that would be issued."""
        subscriptions = self._page.hub.subscriptions
        quote = await self._page.call(subscriptions.quote_upgrade, PlanName.PREMIUM)
        plans = await self._page.call(subscriptions.plans)
        if self._room.is_deleted:
            return
        self._empty()
        with self._room:
            self._quoted = Quoted(self._page, plans, quote, self._follow, self._load)

    async def _follow(self, change: UpgradeView) -> None:
        """The page is about this upgrade now; a reload finds it again."""
        if self._progress is not None and self._progress.change_id == change.id:
            self._progress.show(change)
            return
        self._change_id = change.id
        self._empty()
        with self._room:
            show_query({"change": change.id})
            self._progress = Progress(self._page, change, self._again)

    async def _again(self) -> None:
        """Look at a new preview after one that came to nothing."""
        self._change_id, self._progress = "", None
        with self._room:
            show_query({})
        await self._load()

    async def _look_again(self, payment_id: str) -> None:
        """The provider knows better while its webhook is on the way, as after its hosted check."""
        self._said.clear()
        try:
            await self._page.call(self._page.hub.billing.payments.look_again, payment_id)
        except HubError as refused:
            with self._said:
                note("alert", payment_words.refused(refused), "warning")
        await self._load()

    def _draw_refusal(self, it: Overview) -> None:
        self._empty()
        with self._room:
            if it.plan is PlanName.PREMIUM:
                state = empty_state("star", "You are on Premium", "There is no larger plan.")
            else:
                why = f"It ends on {told.day(it.ends_on)}. Take the cancellation back to upgrade."
                state = empty_state("hourglass", "The subscription is cancelled", why)
            with state:
                link_button("Back to Subscriptions", PATH, kind="primary")

    def _empty(self) -> None:
        self._quoted = self._progress = None
        self._room.clear()

    async def _changed(self, notices: list[Notice]) -> None:
        about = {notice.subject_type for notice in notices}
        if about & ABOUT:
            await self._load()
        elif about & _CHANGES_QUOTE and self._quoted is not None:
            await self._quoted.renew()
