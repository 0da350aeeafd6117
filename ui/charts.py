"""Few, quiet charts with a table behind each; drawn by ECharts as SVG.

Colours are the theme's custom properties, so that a chart follows light and dark by itself.
Figures come in micros or counts as integers; ECharts gets them as decimal texts, never floats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from nicegui import ui

from core.money import MICROS, Money
from ui import format as words
from ui.components import tag
from ui.elements.data_table import Column, DataTable
from ui.theme import FIXED

_ROLES = ("primary", "info-text", "warning-text", "text-quiet", "success-text", "danger-text")
_TEXT = {"color": "var(--text-quiet)", "fontSize": 12, "fontFamily": FIXED["font"]}
# Labels that would touch are left out; the last one stays within the drawing.
_APART = {"hideOverlap": True, "alignMaxLabel": "right"}
_LINE = {"lineStyle": {"color": "var(--border)"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One colour of a chart: an amount in micros for each label."""

    name: str
    micros: Sequence[int]
    role: str = ""  # a colour of the theme; the next free one when empty


class Chart:
    """Bars (stacked when there are several series) or a line, and the same figures as a table."""

    def __init__(
        self,
        label: str,
        labels: Sequence[str],
        series: Sequence[Series],
        currency: str,
        *,
        line: bool = False,
        height: int = 220,
        marks: Sequence[tuple[str, int]] = (),
    ) -> None:
        """`marks` are horizontal lines with a word each, such as a threshold, in micros.

        The words stand above the drawing: inside they would lie on the curve and on each other.
        """
        self._label, self._currency, self._line, self._marks = label, currency, line, tuple(marks)
        with tag("figure", classes="h-chart", aria_label=label):
            self._told = tag("p", _words_of(self._marks), "h-chart-marks")
            self._told.set_visibility(bool(self._marks))
            options = self._options(labels, series)
            self._chart = ui.echart(options, renderer="svg").style(f"height:{height}px")
            self._chart.props["aria-hidden"] = "true"  # the table below says the same
            with tag("details", classes="h-chart-table"):
                tag("summary", "Show the figures")
                self._table = DataTable(label, self._columns(series), self._rows(labels, series))

    def show(
        self,
        labels: Sequence[str],
        series: Sequence[Series],
        marks: Sequence[tuple[str, int]] | None = None,
    ) -> None:
        """Draw other figures in place; series keep their names, and marks unless others come."""
        if marks is not None:
            self._marks = tuple(marks)
            self._told.set_text(_words_of(self._marks))
            self._told.set_visibility(bool(self._marks))
        self._chart.options.clear()
        self._chart.options.update(self._options(labels, series))
        self._chart.update()
        self._table.show(self._rows(labels, series))

    def _options(self, labels: Sequence[str], series: Sequence[Series]) -> dict[str, Any]:
        return {
            "animation": False,
            "grid": {"left": 8, "right": 8, "bottom": 4, "containLabel": True}
            | {"top": 28 if len(series) > 1 else 12},  # the legend stands there
            "legend": {"show": len(series) > 1, "top": 0, "left": 0, "icon": "roundRect"}
            | {"itemWidth": 10, "itemHeight": 10, "textStyle": _TEXT},
            "tooltip": {
                "trigger": "axis",
                "axisPointer": {"type": "line", "lineStyle": {"color": "var(--border-strong)"}},
                "backgroundColor": "var(--raised)",
                "borderColor": "var(--border)",
                "textStyle": _TEXT | {"color": "var(--text)"},
                ":valueFormatter": self._formatter(),
            },
            "xAxis": {"type": "category", "data": list(labels), "axisLabel": _TEXT | _APART}
            | {"axisTick": {"show": False}, "axisLine": _LINE},
            "yAxis": {"type": "value", "axisLabel": _TEXT, "splitLine": _LINE, "splitNumber": 3}
            | self._scale(),
            "series": [self._drawn(each, n, len(series)) for n, each in enumerate(series)],
        }

    def _drawn(self, series: Series, position: int, of: int) -> dict[str, Any]:
        colour = f"var(--{series.role or _ROLES[position % len(_ROLES)]})"
        drawn: dict[str, Any] = {
            "name": series.name,
            "type": "line" if self._line else "bar",
            "data": [_units(micros) for micros in series.micros],
            "itemStyle": {"color": colour},
            "emphasis": {"disabled": True},
        }
        if self._line:
            drawn |= {"showSymbol": False, "lineStyle": {"color": colour, "width": 2}}
        else:
            drawn |= {"barMaxWidth": 22} | ({"stack": "all"} if of > 1 else {})
        if self._marks and not position:
            drawn["markLine"] = _mark_line(self._marks)
        return drawn

    def _columns(self, series: Sequence[Series]) -> list[Column]:
        figures = [Column(key=each.name, title=each.name, right=True) for each in series]
        return [Column(key="label", title="When"), *figures]

    def _rows(self, labels: Sequence[str], series: Sequence[Series]) -> list[dict[str, Any]]:
        return [
            {"id": f"{n}", "label": label}
            | {each.name: self._figure(each.micros[n]) for each in series}
            for n, label in enumerate(labels)
        ]

    def _scale(self) -> dict[str, Any]:
        return {}

    def _figure(self, micros: int) -> str:
        return words.money(Money(micros, self._currency))

    def _formatter(self) -> str:
        return _exact_figure(self._currency)


class CountChart(Chart):
    """Things that are counted instead of amounts; a series has millionths of them all the same."""

    def __init__(self, label: str, labels: Sequence[str], series: Sequence[Series]) -> None:
        super().__init__(label, labels, series, currency="", height=180)

    def _scale(self) -> dict[str, Any]:
        return {"minInterval": 1}  # half of a thing is not counted

    def _figure(self, micros: int) -> str:
        return words.number(micros // MICROS)

    def _formatter(self) -> str:
        return "(value) => Number(value).toLocaleString('en-GB')"


def _mark_line(marks: Sequence[tuple[str, int]]) -> dict[str, Any]:
    return {
        "silent": True,
        "symbol": "none",
        "lineStyle": {"color": "var(--warning-text)", "type": "dashed"},
        "label": {"show": False},
        "data": [{"name": word, "yAxis": _units(micros)} for word, micros in marks],
    }


def _words_of(marks: Sequence[tuple[str, int]]) -> str:
    return ", ".join(word for word, _ in marks)


def _units(micros: int) -> str:
    """Currency units as a decimal text, for the drawing only."""
    return format(Decimal(micros) / MICROS, "f")


def _exact_figure(currency: str) -> str:
    digits = "{minimumFractionDigits: 2, maximumFractionDigits: 6}"
    return f"(value) => Number(value).toLocaleString('en-GB', {digits}) + ' {currency}'"
