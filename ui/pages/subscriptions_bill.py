"""The lines and sums of an invoice that is not issued yet, as the invoice will have them."""

from __future__ import annotations

from collections.abc import Sequence

from core.money import Money
from core.subscriptions.views import NextInvoice, QuoteLine, UpgradeQuote
from ui import format as words
from ui.components import tag
from ui.elements.data_table import Column, DataTable, Row, cell
from ui.pages import subscriptions_words as told

_COLUMNS = (
    Column(key="what", title="Description"),
    Column(key="net", title="Net", right=True),
)


class Bill:
    """Lines, net, VAT and total; `show` puts others in their place."""

    def __init__(self, label: str) -> None:
        with tag("div", classes="stack-tight") as self._room:
            self._table = DataTable(label, _COLUMNS)
            self._sum = tag("dl", classes="h-sum", aria_live="polite")
            self._note = tag("p", "", "quiet small")
        self._shown: tuple[object, ...] = ()

    def show(self, bill: NextInvoice | UpgradeQuote) -> None:
        """These lines and sums; what stands there already is left alone."""
        shown = (bill.lines, bill.net, bill.tax, bill.gross, bill.tax_note)
        if shown == self._shown:
            return
        self._shown = shown
        self._table.show(_rows(bill.lines))
        self._show_sum((("Net", bill.net), ("VAT", bill.tax), ("Total", bill.gross)))
        self._note.set_text(bill.tax_note)
        self._note.set_visibility(bool(bill.tax_note))

    def set_visibility(self, is_visible: bool) -> None:
        """All of it at once."""
        self._room.set_visibility(is_visible)

    def _show_sum(self, sums: Sequence[tuple[str, Money]]) -> None:
        self._sum.clear()
        with self._sum:
            for word, amount in sums:
                with tag("div"):
                    tag("dt", word)
                    tag("dd", words.money(amount), "figure")


def _rows(lines: Sequence[QuoteLine]) -> list[Row]:
    return [
        {
            "id": str(position),
            "what": cell(told.line(line.description), second=line.detail),
            "net": words.money(line.net),
        }
        for position, line in enumerate(lines)
    ]
