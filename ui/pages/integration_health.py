"""An endpoint in figures: how much is taken, how fast, what waits; a chart by hour or by day."""

from __future__ import annotations

from core.integration.outbound.views import Bar, Health
from core.money import MICROS
from ui import format as words
from ui.charts import CountChart, Series
from ui.components import Tile, section_card, tag, viewer_zone
from ui.lists import FilterChips

_SPANS = {"hours": "24 hours", "days": "30 days"}


class HealthCard:
    """Drawn once; `show` changes the figures in place."""

    def __init__(self) -> None:
        self._it: Health | None = None
        self._span = "hours"
        self._chart: CountChart | None = None
        with section_card("Health", "Attempts of the last 24 hours."):
            with tag("div", classes="h-tiles h-tiles-small"):
                self._taken = Tile("Taken")
                self._speed = Tile("Answers within")
                self._waiting = Tile("Waiting")
            FilterChips(_SPANS, self._span, self._choose, "Span of the chart")
            self._room = tag("div", classes="it-chart h-holder")
            self._nothing = tag("p", "Nothing was sent in this time.", "quiet small")

    def show(self, it: Health) -> None:
        self._it = it
        sent = it.delivered + it.failed
        percent = "–" if it.success_percent is None else f"{it.success_percent} %"
        self._taken.show(percent, f"{words.number(it.delivered)} of {words.number(sent)}")
        self._speed.show(_millis(it.p95_millis), f"p95; half within {_millis(it.p50_millis)}")
        self._waiting.show(words.number(it.waiting), "Those that are tried again included")
        self._draw()

    def _choose(self, span: str) -> None:
        if span in _SPANS:  # it comes from the browser
            self._span = span
            self._draw()

    def _draw(self) -> None:
        if self._it is None:
            return
        bars = self._it.hours if self._span == "hours" else self._it.days
        is_any = any(bar.delivered or bar.failed for bar in bars)
        self._room.set_visibility(is_any)
        self._nothing.set_visibility(not is_any)
        if not is_any:
            return
        labels = [_label(bar, by_day=self._span == "days") for bar in bars]
        series = [
            Series(name="Taken", role="primary", micros=[bar.delivered * MICROS for bar in bars]),
            Series(name="Failed", role="danger-text", micros=[bar.failed * MICROS for bar in bars]),
        ]
        if self._chart is None:
            with self._room:
                self._chart = CountChart("Attempts, taken and failed", labels, series)
        else:
            self._chart.show(labels, series)


def _label(bar: Bar, *, by_day: bool) -> str:
    if by_day:  # days are those of UTC, as they are summed up
        return f"{bar.at.day} {bar.at:%b}"
    return f"{bar.at.astimezone(viewer_zone()):%H:%M}"


def _millis(millis: int | None) -> str:
    return "–" if millis is None else f"{words.number(millis)} ms"
