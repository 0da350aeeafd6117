"""One event of the record: everything that is kept about it, and its place in the chain."""

from __future__ import annotations

from datetime import tzinfo

from core.audit.service import EventDetails
from core.audit.trail import Happened
from ui import format as words
from ui.components import page_header, section_card, status_badge, tag, viewer_zone
from ui.context import PageContext
from ui.elements.data_table import Column, DataTable
from ui.lists import Fact, definition_list
from ui.pages import audit_words
from ui.pages.audit_asked import PATH, about_path
from ui.pages.integration_http import draw_text

_NOWHERE = {
    "hub": "Nowhere outside: the hub did it by itself",
    "meta": "Told by Meta, or read there",
}
_COLUMNS = (
    Column(key="name", title="Value"),
    Column(key="before", title="Before"),
    Column(key="after", title="After"),
)


async def build(page: PageContext, event_id: str) -> None:
    """Draw the section; raises NotFound for an event that is not this partner's."""
    it = await page.call(page.hub.audit.details, event_id)
    row, zone = it.row, viewer_zone()
    icon, title, tone = audit_words.title(row.type)
    page_header(title, "", [("Audit", PATH)])
    with tag("div", classes="stack"):
        with tag("div", classes="h-standing"):
            status_badge(icon, audit_words.group_of(row.type), tone)
            tag("p", _sentence(row, zone))
        with tag("div", classes="columns"):
            with tag("div", classes="stack"):
                _draw_changes(row, zone)
                _draw_kept(row)
            with tag("div", classes="stack"):
                with section_card("Facts"):
                    definition_list(_facts(row, zone))
                with section_card("Seal"):
                    definition_list(_seal(it))


def _draw_kept(row: Happened) -> None:
    with section_card("As it is kept", "The event's own data, unchanged."):
        if row.data:
            draw_text("JSON", audit_words.raw(row))
        else:
            tag("p", "Nothing more was recorded.", "quiet")


def _draw_changes(row: Happened, zone: tzinfo) -> None:
    changed = audit_words.changes(row, zone)
    if not changed:
        return
    with section_card("Before and after"):
        rows = [
            {"id": str(at), "name": name, "before": before, "after": after}
            for at, (name, before, after) in enumerate(changed)
        ]
        DataTable("Before and after", _COLUMNS, rows)


def _sentence(row: Happened, zone: tzinfo) -> str:
    who, where = audit_words.who(row), audit_words.where(row)
    place = f", from {where}" if where and not row.is_staff and not row.is_erased else ""
    return f"{who}, {words.exact(row.at, zone)}{place}."


def _facts(row: Happened, zone: tzinfo) -> list[Fact]:
    name, kind, href = audit_words.subject(row)
    where, browser = audit_words.where(row), audit_words.browser(row)
    facts = [
        Fact(label="Who", value=audit_words.who(row), hint=_actor_id(row)),
        Fact(label="When", value=words.exact(row.at, zone)),
        Fact(label="About", value=f"{kind} {name}".strip(), href=href),
        Fact(
            label=f"{audit_words.kind_of(row.subject_type)} ID",
            value=row.subject_told,
            mono=True,
            copy=row.subject_told,
        ),
        Fact(label="Where from", value=where or _NOWHERE.get(row.actor, "Not recorded")),
    ]
    if browser:
        facts.append(Fact(label="Browser or program", value=browser, hint=row.agent))
    if row.request_id:
        facts.append(Fact(label="Request", value=row.request_id, mono=True, copy=row.request_id))
    facts.append(Fact(label="Kind", value=row.type, mono=True))
    link = about_path(row.subject_type, row.subject_id)
    return [*facts, Fact(label="History", value="All events about this", href=link)]


def _actor_id(row: Happened) -> str:
    return "" if row.actor in (*_NOWHERE, "client") else row.actor


def _seal(it: EventDetails) -> list[Fact]:
    if it.seq is None:
        return [Fact(label="Sealed", value="Not yet: within a minute", icon="clock", tone="info")]
    return [
        Fact(label="Sealed", value="Yes", icon="shield", tone="success"),
        Fact(label="Link", value=words.number(it.seq)),
        Fact(label="Hash", value=it.hash, mono=True, copy=it.hash),
    ]
