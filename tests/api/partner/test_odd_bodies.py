"""Bodies that are too deep, cut, of the wrong type or hardly JSON: never a fault of ours."""

from __future__ import annotations

import pytest

from tests.support.api_door import Program

ODD = {
    "deep list": "[" * 30_000,
    "deep and closed": "[" * 30_000 + "]" * 30_000,
    "deep object": '{"a":' * 10_000 + "1" + "}" * 10_000,
    "half sent": '{"name": "x", "ema',
    "a number": "7",
    "a list": "[]",
    "null": "null",
    "NUL": "\x00",
    "half a surrogate": '{"name": "\\ud800", "email": "a@b.example"}',
    "large number": '{"max_channels": ' + "9" * 5_000 + "}",
    "not a number": '{"max_channels": NaN}',
    "no UTF-8": b"\xff\xfe{}",
    "wrong types": (
        '{"webhook_url": {"a": []}, "max_channels": "x", "url": 7, "name": [], "mode": {},'
        ' "is_paused": []}'
    ),
}
PATHS = (
    ("PATCH", ""),
    ("POST", "/webhooks/endpoints"),
    ("POST", "/account_sharing/clients"),
    ("PATCH", "/auto_renewal"),
)


@pytest.mark.parametrize("name", ODD)
def test_an_odd_body_is_the_callers_fault(ours: Program, name: str) -> None:
    for method, path in PATHS:
        answer = ours.ask(
            method, path, content=ODD[name], headers={"Content-Type": "application/json"}
        )
        assert 400 <= answer.status_code < 500, (method, path, answer.status_code, answer.text)
        assert answer.json()["meta"]["success"] is False
