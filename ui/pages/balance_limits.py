"""What watches the credit: amounts at which owners are told, and caps per client and month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nicegui import ui

from core.billing.balance.results import CapView
from core.errors import InvalidInput, NotFound
from core.money import MICROS, Money
from ui import format as words
from ui.components import button, section_card, tag, text_field
from ui.context import PageContext
from ui.dialogs import confirm, toast
from ui.elements.data_table import Column, DataTable, Row, act, badge_cell, cell

_WRONG_AMOUNT = "An amount such as 250 or 99.50, above zero and with at most two decimals."


class Levels:
    """Owners get a mail when the balance falls to one of these."""

    def __init__(self, page: PageContext, client_id: str) -> None:
        self._page = page
        self._client = client_id
        with section_card("Alerts", "Owners get a mail when the balance falls to these amounts."):
            self._field = text_field(
                "Amounts", help="Up to five, with semicolons between: 500; 100", placeholder="100"
            )
            with tag("div", classes="h-actions"):
                button("Save alerts", self._save)
        self._field.on("keydown.enter", self._save, args=[])

    def show(self, levels: Sequence[Money]) -> None:
        """The amounts as they are set."""
        self._field.value = "; ".join(plain(level) for level in levels)

    async def _save(self) -> None:
        told = [part.strip() for part in str(self._field.value or "").split(";")]
        self._field.error = None
        try:
            verb = self._page.hub.billing.balance.set_levels
            await self._page.call(verb, [part for part in told if part], self._client)
        except InvalidInput as wrong:
            too_many = f"At most {wrong.about.get('most')} amounts."
            self._field.error = too_many if wrong.code == "too_many_levels" else _WRONG_AMOUNT
            return
        toast("Alerts are saved.")


class Caps:
    """One client cannot empty the pot: what it may use up in a month."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        self._caps: dict[str, CapView] = {}
        with section_card("Caps", "What one client may use up in a calendar month (UTC)."):
            columns = [
                Column(key="client", title="Client"),
                Column(key="spent", title="Used of cap", right=True),
            ]
            self._table = DataTable("Caps per client", columns, on_act=self._acted)
            self._none = tag("p", "No client has a cap: each may use what there is.", "quiet")
            with tag("div", classes="h-actions"):
                button("Cap a client", self._open, icon="plus")

    async def load(self) -> None:
        """Caps and what is used of them."""
        caps = await self._page.call(self._page.hub.billing.balance.caps)
        self._caps = {cap.client_id: cap for cap in caps}
        self._table.show([_row(cap) for cap in caps])
        self._table.set_visibility(bool(caps))
        self._none.set_visibility(not caps)

    async def _acted(self, client_id: str, key: str) -> None:
        cap = self._caps.get(client_id)
        if cap is None:
            return
        if key == "change":
            await self._open(cap)
        elif await confirm(
            f"Remove the cap of {cap.client}?",
            "It may then use all credit there is. If the cap has stopped its messages, they go on "
            "at once.",
            "Remove the cap",
        ):
            await self._page.call(self._page.hub.billing.balance.set_cap, client_id, None)
            await self.load()
            toast(f"{cap.client} has no cap any more.")

    async def _open(self, cap: CapView | None = None) -> None:
        clients = {} if cap else await self._page.call(self._page.hub.billing.balance.find_clients)
        title = f"Cap of {cap.client}" if cap else "Cap a client"

        async def save() -> None:
            client_id = cap.client_id if cap else str(chosen.value or "") if chosen else ""
            if await self._set(client_id, amount, chosen):
                dialog.close()

        with ui.dialog() as dialog, ui.card().classes("h-dialog"):
            dialog.props["aria-label"] = title
            tag("h2", title)
            chosen = None if cap else _client_field(clients)
            amount = text_field("A month at most", value=plain(cap.cap) if cap else "")
            with tag("div", classes="h-actions"):
                button("Cancel", dialog.close)
                button("Save the cap", save, kind="primary")

        amount.on("keydown.enter", save, args=[])
        dialog.on("hide", dialog.delete)
        dialog.open()

    async def _set(self, client_id: str, amount: Any, chosen: Any) -> bool:
        amount.error = None
        try:
            verb = self._page.hub.billing.balance.set_cap
            await self._page.call(verb, client_id, str(amount.value or ""))
        except InvalidInput:
            amount.error = _WRONG_AMOUNT
            return False
        except NotFound:
            if chosen is not None:
                chosen.error = "Choose a client."
            return False
        await self.load()
        toast("The cap is saved.")
        return True


def _client_field(clients: dict[str, str]) -> ui.select:
    with tag("div", classes="h-field"):
        above = tag("label", "Client")
        field = ui.select(clients, with_input=True).props(
            "outlined dense hide-bottom-space no-error-icon"
        )
        above.props["for"] = name = f"field-{field.id}"
        field.props["for"] = name
    return field


def _row(cap: CapView) -> Row:
    spent = f"{words.money(cap.spent)} of {words.money(cap.cap)}"
    return {
        "id": cap.client_id,
        "client": badge_cell("ban", cap.client, "warning", second="Stopped at its cap")
        if cap.is_reached
        else cell(cap.client),
        "spent": spent,
        "acts": [
            act("change", "Change", f"Change the cap of {cap.client}"),
            act("remove", "Remove", f"Remove the cap of {cap.client}"),
        ],
    }


def plain(amount: Money) -> str:
    """`250` or `99.50`, as a person would type it."""
    units, rest = divmod(amount.micros, MICROS)
    return f"{units}.{rest * 100 // MICROS:02}" if rest else str(units)
