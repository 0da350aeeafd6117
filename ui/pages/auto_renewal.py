"""Auto-renewal: each figure with its reason, last month as it would have looked, Modify; live."""

from __future__ import annotations

from datetime import timedelta

from core.billing.payments.states import Purpose
from core.billing.payments.views import CardView, PaymentView
from core.billing.renewal.entities import Mode
from core.billing.renewal.service import Explained
from core.money import Money
from core.ports import Notice
from ui import format as words
from ui.charts import Chart, Series
from ui.components import (
    button,
    link_button,
    page_header,
    section_card,
    set_badge,
    status_badge,
    tag,
    viewer_zone,
)
from ui.context import PageContext
from ui.dialogs import confirm, toast
from ui.lists import Fact, definition_list
from ui.pages import auto_renewal_words as told
from ui.pages import payment_words
from ui.pages.auto_renewal_form import ModifyDialog
from ui.pages.balance_messages import messages_path
from ui.pages.balance_month import month_name
from ui.pages.client_picker import ClientPicker
from ui.pages.payments import payments_path
from ui.pages.top_up import CARDS, confirm_payment

PATH = "/billing/auto-renewal"
SENTENCE = "Tops the balance up from your card before template messages would have to stop."
_ABOUT = ("renewal", "payment", "card")


async def build(page: PageContext) -> None:
    """Draw the section and keep it live."""
    await AutoRenewal(page).draw()


