"""The statement of a month: every ledger entry, newest first; each opens what it is made of."""

from __future__ import annotations

from datetime import date
from typing import Any

from nicegui import ui

from core.billing.balance.results import StatementEntry, StatementPage
from core.errors import InvalidInput
from core.ports import Notice
from ui import format as words
from ui.components import button, empty_state, page_header, tag, viewer_zone
from ui.context import PageContext
from ui.elements.data_table import Column, DataTable, Row, badge_cell, cell, time_cell
from ui.lists import FilterChips
from ui.location import current_query, show_query
from ui.pages import balance_words
from ui.pages.balance_month import month_name

PATH = "/billing/balance/statement"
_ROWS = 100
_PARTS = {"": "All", "other": "Without messages"}
_COLUMNS = (
    Column(key="at", title="Time"),
    Column(key="kind", title="Movement"),
    Column(key="why", title="By"),
    Column(key="amount", title="Amount", right=True),
)


async def build(page: PageContext) -> None:
    """Draw the section; new entries of the month appear on its first page."""
    await Statement(page).draw()


class Statement:
    """One open statement; month, client and page stand in the address."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        query = current_query()
        self._client = query.get("client", "")[:10]
        self._month = query.get("month", "") or f"{page.hub.clock.now():%Y-%m}"
        self._cursor = query.get("after", "")[:80]
        self._but_usage = query.get("part") == "other"

    async def draw(self) -> None:
        self._page.follow(self._changed)
        found = await self._read()
        back = "/billing/balance" + (f"?client={self._client}" if self._client else "")
        name = month_name(date.fromisoformat(f"{self._month}-01"))
        with page_header(f"Statement of {name}", _SENTENCE, [("Balance", back)]):
            button("Download CSV", self._export, icon="download")
            button("Download PDF", self._print, icon="download")
        with tag("div", classes="stack"):
            chosen = "other" if self._but_usage else ""
            FilterChips(_PARTS, chosen, self._choose, "Which movements")
            self._room = tag("div", classes="stack")
        self._show(found)

    async def _read(self) -> StatementPage:
        verb = self._page.hub.billing.balance.statement
        try:
            return await self._page.call(
                verb,
                self._month,
                self._cursor,
                self._client,
                limit=_ROWS,
                but_usage=self._but_usage,
            )
        except InvalidInput:  # somebody wrote into the address
            self._month = f"{self._page.hub.clock.now():%Y-%m}"
            return await self._page.call(verb, self._month, "", self._client, limit=_ROWS)

    def _show(self, found: StatementPage) -> None:
        self._room.clear()
        with self._room:
            if not found.entries:
                empty_state("wallet", "Nothing moved", "No money came or went in this month.")
                return
            DataTable("Entries", _COLUMNS, [self._row(entry) for entry in found.entries])
            with tag("div", classes="line"):
                if self._cursor:
                    button("Newest", lambda: self._turn(""), icon="first", small=True)
                if found.next:
                    button(
                        "Older", lambda: self._turn(found.next), icon="chevron-right", small=True
                    )

    async def _choose(self, part: str) -> None:
        self._but_usage = part == "other"
        await self._turn("")

    async def _turn(self, cursor: str) -> None:
        self._cursor = cursor
        part = "other" if self._but_usage else ""
        query = {"month": self._month, "part": part, "client": self._client, "after": cursor}
        show_query(query)
        self._show(await self._read())

    async def _changed(self, notices: list[Notice]) -> None:
        about = {notice.subject_type for notice in notices}
        if not self._cursor and about & {"credit", "client", "payment"}:
            self._show(await self._read())

    async def _export(self) -> None:
        content = await self._page.call(self._all)
        ui.download.content(content, f"statement-{self._month}.csv", "text/csv")

    async def _print(self) -> None:
        verb = self._page.hub.billing.statements.pdf
        file = await self._page.call(verb, self._month, self._client)
        ui.download.content(file.content, file.name, "application/pdf")

    def _all(self, who: Any) -> bytes:
        verb = self._page.hub.billing.balance.statement_csv
        return b"".join(verb(who, self._month, self._client))

    def _row(self, entry: StatementEntry) -> Row:
        where = viewer_zone()
        icon, word, tone = balance_words.kind(entry.kind)
        exact = words.exact(entry.at, where)
        return {
            "id": entry.key,
            "href": balance_words.entry_path(entry.key, self._client),
            "at": time_cell(exact, entry.at.isoformat(), exact),
            "kind": badge_cell(icon, word, tone),
            "why": cell(*_why(entry)),
            "amount": words.money(entry.amount),
        }


_SENTENCE = "Every movement of the credit in this month (UTC). Entries are never changed."


def _why(entry: StatementEntry) -> tuple[str]:
    about = entry.about
    if "policy" in about:
        count = words.count(int(about.get("messages", 0)), "message")
        return (f"{count}, policy {about['policy']}, card {about.get('card') or 'none'}",)
    return (str(about.get("why", "")),)
