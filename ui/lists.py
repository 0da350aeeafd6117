"""Many things in one element: facts, timelines, filter chips.

`facts` and `timeline` are Vue components (an element per row would cost the event loop dearly);
what they show is escaped by Vue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nicegui import ui
from nicegui.element import Element

from ui import format as words
from ui.components import Tone, badge_classes, tag, viewer_zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One line of a definition list; `copy` is what the copy button takes (empty: none)."""

    label: str
    value: str
    hint: str = ""
    mono: bool = False
    copy: str = ""
    href: str = ""
    when: datetime | None = None  # makes `value` a time with the exact one on hover
    icon: str = ""  # makes `value` a status badge
    tone: Tone = "neutral"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened; `more` says who or why."""

    key: str
    what: str
    when: datetime
    more: str = ""
    icon: str = "dot"
    tone: Tone = "neutral"


class Facts(Element, component="static/hub_facts.js"):
    """A definition list with copy buttons."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        super().__init__()
        self.show(facts)

    def show(self, facts: Sequence[Fact]) -> None:
        """Replace the lines."""
        self._props["items"] = [_fact(fact) for fact in facts]
        self.update()


class Timeline(Element, component="static/hub_timeline.js"):
    """What happened, newest first; one element for any number of entries."""

    def __init__(self, entries: Sequence[Entry], now: datetime, label: str = "Timeline") -> None:
        super().__init__()
        self._props["label"] = label
        self._props["entries"] = [_entry(entry, now) for entry in entries]

    def prepend(self, entry: Entry, now: datetime) -> None:
        """Put a new entry on top without sending the others again."""
        sent = _entry(entry, now)
        self._props["entries"] = [sent, *self._props["entries"]]  # for the next full draw
        self.run_method("prepend", sent)


def definition_list(facts: Sequence[Fact]) -> Facts:
    """Facts as label and value."""
    return Facts(facts)


def timeline(entries: Sequence[Entry], now: datetime, label: str = "Timeline") -> Timeline:
    """A timeline."""
    return Timeline(entries, now, label)


class FilterChips:
    """Chips of which one is chosen; `on_change` gets its key."""

    def __init__(
        self, options: Mapping[str, str], chosen: str, on_change: Callable[[str], Any], label: str
    ) -> None:
        self._on_change = on_change
        with tag("div", classes="h-chips", role="group", aria_label=label):
            self._chips = {key: self._chip(key, word) for key, word in options.items()}
        self.choose(chosen)

    def choose(self, key: str) -> None:
        """Show which chip is chosen, without calling `on_change`."""
        for own, chip in self._chips.items():
            chip.props["aria-pressed"] = "true" if own == key else "false"
            chip.update()

    def _chip(self, key: str, word: str) -> ui.element:
        return tag("button", word, "h-chip", type="button").on(
            "click", lambda: self._pressed(key), args=[]
        )

    def _pressed(self, key: str) -> Any:
        self.choose(key)
        return self._on_change(key)


def _fact(fact: Fact) -> dict[str, Any]:
    zone = viewer_zone()
    return {
        "label": fact.label,
        "value": fact.value,
        "hint": fact.hint,
        "mono": fact.mono,
        "copy": fact.copy,
        "href": fact.href,
        "time": fact.when.isoformat() if fact.when else "",
        "title": words.exact(fact.when, zone) if fact.when else "",
        "badge": badge_classes(fact.icon, fact.tone) if fact.icon else "",
    }


def _entry(entry: Entry, now: datetime) -> dict[str, Any]:
    zone = viewer_zone()
    return {
        "key": entry.key,
        "what": entry.what,
        "more": entry.more,
        "icon": entry.icon,
        "tone": entry.tone,
        "time": entry.when.isoformat(),
        "title": words.exact(entry.when, zone),
        "ago": words.relative(entry.when, now, zone),
    }
