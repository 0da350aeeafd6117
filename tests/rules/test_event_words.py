"""What the timeline says about a number."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from core.accounts.next_action import NextAction
from core.accounts.results import TimelineEntry
from core.accounts.states import Severity, State, Turn
from core.events import STAFF_ONLY, EventType
from ui.pages.account_words import sentence_of
from ui.pages.event_words import changes, entry

NO_STARTS = {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": 1795636101}


@pytest.mark.parametrize(
    ("column", "before", "after", "said"),
    [
        (
            "restrictions", [], [NO_STARTS],
            "Restrictions: no messages to start a conversation until 25 Nov 2026",
        ),
        (
            "restrictions", [NO_STARTS], [{"restriction_type": "NEW_KIND", "expiration": "soon"}],
            "Restrictions: no messages to start a conversation until 25 Nov 2026 → no NEW_KIND",
        ),
        (
            "restrictions", [NO_STARTS], [],
            "Restrictions: no messages to start a conversation until 25 Nov 2026 → nothing",
        ),
        ("restrictions", [], [{"new": "shape"}], "Restrictions: not told which"),
        ("removed", False, True, "Disconnected: No → Yes"),
        ("quality", "GREEN", "RED", "Quality: High → Low"),
    ],
)  # fmt: skip
def test_a_change_is_told_in_words(column: str, before: Any, after: Any, said: str) -> None:
    assert changes({"change": {column: {"previous": before, "current": after}}}) == said


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("January 3, 2027", "3 Jan 2027"),
        ("2027-01-03", "3 Jan 2027"),
        ("next week", "next week"),
    ],
)
def test_every_date_in_a_next_step_is_written_the_same_way(told: str, said: str) -> None:
    action = NextAction(
        state=State.BAN_SCHEDULED,
        sentence="ban_scheduled",
        turn=Turn.CLIENT,
        severity=Severity.DANGER,
        values={"date": told},
    )
    assert sentence_of(action) == f"Appeal before {said}, when Meta disables it"


@pytest.mark.parametrize(
    ("type_", "data", "what", "more"),
    [
        (
            EventType.CANCELLATION_REQUESTED,
            {"phone_number": "491555000101", "ends_at": "2026-12-01T00:00:00+00:00"},
            "Number cancelled for a later day",
            "works until 30 Nov 2026 · +49 1555000101 · by the hub",
        ),
        (EventType.CANCELLATION_PROCESSED, {}, "Number ended", "by the hub"),
        (
            EventType.CHANNEL_DEREGISTERED,
            {"outcome": "deregistered", "unsubscribed": True},
            "Number left Meta's Cloud API",
            "deregistered · no more webhooks of its account · by the hub",
        ),
        (
            EventType.CHANNEL_DEREGISTERED,
            {"outcome": "refused", "meta_code": 131031, "unsubscribed": False},
            "Number left here, not at Meta",
            "not deregistered, because Meta refused it · code 131031 · by the hub",
        ),
        (
            EventType.CHANNEL_DEREGISTERED,
            {"outcome": "on_business_app", "unsubscribed": False},
            "Number left here, not at Meta",
            "it stays in the WhatsApp Business app; only the client can disconnect it there "
            "· by the hub",
        ),
        (
            EventType.CHANNEL_REGION_CHANGE,
            {"state": "done", "before": "", "region": "DE"},
            "Storage region changed, confirmed by Meta",
            "Meta's default → Germany (DE) · by the hub",
        ),
        (
            EventType.CHANNEL_REGION_CHANGE,
            {
                "state": "stopped", "before": "DE", "region": "CH",
                "error_code": "meta_refused", "meta_code": 100,
            },
            "Storage region: change stopped",
            "Germany (DE) → Switzerland (CH) · Meta refused it (code 100). Start again; if that "
            "does not help, ask Support · by the hub",
        ),
    ],
)  # fmt: skip
def test_a_numbers_moves_and_end_are_told_in_words(
    type_: EventType, data: dict[str, Any], what: str, more: str
) -> None:
    told = entry(
        TimelineEntry(
            id=1,
            type=type_.value,
            subject_type="channel",
            subject_id="CH1",
            subject_name="",
            at=datetime(2026, 11, 22, tzinfo=UTC),
            actor="hub",
            actor_name="",
            data=data,
        )
    )
    assert (told.what, told.more) == (what, more)


@pytest.mark.parametrize("type_", [each for each in EventType if each not in STAFF_ONLY])
def test_whatever_a_timeline_shows_has_a_title(type_: EventType) -> None:
    told = entry(TimelineEntry(
        id=1, type=type_.value, subject_type="channel", subject_id="CH1", subject_name="",
        at=datetime(2026, 11, 22, tzinfo=UTC), actor="hub", actor_name="", data={},
    ))  # fmt: skip
    assert type_.value not in told.what
    assert told.icon != "dot"


@pytest.mark.parametrize(
    ("type_", "what", "more"),
    [
        (
            EventType.OUTBOUND_STOPPED, "Template messages stopped",
            "the credit is used up · by the hub",
        ),
        (
            EventType.OUTBOUND_RESUMED, "Template messages go on",
            "no longer: the credit is used up · by the hub",
        ),
    ],
)  # fmt: skip
def test_why_template_messages_stopped_is_told(type_: EventType, what: str, more: str) -> None:
    told = entry(TimelineEntry(
        id=1, type=type_.value, subject_type="channel", subject_id="CH1",
        subject_name="", at=datetime(2026, 11, 22, tzinfo=UTC), actor="hub", actor_name="",
        data={"reason": "balance"},
    ))  # fmt: skip
    assert (told.what, told.more) == (what, more)
