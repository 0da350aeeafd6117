"""Rows of the Users page: people and invitations with what can be done."""

from __future__ import annotations

from datetime import datetime

from core.partners.entities import Role
from core.partners.invitation_rules import InvitationState
from core.partners.invitations import InvitationView
from core.partners.members import MemberView
from ui import format as words
from ui.components import viewer_zone
from ui.elements.data_table import Column, Row, act, badge_cell, cell, time_cell
from ui.pages import users_words

__all__ = ["INVITATIONS", "PEOPLE", "Row", "invitation", "person"]

PEOPLE = (
    Column(key="name", title="User"),
    Column(key="role", title="Role"),
    Column(key="seen", title="Last seen"),
    Column(key="since", title="Since"),
)
INVITATIONS = (
    Column(key="name", title="Invited"),
    Column(key="role", title="Role"),
    Column(key="state", title="State"),
    Column(key="sent", title="Sent"),
)
_STAYS = "The only owner stays one"
_SHORT = 20  # characters that fit at any width


def person(
    member: MemberView, now: datetime, *, is_you: bool, is_asked: bool, owners_may_remove: bool
) -> Row:
    """Somebody who works here."""
    return {
        "id": member.id,
        "name": _who(f"{member.name} (you)" if is_you else member.name, member.email),
        "role": _role(member.role, second=_STAYS if member.is_last_owner else ""),
        "seen": _ago(member.last_seen_at, now),
        "since": cell(words.day(member.since, viewer_zone())),
        "acts": [_role_act(member), *_removal(member, owners_may_remove, is_asked=is_asked)],
    }


def invitation(it: InvitationView, now: datetime) -> Row:
    """Somebody who was asked."""
    icon, word, tone = users_words.STATES[it.state]
    is_open = it.state is InvitationState.OPEN
    ends = words.relative(it.expires_at, now, viewer_zone())
    by = f"by {it.invited_by}" if it.invited_by else "by the operator"
    times = f" · {it.times_sent} times" if it.times_sent > 1 else ""
    return {
        "id": it.id,
        "name": _who(it.name or it.email, it.email if it.name else ""),
        "role": _role(it.role),
        "state": badge_cell(icon, word, tone, second=f"{'ends' if is_open else 'ended'} {ends}"),
        "sent": _ago(it.sent_at, now) | {"second": f"{by}{times}"},
        "acts": [
            act("again", "Send again", f"Send the invitation to {it.email} again"),
            act("withdraw", "Withdraw", f"Withdraw the invitation to {it.email}"),
        ],
    }


def _who(name: str, email: str) -> Row:
    """What the layout may cut can be read in full."""
    is_long = max(len(name), len(email)) > _SHORT
    return cell(name, second=email, title=f"{name}\n{email}".strip() if is_long else "")


def _role(role: Role, *, second: str = "") -> Row:
    icon, tone = users_words.ROLE_ICONS[role]
    return badge_cell(icon, users_words.ROLES[role], tone, second=second)


def _role_act(member: MemberView) -> Row:
    word = "Make member" if member.role is Role.OWNER else "Make owner"
    return _unless_last(member, "role", word, f"{word}: {member.name}")


def _removal(member: MemberView, by_owners: bool, *, is_asked: bool) -> list[Row]:
    if by_owners:
        return [_unless_last(member, "remove", "Remove", f"Remove {member.name}")]
    if is_asked:
        return []
    word = "Ask Support to remove"
    return [_unless_last(member, "ask", word, f"{word} {member.name}")]


def _unless_last(member: MemberView, key: str, word: str, label: str) -> Row:
    stays = member.is_last_owner
    return act(key, word, label, disabled=stays, title=_STAYS if stays else "")


def _ago(when: datetime | None, now: datetime) -> Row:
    if when is None:
        return cell("Never")
    zone = viewer_zone()
    return time_cell(words.relative(when, now, zone), when.isoformat(), words.exact(when, zone))
