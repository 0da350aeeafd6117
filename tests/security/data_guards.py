"""The guards around partners' rows and what Meta tells, for the register."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import with_loader_criteria

from tests.security.guard import Guard, returning


def _any_row(_was: Any) -> Any:
    """A filter that lets every row pass."""
    return lambda cls, _partner_id: with_loader_criteria(cls, lambda row: row.id != "")


DATA: tuple[Guard, ...] = (
    Guard(
        name="rows of one partner",
        target="storage.tenancy:_only_own_rows",
        off=_any_row,
        test="test_data.py::test_a_partners_session_finds_its_own_rows_only",
    ),
    Guard(
        name="no statement past the filter",
        target="storage.tenancy:touched_by",
        off=lambda was: lambda *_a, **_k: was(*_a, **_k).__class__(),
        test="test_data.py::test_no_statement_is_put_past_the_filter",
    ),
    Guard(
        name="no row is given to another partner",
        target="storage.tenancy:_owners",
        off=lambda _was: lambda _row: {"AcmeOnPA"},
        test="test_data.py::test_a_row_of_another_partner_is_not_written",
    ),
    Guard(
        name="signature over the raw bytes of Meta's webhooks",
        target="ui.api.meta_intake:is_signed_by_meta",
        off=returning(True),
        test="test_data.py::test_what_meta_did_not_sign_is_not_taken",
    ),
    Guard(
        name="a database that is away is a 503",
        target="ui.states:status_of",
        off=returning(200),
        test="test_data.py::test_a_database_that_is_away_is_said_with_the_time_to_come_back",
    ),
)
