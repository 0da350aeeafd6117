"""The guards around people: whom an invitation lets in, who changes roles, how fresh a sign-in has
to be, and whose sessions somebody may end."""

from __future__ import annotations

from typing import Any

from sqlalchemy import true
from sqlmodel import select

from core.access import Permission
from core.partners.entities import Invitation, Role
from core.partners.invitation_links import known
from core.partners.invitation_rules import InvitationState
from core.partners.memberships import verified_address
from tests.security.guard import Guard, never_refusing, returning, value


def _ever_sent(_was: Any) -> Any:
    """Takes whatever was sent to the address, however it ended."""
    return lambda session, _clock, claims: list(
        session.exec(select(Invitation).where(Invitation.email == verified_address(claims)))
    )


def _all_of_them(_was: Any) -> Any:
    """Signing in accepts whatever is open for the address."""
    return lambda invitations, _link, **_told: invitations


def _whoever_has_the_link(_was: Any) -> Any:
    return lambda session, _clock, token_hash, _claims: known(session, token_hash)


def _asked_just_now(_was: Any) -> Any:
    """Believes that the provider asked, whatever it says."""
    return lambda _claims, now: now


def _fresh(area: str, test: str, file: str = "test_users.py") -> Guard:
    return Guard(
        name=f"a fresh sign-in before {area}",
        target="core.access:Gate._require_fresh",
        off=never_refusing,
        test=f"{file}::{test}",
    )


USERS: tuple[Guard, ...] = (
    Guard(
        name="an invitation lets in once and while it is open",
        target="core.partners.memberships:_open_invitations",
        off=_ever_sent,
        test="test_users.py::test_an_invitation_that_is_over_lets_nobody_in",
    ),
    Guard(
        name="an invitation wants its link of who works elsewhere",
        target="core.partners.memberships:_agreed",
        off=_all_of_them,
        test="test_users.py::test_who_works_elsewhere_joins_by_the_link_only",
    ),
    Guard(
        name="the link of an invitation that is over",
        target="core.partners.following:state_of",
        off=returning(InvitationState.OPEN),
        test="test_users.py::test_the_link_of_an_invitation_that_is_over_says_so",
    ),
    Guard(
        name="an invitation is for its address",
        target="core.partners.sign_in:followed",
        off=_whoever_has_the_link,
        test="test_users.py::test_a_link_in_other_hands_opens_nothing",
    ),
    Guard(
        name="each mail ends the link before",
        target="core.partners.invitation_links:InvitationLinks.renew",
        off=never_refusing,
        test="test_users.py::test_the_link_before_is_dead",
    ),
    Guard(
        name="mails to one mailbox",
        target="core.partners.invitations:MOST_MAILS",
        off=value(10**6),
        test="test_users.py::test_a_mailbox_is_not_filled_without_end",
    ),
    Guard(
        name="people are the owners' matter",
        target="core.access:_ALLOWED",
        off=value({role: frozenset(Permission) for role in Role}),
        test="test_users.py::test_a_member_neither_sees_nor_changes_who_works_here",
    ),
    Guard(
        name="removal is Support's unless the operator says otherwise",
        target="core.partners.users:Users._require_removal_by_owners",
        off=never_refusing,
        test="test_users.py::test_owners_do_not_remove_by_themselves",
    ),
    _fresh("money", "test_an_old_sign_in_moves_no_money"),
    _fresh("secrets", "test_an_old_sign_in_is_told_no_secret"),
    _fresh("roles", "test_an_old_sign_in_changes_no_role"),
    _fresh(
        "decisions at the desk",
        "test_an_old_sign_in_carries_nothing_out_at_the_desk",
        "test_support.py",
    ),
    Guard(
        name="the same person confirms",
        target="core.partners.confirming:_require_same",
        off=never_refusing,
        test="test_users.py::test_somebody_else_cannot_confirm_a_session",
    ),
    Guard(
        name="the provider has asked the person",
        target="core.partners.confirming:auth_time_of",
        off=_asked_just_now,
        test="test_users.py::test_a_provider_that_asked_nobody_confirms_nothing",
    ),
    Guard(
        name="sessions of one's own",
        target="core.partners.sessions:_is_own",
        off=returning(true()),
        test="test_users.py::test_another_persons_session_is_not_ended",
    ),
    Guard(
        name="pages end with a session that was ended elsewhere",
        target="core.partners.sessions:Sessions._tell_revoked",
        off=never_refusing,
        test="test_confirming.py::test_a_session_that_is_ended_from_another_stops_its_pages",
    ),
)
