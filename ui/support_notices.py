"""What open pages are told about conversations; who looks or types is told and kept nowhere."""

from __future__ import annotations

from collections.abc import Sequence

from core.ports import Notice
from core.support import presence

CONVERSATION = "conversation"  # subject of everything that support tells open pages

_PASSING = frozenset(
    {
        presence.PARTNER_HERE,
        presence.PARTNER_TYPING,
        presence.STAFF_HERE,
        presence.STAFF_TYPING,
    }
)


def about(notices: Sequence[Notice], conversation_id: str = "") -> list[Notice]:
    """Those about conversations, or about this one."""
    ours = [notice for notice in notices if notice.subject_type == CONVERSATION]
    return [n for n in ours if n.subject_id == conversation_id] if conversation_id else ours


def change_something(notices: Sequence[Notice]) -> bool:
    """Whether what is kept about a conversation may be another than it was."""
    return any(notice.type not in _PASSING for notice in about(notices))
