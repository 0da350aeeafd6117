"""Every kind of event that is shown has a title and stands in one group."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from core.audit.differences import Difference, differences, rest
from core.audit.trail import Happened
from core.events import STAFF_ONLY, EventType
from ui.pages import audit_words
from ui.pages.audit_titles import GROUPS, TITLES
from ui.pages.event_words import EVENTS


def test_every_kind_has_a_title_and_one_group() -> None:
    shown = {each.value for each in EventType} - STAFF_ONLY
    assert shown - {str(each) for each in (*TITLES, *EVENTS)} == set()
    grouped = [each for group in GROUPS.values() for each in group.types]
    assert sorted(grouped) == sorted(each.value for each in EventType)


def test_before_and_after_are_read_however_they_were_told() -> None:
    change = {"change": {"role": {"previous": "owner", "current": "member"}}, "by": 1}
    assert differences(change) == (Difference(name="role", before="owner", after="member"),)
    assert rest(change) == {"by": 1}
    field = {"field": "url", "before": "", "after": "https://a"}
    assert differences(field) == (Difference(name="url", before="", after="https://a"),)
    pair = {"before_micros": 1, "micros": 2}
    assert differences(pair) == (Difference(name="micros", before=1, after=2),)
    assert rest(field) == rest(pair) == {}
    assert differences({"micros": 2}) == ()


def test_values_are_told_as_people_read_them() -> None:
    told = {
        "expires_at": "2026-12-06T13:18:57.325360+00:00",
        "micros": 8_000_000,
        "currency": "EUR",
        "key_id": "Key001",
        "by": "Abcdefgh12345678",
        "odd": "2026-99-06T13:18:57+00:00",
    }
    assert audit_words.more(happened(data=told), UTC).split(", ", 2)[2] == (
        "Amount: 8.00 EUR, Key: Key001, By: Ada, Odd: 2026-99-06T13:18:57+00:00"
    )
    assert "Expires at: 6 Dec 2026, 13:18:57 UTC," in audit_words.more(happened(data=told), UTC)


def test_prices_are_told_as_amounts_however_the_event_has_them() -> None:
    first = {"price": {"previous": "1000000000 EUR", "current": "500000000 EUR"}}
    now = {"price_micros": {"previous": {"EUR": 1_000_000_000}, "current": {"EUR": 500_000_000}}}
    plan = {"plan": {"previous": "premium", "current": "growth"}}
    for change in (first, now):
        row = happened(data={"change": plan | change})
        assert audit_words.changes(row, UTC) == [
            ("Plan", "Premium", "Growth"),
            ("Price", "1,000.00 EUR", "500.00 EUR"),
        ]
        assert differences(row.data)[1] == differences({"change": now})[0]
    odd = {"change": {"price": {"previous": "soon", "current": None}}}
    assert audit_words.changes(happened(data=odd), UTC) == [("Price", "soon", "nothing")]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("", "f" * 64, ("Logo", "nothing", "a picture")),
        ("f" * 64, "", ("Logo", "a picture", "nothing")),
        ("f" * 64, "e" * 64, ("Logo", "a picture", "another picture")),
    ],
)
def test_a_logo_is_a_picture_and_no_hash(
    before: str, after: str, told: tuple[str, str, str]
) -> None:
    row = happened(data={"field": "logo_hash", "before": before, "after": after})
    assert audit_words.changes(row, UTC) == [told]


def test_a_licence_says_which_number_and_what_it_was() -> None:
    about: dict[str, Any] = {
        "subject_type": "licence",
        "subject_id": "CH1",
        "subject_name": "447400123456",
    }
    assert audit_words.subject(happened(**about)) == (
        "+44 7400 123456", "Licence", "/accounts/CH1",
    )  # fmt: skip
    told = [("Tier", "Regular", "High Throughput")]
    new = {"change": {"tier": {"previous": "regular", "current": "high_throughput"}}}
    assert audit_words.changes(happened(**about, data=new), UTC) == told
    old = {"tier": "high_throughput", "next_tier": ""}
    earlier = {"tier": "regular", "next_tier": ""}
    row = happened(**about, data=old, earlier=earlier)
    assert (audit_words.changes(row, UTC), audit_words.more(row, UTC)) == (told, "")
    assert audit_words.more(happened(**about, data=old), UTC) == "Tier: High Throughput"
    planned = {"change": {"next_tier": {"previous": "", "current": "premium"}}}
    assert audit_words.changes(happened(**about, data=planned), UTC) == [
        ("Tier from next month on", "nothing", "Premium")
    ]


def test_ids_that_say_nothing_to_people_are_left_out() -> None:
    data = {"change_id": "zsU7LYe6yJNSjyv5EIfgbT", "to": "growth", "about": "CH1"}
    assert audit_words.more(happened(data=data), UTC) == "To: Growth"
    data = {"invitation": "BhDa3DFKIocQa4DH", "role": "member"}
    assert audit_words.more(happened(data=data), UTC) == "Role: member"


def test_a_request_without_a_subject_is_called_by_its_kind() -> None:
    talk = {"subject_type": "conversation", "subject_id": "C1", "data": {"kind": "downgrade"}}
    assert audit_words.subject(happened(**talk)) == ("Downgrade", "Conversation", "/support/C1")
    named = happened(**talk, subject_name="Una Nowak")
    assert audit_words.subject(named)[0] == "Una Nowak"
    assert audit_words.more(happened(**talk), UTC) == "Kind: Downgrade"


def test_what_stopped_messages_is_no_longer_so_once_they_go_on() -> None:
    cap = {"reason": "cap"}
    stopped = happened(type=EventType.OUTBOUND_STOPPED.value, data=cap)
    resumed = happened(type=EventType.OUTBOUND_RESUMED.value, data=cap)
    assert audit_words.more(stopped, UTC) == "Reason: the cap of this month is reached"
    assert audit_words.more(resumed, UTC) == "No longer: the cap of this month is reached"


def test_a_session_is_told_by_the_start_of_its_hash_only() -> None:
    assert happened(subject_type="session", subject_id="f" * 64).subject_told == "f" * 8
    assert happened(subject_type="channel", subject_id="Acm001CHANNEL").subject_told != "Acm001CH"


def happened(**values: Any) -> Happened:
    """An event by Ada, as it is read."""
    defaults: dict[str, Any] = {
        "id": 1,
        "type": "signed_in",
        "at": datetime(2026, 1, 2, tzinfo=UTC),
        "actor": "hub",
        "data": {},
        "people": {"Abcdefgh12345678": "Ada"},
        "is_staff": False,
        "is_erased": False,
    }
    texts = ("actor_name", "subject_type", "subject_id", "subject_name", "address", "agent")
    return Happened(**defaults | dict.fromkeys((*texts, "request_id"), "") | values)
