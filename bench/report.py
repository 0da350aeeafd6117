"""One measured line, its verdict, and the table that people read."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

# A noisy machine moves ratios, too: only a miss by more than this fails the run.
MARGIN = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One figure of ours; with `floor` its ratio is judged by `goal`, else the figure itself.

    `counts` marks figures that no other load on the machine can move (bytes, elements): they fail
    a run like ratios do. Milliseconds and rates never do. Without a goal it is only told.
    """

    what: str
    ours: float
    unit: str
    floor: float | None = None
    goal: float | None = None
    at_least: bool = False
    counts: bool = False
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return self.ours / self.floor if self.floor else None

    @property
    def verdict(self) -> str:
        """`ok`, `over`, or nothing where there is no goal."""
        if self.goal is None:
            return ""
        return "ok" if self._misses_by() <= 1 else "over"

    @property
    def fails(self) -> bool:
        """True when a ratio (or a count) is beyond its goal and the margin."""
        is_judged = self.goal is not None and (self.floor is not None or self.counts)
        return is_judged and self._misses_by() > MARGIN

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"ratio": self.ratio, "verdict": self.verdict, "fails": self.fails}

    def _misses_by(self) -> float:
        """1 at the goal, 2 at half or double of it."""
        assert self.goal is not None
        judged = self.ours if self.ratio is None else self.ratio
        if self.at_least:
            return self.goal / judged if judged else float("inf")
        return judged / self.goal if self.goal else (1.0 if judged == 0 else float("inf"))


def table(lines: Sequence[Line]) -> str:
    """All lines under one head, columns aligned."""
    head = ("what", "ours", "floor", "ratio", "goal", "", "")
    rows = [head, *(_cells(line) for line in lines)]
    widths = [max(len(row[i]) for row in rows) for i in range(6)]
    return "\n".join(_row(row, widths) for row in rows)


def machine() -> dict[str, Any]:
    """Where and when; the load before the run says how quiet it was."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpus": len(os.sched_getaffinity(0)),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }


def _cells(line: Line) -> tuple[str, ...]:
    sign = ">=" if line.at_least else "<="
    goal = "" if line.goal is None else f"{sign} {figure(line.goal)}"
    goal += "x" if goal and line.floor is not None else ""
    return (
        line.what,
        f"{figure(line.ours)} {line.unit}",
        "" if line.floor is None else figure(line.floor),
        "" if line.ratio is None else f"{figure(line.ratio)}x",
        goal,
        line.verdict.upper() if line.fails else line.verdict,
        line.note,
    )


def _row(row: Sequence[str], widths: Sequence[int]) -> str:
    left, *middle, verdict, note = row
    cells = [f"{left:<{widths[0]}}"]
    cells += [f"{c:>{w}}" for c, w in zip(middle, widths[1:5], strict=True)]
    return "  ".join([*cells, f"{verdict:<4}", note]).rstrip()


def figure(value: float) -> str:
    """Three digits that count."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
