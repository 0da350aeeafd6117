"""Single values in the contract's words, and its null rule."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from core.integration.shapes import values


@pytest.mark.parametrize(
    ("meta", "contract"),
    [
        ("TIER_250", "TIER_0.25K"),
        ("TIER_0.25K", "TIER_0.25K"),
        ("TIER_1K", "TIER_1K"),
        ("TIER_2K", "TIER_2K"),
        ("TIER_10K", "TIER_10K"),
        ("TIER_100K", "TIER_100K"),
        ("TIER_UNLIMITED", "TIER_UNLIMITED"),
        ("TIER_NOVEL", "TIER_NOVEL"),
        ("", None),
    ],
)
def test_limits_are_tiers_of_thousands(meta: str, contract: str | None) -> None:
    assert values.limit(meta) == contract


@pytest.mark.parametrize(
    ("meta", "contract"),
    [("GREEN", "Green"), ("YELLOW", "Yellow"), ("RED", "Red"), ("NA", "Unknown"), ("", "Unknown")],
)
def test_quality_is_one_of_four_words(meta: str, contract: str) -> None:
    assert values.quality(meta) == contract


@pytest.mark.parametrize(
    ("meta", "contract"),
    [
        ("VERIFIED", "verified"),
        ("pending_need_more_info", "pending_need_more_info"),
        ("expired", "not_verified"),
        ("", None),
    ],
)
def test_verification_is_one_of_the_contracts_words(meta: str, contract: str | None) -> None:
    assert values.fb_account_status(meta) == contract


def test_moments_are_utc_to_the_second() -> None:
    here = timezone(timedelta(hours=2))
    assert values.moment(datetime(2024, 1, 31, 14, 0, 0, 5, tzinfo=here)) == "2024-01-31T12:00:00Z"
    assert values.moment(datetime(2024, 1, 31, tzinfo=UTC)) == "2024-01-31T00:00:00Z"


def test_what_has_no_value_is_left_out_but_for_five_fields() -> None:
    nullable = dict.fromkeys(values.NULLABLE)
    assert values.told({"max_channels": None, "text": "", "list": [], **nullable}) == {
        "text": "",
        "list": [],
        **nullable,
    }
