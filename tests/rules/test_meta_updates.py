"""What Meta's webhooks say, value by value."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.accounts.meta_reading import number_reading, template_reading, waba_reading
from core.accounts.meta_updates import updates_in
from core.accounts.update import TargetKind, Update, digits, limit_name
from core.events import EventType
from tests.support.bodies import body, envelope

WABA = "524126980791429"


def told(field: str, value: dict[str, Any], at: int | None = 1_790_000_000) -> list[Update]:
    return list(updates_in(json.loads(body(WABA, field, value, at))))


def test_partner_added_is_about_the_waba_it_names_not_about_the_entry() -> None:
    info = {"waba_id": "77", "owner_business_id": "88", "solution_id": "99"}
    (update,) = told("account_update", {"event": "PARTNER_ADDED", "waba_info": info})
    assert (update.target.kind, update.target.id) == (TargetKind.WABA, "77")
    assert update.values == {"removed": False}
    assert update.event is EventType.PARTNER_ADDED


@pytest.mark.parametrize(
    "event",
    ["PARTNER_REMOVED", "PARTNER_APP_UNINSTALLED", "ACCOUNT_OFFBOARDED", "ACCOUNT_DELETED"],
)
def test_every_way_of_leaving_marks_the_account_as_removed(event: str) -> None:
    (update,) = told("account_update", {"event": event})
    assert update.values == {"removed": True}


def test_a_scheduled_ban_keeps_its_date_and_a_reinstatement_clears_it() -> None:
    info = {"waba_ban_state": "SCHEDULE_FOR_DISABLE", "waba_ban_date": "April 17, 2026"}
    (ban,) = told("account_update", {"event": "DISABLED_UPDATE", "ban_info": info})
    assert ban.values == {"ban_state": "SCHEDULE_FOR_DISABLE", "ban_date": "April 17, 2026"}
    back = {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}}
    (update,) = told("account_update", back)
    assert update.values == {"ban_state": "", "ban_date": ""}
    assert update.event is EventType.ACCOUNT_REINSTATED


def test_a_volume_tier_told_twice_keeps_the_smallest_time() -> None:
    tier = {"pricing_category": "UTILITY", "region": "DE", "effective_month": "2026-11"}

    def at(time: int) -> Update:
        info = tier | {"tier": "0:100", "tier_update_time": time}
        event = {"event": "VOLUME_BASED_PRICING_TIER_UPDATE", "volume_tier_info": info}
        return told("account_update", event)[0]

    assert at(1_790_000_000).stamp > at(1_790_000_500).stamp


def test_an_event_nobody_knows_is_kept_whole() -> None:
    value = {"event": "SOMETHING_NEW", "info": {"x": [1, "ä"]}}
    (update,) = told("account_update", value)
    assert update.facts == {"account_update:SOMETHING_NEW": value}


def test_the_messaging_limit_is_the_portfolios() -> None:
    value = {"max_daily_conversations_per_business": 2000}
    (update,) = told("business_capability_update", value)
    assert update.target.kind is TargetKind.PORTFOLIO_OF
    assert update.values == {"messaging_limit": "TIER_2K"}


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (-1, "TIER_UNLIMITED"),
        (0, "0"),
        (250, "TIER_250"),
        (777, "777"),
        ("TIER_10K", "TIER_10K"),
        ("TIER_NEW", "TIER_NEW"),
        (None, ""),
        (True, ""),
        ([], ""),
    ],
)
def test_limits_come_as_names_and_as_numbers(value: Any, name: str) -> None:
    assert limit_name(value) == name


def test_a_flagged_number_is_matched_by_its_digits_and_worth_reading() -> None:
    value = {"display_phone_number": "+49 151 234", "event": "FLAGGED", "current_limit": "TIER_1K"}
    status, limit = told("phone_number_quality_update", value)
    assert (status.target.id, status.target.waba) == ("49151234", WABA)
    assert status.values == {"meta_status": "FLAGGED"}
    assert status.reread
    assert limit.values == {"messaging_limit": "TIER_1K"}


def test_a_refused_name_leaves_the_one_in_use() -> None:
    value = {
        "display_phone_number": "49151234",
        "decision": "REJECTED",
        "requested_verified_name": "Neu",
        "rejection_reason": "NAME_EMPLOYEE_ISSUE",
    }
    (update,) = told("phone_number_name_update", value)
    assert update.values == {"name_status": "DECLINED", "requested_name": "Neu"}


def test_an_approved_name_is_the_name() -> None:
    value = {"display_phone_number": "1", "decision": "APPROVED", "requested_verified_name": "Neu"}
    _, name = told("phone_number_name_update", value)
    assert name.values == {"name": "Neu"}


def test_a_template_is_told_apart_by_its_id_within_the_waba() -> None:
    value = {
        "event": "REJECTED",
        "message_template_id": 594425479261596,
        "message_template_name": "hello",
        "message_template_language": "de",
        "message_template_category": "MARKETING",
        "reason": "INCORRECT_CATEGORY",
    }
    status, category = told("message_template_status_update", value)
    assert status.target.id == "594425479261596"
    assert status.values == {"status": "REJECTED", "rejected_reason": "INCORRECT_CATEGORY"}
    assert category.values == {"category": "MARKETING"}
    assert category.event is None


def test_a_quality_update_with_the_wrong_field_is_recognised_by_its_shape() -> None:
    value = {
        "message_template_id": 5,
        "new_quality_score": "RED",
        "previous_quality_score": "GREEN",
    }
    (update,) = told("message_template_status_update", value)
    assert update.values == {"quality": "RED"}


@pytest.mark.parametrize("place", ["value", "entry"])
def test_a_misplaced_field_is_found(place: str) -> None:
    value: dict[str, Any] = {"decision": "APPROVED"}
    entry: dict[str, Any] = {"id": WABA, "time": 5, "changes": [{"value": value}]}
    (value if place == "value" else entry)["field"] = "account_review_update"
    (update,) = updates_in(json.loads(envelope([entry])))
    assert update.values == {"review_status": "APPROVED"}


def test_a_webhook_is_newer_than_a_reading_of_the_same_second() -> None:
    (update,) = told("account_review_update", {"decision": "APPROVED"}, at=10)
    assert update.at == 10_999


@pytest.mark.parametrize("field", ["messages", "unknown", "", "flows"])
def test_other_fields_yield_nothing(field: str) -> None:
    assert told(field, {"a": 1}) == []


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
_FIELDS = [
    "account_update",
    "account_alerts",
    "business_capability_update",
    "phone_number_quality_update",
    "phone_number_name_update",
    "message_template_status_update",
]
_KEYS = ["event", "waba_info", "ban_info", "alert_info", "display_phone_number", "decision"]


@given(
    field=st.sampled_from(_FIELDS),
    value=st.dictionaries(st.sampled_from(_KEYS) | st.text(max_size=5), _JSON, max_size=5),
    entry=_JSON,
)
def test_no_shape_of_value_crashes_the_translation(field: str, value: Any, entry: Any) -> None:
    changes = [{"field": field, "value": value}, entry]
    list(updates_in({"entry": [{"id": entry, "time": entry, "changes": changes}, entry]}))


@pytest.mark.parametrize(
    ("text", "found"), [("+49 (151) 2-3", "4915123"), ("", ""), ("١٢٣", "123")]
)
def test_digits(text: str, found: str) -> None:
    assert digits(text) == found


def test_a_limit_that_only_stands_beside_other_news_is_no_news() -> None:
    value = {"display_phone_number": "49151234", "event": "FLAGGED", "current_limit": "TIER_1K"}
    status, limit = told("phone_number_quality_update", value)
    assert status.event is EventType.CHANNEL_STATUS_CHANGED
    assert limit.event is None
    _, raised = told("phone_number_quality_update", value | {"event": "UPGRADE"})
    assert raised.event is EventType.MESSAGING_LIMIT_CHANGED


SECOND = 1_790_000_000


def reading_at(seconds: float) -> list[Update]:
    now = datetime.fromtimestamp(seconds, UTC)
    waba = {"id": WABA, "account_review_status": "APPROVED"}
    number = {"id": "5", "verified_name": "N", "whatsapp_business_manager_messaging_limit": "T"}
    return [*waba_reading(waba, now), *number_reading(number, now)]


@pytest.mark.parametrize("fraction", [0.0, 0.25, 0.999])
def test_a_reading_is_newer_than_a_webhook_of_its_second_and_older_than_the_next(
    fraction: float,
) -> None:
    (webhook,) = told("account_review_update", {"decision": "REJECTED"}, SECOND)
    (later,) = told("account_review_update", {"decision": "REJECTED"}, SECOND + 2)
    for reading in reading_at(SECOND + fraction):
        assert webhook.stamp < reading.stamp < later.stamp


def test_what_a_reading_may_have_overtaken_is_read_again() -> None:
    """A webhook later in the second of a reading loses to it; the truth is read once more."""
    read = {update.group for update in reading_at(SECOND)}
    limit = {"max_daily_conversations_per_business": 2000}
    name = {"decision": "APPROVED", "requested_verified_name": "N", "display_phone_number": "+1"}
    webhooks = [
        *told("account_review_update", {"decision": "APPROVED"}),
        *told("business_capability_update", limit),
        *told("phone_number_name_update", name),
        *told("phone_number_quality_update", {"event": "FLAGGED", "display_phone_number": "+1"}),
    ]
    overtaken = [update for update in webhooks if update.group in read | {"name_status", "status"}]
    assert {update.group for update in overtaken} == {
        *("review", "limit", "name", "name_status", "status")
    }
    assert all(update.reread for update in overtaken)


def test_a_time_in_milliseconds_is_the_same_second() -> None:
    review = {"decision": "APPROVED"}
    (seconds,) = told("account_review_update", review, SECOND)
    (millis,) = told("account_review_update", review, SECOND * 1000 + 123)
    assert millis.stamp == seconds.stamp


@pytest.mark.parametrize("at", [10**14, 10**17, 99_999_999_999])
def test_a_time_that_is_none_beats_nothing(at: int) -> None:
    (update,) = told("account_review_update", {"decision": "APPROVED"}, at)
    assert update.at == 0


def test_a_templates_webhook_wins_over_a_reading_of_its_second() -> None:
    now = datetime.fromtimestamp(SECOND + 0.5, UTC)
    status = {"event": "PAUSED", "message_template_id": 77}
    (webhook, *_) = told("message_template_status_update", status, SECOND)
    for reading in template_reading(WABA, {"id": "77", "status": "APPROVED"}, now):
        assert reading.stamp < webhook.stamp
