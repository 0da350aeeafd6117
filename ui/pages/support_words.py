"""Support in words: states, requests, what happened, what accepting does, why it was refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from core.errors import HubError
from core.money import Money
from core.support.states import ConversationState, RequestKind, RequestStatus, Told
from core.support.views import Change, ConversationRow, EffectPreview, Obstacle, RequestView
from ui import format as words
from ui.components import Tone
from ui.pages.invoice_words import day as invoice_day
from ui.pages.invoice_words import fault as details_fault

Badge = tuple[str, str, Tone]

KINDS: dict[RequestKind, tuple[str, str]] = {  # icon, word
    RequestKind.REMOVE_USER: ("user", "Remove a user"),
    RequestKind.DOWNGRADE: ("layers", "Downgrade"),
    RequestKind.COMPANY_DATA: ("building", "Change company data"),
    RequestKind.DELETE_NUMBER: ("trash", "Delete a number now"),
    RequestKind.OTHER: ("chat", "Something else"),
}
REQUESTS: dict[RequestStatus, Badge] = {
    RequestStatus.OPEN: ("hourglass", "Waits for a decision", "info"),
    RequestStatus.ACCEPTED: ("check-circle", "Accepted", "success"),
    RequestStatus.REFUSED: ("cross-circle", "Refused", "danger"),
    RequestStatus.WITHDRAWN: ("ban", "Withdrawn", "neutral"),
}
_PARTNERS: dict[ConversationState, Badge] = {
    ConversationState.WAITING_SUPPORT: ("clock", "Waits for Support", "neutral"),
    ConversationState.WAITING_PARTNER: ("chat", "Answered", "success"),
    ConversationState.CLOSED: ("check", "Closed", "neutral"),
}
_STAFFS: dict[ConversationState, Badge] = {
    ConversationState.WAITING_SUPPORT: ("clock", "Needs an answer", "warning"),
    ConversationState.WAITING_PARTNER: ("hourglass", "Waits for the partner", "neutral"),
    ConversationState.CLOSED: ("check", "Closed", "neutral"),
}
ROLES = {"owner": "Owner", "member": "Member"}
PLANS = {"growth": "Growth", "premium": "Premium"}
DETAILS = {
    "legal_name": "Legal name",
    "email": "E-mail for invoices",
    "address": "Address",
    "postal_code": "Postal code",
    "city": "City",
    "country": "Country",
    "vat_id": "VAT ID",
}
_FACTS = {
    RequestKind.REMOVE_USER: {"name": "Person", "email": "E-mail", "role": "Role"},
    RequestKind.DOWNGRADE: {"to": "To", "effective_on": "From"},
    RequestKind.COMPANY_DATA: DETAILS,
    RequestKind.DELETE_NUMBER: {"phone_number": "Number", "name": "Name", "client": "Client"},
    RequestKind.OTHER: {},
}
_TOLD = {
    Told.REQUEST_MADE: "The request was made.",
    Told.REQUEST_ACCEPTED: "The request was accepted.",
    Told.REQUEST_REFUSED: "The request was refused.",
    Told.REQUEST_WITHDRAWN: "The request was withdrawn.",
    Told.CLOSED: "The conversation was closed.",
    Told.REOPENED: "The conversation was opened again.",
}
_AGAINST = {
    "last_owner": "This is the last owner. Somebody else has to become an owner first.",
    "licences_against": "Some numbers have a High Throughput licence, which the smaller plan does "
    "not include. The partner changes those first.",
    "already_on_plan": "The partner is on this plan already.",
    "downgrade_planned": "The downgrade is planned already.",
    "upgrade_under_way": "An upgrade is under way. It has to end first.",
    "subscription_cancelled": "The subscription is cancelled.",
    "subscription_ended": "The subscription has ended.",
    "nothing_changes": "All of this is so already.",
    "not_found": "It is not there any more.",
    "number_ended": "The number has ended already.",
    "not_a_member": "The person works for the partner no more.",
}
_CONFLICTS = _AGAINST | {
    "already_asked": "This was asked already, and nobody has decided it yet.",
    "request_decided": "This request was decided a moment ago. Nothing was done twice.",
    "no_request": "There is no request here.",
    "preview_changed": "Something has changed meanwhile, and nothing was done. Look at the effect "
    "as it is now and decide again.",
    "request_open": "Decide the request first, then close the conversation.",
    "already_closed": "It is closed already.",
    "not_closed": "It is open already.",
    "title_taken": "There is an answer with this title.",
    "too_many_files": "That is too many files at once.",
}
_NO_DOWNGRADE = {
    "already_on_plan": "You are on the smallest plan already.",
    "downgrade_planned": "A downgrade is planned already.",
    "upgrade_under_way": "An upgrade is under way. Wait until it is through.",
    "subscription_cancelled": "The subscription is cancelled. Take the cancellation back first.",
    "subscription_ended": "The subscription has ended.",
}
_INVALID = {
    "needed": "This is needed.",
    "too_long": "This is too long.",
    "unknown_file": "A file is not there any more. Attach it again.",
    "too_many_files": "That is too many files for one message.",
    "bad_facts": "Something about this request is not right.",
}


def state(of: ConversationState, *, at_desk: bool = False) -> Badge:
    return (_STAFFS if at_desk else _PARTNERS)[of]


def title(row: ConversationRow) -> str:
    """What a conversation is about."""
    about = row.subject
    match row.kind:
        case RequestKind.REMOVE_USER:
            return f"Remove {about}"
        case RequestKind.DELETE_NUMBER:
            return f"Delete {words.phone(about) if about else 'a number'} now"
        case RequestKind.DOWNGRADE | RequestKind.COMPANY_DATA:
            return ": ".join(filter(None, (KINDS[row.kind][1], about)))
        case _:
            return about


def told(what: Told, values: Mapping[str, str]) -> str:
    """What the hub says happened; who and why stand in `values`."""
    sentence = _TOLD.get(what, "")
    if by := values.get("by", ""):
        sentence = sentence.removesuffix(".") + f" by {by}."
    if on := values.get("effective_on", ""):
        sentence += f" It takes effect on {day(on)}."
    if why := values.get("why", ""):
        sentence += f" “{why}”"
    return sentence


def facts(request: RequestView) -> list[tuple[str, str]]:
    """What was asked for, label and value."""
    labels = _FACTS[request.kind]
    given = {key: _value(key, request.facts.get(key, "")) for key in labels}
    return [(labels[key], value) for key, value in given.items() if value]


def effect(preview: EffectPreview) -> list[str]:
    """What accepting does, as sentences."""
    values = preview.values
    changes = {change.field: change for change in preview.changes}
    match preview.kind:
        case RequestKind.REMOVE_USER:
            sentences = [f"{values.get('name', 'The person')} works here no more, from now on."]
            if (open_ := changes.get("open_sessions")) and open_.before not in ("", "0"):
                sentences.append("Their open pages stop within a second.")
            return sentences
        case RequestKind.DELETE_NUMBER:
            number = words.phone(values.get("phone_number", ""))
            return [
                f"{number or 'The number'} stops working at once; its messages are not taken "
                "any more.",
                "Only a new onboarding brings it back.",
            ]
        case RequestKind.DOWNGRADE:
            on = day(values.get("effective_on", ""))
            lines = [f"{_change(change.field, change)}." for change in preview.changes]
            since = f"From {on} on; until then nothing changes." if on else ""
            return [*lines, *filter(None, [since])]
        case RequestKind.COMPANY_DATA:
            lines = [_change(DETAILS.get(change.field, ""), change) for change in preview.changes]
            return [*lines, "Counts from the next invoice on; issued ones stay as they are."]
        case _:
            return ["The request is marked as done. Nothing else changes."]


def against(obstacle: Obstacle) -> str:
    """Why a request cannot be accepted as things are."""
    sentence = _AGAINST.get(obstacle.code, "Something stands against it.")
    named = [words.phone(each) for each in obstacle.values.get("numbers", "").split(", ") if each]
    more = int(obstacle.values.get("count", "0")) - len(named)
    if named:
        sentence += f" These: {', '.join(named)}{f' and {more} more' if more > 0 else ''}."
    return sentence


def refused(error: HubError) -> str:
    """Why a verb of support did nothing; '' for what the frame has words for."""
    if error.code in _CONFLICTS:
        by = str(error.about.get("by", ""))
        return _CONFLICTS[error.code] + (f" {by} was faster." if by else "")
    return _INVALID.get(error.code, "")


def no_downgrade(code: str) -> str:
    """Why there is no smaller plan to ask for."""
    return _NO_DOWNGRADE.get(code, "A downgrade is not possible now.")


def fault(code: str) -> str:
    """What is wrong with a field of a request."""
    return _INVALID.get(code) or _CONFLICTS.get(code) or details_fault(code)


def day(iso: str) -> str:
    """`1 Dec 2026` of an ISO date or time; what is none stays as it is."""
    try:
        return invoice_day(date.fromisoformat(iso[:10]))
    except ValueError:
        return iso


def _value(key: str, value: str) -> str:
    match key:
        case "role":
            return ROLES.get(value, value)
        case "to":
            return PLANS.get(value, value)
        case "effective_on":
            return day(value)
        case "phone_number":
            return words.phone(value)
        case _:
            return value


def _change(label: str, change: Change) -> str:
    before, after = (_of_field(change.field, value) for value in (change.before, change.after))
    return f"{label[:1].upper()}{label[1:]}: {before or 'nothing'} → {after or 'nothing'}"


def _of_field(field: str, value: str | Money) -> str:
    if isinstance(value, Money):
        return f"{words.money(value)} a month"
    if field == "plan":
        return PLANS.get(value, value)
    return value.replace("\n", ", ")
