"""The page of the API for people: our own file, without a script, with every call on it."""

from __future__ import annotations

import re

from tests.support.api_door import Program


def test_the_page_tells_every_call_and_runs_nothing(ours: Program) -> None:
    answer = ours.http.get("/api/v2/docs", headers={"X-API-Key": ""})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    page = answer.text
    assert not re.search(
        r"<script|<link (?!rel=\"icon\")|https?://(?!hub\.test)[^\s\"'<]*\.(js|css)", page
    )
    told = ours.http.get("/api/v2/openapi.json").json()
    calls = [(m.upper(), path) for path, all_ in told["paths"].items() for m in all_]
    for method, path in calls:
        assert f">{method}</span>" in page
        assert f"<code>{path}</code>" in page
    anchors = re.findall(r'href="#([^"]+)"', page)
    assert {anchor for anchor in anchors if f'id="{anchor}"' not in page} == set()
    assert len(set(anchors)) >= len(calls)
