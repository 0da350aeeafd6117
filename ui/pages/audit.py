"""The record: who changed what, before and after, where from, when; searched, live, exported."""

from __future__ import annotations

from datetime import tzinfo
from urllib.parse import urlencode

from core.audit.service import MOST_EXPORTED, ChainState
from core.audit.trail import Happened, TrailPage, TrailQuery
from core.ports import Notice
from ui import format as words
from ui.components import (
    button,
    choice_field,
    empty_state,
    link_button,
    note,
    page_header,
    tag,
    text_field,
    viewer_zone,
)
from ui.context import PageContext
from ui.elements.data_table import Column, DataTable, Row, badge_cell, cell, time_cell
from ui.location import current_query, show_query
from ui.paced import Paced
from ui.pages import audit_words
from ui.pages.audit_asked import EXPORT, LONGEST, NAMES, PATH, query_of

_SENTENCE = "Everything that happened here: who did it, from where, and what it was before."
_COLUMNS = (
    Column(key="what", title="What"),
    Column(key="who", title="Who"),
    Column(key="about", title="About"),
    Column(key="change", title="Before and after"),
    Column(key="where", title="Where from"),
    Column(key="at", title="When", right=True),
)
_FINDS = "Name, number, ID, value, address"
_SHOWN_CHANGES = 2


async def build(page: PageContext) -> None:
    """Draw the section and keep it live."""
    await Audit(page).draw()


