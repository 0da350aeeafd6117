"""Prints the counts; with `--write` they go where the operators' page has them."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import structlog

from tests.security.matrix.counts import counts_of, table
from tests.security.matrix.site import Site
from tests.security.matrix.world import matrix_world

PAGE = Path(__file__).parents[3] / "docs" / "operators" / "authorisation-matrix.md"
START, END = "<!-- counts -->", "<!-- end of counts -->"


def page_with(text: str, counted: str) -> str:
    """The page's text with these counts between the marks."""
    before, rest = text.split(START)
    return f"{before}{START}\n\n{counted}\n{END}{rest.split(END)[1]}"


def main() -> None:
    """Nothing is called: the attempts are made and counted."""
    # On stdout there are the counts only; what the hub logs meanwhile is beside them.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    nothing: Any = None
    with tempfile.TemporaryDirectory() as folder, matrix_world(Path(folder)) as world:
        counted = table(counts_of(Site(world, nothing, nothing)))
    sys.stdout.write(counted)
    if "--write" in sys.argv:
        PAGE.write_text(page_with(PAGE.read_text("utf-8"), counted), "utf-8")


if __name__ == "__main__":
    main()