class AutoRenewal:
    """One payer's auto-renewal."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        self._picker = ClientPicker(page, PATH)
        self._it: Explained | None = None
        self._chart: Chart | None = None

    @property
    def _client(self) -> str:
        return self._picker.client_id

    async def draw(self) -> None:
        head = page_header("Auto-renewal", SENTENCE, [("Balance", "/billing/balance")])
        if not await self._picker.choose(head):
            return
        self._page.follow(self._changed)
        with head:
            self._pause = button("Pause", self._paused)
            button("Modify", self._modify, kind="primary")
        with tag("div", classes="stack"):
            with tag("div", classes="h-standing", role="status"):
                self._badge = status_badge("dot", "")
                self._said = tag("p")
                self._acts = tag("div", classes="h-actions")
            with tag("div", classes="columns"):
                with tag("div", classes="stack"):
                    with section_card("When and how much"):
                        self._figures = tag("div", classes="h-reasons")
                        self._expected = tag("p", "", "quiet small")
                        self._spent = tag("a", "", "small")
                    self._draw_dry_run()
                with section_card("At a glance"):
                    self._facts = definition_list([])
        await self._load()

    def _draw_dry_run(self) -> None:
        with section_card("What last month would have looked like"):
            self._run = tag("p", "", "quiet small")
            self._chart_room = tag("div")

    async def _load(self) -> None:
        it, payments = await renewals_of(self._page, self._client)
        verb = self._page.hub.billing.payments.cards
        self._show(it, await self._page.call(verb, client_id=self._client), payments)

    def _show(self, it: Explained, cards: list[CardView], payments: list[PaymentView]) -> None:
        self._it = it
        self._show_state(told.state(it, payments, self._page.hub.clock.now(), viewer_zone()))
        self._pause.set_visibility(not it.is_paused and it.stopped_at is None)
        self._figures.clear()
        with self._figures:
            _figure("Top up when the balance is at", it.threshold, told.threshold_reasons(it))
            _figure("Then add", it.top_up, told.top_up_reasons(it))
        self._expected.set_text(told.expected(it))
        self._show_spent(it)
        month = f"{self._page.hub.clock.now():%Y-%m}"
        self._facts.show(_facts(it, cards, self._client, month))
        self._show_dry_run(it)

    def _show_state(self, state: told.State) -> None:
        set_badge(self._badge, state.icon, state.word, state.tone)
        self._said.set_text(state.sentence)
        self._acts.clear()
        with self._acts:
            if state.act == "start":
                button("Start it again", self._started)
            elif state.act == "card":
                link_button("Add a card", cards_of(self._client))
            elif state.act == "confirm":
                payment_id = state.payment_id
                button("Confirm with your bank", lambda: confirm_payment(self._page, payment_id))

    def _show_spent(self, it: Explained) -> None:
        """Where the spend that is reckoned with comes from."""
        last = (it.month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        self._spent.set_text(f"Messages of {month_name(it.month)}")
        self._spent.props["href"] = messages_path(it.month, last, client_id=self._client)
        self._spent.set_visibility(bool(it.spent.micros))

    def _show_dry_run(self, it: Explained) -> None:
        self._run.set_text(told.dry_run(it))
        name = f"Balance in {month_name(it.month)} with auto-renewal"
        labels = [f"{day.day.day} {day.day:%b}" for day in it.dry_run]
        left = Series(name="Balance", role="info-text", micros=[d.balance for d in it.dry_run])
        marks = [(f"Threshold {words.money(it.threshold)}", it.threshold.micros)]
        if self._chart is not None:
            self._chart.show(labels, [left], marks)
            return
        with self._chart_room:
            currency = it.threshold.currency
            self._chart = Chart(name, labels, [left], currency, line=True, marks=marks)

    async def _modify(self) -> None:
        if self._it is None:  # pressed before the figures were there
            await self._load()
        if self._it is not None:
            ModifyDialog(self._page, self._client, self._it, self._load)

    async def _paused(self) -> None:
        if await confirm(
            "Pause auto-renewal?",
            "Nothing is topped up by itself any more. When the credit is used up, template "
            "messages stop until somebody tops up.",
            "Pause it",
        ):
            await self._page.call(self._page.hub.billing.renewal.pause, client_id=self._client)
            await self._load()
            toast("Auto-renewal is paused.")

    async def _started(self) -> None:
        await self._page.call(self._page.hub.billing.renewal.start_again, client_id=self._client)
        toast("Auto-renewal is on.")
        await self._load()  # draws anew what was pressed

    async def _changed(self, notices: list[Notice]) -> None:
        if any(notice.subject_type in _ABOUT for notice in notices):
            await self._load()


async def renewals_of(page: PageContext, client_id: str) -> tuple[Explained, list[PaymentView]]:
    """The figures of a payer, and the payments that auto-renewal has begun, newest first."""
    billing = page.hub.billing
    it = await page.call(billing.renewal.explain, client_id=client_id)
    payments = await page.call(billing.payments.payments, client_id=client_id)
    return it, [payment for payment in payments if payment.purpose is Purpose.AUTO_RENEWAL]


def _figure(label: str, amount: Money, reasons: list[str]) -> None:
    with tag("div", classes="h-tile"):
        tag("span", label, "h-tile-label")
        tag("span", words.money(amount), "h-tile-figure figure")
        for reason in reasons:
            tag("p", reason, "small")


def _facts(it: Explained, cards: list[CardView], client_id: str, month: str) -> list[Fact]:
    good = [card for card in cards if not card.has_expired]
    ceiling = words.money(it.ceiling) if it.ceiling else "None"
    others = f"then {words.count(len(good) - 1, 'other card')}" if len(good) > 1 else ""
    return [
        Fact(
            label="Figures",
            value="As recommended" if it.mode is Mode.RECOMMENDED else "Your own",
            hint="Made anew each month" if it.mode is Mode.RECOMMENDED else "",
        ),
        Fact(
            label="Card",
            value=payment_words.card(good[0]) if good else "None",
            hint=others,
            href=cards_of(client_id),
        ),
        Fact(
            label="Topped up this month",
            value=words.money(it.this_month),
            href=payments_path(
                status="paid", kind="auto_renewal", client_id=client_id, month=month
            ),
        ),
        Fact(label="At most a month", value=ceiling),
    ]


def cards_of(client_id: str) -> str:
    """Where the payer's cards are."""
    return CARDS + (f"?client={client_id}" if client_id else "")
