"""Addresses that say more than any of ours: read as far as a page would say it."""

from __future__ import annotations

import pytest

from tests.ui.conftest import Serve
from tests.ui.test_audit import PLACES, AuditSite, world
from ui.api import audit_export

__all__ = ["world"]
SURPLUS = "a=1&" * 120


@pytest.mark.parametrize("path", ["/audit/export.csv", "/audit"])
async def test_a_query_without_end_is_read_to_its_fiftieth_value(
    serve: Serve, world: AuditSite, path: str
) -> None:
    async with serve(PLACES, world.hub, installs=[audit_export.install]) as site:
        answer = await site.browser().look(f"{path}?{SURPLUS}")
        assert answer.status_code == 200
        assert "Something went wrong" not in answer.text
