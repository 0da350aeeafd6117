"""What a number's values mean together, told as a table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.accounts.entities import ChannelStatus
from core.accounts.next_action import Situation, next_action
from core.accounts.states import Group, Severity, State, Turn, group_of, group_range, rank

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LATER = int((NOW + timedelta(days=3)).timestamp())
BEFORE = int((NOW - timedelta(days=3)).timestamp())


def live(**values: object) -> Situation:
    return Situation(**{"meta_status": "CONNECTED", "verification": "verified"} | values)


def ending(**values: object) -> Situation:
    return live(cancelled=True, ends_at=datetime(2026, 12, 1, tzinfo=UTC), **values)


TABLE = [
    # Working, and what is worth knowing about a working number.
    (live(), State.LIVE, "live", Turn.NOBODY),
    (live(meta_status=""), State.LIVE, "live", Turn.NOBODY),
    (live(status="imported"), State.LIVE, "live", Turn.NOBODY),
    (live(quality="RED"), State.LIVE, "live_quality_low", Turn.PARTNER),
    (live(quality="YELLOW"), State.LIVE, "live", Turn.NOBODY),
    (live(review="PENDING"), State.LIVE, "live_review_pending", Turn.META),
    (live(review="DEFERRED"), State.LIVE, "live_review_pending", Turn.META),
    (live(name_status="PENDING_REVIEW"), State.LIVE, "live_name_in_review", Turn.META),
    (live(name_status="AVAILABLE_WITHOUT_REVIEW"), State.LIVE, "live", Turn.NOBODY),
    (live(verification="not_verified"), State.LIVE, "live_verify_business", Turn.CLIENT),
    (live(verification="failed"), State.LIVE, "live_verify_business", Turn.CLIENT),
    (live(verification="rejected"), State.LIVE, "live_verify_business", Turn.CLIENT),
    (live(verification="pending_submission"), State.LIVE, "live_verify_business", Turn.CLIENT),
    (live(verification="pending"), State.LIVE, "live_verification_pending", Turn.META),
    (
        live(verification="pending_need_more_info"),
        State.LIVE,
        "live_verification_more_info",
        Turn.CLIENT,
    ),
    (live(verification="something_new"), State.LIVE, "live", Turn.NOBODY),
    (live(ban_state="REINSTATE"), State.LIVE, "live", Turn.NOBODY),
    (live(cancelled=True), State.CANCELLING, "cancelling", Turn.NOBODY),
    (ending(), State.CANCELLING, "cancelling_until", Turn.NOBODY),
    # Nobody finishes the set-up of a number that is about to end; what stops messages is told.
    (ending(status="created"), State.CANCELLING, "cancelling_until", Turn.NOBODY),
    (ending(consent="pending"), State.CANCELLING, "cancelling_until", Turn.NOBODY),
    (ending(meta_status="FLAGGED"), State.FLAGGED, "flagged", Turn.PARTNER),
    # The contract's other statuses.
    (Situation(status="created"), State.SETTING_UP, "created", Turn.CLIENT),
    (Situation(status="unverified"), State.UNVERIFIED, "verify_number", Turn.CLIENT),
    (Situation(status="verified"), State.SETTING_UP, "registering", Turn.NOBODY),
    (Situation(status="modified"), State.SETTING_UP, "applying_change", Turn.META),
    (Situation(status="imported"), State.SETTING_UP, "imported", Turn.NOBODY),
    (Situation(status="new_name_requested"), State.IN_REVIEW, "name_in_review", Turn.META),
    (
        Situation(status="new_name_requested", name_status="DECLINED"),
        State.NAME_DECLINED,
        "name_declined",
        Turn.CLIENT,
    ),
    (Situation(status="certificate_declined"), State.NAME_DECLINED, "name_declined", Turn.CLIENT),
    (
        Situation(status="certificate_declined", name_status="EXPIRED"),
        State.NAME_DECLINED,
        "name_expired",
        Turn.CLIENT,
    ),
    (Situation(status="consents_signed"), State.IN_REVIEW, "consents_signed", Turn.META),
    (Situation(status="error"), State.ERROR, "setup_error", Turn.PARTNER),
    (Situation(status="porting_ready"), State.MIGRATING, "porting_ready", Turn.CLIENT),
    (Situation(status="ready_for_migration"), State.MIGRATING, "ready_for_migration", Turn.PARTNER),
    (
        Situation(status="waiting_for_migration_code"),
        State.MIGRATING,
        "enter_code",
        Turn.CLIENT,
    ),
    (Situation(status="migration_code_requested"), State.MIGRATING, "code_requested", Turn.META),
    (Situation(status="from_2031"), State.UNKNOWN, "unknown_status", Turn.NOBODY),
    # Meta's number statuses.
    (live(meta_status="PENDING"), State.SETTING_UP, "pending_at_meta", Turn.META),
    (
        live(meta_status="PENDING", name_status="PENDING_REVIEW"),
        State.IN_REVIEW,
        "name_in_review",
        Turn.META,
    ),
    (live(meta_status="PENDING", review="PENDING"), State.IN_REVIEW, "review_pending", Turn.META),
    (live(meta_status="FLAGGED"), State.FLAGGED, "flagged", Turn.PARTNER),
    (live(meta_status="RESTRICTED"), State.RESTRICTED, "restricted", Turn.CLIENT),
    (live(meta_status="RATE_LIMITED"), State.RATE_LIMITED, "rate_limited", Turn.PARTNER),
    (live(meta_status="BANNED"), State.BANNED, "banned", Turn.CLIENT),
    (live(meta_status="DELETED"), State.DELETED, "deleted_at_meta", Turn.NOBODY),
    (live(meta_status="MIGRATED"), State.MIGRATED, "migrated_away", Turn.NOBODY),
    (live(meta_status="DISCONNECTED"), State.DISCONNECTED, "disconnected", Turn.PARTNER),
    (
        live(meta_status="DISCONNECTED", on_business_app=True),
        State.DISCONNECTED,
        "disconnected_app",
        Turn.CLIENT,
    ),
    (live(meta_status="UNVERIFIED"), State.UNVERIFIED, "verify_number", Turn.CLIENT),
    (live(meta_status="UNKNOWN"), State.UNKNOWN, "unknown_meta", Turn.NOBODY),
    (live(meta_status="LINKED_IN_2031"), State.UNKNOWN, "unknown_meta", Turn.NOBODY),
    # Names.
    (live(name_status="DECLINED"), State.NAME_DECLINED, "name_declined", Turn.CLIENT),
    (live(name_status="EXPIRED"), State.NAME_DECLINED, "name_expired", Turn.CLIENT),
    # Permission.
    (live(consent="pending"), State.PERMISSION_PENDING, "permission_pending", Turn.CLIENT),
    (live(consent="revoked"), State.PERMISSION_REVOKED, "permission_revoked", Turn.CLIENT),
    # Enforcement and connection.
    (
        live(ban_state="SCHEDULE_FOR_DISABLE", ban_date="April 17, 2027"),
        State.BAN_SCHEDULED,
        "ban_scheduled",
        Turn.CLIENT,
    ),
    (
        live(ban_state="SCHEDULE_FOR_DISABLE"),
        State.BAN_SCHEDULED,
        "ban_scheduled_undated",
        Turn.CLIENT,
    ),
    (live(ban_state="DISABLE"), State.BANNED, "banned", Turn.CLIENT),
    (live(review="REJECTED"), State.REJECTED, "review_rejected", Turn.CLIENT),
    (live(review="RESTRICTED"), State.RESTRICTED, "restricted", Turn.CLIENT),
    (live(review="LIMIT_REACHED"), State.RESTRICTED, "restricted", Turn.CLIENT),
    (live(removed=True), State.REMOVED, "client_removed", Turn.PARTNER),
    (live(token_expires_at=NOW), State.RECONNECT, "token_expired", Turn.PARTNER),
    (live(token_expires_at=NOW + timedelta(seconds=1)), State.LIVE, "live", Turn.NOBODY),
    (
        live(restrictions=({"restriction_type": "RESTRICTED_X", "expiration": LATER},)),
        State.RESTRICTED,
        "restricted_until",
        Turn.META,
    ),
    (
        live(restrictions=({"restriction_type": "RESTRICTED_X"},)),
        State.RESTRICTED,
        "restricted_kind",
        Turn.CLIENT,
    ),
    (
        live(restrictions=({"restriction_type": "RESTRICTED_X", "expiration": BEFORE},)),
        State.LIVE,
        "live",
        Turn.NOBODY,
    ),
    (live(terminated=True), State.CANCELLED, "cancelled", Turn.NOBODY),
]


@pytest.mark.parametrize(("situation", "state", "sentence", "turn"), TABLE)
def test_each_situation_has_a_state_a_sentence_and_a_turn(
    situation: Situation, state: State, sentence: str, turn: Turn
) -> None:
    action = next_action(situation, NOW)
    assert (action.state, action.sentence, action.turn) == (state, sentence, turn)


def test_every_status_of_the_contract_is_in_the_table() -> None:
    assert {situation.status for situation, *_ in TABLE} >= set(ChannelStatus)


def test_what_stops_messages_comes_before_what_can_wait() -> None:
    worse = live(quality="RED", consent="revoked", ban_state="DISABLE", removed=True)
    assert next_action(worse, NOW).state == State.BANNED
    assert next_action(live(consent="pending", removed=True), NOW).state == State.REMOVED
    assert next_action(live(terminated=True, ban_state="DISABLE"), NOW).state == State.CANCELLED


def test_a_scheduled_ban_tells_its_date_and_an_unknown_value_itself() -> None:
    banned = next_action(live(ban_state="SCHEDULE_FOR_DISABLE", ban_date="April 17, 2027"))
    assert banned.values["date"] == "April 17, 2027"
    assert next_action(live(meta_status="NEW_ONE")).values["value"] == "NEW_ONE"


def test_without_a_clock_restrictions_stand_and_tokens_are_good() -> None:
    past = ({"restriction_type": "RESTRICTED_X", "expiration": BEFORE},)
    assert next_action(live(restrictions=past)).state == State.RESTRICTED
    assert next_action(live(token_expires_at=NOW)).state == State.LIVE


@pytest.mark.parametrize("expiration", [None, "", "soon", 10**30, -(10**30), [], {}])
def test_an_expiration_that_is_no_time_is_none(expiration: object) -> None:
    broken = ({"restriction_type": "RESTRICTED_X", "expiration": expiration},)
    assert next_action(live(restrictions=broken), NOW).sentence == "restricted_kind"


def test_groups_are_unbroken_ranges_that_cover_every_state_once() -> None:
    covered = [
        n for group in Group for n in range(group_range(group)[0], group_range(group)[1] + 1)
    ]
    assert sorted(covered) == [rank(state) for state in State]


@pytest.mark.parametrize(
    ("state", "group"),
    [
        (State.BANNED, Group.ATTENTION),
        (State.UNKNOWN, Group.ATTENTION),
        (State.PERMISSION_PENDING, Group.PROGRESS),
        (State.IN_REVIEW, Group.PROGRESS),
        (State.CANCELLING, Group.LIVE),
        (State.LIVE, Group.LIVE),
        (State.CANCELLED, Group.ENDED),
        (State.DELETED, Group.ENDED),
    ],
)
def test_states_fall_into_their_groups(state: State, group: Group) -> None:
    assert group_of(state) == group


def test_only_a_well_number_is_a_success() -> None:
    well = [s for s, *_ in TABLE if next_action(s, NOW).severity == Severity.SUCCESS]
    assert {next_action(s, NOW).state for s in well} == {State.LIVE}


def test_a_cancelled_number_works_through_its_last_day() -> None:
    assert next_action(ending()).values == {"date": "2026-11-30"}
