"""A month's statement as a file: every entry, whatever their number, and no foreign client's."""

from __future__ import annotations

from typing import Any, cast

import pytest

from core.billing.invoices.parties import Brand, Party
from core.billing.invoices.service import Parties
from core.billing.invoices.statement import Statement
from core.billing.statement_file import StatementFiles
from core.clock import FixedClock
from core.errors import Forbidden, InvalidInput, NotFound
from storage.database import SqlDatabase
from tests.services.test_balance import MONTH, Desk


class Letterhead:
    """Who writes to whom, as invoices would say it."""

    def parties(self, _who: Any, _client_id: str = "") -> Parties:
        seller = Party(legal_name="Hub GmbH", country="DE")
        buyer = Party(legal_name="Acme", country="FR")
        return Parties(seller=seller, buyer=buyer, brand=Brand(name="Hub"))


@pytest.fixture
def desk(database: SqlDatabase, clock: FixedClock) -> Desk:
    return Desk(database, clock)


def test_a_statement_leads_from_the_start_of_the_month_to_its_end(desk: Desk) -> None:
    drawn: list[Statement] = []
    files = _files(desk, lambda statement: drawn.append(statement) or b"%PDF")  # type: ignore[func-returns-value]
    desk.top_up("10.00")
    desk.send(3)
    desk.send(2)
    file = files.pdf(desk.owner, MONTH)
    assert (file.name, file.content) == (f"statement-{MONTH}.pdf", b"%PDF")
    [statement] = drawn
    month = desk.balances.movements(desk.owner, MONTH)
    assert (statement.start, statement.end) == (month.start, month.end)
    assert [movement.kind for movement in statement.movements] == ["Top-up", "Messages", "Messages"]
    assert statement.movements[-1].balance == desk.world.credit()


def test_an_empty_month_is_a_statement_too(desk: Desk) -> None:
    assert _files(desk, lambda statement: repr(statement.end).encode()).pdf(desk.owner, MONTH)


def test_only_owners_get_one_and_only_of_their_own_clients(desk: Desk) -> None:
    files = _files(desk, lambda _: b"")
    with pytest.raises(Forbidden):
        files.pdf(desk.principal("member"), MONTH)
    with pytest.raises(NotFound):
        files.pdf(desk.owner, MONTH, "strangeCL")
    with pytest.raises(InvalidInput):
        files.pdf(desk.owner, "2026-13")


def _files(desk: Desk, press: Any) -> StatementFiles:
    return StatementFiles(desk.balances, cast(Any, Letterhead()), press)
