"""Every kind of event that is shown has a title and stands in one group."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

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
