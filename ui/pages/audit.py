"""The record: who changed what, before and after, where from, when; searched, live, exported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from urllib.parse import urlencode

from core.audit.service import MOST_EXPORTED, ChainState
from core.audit.trail import MIN_VALUE, MOST_VALUED, Happened, TrailPage, TrailQuery
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
_VALUES = (
    f"Values are found from {MIN_VALUE} letters on, in the newest {words.number(MOST_VALUED)} "
    "events; choose “From” to look further back."
)


async def build(page: PageContext) -> None:
    """Draw the section and keep it live."""
    await Audit(page).draw()


class Audit:
    """One open list; search, filters and page stand in the address."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        self._asked = {name: value for name, value in current_query().items() if name in NAMES}
        self._zone = viewer_zone()
        self._next_id: int | None = None
        self._nothing: _Nothing | None = None

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
            self._draw_room()
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

    def _draw_room(self) -> None:
        """Once: whoever stands on a row or a button stays there when something happens."""
        with tag("div", classes="stack") as self._room:
            self._empty = tag("div", classes="stack")
            with tag("div", classes="stack") as self._full:
                with tag("div", classes="au-list"):
                    self._table = DataTable("Events", _COLUMNS)
                with tag("div", classes="line spread"):
                    tag("span", _most_exported(), "quiet small")
                    with tag("div", classes="line"):
                        self._newest = button("Newest", self._turn_first, icon="first", small=True)
                        self._older = button(
                            "Older", self._turn_older, icon="chevron-right", small=True
                        )
        self._full.set_visibility(False)

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
        self._next_id = found.next_id
        self._table.show([_row(row, self._zone) for row in found.rows])
        self._newest.set_visibility(query.before_id is not None)
        self._older.set_visibility(found.next_id is not None)
        self._full.set_visibility(bool(found.rows))
        self._empty.set_visibility(not found.rows)
        self._say_nothing(None if found.rows else _nothing(query))

    def _say_nothing(self, nothing: _Nothing | None) -> None:
        if nothing == self._nothing:
            return
        self._nothing = nothing
        self._empty.clear()
        if nothing is None:
            return
        with self._empty, empty_state(nothing.icon, nothing.title, nothing.sentence):
            if nothing.may_be_elsewhere:
                link_button("Show all", PATH)

    async def _turn_first(self) -> None:
        await self._turn("before", "")

    async def _turn_older(self) -> None:
        if self._next_id is not None:
            await self._turn("before", str(self._next_id))

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


@dataclass(frozen=True, slots=True)
class _Nothing:
    """Why no event is shown."""

    icon: str
    title: str
    sentence: str
    may_be_elsewhere: bool = True


def _nothing(query: TrailQuery) -> _Nothing:
    if query.since and query.until and query.since >= query.until:
        return _Nothing("search", "No such days", "“From” is a later day than “To”.")
    if query.text:
        return _Nothing("search", "No match", f"No event fits what you look for. {_VALUES}")
    if query.is_filtered or query.before_id is not None:
        return _Nothing("search", "No match", "No event fits what you look for.")
    sentence = "Every change stands here from the moment it is made."
    return _Nothing("history", "Nothing happened yet", sentence, may_be_elsewhere=False)


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
