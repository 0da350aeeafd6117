"""The parts of cancelling: the policy in dates, what stands against it, and why."""

from __future__ import annotations

from nicegui import ui

from core.ports import Notice
from core.subscriptions.states import CancelReason
from core.subscriptions.views import CancelPreview, Overview
from ui import format as words
from ui.components import section_card, status_badge, tag
from ui.context import PageContext
from ui.elements.data_table import Column, DataTable, Row, act
from ui.pages import subscriptions_words as told
from ui.pages.pay_invoice import PayDialog

_UNPAID = (
    Column(key="number", title="Invoice"),
    Column(key="gross", title="Unpaid", right=True),
)
_SHOWN = 5
_AFTER = "Owners can still sign in, read the data and load every invoice. Nothing more is invoiced."


class Policy:
    """What happens when."""

    def __init__(self, it: Overview) -> None:
        self._plan = told.plan(it.plan)
        with section_card("What happens"):
            self._steps = tag("dl", classes="h-steps")

    def show(self, preview: CancelPreview) -> None:
        """The steps with their days."""
        day = told.day(preview.ends_on)
        numbers = words.count(preview.active_numbers, "active number")
        self._steps.clear()
        with self._steps:
            _step("Today", "All owners get a mail. Nothing stops yet.")
            _step(
                f"Until {day}",
                f"Everything works as ever; {self._plan} and licences are invoiced as ever. Any "
                "owner can take the cancellation back.",
            )
            _step(
                f"After {day}",
                f"{numbers} {'stops' if preview.active_numbers == 1 else 'stop'}: nothing is sent "
                "or received through the hub any more, and no new client can be connected."
                if preview.active_numbers
                else "No new client can be connected any more.",
            )
            _step("From then on", _AFTER)


class Against:
    """Unpaid invoices, which have to be paid first, and active numbers, which one has to know."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        self._pay: PayDialog | None = None
        self._is_known_needed = False
        with section_card("What stands against it"):
            self._clear = tag("div")
            self._unpaid = DataTable("Unpaid invoices", _UNPAID, on_act=self._acted)
            self._first = tag("p", "Pay these first; then you can cancel.", "small")
            self._numbers = tag("div", classes="stack-tight")
            with self._numbers:
                self._told = tag("p", "", "small")
                self._known = ui.checkbox("")
                self._fault = tag("p", "", "h-fault small", role="alert")
        with self._clear:
            status_badge("check-circle", "Nothing: all is paid, no number is active", "success")
        self._dialogs = tag("div", classes="h-holder")

    def show(self, preview: CancelPreview) -> None:
        """Invoices and numbers as they are now; the tick stays while the numbers do."""
        unpaid, number = preview.unpaid, preview.active_numbers
        self._clear.set_visibility(not unpaid and not number)
        self._unpaid.show(
            [_unpaid_row(each.invoice_id, each.number, words.money(each.gross)) for each in unpaid]
        )
        self._unpaid.set_visibility(bool(unpaid))
        self._first.set_visibility(bool(unpaid))
        self._numbers.set_visibility(bool(number))
        self._is_known_needed = bool(number)
        self._told.set_text(_numbers(preview))
        text = f"I know that {words.count(number, 'active number')} will stop"
        if self._known.text != text:
            self._known.set_text(text)
            self._known.value = False

    def knows(self) -> bool:
        """Whether the numbers are acknowledged; says so where they are not."""
        fine = bool(self._known.value) or not self._is_known_needed
        self._fault.set_text("" if fine else "Tick this to go on: these numbers stop for good.")
        return fine

    async def changed(self, notices: list[Notice]) -> None:
        """A payment has moved: the open dialog shows how it stands."""
        if self._pay is not None:
            await self._pay.changed(notices)

    async def _acted(self, invoice_id: str, _key: str) -> None:
        verb = self._page.hub.billing.invoices.invoice
        view = await self._page.call(verb, invoice_id)
        self._pay = PayDialog(self._page, view.invoice)
        with self._dialogs:
            await self._pay.open()


class Reason:
    """Why; one of a few, and words of one's own."""

    def __init__(self) -> None:
        with section_card("Why are you leaving?", "The people who build the hub read this."):
            options = {each.value: word for each, word in told.REASONS.items()}
            self._choice = ui.radio(options).classes("h-radios")
            self._choice.props["aria-label"] = "Why are you leaving?"
            self._fault = tag("p", "", "h-fault small", role="alert")
            with tag("div", classes="h-field"):
                above = tag("label", "What would have kept you? (optional)")
                self._text = ui.textarea().props("outlined dense autogrow hide-bottom-space")
                self._text.props["for"] = above.props["for"] = f"field-{self._text.id}"
                self._text.props("maxlength=2000 no-error-icon")

    @property
    def text(self) -> str:
        return str(self._text.value or "").strip()

    def chosen(self) -> CancelReason | None:
        """The reason; says so where there is none."""
        fine = self._choice.value in told.REASONS
        self._fault.set_text("" if fine else "Choose the one that fits best.")
        return CancelReason(self._choice.value) if fine else None

    def refuse(self, why: str) -> None:
        """What is wrong with the words."""
        self._text.error = why


def _step(when: str, what: str) -> None:
    with tag("div"):
        tag("dt", when)
        tag("dd", what)


def _numbers(preview: CancelPreview) -> str:
    shown = [words.phone(each).replace(" ", "\u00a0") for each in preview.numbers[:_SHOWN]]
    more = preview.active_numbers - len(shown)
    number = words.count(preview.active_numbers, "number is", "numbers are")
    others = f" and {words.number(more)} more" if more > 0 else ""
    return f"{number} active: {', '.join(shown)}{others}."


def _unpaid_row(invoice_id: str, number: str, gross: str) -> Row:
    return {
        "id": invoice_id,
        "href": f"/billing/invoices/{invoice_id}",
        "number": number,
        "gross": gross,
        "acts": [act("pay", "Pay now", f"Pay {number} now")],
    }
