"""How endpoints, deliveries and attempts are told; and the headers that a partner types."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo

from core.errors import HubError
from core.integration.outbound.states import DeliveryState, EndpointState, OffReason
from core.integration.outbound.views import AttemptView, DeliveryRow, EndpointView
from core.settings import Settings
from core.target_urls import TargetError, TargetFault, read_target
from ui import format as words
from ui.components import Tone
from ui.pages import integration_words

Badge = tuple[str, str, Tone]

DELIVERIES: dict[DeliveryState, Badge] = {
    DeliveryState.DELIVERED: ("check-circle", "Delivered", "success"),
    DeliveryState.WAITING: ("hourglass", "Waiting", "info"),
    DeliveryState.RETRYING: ("refresh", "Trying again", "warning"),
    DeliveryState.GAVE_UP: ("cross-circle", "Given up", "danger"),
    DeliveryState.SKIPPED: ("minus", "Skipped", "neutral"),
}
_OFF = {
    OffReason.GONE: "Your server answered 410 Gone, so the hub sends nothing there any more.",
    OffReason.FAILING: "It only failed for 120 hours, so the hub sends nothing there any more.",
    OffReason.BY_HAND: "Somebody here has switched it off.",
}
_TARGETS = {
    TargetFault.MALFORMED: "This is not a complete address, such as https://api.example.com/hook.",
    TargetFault.TOO_LONG: "Too long: at most 2,000 characters.",
    TargetFault.NOT_ASCII: (
        "Plain letters only: such a name in punycode (xn--…), all else percent-encoded (ü: %C3%BC)."
    ),
    TargetFault.NOT_HTTPS: "It has to begin with https://.",
    TargetFault.CREDENTIALS: "Without user name and password; put them into a header.",
    TargetFault.FRAGMENT: "Without the part after #.",
    TargetFault.NOT_A_NAME: "The hub calls names only, not IP addresses.",
    TargetFault.NOT_PUBLIC: "This name leads to no public address, so the hub does not call it.",
    TargetFault.PORT: "The hub calls the ports 443, 4443, 8443 and 9443 only.",
}
_FAULTS = {
    "bad_header": "A header has a name of letters, digits and -, and a value of plain signs.",
    "too_many_headers": "At most 20 headers of 8,000 characters together.",
    "unknown_event": "The hub sends no such event.",
    "too_many_endpoints": "There are 100 endpoints already.",
    "key_name": "Give it a name of up to 120 letters.",
    "username_taken": "This user name is taken. User names are unique in the whole hub.",
    "has_webhook": "Somebody else has just set one. Look at it first.",
    "endpoint_off": "The endpoint is off. Switch it on first.",
    "too_long": "Too long: at most 80 characters.",
}
_FIELDS = {
    "username": "3 to 200 letters, digits and . _ + @ -, such as api@example.com.",
    "scopes": "Choose at least one.",
}


def url_fault(url: str, settings: Settings) -> str:
    """What is wrong with an address as it is typed; '' when it may be called."""
    if not url:
        return ""
    try:
        read_target(url, ports=settings.outgoing_ports, local_names=settings.local_names)
    except TargetError as wrong:
        return _TARGETS[wrong.fault]
    return ""


def refusal(error: HubError) -> str:
    """Why it was not saved."""
    if "words" in error.about:
        return str(error.about["words"])
    if error.code in _FAULTS:
        header = str(error.about.get("header") or "")
        return f"{header}: {_FAULTS[error.code]}" if header else _FAULTS[error.code]
    if text := _FIELDS.get(str(error.about.get("field") or ""), ""):
        return text
    if error.code == "bad_target":
        return target(str(error.about.get("why", "")))
    return integration_words.refusal(error)


def target(why: str) -> str:
    """Why the hub does not call an address."""
    return _TARGETS.get(TargetFault(why), "") if why in set(TargetFault) else "It is not called."


def name(endpoint: EndpointView) -> str:
    """What a person calls it."""
    if endpoint.is_main:
        return "Webhook URL"
    if endpoint.channel_id:
        return (
            f"Webhook of {words.phone(endpoint.name)}" if endpoint.name else "Webhook of a number"
        )
    return endpoint.name or endpoint.url


def events(endpoint: EndpointView) -> str:
    """Which events it wants."""
    if not endpoint.events:
        return "All events"
    return words.count(len(endpoint.events), "event")


def all_events(endpoint: EndpointView) -> str:
    """The same by their names."""
    if endpoint.channel_id:
        return "What customers write, and what becomes of your messages, as Meta tells it"
    return ", ".join(endpoint.events) or "All events"


def standing(endpoint: EndpointView, now: datetime, where: tzinfo) -> tuple[Badge, str]:
    """How it stands, and what follows."""
    waiting = f" {words.count(endpoint.waiting, 'delivery', 'deliveries')} waiting."
    if endpoint.state is EndpointState.OFF:
        off = _OFF.get(OffReason(endpoint.off_reason), "") if endpoint.off_reason else ""
        return (
            "ban",
            "Off",
            "danger",
        ), f"{off} Switch it on, or save its URL anew. What was skipped can be replayed."
    if endpoint.state is EndpointState.PAUSED:
        return ("pause", "Paused", "warning"), f"What happens collects until you resume.{waiting}"
    if endpoint.failing_since is not None:
        since = words.relative(endpoint.failing_since, now, where)
        return (
            ("alert", "Failing", "danger"),
            f"Nothing but failures since {since}. After 120 hours of them it is switched off."
            + waiting,
        )
    if endpoint.slow_until is not None and endpoint.slow_until > now:
        return ("clock", "Slowed down", "warning"), f"Your server has asked for less.{waiting}"
    if endpoint.last_success_at is None:
        return ("circle", "Live", "info"), "Nothing was sent there yet."
    when = words.relative(endpoint.last_success_at, now, where)
    return ("check-circle", "Live", "success"), f"The last one was taken {when}."


def delivery(row: DeliveryRow, now: datetime, where: tzinfo) -> str:
    """What happened with a delivery, and what follows."""
    tried = words.count(row.attempts, "attempt")
    if row.state is DeliveryState.DELIVERED:
        return f"Your server answered {row.last_status}, after {tried}."
    if row.state is DeliveryState.SKIPPED:
        return "The endpoint was off. It can be replayed once it is on."
    if row.state is DeliveryState.WAITING and not row.attempts:
        return "It goes out next."
    answer = result(row.last_status, row.last_error)
    if row.next_try_at is not None:
        return f"{answer} {tried} so far; again {words.relative(row.next_try_at, now, where)}."
    return f"{answer} The hub has stopped after {tried}."


def result(status: int, error: str) -> str:
    """The last answer, or why there was none."""
    if status:
        return f"Your server answered {status}."
    return integration_words.no_answer(error) if error else "There was no answer yet."


def attempt_badge(attempt: AttemptView) -> Badge:
    if not attempt.status:
        return ("cross-circle", "No answer", "danger")
    taken = 200 <= attempt.status <= 299  # noqa: PLR2004
    shown = f"HTTP {attempt.status}"
    return ("check-circle", shown, "success") if taken else ("cross-circle", shown, "danger")


def request_text(attempt: AttemptView, body: str) -> str:
    """What went out, as HTTP writes it."""
    return f"POST {attempt.url}\n{_headers(attempt.request_headers)}\n\n{body}"


def answer_text(attempt: AttemptView) -> str:
    """What came back."""
    if not attempt.status:
        return integration_words.no_answer(attempt.error)
    told = f"HTTP {attempt.status}\n{_headers(attempt.answer_headers)}".rstrip()
    return f"{told}\n\n{attempt.answer_body}" if attempt.answer_body else f"{told}\n\n(no body)"


def read_headers(text: str) -> tuple[dict[str, str], str]:
    """Headers as they are typed, one a line, `Name: value`; and what is wrong with them."""
    headers: dict[str, str] = {}
    for line in filter(str.strip, text.splitlines()):
        key, colon, value = line.partition(":")
        if not colon or not key.strip():
            return {}, f"“{line.strip()[:60]}” has no colon. One header a line: Name: value"
        headers[key.strip()] = value.strip()
    return headers, ""


def header_names(endpoint: EndpointView) -> str:
    """Those of its own that are sent, and those that are not."""
    unsent = endpoint.ignored_headers
    names = ", ".join(each for each in endpoint.header_names if each not in unsent) or "None"
    return f"{names} (not sent: {', '.join(unsent)})" if unsent else names


def _headers(headers: Mapping[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in headers.items())
