"""What a number's state, next action and events say to a person; keys come from the core.

Meta's own words that nobody knows yet are shown as they are.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from core.accounts.next_action import NextAction
from core.accounts.regions.rules import REGIONS
from core.accounts.states import Group, Severity, State, Turn, group_of
from ui import format as words
from ui.components import Tone

STATES: dict[State, tuple[str, str]] = {  # icon, word
    State.BANNED: ("ban", "Disabled"),
    State.BAN_SCHEDULED: ("alert", "To be disabled"),
    State.REMOVED: ("cross-circle", "Disconnected"),
    State.REJECTED: ("cross-circle", "Rejected"),
    State.ERROR: ("error", "Stopped"),
    State.RECONNECT: ("link", "Reconnect"),
    State.DISCONNECTED: ("cross-circle", "Offline"),
    State.RESTRICTED: ("lock", "Restricted"),
    State.FLAGGED: ("alert", "Flagged"),
    State.RATE_LIMITED: ("pause", "Limited"),
    State.NAME_DECLINED: ("edit", "Name declined"),
    State.PERMISSION_REVOKED: ("lock", "Withdrawn"),
    State.UNKNOWN: ("help", "Unknown"),
    State.PERMISSION_PENDING: ("key", "Permission"),
    State.UNVERIFIED: ("phone", "Unverified"),
    State.MIGRATING: ("switch", "Migrating"),
    State.SETTING_UP: ("hourglass", "Setting up"),
    State.IN_REVIEW: ("clock", "In review"),
    State.CANCELLING: ("hourglass", "Cancelling"),
    State.LIVE: ("check-circle", "Live"),
    State.CANCELLED: ("minus", "Cancelled"),
    State.MIGRATED: ("arrow-right", "Moved away"),
    State.DELETED: ("trash", "Deleted"),
}

GROUPS = {
    Group.ATTENTION: "Needs attention",
    Group.PROGRESS: "In progress",
    Group.LIVE: "Live",
    Group.ENDED: "Ended",
}

TURNS = {Turn.CLIENT: "Client", Turn.PARTNER: "You", Turn.META: "Meta", Turn.NOBODY: ""}

_SUPPORT = "Business Support Home"
_SENTENCES = {
    "banned": f"Appeal in {_SUPPORT}; Meta disabled it",
    "ban_scheduled": "Appeal before {date}, when Meta disables it",
    "ban_scheduled_undated": f"Appeal in {_SUPPORT} before Meta disables it",
    "client_removed": "Send a link to connect again; the client left",
    "review_rejected": f"Appeal in {_SUPPORT}; Meta rejected it",
    "setup_error": "Setup stopped; the onboarding run says why",
    "token_expired": "Send a link to connect again; access ran out",
    "disconnected": "Send a link to register the number again",
    "disconnected_app": "Open the WhatsApp Business app again",
    "restricted": f"See {_SUPPORT}; Meta restricted it",
    "restricted_until": "No {kind} until {date}",
    "restricted_kind": f"No {{kind}}; see {_SUPPORT}",
    "flagged": "Improve your messages; the quality fell",
    "rate_limited": "Send less until tomorrow; the limit is reached",
    "name_declined": "Choose another display name; it was declined",
    "name_expired": "Send in the display name again; it expired",
    "permission_revoked": "Grant permission again; it was withdrawn",
    "permission_pending": "Grant permission for this number",
    "unknown_status": "The status “{value}” is new to the hub",
    "unknown_meta": "Meta says “{value}”, which is new to the hub",
    "created": "Finish the signup from the mailed link",
    "verify_number": "Confirm the number with Meta's code",
    "registering": "The hub is registering the number",
    "applying_change": "Applies the change",
    "imported": "The hub is preparing the imported number",
    "name_in_review": "Reviews the display name",
    "consents_signed": "Reviews the account; the consents are signed",
    "review_pending": "Reviews the account",
    "pending_at_meta": "Prepares the number",
    "porting_ready": "Switch off two-step verification at the old provider",
    "ready_for_migration": "Ask for the code to start the migration",
    "code_requested": "Sends the migration code",
    "enter_code": "Enter the migration code",
    "cancelling": "Works until the cancellation takes effect",
    "cancelling_until": "Works until {date}; you can keep it until then",
    "live": "Nothing to do",
    "live_quality_low": "Quality is low; send what people want",
    "live_review_pending": "Works; still reviews the account",
    "live_name_in_review": "Works; reviews the new display name",
    "live_verification_more_info": "Works; send Meta what it asks about the business",
    "live_verify_business": "Works; verify the business to raise the limit",
    "live_verification_pending": "Works; checks the business",
    "cancelled": "Cancelled; it no longer works here",
    "migrated_away": "Moved to another provider",
    "deleted_at_meta": "Deleted at Meta",
}

KINDS = {
    "RESTRICTED_BIZ_INITIATED_MESSAGING": "messages to start a conversation",
    "RESTRICTED_CUSTOMER_INITIATED_MESSAGING": "answers to customers",
    "RESTRICTED_ADD_PHONE_NUMBER_ACTION": "more numbers",
    "RESTRICTED_UTILITY_TEMPLATES": "utility templates",
    "RESTRICTED_DIRECT_SEND_UTILITY_TEMPLATES": "directly sent utility templates",
}

_VERIFICATION = {
    "verified": "Verified",
    "not_verified": "Not verified",
    "pending": "Pending",
    "pending_need_more_info": "More info needed",
    "pending_submission": "Not sent in",
    "failed": "Failed",
    "rejected": "Rejected",
    "revoked": "Revoked",
    "expired": "Expired",
    "ineligible": "Not eligible",
}

CONSENTS = {"pending": "Waiting", "granted": "Given", "revoked": "Withdrawn"}


def badge_of(action: NextAction) -> tuple[str, str, Tone]:
    """Icon, word and tone; an unknown value is its own word."""
    icon, word = STATES[action.state]
    if action.state == State.UNKNOWN:
        word = action.values.get("value", word)
    tone: Tone = "neutral" if group_of(action.state) == Group.ENDED else _TONES[action.severity]
    return icon, word, tone


def _day(told: str) -> str:
    """A date as ISO or as Meta writes it (`January 3, 2027`) as `3 Jan 2027`; others as told."""
    for form in ("%Y-%m-%d", "%B %d, %Y"):
        try:
            return words.day(datetime.strptime(told, form).replace(tzinfo=UTC))
        except ValueError:
            continue
    return told


def sentence_of(action: NextAction) -> str:
    """The next action, without whose turn it is."""
    values = dict(action.values)
    kind = values.get("kind", "")
    values["kind"] = KINDS.get(kind, kind)
    values["date"] = _day(values.get("date", ""))
    return _SENTENCES[action.sentence].format_map(values)


def turn_of(action: NextAction) -> str:
    return TURNS[action.turn]


def whole_sentence(action: NextAction) -> str:
    """`Client: confirm the number …`; without a turn just the sentence."""
    return ": ".join(filter(None, (turn_of(action), sentence_of(action)))) + "."


def wording(action: NextAction) -> tuple[str, str]:
    """Status word and sentence, for the export."""
    return badge_of(action)[1], sentence_of(action)


def verification(value: str) -> str:
    return _VERIFICATION.get(value.lower(), value) if value else "Unknown"


def quality_tone(value: str) -> Tone:
    return _QUALITY_TONES.get(value.upper(), "neutral")


def template_status(value: str) -> tuple[str, str, Tone]:
    """Icon, word and tone; an unknown value is its own word."""
    return _TEMPLATES.get(value, ("help", value or "Unknown", "neutral"))


def list_words() -> dict[str, Any]:
    """Labels and options of the list, for its browser half."""
    return {
        "search": "Number, name, client or ID",
        "groups": [{"key": "", "word": "All"}]
        + [{"key": group.value, "word": word} for group, word in GROUPS.items()],
        "columns": [
            {"keys": ["phone"], "words": ["Number"]},
            {"keys": ["name", "client"], "words": ["Name", "Client"]},
            {"keys": ["status"], "words": ["Status and next step"]},
            {"keys": ["quality"], "words": ["Quality"]},
            {"keys": ["limit"], "words": ["Limit / 24 h"]},
            {"keys": ["verification"], "words": ["Business"]},
        ],
        "sorts": list(_SORTS.items()),
        "filters": [
            {"key": key, "word": word, "options": options} for key, word, options in _FILTERS
        ],
    }


_QUALITY_TONES: dict[str, Tone] = {"GREEN": "success", "YELLOW": "warning", "RED": "danger"}
_SORTS = {
    "name": "Name",
    "phone": "Number",
    "client": "Client",
    "status": "Urgency",
    "quality": "Quality",
    "limit": "Limit",
    "verification": "Business verification",
    "modified": "Last change",
}
_UNTOLD = ("none", "Unknown")
_TIERS = ("TIER_250", "TIER_1K", "TIER_2K", "TIER_10K", "TIER_100K", "TIER_UNLIMITED")
_FILTERS = (
    (
        "quality",
        "Quality",
        [("high", "High"), ("medium", "Medium"), ("low", "Low"), ("unknown", "Unknown")],
    ),
    ("limit", "Messaging limit", [*((tier, words.limit(tier)) for tier in _TIERS), _UNTOLD]),
    ("verification", "Business verification", [*_VERIFICATION.items(), _UNTOLD]),
    ("consent", "Permission", list(CONSENTS.items())),
    ("region", "Storage region", [("none", "Meta's default"), *((r, r) for r in REGIONS)]),
)
_TONES: dict[Severity, Tone] = {
    Severity.SUCCESS: "success",
    Severity.INFO: "info",
    Severity.WARNING: "warning",
    Severity.DANGER: "danger",
}
_TEMPLATES: dict[str, tuple[str, str, Tone]] = {
    "APPROVED": ("check-circle", "Approved", "success"),
    "PENDING": ("clock", "In review", "info"),
    "IN_APPEAL": ("clock", "In appeal", "info"),
    "REJECTED": ("cross-circle", "Rejected", "danger"),
    "PAUSED": ("pause", "Paused", "warning"),
    "DISABLED": ("ban", "Disabled", "danger"),
    "FLAGGED": ("alert", "Flagged", "warning"),
    "LOCKED": ("lock", "Locked", "warning"),
    "LIMIT_EXCEEDED": ("alert", "Too many", "warning"),
    "DELETED": ("trash", "Deleted", "neutral"),
    "REINSTATED": ("check-circle", "Reinstated", "success"),
    "PENDING_DELETION": ("trash", "Being deleted", "neutral"),
    "ARCHIVED": ("minus", "Archived", "neutral"),
}
