"""The delivery log: what was sent where and how it went; its filters stand in the address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta

from nicegui import ui

from core.errors import NotFound
from core.integration.outbound.forwarding import MESSAGES
from core.integration.outbound.log import MOST_REPLAYED
from core.integration.outbound.states import DeliveryState
from core.integration.outbound.views import (
    DeliveryFilters,
    DeliveryPage,
    DeliveryRow,
    EndpointView,
)
from core.ports import Notice
from ui import format as words
from ui.components import button, empty_state, link_button, page_header, tag, viewer_zone
from ui.context import PageContext
from ui.dialogs import confirm, toast
from ui.elements.data_table import Column, DataTable, Row, badge_cell, cell, time_cell
from ui.lists import FilterChips
from ui.location import current_query, show_query
from ui.paced import Paced
from ui.pages import integration_webhook_words as told
from ui.pages.integration_tabs import DELIVERIES, WEBHOOKS, tabs

_ABOUT = frozenset({"webhook_endpoint", "webhook_delivery"})
_STATES = {"": "All"} | {state.value: badge[1] for state, badge in told.DELIVERIES.items()}
_SPANS = {"": "Any time", "1h": "Last hour", "24h": "Last 24 hours", "7d": "Last 7 days"}
_HOURS = {"1h": 1, "24h": 24, "7d": 7 * 24}
_LONGEST_ID = 18  # digits; beyond, no database takes it
_COLUMNS = (
    Column(key="event", title="Event"),
    Column(key="state", title="State"),
    Column(key="answer", title="Answer"),
    Column(key="endpoint", title="Endpoint"),
    Column(key="at", title="Happened"),
)


async def build(page: PageContext) -> None:
    """Draw the section and keep it live."""
    await Deliveries(page).draw()


class Deliveries:
    """One open log."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        query = current_query()
        self._state = query.get("state", "")[:20]
        self._event = query.get("event", "")[:64]
        self._endpoint = query.get("endpoint", "")[:20]
        self._channel = query.get("channel", "")[:20]
        self._span = query.get("span", "") if query.get("span") in _SPANS else ""
        self._after = read_id(query.get("after", ""))
        self._endpoints: dict[str, EndpointView] = {}
        self._readings = 0

    async def draw(self) -> None:
        kept = words.count(self._page.hub.settings.webhook_log_kept.days, "day")
        sentence = (
            f"Every webhook with its attempts, for {kept}. Each can be sent again, byte for byte."
        )
        with page_header("Deliveries", sentence, [("Integration", "/integration")]):
            button("Replay these", self._replay, icon="refresh")
        tabs(DELIVERIES)
        await self._read_endpoints()
        with tag("div", classes="stack") as self._room:
            FilterChips(_STATES, self._state, self._choose_state, "State")
            with tag("div", classes="it-filters"):
                self._draw_filters()
            self._list = tag("div", classes="stack")
        self._soon = Paced(self._load, self._room)
        self._page.follow(self._changed)
        await self._load()

    async def _read_endpoints(self, also: Collection[str] = ()) -> None:
        """The partner's and, of numbers, those that are shown."""
        of_numbers = {self._endpoint, *also}
        found = await self._page.call(self._page.hub.webhooks.endpoints, also=of_numbers)
        self._endpoints = {each.id: each for each in found}

    def _draw_filters(self) -> None:
        names = [MESSAGES, *(each.name for each in self._page.hub.webhooks.catalogue)]
        events = {"": "Any event"} | {name: name for name in names}
        endpoints = {"": "Any endpoint"} | {
            each.id: told.name(each) for each in self._endpoints.values()
        }
        if self._event and self._event not in events:
            events[self._event] = self._event
        if self._endpoint and self._endpoint not in endpoints:
            endpoints[self._endpoint] = "A removed endpoint"
        _select("Event", events, self._event, lambda value: self._choose(event=value))
        _select("Endpoint", endpoints, self._endpoint, lambda value: self._choose(endpoint=value))
        _select("Time", _SPANS, self._span, lambda value: self._choose(span=value))
        if self._channel:
            tag("span", f"Channel {self._channel}", "quiet small")
            link_button("Any channel", DELIVERIES, kind="quiet")

    async def _load(self) -> None:
        """Read it again; a reading that began later knows better."""
        self._readings = reading = self._readings + 1
        verb = self._page.hub.webhooks.deliveries
        found = await self._page.call(verb, self._filters(), after=self._after)
        shown = {row.endpoint_id for row in found.rows}
        if not shown <= self._endpoints.keys():
            await self._read_endpoints(shown)
        if reading == self._readings and not self._room.is_deleted:
            self._show(found)

    def _filters(self) -> DeliveryFilters:
        since: datetime | None = None
        if self._span:
            since = self._page.hub.clock.now() - timedelta(hours=_HOURS[self._span])
        return DeliveryFilters(
            endpoint_id=self._endpoint,
            event=self._event,
            state=self._state if self._state in set(DeliveryState) else "",
            channel_id=self._channel,
            since=since,
        )

    def _show(self, found: DeliveryPage) -> None:
        rows = [self._row(each) for each in found.rows]
        self._list.clear()
        with self._list:
            if not rows:
                self._draw_nothing()
                return
            DataTable("Deliveries", _COLUMNS, rows)
            with tag("div", classes="line"):
                if self._after is not None:
                    button("Newest", lambda: self._turn(None), icon="first", small=True)
                if (last := found.next_after) is not None:
                    button("Older", lambda: self._turn(last), icon="chevron-right", small=True)

    def _draw_nothing(self) -> None:
        if self._is_filtered:
            with empty_state("search", "No match", "No delivery fits these filters."):
                link_button("Show all", DELIVERIES)
            return
        sentence = "As soon as something happens to a client or a number, it is sent and kept here."
        with empty_state("send", "Nothing was sent yet", sentence):
            link_button("Send a test", WEBHOOKS, kind="primary")

    @property
    def _is_filtered(self) -> bool:
        return any((self._state, self._event, self._endpoint, self._channel, self._span))

    def _row(self, row: DeliveryRow) -> Row:
        icon, word, tone = told.DELIVERIES[row.state]
        exact = words.exact(row.created_at, viewer_zone())
        ago = words.relative(row.created_at, self._page.hub.clock.now(), viewer_zone())
        endpoint = self._endpoints.get(row.endpoint_id)
        second = " · ".join(filter(None, (row.channel_id, "Test" if row.is_test else "")))
        return {
            "id": str(row.id),
            "href": f"{DELIVERIES}/{row.id}",
            "event": cell(row.event, second=second),
            "state": badge_cell(icon, word, tone, second=self._next(row)),
            "answer": cell(_answer(row), second=words.count(row.attempts, "attempt")),
            "endpoint": cell(told.name(endpoint) if endpoint else "Removed"),
            "at": time_cell(ago, row.created_at.isoformat(), exact),
        }

    def _next(self, row: DeliveryRow) -> str:
        if row.state is not DeliveryState.RETRYING or row.next_try_at is None:
            return ""
        return words.relative(row.next_try_at, self._page.hub.clock.now(), viewer_zone())

    async def _choose_state(self, state: str) -> None:
        await self._choose(state=state)

    async def _choose(self, **values: str) -> None:
        for name, value in values.items():
            setattr(self, f"_{name}", value or "")
        await self._turn(None)

    async def _turn(self, after: int | None) -> None:
        self._after = after
        show_query(
            {
                "state": self._state,
                "event": self._event,
                "endpoint": self._endpoint,
                "channel": self._channel,
                "span": self._span,
                "after": "" if after is None else str(after),
            }
        )
        await self._load()

    async def _replay(self) -> None:
        which = "that these filters show" if self._is_filtered else "in the log"
        with self._room:
            agreed = await confirm(
                "Replay all of these?",
                f"Every closed delivery {which} is sent once more, {words.number(MOST_REPLAYED)} "
                "at the most, with the same bytes and the same webhook-id. Tests and endpoints "
                "that are off are left out.",
                "Replay them",
                danger=False,
            )
        if not agreed:
            return
        try:
            count = await self._page.call(self._page.hub.webhooks.replay_range, self._filters())
        except NotFound:
            count = 0
        sent = words.count(count, "delivery goes", "deliveries go")
        toast(f"{sent} out once more." if count else "There is nothing to replay.", "info")
        await self._load()

    async def _changed(self, notices: list[Notice]) -> None:
        about = {notice.subject_type for notice in notices} & _ABOUT
        if "webhook_endpoint" in about:
            await self._read_endpoints(self._endpoints)
        if about:
            await self._soon()


def read_id(text: str) -> int | None:
    """A delivery's id from an address; None for what cannot be one."""
    is_number = text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID
    return int(text) if is_number else None


def _select(
    label: str, options: dict[str, str], value: str, chosen: Callable[[str], Awaitable[None]]
) -> None:
    field = ui.select(
        options,
        value=value if value in options else "",
        on_change=lambda event: chosen(str(event.value or "")),
    )
    field.props("outlined dense options-dense").props["aria-label"] = label


def _answer(row: DeliveryRow) -> str:
    if row.last_status:
        return f"HTTP {row.last_status}"
    return row.last_error.replace("_", " ").capitalize()
