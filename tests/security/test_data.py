"""Partners' rows stay theirs, what Meta did not sign is nothing, and a database may be away."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import select

from core.accounts.entities import Client
from core.ports import Everything, Tenant
from core.settings import Settings
from storage.database import SqlDatabase
from storage.tenancy import TenancyError
from tests.support.every_table import OneOfEach
from tests.ui.conftest import serving
from tests.ui.fake_hub import fake_hub
from ui.api.meta_intake import MetaIntake

MINE, OTHER = "AcmeOnPA", "BetaOnPA"


@pytest.fixture
def each(database: SqlDatabase) -> OneOfEach:
    """One row of everything of both; the other's."""
    others = OneOfEach(OTHER)
    with database.transaction(Everything("test")) as session:
        OneOfEach(MINE).add_to(session)
        others.add_to(session)
    return others


def test_a_partners_session_finds_its_own_rows_only(database: SqlDatabase, each: OneOfEach) -> None:
    with database.reading(Tenant(MINE)) as session:
        assert {row.partner_id for row in session.exec(select(Client))} == {MINE}
        assert session.get(Client, each.ids["client"]) is None


def test_no_statement_is_put_past_the_filter(database: SqlDatabase, each: OneOfEach) -> None:
    for statement in (text("SELECT * FROM client"), select(Client.__table__)):  # type: ignore[attr-defined]
        with pytest.raises(TenancyError), database.reading(Tenant(MINE)) as session:
            session.execute(statement).all()


def test_a_row_of_another_partner_is_not_written(database: SqlDatabase, each: OneOfEach) -> None:
    with pytest.raises(TenancyError), database.transaction(Tenant(MINE)) as session:
        session.add(each.row(Client))


class Shelf:
    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def store(self, body: bytes) -> None:
        self.bodies.append(body)


@pytest.mark.parametrize("signature", [None, "", "sha256=" + "0" * 64])
async def test_what_meta_did_not_sign_is_not_taken(signature: str | None) -> None:
    shelf = Shelf()
    intake = MetaIntake(Settings(_env_file=None, meta_app_secret="secret"), shelf)
    transport = httpx.ASGITransport(intake)
    headers = {} if signature is None else {"X-Hub-Signature-256": signature}
    async with httpx.AsyncClient(transport=transport, base_url="http://hub.test") as meta:
        assert (await meta.post("/", content=b"{}", headers=headers)).status_code == 401
    assert shelf.bodies == []


async def test_a_database_that_is_away_is_said_with_the_time_to_come_back() -> None:
    hub: Any = fake_hub()
    hub.sign_in.is_down = True
    async with serving(hub=hub) as site:
        answer = await site.browser().look("/accounts")
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
