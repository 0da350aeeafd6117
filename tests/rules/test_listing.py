"""The derived columns: how values sort, and what a search looks through."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.accounts import listing
from core.accounts.cursors import Cursor, decode, encode
from core.accounts.entities import Channel, Client, WabaAccount
from core.accounts.states import State

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
OWN = {"partner_id": "aaaaaaPA", "created_at": NOW, "modified_at": NOW}


def channel(**values: object) -> Channel:
    return Channel(**OWN | {"id": "abcdefCH", "client_id": "c", "waba_account_id": "w"} | values)


def test_limits_sort_along_metas_ladder_with_unknown_ones_below() -> None:
    ladder = [
        "", "TIER_NOT_SET", "0", "TIER_50", "TIER_250", "TIER_1K", "TIER_2K", "TIER_10K",
        "TIER_50K", "TIER_100K", "TIER_1M", "TIER_UNLIMITED",
    ]  # fmt: skip
    ranks = [listing.limit_rank(limit) for limit in ladder]
    assert ranks == sorted(set(ranks))


@pytest.mark.parametrize(
    ("one", "other"),
    [("TIER_250", "TIER_0.25K"), ("TIER_UNLIMITED", "-1"), ("TIER_2K", "2000"), ("tier_2k", "2K")],
)
def test_the_same_limit_in_other_words_ranks_the_same(one: str, other: str) -> None:
    assert listing.limit_rank(one) == listing.limit_rank(other)


@given(st.text(max_size=40))
def test_any_limit_ranks_within_the_column(text: str) -> None:
    assert listing.LIMIT_UNTOLD <= listing.limit_rank(text) <= listing.UNLIMITED


def test_quality_sorts_high_medium_low_then_what_nobody_knows() -> None:
    ranks = [listing.quality_rank(q) for q in ("GREEN", "YELLOW", "RED", "UNKNOWN", "")]
    assert ranks == sorted(set(ranks))
    assert listing.quality_rank("PURPLE") == listing.quality_rank("NA")


def test_names_sort_without_case_width_or_stray_blanks() -> None:
    assert listing.sort_key("  Straße  Ａ ") == listing.sort_key("STRASSE a")


@pytest.mark.parametrize(
    "typed", ["+49 151 123", "0049 151 123", "0151 123", "(0151) 123", "49151123", "151-123"]
)
def test_a_number_is_found_however_it_is_typed(typed: str) -> None:
    derived = listing.derive(channel(phone_number="49151123456"), None, None)
    assert listing.search_form(typed) in derived.search_text


def test_everything_a_person_may_know_a_number_by_is_searched() -> None:
    waba = WabaAccount(**OWN, id="w", client_id="c", external_id="105000", name="Mill WABA")
    client = Client(**OWN, id="c", name="Mill", organisation="Mühle AG", email="anna@mill.example")
    row = channel(name="Mühle Shop", phone_number="4915112", external_id="30011")
    text = listing.derive(row, waba, client).search_text
    for typed in ("mühle shop", "mühle ag", "anna@mill", "abcdefch", "30011", "105000", "4915112"):
        assert typed in text


def test_the_business_verification_is_the_wabas_in_lower_case() -> None:
    waba = WabaAccount(
        **OWN, id="w", client_id="c", external_id="1", business_verification="VERIFIED"
    )
    assert listing.derive(channel(), waba, None).verification == "verified"


def test_the_state_follows_the_waba_as_well() -> None:
    waba = WabaAccount(**OWN, id="w", client_id="c", external_id="1", removed=True)
    ready = channel(status="ready", consent="granted", meta_status="CONNECTED")
    assert listing.derive(ready, None, None).state == State.LIVE
    assert listing.derive(ready, waba, None).state == State.REMOVED


@pytest.mark.parametrize("value", ["abc", 7, -2, NOW, "", "北京"])
def test_a_cursor_comes_back_as_it_went(value: str | int | datetime) -> None:
    cursor = Cursor("name", value, "abcdefCH")
    assert decode(encode(cursor), "name", type(value)) == cursor


@pytest.mark.parametrize(
    "forged",
    [
        "", "x", "%%%", "eyJ9", "bnVsbA", encode(Cursor("phone", "a", "b")),
        encode(Cursor("name", 2**40, "b")), encode(Cursor("name", "a\x00", "b")),
        encode(Cursor("name", "a", "b" * 500)), "WyJuYW1lIix7InQiOiJ4In0sImIiXQ",
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", [str, int, datetime])
def test_a_forged_cursor_is_no_cursor(forged: str, kind: type) -> None:
    assert decode(forged, "name", kind) is None


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader_of_cursors(text: str) -> None:
    for kind in (str, int, datetime):
        decode(text, "name", kind)
