"""The register as people read it: by rule, and with what came of the runs without each guard.

`python -m tests.security.guard_page --write` puts the list where operators have it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from fnmatch import fnmatchcase
from itertools import groupby
from pathlib import Path

from tests.security.guard import Guard
from tests.security.register import GUARDS
from tests.security.rules import RULES

PAGE = Path(__file__).parents[2] / "docs" / "operators" / "security.md"
# pytest's code for "ran, and some failed", and how it names a test that did: one that hung, or
# whose fixtures failed, is not among them.
FAILED, NAMED = 1, "\nFAILED "
# What faulthandler writes when it ends a process that takes too long.
HUNG = "Timeout (0:"
START, END = "<!-- guards -->", "<!-- end of guards -->"


def guards_of(patterns: tuple[str, ...]) -> list[Guard]:
    """The guards of a rule, in the register's order."""
    return [g for g in GUARDS if any(fnmatchcase(g.name, pattern) for pattern in patterns)]


def listed() -> str:
    """Every guard under its rule: what it is called, where it is, which test misses it."""
    lines = [f"{len(GUARDS)} guards."]
    for part, rules in groupby(RULES.items(), key=lambda item: item[0][0]):
        lines += ["", f"### {part}"]
        for (_, rule), patterns in rules:
            lines += ["", f"**{rule}**", "", "| guard | where | missed by |", "|---|---|---|"]
            lines += [f"| {g.name} | `{g.target}` | `{_test(g)}` |" for g in guards_of(patterns)]
    return "\n".join(lines) + "\n"


def table(outcomes: Mapping[str, tuple[int, str]]) -> str:
    """What came of the runs, by pytest's code and output: red where the test failed, as it must."""
    width = max(map(len, outcomes), default=0)
    lines = []
    for guard in GUARDS:
        if guard.name in outcomes:
            code, told = outcomes[guard.name]
            lines.append(f"{guard.name:{width}}  {_verdict(code, told):10}  {_test(guard)}")
            lines.append(f"{'':{width}}  {failing_line(told)}")
    red = sum(is_missed(code, told) for code, told in outcomes.values())
    return (
        "\n".join([*lines, f"{red} of {len(outcomes)} guards are missed when they are off"]) + "\n"
    )


def failing_line(told: str) -> str:
    """The last line in which pytest says what was wrong."""
    lines = [line[1:].strip() for line in told.splitlines() if line.startswith("E ")]
    return lines[-1] if lines else "-"


def is_missed(code: int, told: str) -> bool:
    """Whether the guard's own test failed without it."""
    return code == FAILED and NAMED in f"\n{told}"


def _verdict(code: int, told: str) -> str:
    if is_missed(code, told):
        return "red"
    return "hung" if HUNG in told else "NOT MISSED"


def page_with(text: str) -> str:
    """The page's text with today's list between the marks."""
    before, rest = text.split(START)
    return f"{before}{START}\n\n{listed()}\n{END}{rest.split(END)[1]}"


def _test(guard: Guard) -> str:
    return guard.test.partition("::")[2]


if __name__ == "__main__":
    written = page_with(PAGE.read_text("utf-8"))
    if "--write" in sys.argv:
        PAGE.write_text(written, "utf-8")
    else:
        sys.stdout.write(listed())
