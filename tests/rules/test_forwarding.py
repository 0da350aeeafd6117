"""Whose conversations a body of Meta's tells of, and each number's part of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.integration.outbound.forwarding import numbers_in, part_of

FIRST, SECOND = "301", "302"


def change(phone: Any, field: Any = "messages", **value: Any) -> dict[str, Any]:
    return {"field": field, "value": {"metadata": {"phone_number_id": phone}} | value}


def body_of(*entries: list[Any]) -> dict[str, Any]:
    told = [{"id": str(place), "changes": changes} for place, changes in enumerate(entries)]
    return {"object": "whatsapp_business_account", "entry": told}


def test_what_is_about_one_number_goes_out_as_it_came() -> None:
    raw = json.dumps(body_of([change(FIRST)], [change(FIRST)]), indent=3).encode()
    assert part_of(raw, json.loads(raw), FIRST) is raw


def test_of_a_body_about_several_each_gets_its_own_in_the_same_form() -> None:
    mixed = body_of([change(FIRST, a=1), change(SECOND, b=2)], [change(SECOND, c=3)], ["?", {}])
    raw = json.dumps(mixed).encode()
    assert numbers_in(mixed) == {FIRST: "messages", SECOND: "messages"}
    assert json.loads(part_of(raw, mixed, FIRST)) == body_of([change(FIRST, a=1)])
    assert json.loads(part_of(raw, mixed, SECOND)) == body_of(
        [change(SECOND, b=2)], [change(SECOND, c=3)]
    )


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"entry": None},
        {"entry": ["x", {"changes": 1}, {"changes": [None, {"value": "x"}, {"value": {}}]}]},
        body_of([{"field": "account_update", "value": {"event": "DISABLED_UPDATE"}}]),
        body_of([change(301), change(""), change("30\x001"), change("3" * 33), change(["301"])]),
    ],
)
def test_what_names_no_number_is_for_nobody(body: dict[str, Any]) -> None:
    assert numbers_in(body) == {}


@pytest.mark.parametrize("field", ["", None, 7, "Messages\x00", "m" * 65])
def test_a_field_that_is_no_name_is_called_messages(field: Any) -> None:
    assert numbers_in(body_of([change(FIRST, field)])) == {FIRST: "messages"}


def test_fields_of_the_business_app_keep_their_names() -> None:
    assert numbers_in(body_of([change(FIRST, "history")])) == {FIRST: "history"}