class Audit:
    """One open list; search, filters and page stand in the address."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        self._asked = {name: value for name, value in current_query().items() if name in NAMES}
        self._zone = viewer_zone()

    async def draw(self) -> None:
        self._page.follow(self._changed)
        with page_header("Audit", f"{_SENTENCE} Times in {self._zone}."):
            self._export = link_button("Export CSV", self._export_path(), icon="download")
            self._export.props["download"] = "audit.csv"  # else the single page takes the link
        actors = _named(await self._page.call(self._page.hub.audit.actors))
        if self._asked.get("who") not in actors:
            self._asked.pop("who", None)
        with tag("div", classes="stack"):
            self._draw_filters(actors)
            self._chain = note("shield", "", "neutral")
            self._room = tag("div", classes="stack")
        self._soon = Paced(self._load, self._room)
        await self._load()

    def _draw_filters(self, actors: dict[str, str]) -> None:
        with tag("div", classes="au-filters", role="search", aria_label="Find events"):
            self._search_field()
            self._choice("kind", "Kind", audit_words.groups())
            self._choice("who", "Who", {"": "Everybody"} | actors)
            self._day("from", "From")
            self._day("to", "To")
        self._about = tag("div", classes="line h-holder")
        self._draw_about()

    def _search_field(self) -> None:
        field = text_field("Search", value=self._asked.get("search", ""), placeholder=_FINDS)
        field.props("debounce=300 clearable type=search")
        field.on_value_change(lambda event: self._choose("search", event.value))

    def _choice(self, name: str, label: str, options: dict[str, str]) -> None:
        asked = self._asked.get(name, "")
        chosen = asked if asked in options else ""
        field = choice_field(label, options, value=chosen)
        field.on_value_change(lambda event: self._choose(name, event.value))

    def _day(self, name: str, label: str) -> None:
        field = text_field(label, value=self._asked.get(name, ""))
        field.props("type=date debounce=300")
        field.on_value_change(lambda event: self._choose(name, event.value))

    def _draw_about(self) -> None:
        """Where somebody came from a timeline: of what the events are."""
        self._about.clear()
        if not self._asked.get("about"):
            return
        with self._about:
            kind = audit_words.kind_of(self._asked["about"])
            tag("span", f"Only what is about one thing: {kind.lower()}.", "quiet")
            button("Show all", self._forget_about, icon="close", small=True)

    async def _forget_about(self) -> None:
        self._asked.pop("id", None)
        await self._choose("about", "")
        self._draw_about()

    async def _choose(self, name: str, value: str | None) -> None:
        self._asked.pop("before", None)
        await self._turn(name, value)

    async def _turn(self, name: str, value: str | None) -> None:
        self._asked[name] = (value or "").strip()[:LONGEST]
        show_query(self._asked)
        self._export.props["href"] = self._export_path()
        self._export.update()
        await self._load()

    def _export_path(self) -> str:
        asked = {n: v for n, v in self._asked.items() if v and n != "before"}
        return EXPORT + (f"?{urlencode(asked)}" if asked else "")

    async def _load(self) -> None:
        audit, asked = self._page.hub.audit, dict(self._asked)
        query = query_of(asked, self._zone)
        found = await self._page.call(audit.trail, query)
        state = await self._page.call(audit.chain_state)
        if self._room.is_deleted or asked != self._asked:  # somebody asked for something else
            return
        self._chain.set_text(_sealed(state, self._zone))
        self._show(found, query)

    def _show(self, found: TrailPage, query: TrailQuery) -> None:
        self._room.clear()
        with self._room:
            if not found.rows:
                _draw_nothing(query)
                return
            with tag("div", classes="au-list"):
                DataTable("Events", _COLUMNS, [_row(row, self._zone) for row in found.rows])
            with tag("div", classes="line spread"):
                tag("span", _most_exported(), "quiet small")
                with tag("div", classes="line"):
                    if query.before_id is not None:
                        button("Newest", lambda: self._turn("before", ""), icon="first", small=True)
                    if found.next_id is not None:
                        last = str(found.next_id)
                        button(
                            "Older",
                            lambda: self._turn("before", last),
                            icon="chevron-right",
                            small=True,
                        )

    async def _changed(self, _notices: list[Notice]) -> None:
        """Everything that is told is an event; whoever reads older ones is left in peace."""
        if not self._asked.get("before"):
            await self._soon()


def _row(row: Happened, zone: tzinfo) -> Row:
    icon, title, tone = audit_words.title(row.type)
    name, kind, href = audit_words.subject(row)
    exact = words.exact(row.at, zone)
    where = audit_words.where(row)
    return {
        "id": str(row.id),
        "href": f"{PATH}/{row.id}",
        "what": badge_cell(icon, title, tone),
        "who": cell(audit_words.who(row)),
        "about": cell(name, second=kind, href=href),
        "change": _change_cell(row, zone),
        "where": cell(
            where,
            second=audit_words.browser(row),
            title=" · ".join(filter(None, (where, row.agent))),
        ),
        "at": time_cell(exact.rpartition(" ")[0], row.at.isoformat(), exact),
    }


def _change_cell(row: Happened, zone: tzinfo) -> Row:
    changed = audit_words.changes(row, zone)
    told = [f"{name}: {before} → {after}" for name, before, after in changed[:_SHOWN_CHANGES]]
    if (left := len(changed) - len(told)) > 0:
        told.append(f"and {left} more")
    text = ", ".join(told) or audit_words.more(row, zone)
    return cell(_cut(text), title=text)


def _cut(text: str, most: int = 160) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _draw_nothing(query: TrailQuery) -> None:
    if query.since and query.until and query.since >= query.until:
        with empty_state("search", "No such days", "“From” is a later day than “To”."):
            link_button("Show all", PATH)
        return
    if query.is_filtered or query.before_id is not None:
        with empty_state("search", "No match", "No event fits what you look for."):
            link_button("Show all", PATH)
        return
    empty_state(
        "history", "Nothing happened yet", "Every change stands here from the moment it is made."
    )


def _sealed(state: ChainState, zone: tzinfo) -> str:
    if state.sealed_at is None:
        return "No event is sealed yet. Events are sealed within a minute."
    last = words.exact(state.sealed_at, zone).rpartition(" ")[0]
    newest = words.count(state.waiting, "newest event is", "newest events are")
    how_far = f"Sealed up to {last}; {newest} sealed within a minute."
    told = how_far if state.waiting else f"Every event is sealed, the newest at {last}."
    return f"{told} Each seal covers all events before it: none can be changed or removed unseen."


def _most_exported() -> str:
    return f"The export has the newest {words.number(MOST_EXPORTED)} events that fit, in UTC."


def _named(actors: dict[str, str]) -> dict[str, str]:
    kinds = {"key:": "API key", "user:": "System user"}
    told = {}
    for actor, name in actors.items():
        kind = next((word for prefix, word in kinds.items() if actor.startswith(prefix)), "")
        told[actor] = f"{kind} {name}".strip()
    return told | {"hub": "The hub", "meta": "Meta", "client": "Clients"}
