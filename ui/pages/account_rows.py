"""Between the list of numbers and the service: the address as a query, a row as words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.accounts.results import ChannelQuery, ChannelRow, Count
from core.accounts.states import Group
from ui import format as words
from ui.components import badge_classes
from ui.pages import account_words

PATH = "/accounts"

# Names in the address -> fields of the query; others are ignored.
FIELDS = {
    "search": "search",
    "group": "group",
    "quality": "quality",
    "limit": "limit",
    "verification": "verification",
    "consent": "consent",
    "region": "region",
    "client": "client_id",
    "after": "after",
    "before": "before",
}


def query_of(asked: Mapping[str, str]) -> ChannelQuery:
    """The address as a query; `sort=-name` is falling."""
    sort = asked.get("sort", "name")
    fields: dict[str, Any] = {field: asked[name] for name, field in FIELDS.items() if name in asked}
    return ChannelQuery(sort=sort.removeprefix("-"), descending=sort.startswith("-"), **fields)


def shown_row(row: ChannelRow) -> dict[str, Any]:
    """A line as the browser draws it: words, classes and Meta's raw values for the hover."""
    icon, word, tone = account_words.badge_of(row.action)
    return {
        "id": row.id,
        "href": f"{PATH}/{row.id}",
        "phone": words.phone(row.phone_number),
        "name": row.name,
        "client": row.client_name,
        "badge": badge_classes(icon, tone),
        "word": word,
        "turn": account_words.turn_of(row.action),
        # The badge says it all; the same words in each row would hide the others.
        "sentence": "" if row.action.sentence == "live" else account_words.sentence_of(row.action),
        "whole": account_words.whole_sentence(row.action),
        "quality": words.quality(row.quality) if row.quality else "—",
        "quality_look": f"cl-quality tone-{account_words.quality_tone(row.quality)}",
        "quality_raw": row.quality,
        "limit": _limit(row.messaging_limit),
        "limit_raw": row.messaging_limit,
        "verification": account_words.verification(row.verification),
        "verification_raw": row.verification,
    }


def _limit(value: str) -> str:
    """Without the period, which stands in the head of the column."""
    return words.limit(value).removesuffix(" / 24 h") if value else "—"


def shown_counts(counts: Mapping[Group, Count]) -> dict[str, str]:
    return {
        group.value: words.number(count.number) + ("+" if count.more else "")
        for group, count in counts.items()
    }
