"""The desk's list in words: its filters, what the address says, why it is empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.support.states import Assigned, RequestKind, Show
from core.support.views import InboxCounts, InboxQuery
from ui.pages.support_words import KINDS

NOTHING_OPEN = ("support", "Choose a conversation", "The first ones wait longest.")
OPEN_REQUESTS = "open"  # among the kinds: any request that nobody has decided

LIST: dict[str, Any] = {
    "label": "Conversations",
    "search": "Subject, partner or text",
    "first": Show.OPEN.value,
    "filters": (
        (Show.OPEN.value, "Open"),
        (Show.WAITING_SUPPORT.value, "To answer"),
        (Show.WAITING_PARTNER.value, "Waiting"),
        (Show.CLOSED.value, "Closed"),
        (Show.ALL.value, "All"),
    ),
    "picks": (
        {
            "key": "kind",
            "word": "Requests",
            "options": (
                ("", "Any kind"),
                (OPEN_REQUESTS, "Open requests"),
                *((kind.value, word) for kind, (_, word) in KINDS.items()),
            ),
        },
        {
            "key": "to",
            "word": "Assigned to",
            "options": (
                ("", "Assigned to anybody"),
                (Assigned.ME.value, "Assigned to me"),
                (Assigned.NOBODY.value, "Assigned to nobody"),
            ),
        },
    ),
}
_KEYS = ("show", "kind", "to", "partner", "q", "after")


def asked(values: Mapping[str, str]) -> dict[str, str]:
    """What of an address is a filter; what means nothing is left out."""
    kept = {key: values.get(key, "")[:200] for key in _KEYS}
    known = {
        "show": {each.value for each in Show} - {Show.OPEN.value},
        "kind": {each.value for each in RequestKind} | {OPEN_REQUESTS},
        "to": {Assigned.ME.value, Assigned.NOBODY.value},
    }
    return {k: v for k, v in kept.items() if v and (k not in known or v in known[k])}


def query(values: Mapping[str, str]) -> InboxQuery:
    """The filters as the service takes them."""
    kind = values.get("kind", "")
    return InboxQuery(
        show=Show(values.get("show", Show.OPEN.value)),
        kind=RequestKind(kind) if kind and kind != OPEN_REQUESTS else None,
        only_open_requests=kind == OPEN_REQUESTS,
        partner_id=values.get("partner", "")[:20],
        assigned=Assigned(values.get("to", Assigned.ANYBODY.value)),
        text=values.get("q", "")[:100],
        cursor=values.get("after", ""),
    )


def counts(found: InboxCounts) -> dict[str, int]:
    """By filter, as the list names them."""
    return {
        Show.OPEN.value: found.waiting_support + found.waiting_partner,
        Show.WAITING_SUPPORT.value: found.waiting_support,
        Show.WAITING_PARTNER.value: found.waiting_partner,
        f"kind{OPEN_REQUESTS}": found.open_requests,
        f"to{Assigned.ME.value}": found.mine,
        f"to{Assigned.NOBODY.value}": found.unassigned,
    }


def none(*, is_filtered: bool) -> dict[str, str]:
    """Why no conversation stands there."""
    if is_filtered:
        return {
            "icon": "search",
            "title": "No match",
            "sentence": "No conversation fits these filters.",
            "clear": "Clear filters",
        }
    return {
        "icon": "check-circle",
        "title": "All done",
        "sentence": "No conversation is open. New ones appear here at once.",
        "clear": "",
    }
