"""Step 2, direct-paid: the first credit, now or later, and auto-renewal."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from core.billing.payments.quoting import Quote
from core.billing.payments.states import PaymentStatus
from core.billing.payments.views import PaymentView
from core.errors import HubError
from core.money import Money
from core.onboarding.views import RunView, Trouble
from ui import format as words
from ui.components import tag
from ui.pages.onboarding.fields import big_button
from ui.pages.onboarding.problems import Card, trouble_card
from ui.pages.onboarding.screen import OpenPage
from ui.pages.onboarding.shell import draw_card
from ui.pages.onboarding.sign_up import FormScreen

# Above the threshold of auto-renewal without history, or it would follow at once.
_USUAL = ("250", "500", "1000")
_ENDED = (PaymentStatus.DECLINED, PaymentStatus.CANCELLED)


class FirstCredit(FormScreen):
    """What it costs is said before anything is charged; nobody has to buy."""

    def __init__(self, page: OpenPage) -> None:
        super().__init__(page)
        say = self.say
        page.drafts.setdefault("amount", _USUAL[0])
        self._quote: Quote | None = None
        self._shown: object = None
        self._renewal: ui.switch | None = None
        self._figures: tuple[Money, Money] | None = None
        self.heading(
            say("Your card is saved. Add credit?"),
            say("Messages are paid from your credit, so the first ones need some."),
        )
        self._place = tag("div", classes="ob-room")
        self.update(page.view)

    def update(self, view: RunView) -> None:
        """The payment moved; what is typed meanwhile stays."""
        now = (_state(view.credit), view.trouble, view.card)
        if now == self._shown:
            return
        self._shown = now
        self._place.clear()
        self.fields = {}
        with self._place:
            if view.credit is not None and _state(view.credit):
                self._wait(view.credit)
            else:
                self._offer(view, view.trouble)

    def _wait(self, credit: PaymentView) -> None:
        say, service = self.say, self.page.hub.onboarding
        if credit.status is not PaymentStatus.ACTION_REQUIRED:
            tag("p", say("Your card is being charged. This page goes on by itself."), "ob-lead",
                role="status")  # fmt: skip
            tag("div", classes="ob-wait", aria_hidden="true")
            return
        card = Card(
            title=say("Your bank wants to know that it is you"),
            text=say("Nothing is charged until you confirm it on your bank’s page."),
        )
        with draw_card(card):
            button = say("Confirm with your bank")
            big_button(button, lambda: self.page.leave_for(service.confirm_credit))

    def _offer(self, view: RunView, trouble: Trouble | None) -> None:
        say = self.say
        if trouble is not None:
            draw_card(trouble_card(trouble, say, self.partner))
        self.add("amount", say("Amount of credit"), inputmode="decimal", autocomplete="off",
                 maxlength="12")  # fmt: skip
        self.fields["amount"].input.props("debounce=250")
        self.fields["amount"].input.on_value_change(self._priced)
        with tag("div", classes="ob-chips", role="group", aria_label=say("Usual amounts")):
            for usual in _USUAL:
                tag("button", usual, "ob-chip", type="button").on(
                    "click", lambda usual=usual: self._choose(usual), args=[]
                )
        self._sum = tag("dl", classes="ob-prices ob-sum", aria_live="polite")
        self._renewal_room = tag("div", classes="ob-renewal")
        if view.has_bad_vat_id:
            tag("p", say("The European register does not know your VAT ID, so VAT is charged."),
                "ob-note i i-info")  # fmt: skip
        self._pay = big_button(say("Pay"), self.submit)
        self._pay.disable()
        big_button(say("Not now"), self._skip, kind="side")
        self.small(say("Card ending in {last4}", last4=view.card))
        big_button(say("Use another card"), self._another, kind="link")
        ui.timer(0, self._load, once=True)

    async def _load(self) -> None:
        figures = await self.page.ask(self.page.hub.onboarding.renewal_figures)
        self._figures = figures
        if figures is None:
            return
        say, locale = self.say, self.say.locale
        threshold, top_up = (words.money(amount, locale) for amount in figures)
        with self._renewal_room:
            self._renewal = ui.switch(
                say("Top up by itself (recommended)"),
                value=self.page.drafts.get("renews", "yes") == "yes",
                on_change=self._switched,
            )
            tag(
                "p",
                say(
                    "When your credit is {threshold} or less, {amount} plus fee and VAT are "
                    "charged to your card, so that messages never stop. This begins with your "
                    "first payment or message.",
                    threshold=threshold,
                    amount=top_up,
                ),
                "ob-small",
            )
        await self._priced()

    def _choose(self, usual: str) -> None:
        self.fields["amount"].input.value = usual

    async def _priced(self) -> None:
        """The amount was changed: say what it will cost."""
        amount = self.value("amount").strip()
        self._quote = None
        if amount:
            quote = await self.page.ask(self.page.hub.onboarding.quote_credit, amount)
            if "amount" not in self.fields or amount != self.value("amount").strip():
                return  # typed on meanwhile
            self._quote = quote
        self._show_sum()

    def _show_sum(self) -> None:
        quote, say = self._quote, self.say
        self._sum.clear()
        self._pay.set_enabled(quote is not None)
        if quote is None:
            self._pay.set_text(say("Pay"))
            return
        locale = say.locale
        self._pay.set_text(say("Pay {amount}", amount=words.money(quote.gross, locale)))
        lines = (
            (say("Credit"), quote.net),
            (say("Card fee"), quote.fee),
            (say("VAT"), quote.tax),
            (say("Charged to the card"), quote.gross),
        )
        with self._sum:
            for word, amount in lines:
                with tag("div"):
                    tag("dt", word)
                    tag("dd", words.money(amount, locale), "figure")
            self._warn(quote)

    def _warn(self, quote: Quote) -> None:
        """A small first credit is followed by auto-renewal at once: said before it happens."""
        if self._figures is None or not self._renews:
            return
        threshold, top_up = self._figures
        if quote.net.micros > threshold.micros:
            return
        with tag("div"):
            tag("dt", self.say(
                "This is not above {threshold}: {amount} more follow at once.",
                threshold=words.money(threshold, self.say.locale),
                amount=words.money(top_up, self.say.locale),
            ), "ob-small")  # fmt: skip

    def _switched(self) -> None:
        self.page.drafts["renews"] = "yes" if self._renews else "no"
        self._show_sum()

    async def submit(self) -> None:
        if self._quote is None:
            return
        buy = self.page.hub.onboarding.buy_credit
        amount, quote = self.value("amount").strip(), self._quote
        if not await self.page.act(buy, amount, quote, renews=self._renews) and self.fields:
            await self._priced()

    async def _skip(self) -> None:
        await self.page.act(self.page.hub.onboarding.skip_credit, renews=self._renews)

    async def _another(self) -> None:
        await self.page.leave_for(self.page.hub.onboarding.open_card_page)

    @property
    def _renews(self) -> bool:
        return self._renewal is None or bool(self._renewal.value)

    def wrong(self, fields: Sequence[str], error: HubError) -> bool:
        """Without taking the cursor: the amount is still being typed."""
        if "amount" not in fields or "amount" not in self.fields:
            return False
        self.fields["amount"].fail(error, self.say)
        return True


def _state(credit: PaymentView | None) -> str:
    """What a first top-up waits for; '' when there is none, or it has ended."""
    if credit is None or credit.status in _ENDED:
        return ""
    return credit.status.value
