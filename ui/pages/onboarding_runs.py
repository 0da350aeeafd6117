"""Onboarding: every client on the way to a working number, where each one stands, live."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from nicegui import ui
from nicegui.element import Element

from core.errors import InvalidInput
from core.onboarding.views import RUN_SUBJECT, LinkState, RunFilter, RunPage, RunRow, Turn
from core.ports import Notice
from ui import format as words
from ui.components import (
    badge_classes,
    button,
    empty_state,
    page_header,
    skeleton_rows,
    tag,
    viewer_zone,
)
from ui.context import PageContext
from ui.lists import FilterChips
from ui.location import current_query, show_query
from ui.pages.onboarding_link import link_panel
from ui.pages.onboarding_words import TURNS, name_of, people_of, standing_of

PATH = "/onboarding-runs"
SENTENCE = "Every client on the way to a working number, and whose turn it is."
FILTERS = {
    RunFilter.ALL.value: "All",
    RunFilter.OPEN.value: "Open",
    RunFilter.NEEDS_YOU.value: "Needs you",
    RunFilter.DONE.value: "Done",
    RunFilter.PUT_ASIDE.value: "Put aside",
}

_ROWS = 50


async def build(page: PageContext) -> None:
    """Draw the section and keep it live."""
    await Runs(page).draw()


class Runs:
    """One open list."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        query = current_query()
        self._filter = query.get("show", "") if query.get("show", "") in FILTERS else ""
        self._search = query.get("q", "")[:100]
        self._cursor = query.get("after", "")[:200]
        self._rows: dict[str, RunRow] = {}
        self._table: RunTable | None = None

    async def draw(self) -> None:
        page_header("Onboarding", SENTENCE)
        with tag("div", classes="stack"):
            self._link = tag("div", classes="stack-tight")
            with tag("div", classes="line spread"):
                self._chips = FilterChips(FILTERS, self._filter, self._choose, "Filter")
                self._field = self._search_field()
            self._room = tag("div", classes="stack")
            with self._room:
                skeleton_rows()
        self._page.follow(self._changed)
        await self._load()

    def _search_field(self) -> ui.input:
        field = ui.input(value=self._search, placeholder="Company, name, e-mail")
        field.props("outlined dense clearable hide-bottom-space type=search").style("width:280px")
        field.props["aria-label"] = "Search onboardings"
        field.on("keydown.enter", lambda: self._find(field.value or ""), args=[])
        field.on("clear", lambda: self._find(""), args=[])
        return field

    async def _load(self) -> None:
        state = await self._page.call(self._page.hub.onboarding.link_state)
        found = await self._read()
        self._rows = {row.run_id: row for row in found.rows}
        self._link.clear()
        nothing_yet = not (found.rows or self._filter or self._search or self._cursor)
        if not nothing_yet:
            with self._link:
                link_panel(state)
        self._room.clear()
        self._table = None
        with self._room:
            if found.rows:
                self._table = RunTable(found.rows, self._now())
                self._pager(found.next_cursor)
            elif nothing_yet:
                _first_time(state)
            else:
                with empty_state("search", "No match", "No onboarding fits this filter."):
                    button("Show all", self._reset)

    async def _read(self) -> RunPage:
        try:
            return await self._page_at(self._cursor)
        except InvalidInput:  # somebody wrote into the address
            self._cursor = ""
            return await self._page_at("")

    async def _page_at(self, cursor: str) -> RunPage:
        return await self._page.call(
            self._page.hub.onboarding.runs,
            show=RunFilter(self._filter),
            search=self._search,
            cursor=cursor,
            limit=_ROWS,
        )

    def _pager(self, next_cursor: str) -> None:
        with tag("div", classes="line"):
            if self._cursor:
                button("Newest", lambda: self._turn(""), icon="first", small=True)
            if next_cursor:
                button("Older", lambda: self._turn(next_cursor), icon="chevron-right", small=True)

    async def _choose(self, chosen: str) -> None:
        self._filter = chosen
        await self._turn("")

    async def _find(self, text: str) -> None:
        self._search = text.strip()[:100]
        await self._turn("")

    async def _turn(self, cursor: str) -> None:
        self._cursor = cursor
        show_query({"show": self._filter, "q": self._search, "after": cursor})
        await self._load()

    async def _reset(self) -> None:
        self._filter = self._search = self._field.value = ""
        self._chips.choose("")
        await self._turn("")

    async def _changed(self, notices: list[Notice]) -> None:
        """Rows that are here change in place; one that comes or goes draws the list anew."""
        moved = {n.subject_id for n in notices if n.subject_type == RUN_SUBJECT}
        if not moved:
            return
        found = {row.run_id: row for row in (await self._read()).rows}
        has_come = not self._cursor and found.keys() - self._rows.keys()
        has_gone = (moved & self._rows.keys()) - found.keys()
        if self._table is None or has_come or has_gone:
            await self._load()
            return
        changed = [row for id_, row in found.items() if id_ in self._rows and id_ in moved]
        self._rows |= {row.run_id: row for row in changed}
        self._table.patch(changed, self._now())

    def _now(self) -> datetime:
        return self._page.hub.clock.now()


def _first_time(state: LinkState) -> None:
    action = empty_state(
        "route",
        "No client has begun yet",
        "Send your link to a client. Each one who opens it appears here, live, with every step "
        "and every answer of Meta.",
    )
    with action, tag("div", classes="stack-tight"):
        link_panel(state)


class RunTable(Element, component="../static/onboarding_runs.js"):
    """All rows in one element."""

    def __init__(self, rows: Sequence[RunRow], now: datetime) -> None:
        super().__init__()
        self._props["rows"] = tuple(_shown(row, now) for row in rows)

    def patch(self, rows: Sequence[RunRow], now: datetime) -> None:
        """Changed rows glow once."""
        if rows:
            self.run_method("patch", [_shown(row, now) for row in rows])


def _shown(row: RunRow, now: datetime) -> dict[str, Any]:
    where, standing = viewer_zone(), standing_of(row)
    return {
        "id": row.run_id,
        "href": f"{PATH}/{row.run_id}",
        "name": name_of(row),
        "people": people_of(row),
        "badge": badge_classes(standing.icon, standing.tone),
        "word": standing.word,
        "turn": TURNS[row.turn],
        "yours": row.turn is Turn.PARTNER,
        "time": row.updated_at.isoformat(),
        "exact": words.exact(row.updated_at, where),
        "ago": words.relative(row.updated_at, now, where),
    }
