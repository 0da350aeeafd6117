"""Subscriptions: plan, next invoice, licences and history, and the ways to change them; live."""

from __future__ import annotations

from core.ports import Notice
from core.subscriptions.states import SubscriptionState
from core.subscriptions.views import LicenceSum, Overview, PlanOffer
from ui import format as words
from ui.components import Tile, link_button, page_header, section_card, set_badge, status_badge, tag
from ui.context import PageContext
from ui.elements.data_table import Column, DataTable, Row, badge_cell
from ui.lists import Fact, definition_list
from ui.pages import subscriptions_words as told
from ui.pages.subscriptions_bill import Bill
from ui.pages.subscriptions_history import History
from ui.pages.subscriptions_manage import Manage
from ui.pages.subscriptions_notices import Notices

PATH = "/billing/subscriptions"
LICENCES = f"{PATH}/licences"
SENTENCE = "Your plan, the licences of your numbers, and what the next invoice will be."
ABOUT = frozenset({"subscription", "licence", "invoice", "payment"})
_ASKED = "conversation"  # a downgrade may wait in it
_SUMS = (
    Column(key="tier", title="Licence"),
    Column(key="total", title="A month, before VAT", right=True),
)


async def build(page: PageContext) -> None:
    """Draw the section and keep it live."""
    await Subscriptions(page).draw()


class Subscriptions:
    """One open page of the subscription."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        self._readings = 0

    async def draw(self) -> None:
        self._page.follow(self._changed)
        self._manage = Manage(self._page, page_header("Subscriptions", SENTENCE), self.load)
        with tag("div", classes="stack") as self._room:
            self._notices = Notices(self._page, self.load)
            self._draw_tiles()
            with tag("div", classes="columns"):
                self._draw_next()
                with tag("div", classes="stack"):
                    self._draw_licences()
                    self._draw_plan()
            self._history = History(self._page)
        await self.load()

    def _draw_tiles(self) -> None:
        with tag("div", classes="h-tiles h-tiles-small"):
            with tag("div", classes="h-tile"):
                tag("span", "Plan", "h-tile-label")
                self._plan = tag("span", "", "h-tile-figure")
                self._badge = status_badge("dot", "")
            self._price = Tile("Price")
            self._period = Tile("This period")
            self._licensed = Tile("Licences")

    def _draw_next(self) -> None:
        with section_card("Next invoice"):
            self._added_when = tag("p", "", "quiet small")
            self._added = Bill("Lines of this month's last day")
            self._when = tag("p", "", "quiet small")
            self._next = Bill("Lines of the next invoice")

    def _draw_licences(self) -> None:
        with section_card("Licences", "Each number has one."):
            self._sums = DataTable("Licences by tier", _SUMS)
            self._no_licence = tag("p", "No number has a licence yet.", "quiet small")
            with tag("div", classes="h-actions"):
                self._numbers = link_button("Show the numbers", LICENCES)

    def _draw_plan(self) -> None:
        with section_card("What the plan includes"):
            self._features = definition_list([])

    async def load(self) -> None:
        """Read it again and show what has changed; a reading that began later knows better."""
        # What was pressed may be drawn anew meanwhile: the page's own room outlives it.
        with self._room:
            await self._load()

    async def _load(self) -> None:
        self._readings = reading = self._readings + 1
        subscriptions = self._page.hub.subscriptions
        it = await self._page.call(subscriptions.overview)
        plans = await self._page.call(subscriptions.plans)
        if reading != self._readings or self._room.is_deleted:
            return
        self._manage.show(it)
        self._show(it, plans)
        await self._notices.load(it)
        await self._history.load()

    def _show(self, it: Overview, plans: tuple[PlanOffer, ...]) -> None:
        self._plan.set_text(told.plan(it.plan))
        set_badge(self._badge, *told.state(it.state))
        is_over = it.state is SubscriptionState.ENDED
        how = "not charged any more" if is_over else "a month, before VAT"
        self._price.show(words.money(it.price), how)
        span = "Over" if is_over else told.span(it.period_first, it.period_last)
        self._period.show(span, _then(it))
        self._show_licences(it)
        self._show_next(it)
        current = next(offer for offer in plans if offer.plan is it.plan)
        self._features.show(features(current))

    def _show_licences(self, it: Overview) -> None:
        number = sum(each.numbers for each in it.licences)
        self._sums.show([_sum_row(each) for each in it.licences])
        self._sums.set_visibility(bool(number))
        self._numbers.set_visibility(bool(number))
        self._no_licence.set_visibility(not number)
        is_over = it.state is SubscriptionState.ENDED
        self._no_licence.set_text(
            "They ended with the subscription." if is_over else "No number has a licence yet."
        )
        if number:
            total = it.licences[0].total
            for each in it.licences[1:]:
                total += each.total
            hint = f"{words.money(total)} a month, before VAT"
        else:
            hint = "" if is_over else "Each number that goes live gets one"
        self._licensed.show(words.count(number, "number"), hint)

    def _show_next(self, it: Overview) -> None:
        self._show_added(it)
        coming = it.next_invoice
        self._next.set_visibility(coming is not None)
        if coming is None:
            self._when.set_text("Nothing will be invoiced any more.")
            return
        self._when.set_text(f"On {told.day(coming.on)}, as things stand now.")
        self._next.show(coming)

    def _show_added(self, it: Overview) -> None:
        added = it.last_day_invoice
        self._added_when.set_visibility(added is not None)
        self._added.set_visibility(added is not None)
        if added is not None:
            self._added_when.set_text(f"On {told.day(added.on)}, for what was added this month.")
            self._added.show(added)

    async def _changed(self, notices: list[Notice]) -> None:
        await self._notices.changed(notices)
        if any(notice.subject_type in ABOUT | {_ASKED} for notice in notices):
            await self.load()


def features(offer: PlanOffer) -> list[Fact]:
    """What a plan has; everything else is in every plan."""
    return [
        Fact(label="The hub", value="All of it, for any number of people and clients"),
        Fact(label="Licences", value=told.tiers_of(offer)),
        Fact(label="Support", value=told.support_of(offer)),
    ]


def _then(it: Overview) -> str:
    if it.state is SubscriptionState.ENDED:
        return f"Ended on {told.day(it.ends_on)}"
    if it.ends_on is not None:
        return f"Ends on {told.day(it.ends_on)}"
    return "Then month by month, until you cancel"


def _sum_row(each: LicenceSum) -> Row:
    return {
        "id": each.tier.value,
        "tier": badge_cell(
            *told.tier_badge(each.tier),
            second=f"{words.count(each.numbers, 'number')} at {words.money(each.price)}",
        ),
        "total": words.money(each.total),
    }
