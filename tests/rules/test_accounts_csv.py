"""A spreadsheet may open the export without running any of it."""

from __future__ import annotations

import csv
import io

import pytest

from core.accounts.csv_export import line, neutral

# The cases of the shared corpus, csv_injection; the rule is what is built, the list is a sample.
RUN = ["=1+1", "+1+1", "@SUM(1)", "\r=1+1", '="x"', "＋1", "\ufeff=1", "+4915112345678", "-1",
       "\t=1", "  =1", "\u00a0=1", "－1", "\n=1"]  # fmt: skip
HARMLESS = ["|cmd", "%0A=1", '"=1+1', "a,b", "a\nb", "1e5", "", "Anna", "4915112345678"]


@pytest.mark.parametrize("cell", RUN)
def test_a_cell_that_would_run_is_text(cell: str) -> None:
    assert neutral(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", HARMLESS)
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert neutral(cell) == cell


def test_whatever_is_in_a_cell_the_record_stays_one_record() -> None:
    cells = [*RUN, *HARMLESS]
    (back,) = csv.reader(io.StringIO(line(cells), newline=""))
    assert back == [neutral(cell) for cell in cells]
