"""What the timeline says about a number."""

from __future__ import annotations

from typing import Any

import pytest

from core.accounts.next_action import NextAction
from core.accounts.states import Severity, State, Turn
from ui.pages.account_words import sentence_of
from ui.pages.event_words import changes

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
