"""The words of the Integration page: states, faults and what depends on each setting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from babel import Locale

from core.accounts.regions.rules import PARTS
from core.errors import GatewayError, HubError, Unavailable
from core.integration.outbound.states import EndpointState
from core.integration.outbound.views import EndpointView
from core.integration.settings.views import IntegrationView, RedirectAnswer, SecretState
from core.onboarding.views import LinkState
from core.target_urls import TargetFault
from ui import format as words
from ui.components import Tone

Badge = tuple[str, str, Tone]  # icon, word, tone

_SOLUTIONS: dict[str, tuple[str, str, Tone, str]] = {
    "ACTIVE": ("check-circle", "Active", "success", "Links can be issued and accounts shared."),
    "DRAFT": (
        *("edit", "Draft", "warning"),
        "It was begun at Meta and not sent yet. Send it to the other side there.",
    ),
    "INITIATED": (
        *("hourglass", "Waiting", "warning"),
        "The other side has to accept it at Meta. Then it becomes active by itself.",
    ),
    "PENDING": (
        *("hourglass", "Waiting", "warning"),
        "The other side has to accept it at Meta. Then it becomes active by itself.",
    ),
    "PENDING_DEACTIVATION": (
        *("alert", "About to end", "warning"),
        "Somebody has asked Meta to end it. Answer that request in the App Dashboard.",
    ),
    "REJECTED": (
        *("cross-circle", "Rejected", "danger"),
        "The other side has refused it at Meta. Make a new one and enter its ID.",
    ),
    "DEACTIVATED": (
        *("ban", "Deactivated", "danger"),
        "It has ended at Meta. Make a new one and enter its ID.",
    ),
    "NONE": (
        *("help", "Not known at Meta", "danger"),
        "Meta knows no solution with this ID. Copy the ID from the App Dashboard.",
    ),
}
_OFF = "Until it is active, onboarding links and account sharing are off."
_NO_SOLUTION = (
    "Without one, onboarding links, account sharing and your own Embedded Signup are off. "
    "You find the ID in Meta's App Dashboard: WhatsApp, Partner Solutions."
)

_URL_FAULTS = {
    "too_long": "Too long: at most 2,000 characters.",
    "malformed": "This is not a complete address, such as https://shop.example.com/done.",
    "not_ascii": "Write signs beyond ASCII as browsers send them: such a host begins with xn--.",
    "credentials": "Without user name and password.",
    "capitals": "Write the host in small letters.",
    "fragment": "Without the part after #: browsers do not send it.",
    "not_https": "It has to begin with https://.",
    "own_host": "This is the hub itself. Enter a page of your own.",
    "not_public": "The host has to be a public name, not an IP address or a local one.",
    "reserved_parameter": (
        "The query must not hold client, channels, revoked, state, code or error: "
        "the hub adds those."
    ),
    "not_an_origin": "Only scheme, host and port, such as https://test.example.com.",
    "too_many": "At most 20.",
}
_FAULTS = _URL_FAULTS | {
    "solution_form": "A solution ID has 14 to 18 digits.",
    "solution_unknown": "Meta knows no solution with this ID. Nothing was saved.",
    "unknown_region": "Meta stores no data there. Choose one of the list.",
    "secret_missing": "There is no platform secret yet. Make one first.",
    "secret_exists": "There is a platform secret already. Rotate it instead.",
    "secret_rotating": "A rotation runs. End it first, then rotate again.",
    "no_redirect_url": "No redirect URL is saved.",
}
_NO_ANSWER = {
    "target_refused": "The hub does not call this address.",
    "name_not_found": "Nobody knows this name: the DNS has no address for it.",
    "timeout": "There was no whole answer within 15 seconds.",
    "connection_failed": "Nobody took the call: the server refused the connection.",
    "tls_failed": "The certificate is not good for this name.",
    "answer_broken": "What came back is not HTTP, or it ended too early.",
    TargetFault.PORT: "The hub calls the ports 443, 4443, 8443 and 9443 only.",
    TargetFault.NOT_PUBLIC: "The name leads to no public address, so the hub does not call it.",
    TargetFault.NOT_A_NAME: "The hub calls names only, not IP addresses.",
}
_LINK_REASONS = {
    "partner_blocked": "Your account is blocked. Please ask Support.",
    "plan_ended": "Your subscription has ended. Links work again with a new one.",
    "plan_unpaid": "A plan invoice is unpaid. Links work again as soon as it is paid.",
    "solution_missing": "Enter your Solution ID below. Then your link lets clients in.",
    "solution_inactive": "Your solution is not active at Meta, so clients cannot begin.",
    "terms_missing": "The operator has not set its terms yet, so clients cannot agree to them.",
}
_PARTS = {
    "asia_pacific": "Asia and Pacific",
    "europe": "Europe",
    "latin_america": "Latin America",
    "middle_east_africa": "Middle East and Africa",
    "north_america": "North America",
}


def fault(code: str) -> str:
    """What is wrong with a value; '' for none."""
    return _FAULTS.get(code, "This value cannot be used.") if code else ""


def refusal(error: HubError) -> str:
    """Why it was not saved."""
    if isinstance(error, Unavailable):
        return "Meta does not answer, so this could not be checked. Nothing was saved; try again."
    if isinstance(error, GatewayError):
        return f"Meta refused to answer: {error}. Nothing was saved."
    text = fault(error.code)
    value = str(error.about.get("value") or "")
    return f"{value}: {text}" if value else text


def saved_meanwhile(value: str) -> str:
    """For somebody who is typing while somebody else has saved."""
    shown = value if len(value) <= 80 else value[:79] + "…"  # noqa: PLR2004
    theirs = f"saved “{shown.replace(chr(10), ', ')}”" if value else "removed it"
    return f"Somebody else has just {theirs}. What you type is kept; saving it replaces theirs."


def solution(it: IntegrationView) -> tuple[Badge, str]:
    """How the solution stands, and what that means."""
    if not it.solution_id:
        return ("circle", "None yet", "warning"), _NO_SOLUTION
    unknown: tuple[str, str, Tone, str] = (
        *("help", it.solution_status, "warning"),
        "Meta calls its state so.",
    )
    icon, word, tone, sentence = _SOLUTIONS.get(it.solution_status, unknown)
    follows = "" if it.has_active_solution else f" {_OFF}"
    return (icon, word, tone), sentence + follows


def link_reason(code: str) -> str:
    """Why the onboarding link lets nobody in."""
    return _LINK_REASONS.get(code, code)


def standing(it: IntegrationView, link: LinkState, hook: EndpointView | None) -> tuple[Badge, str]:
    """The one next step of the whole integration, or that there is none."""
    if link.reasons:
        return ("alert", "Clients cannot begin", "danger"), link_reason(link.reasons[0])
    if not it.redirect_url:
        return (
            ("alert", "Nobody comes back", "danger"),
            "Clients can begin, but they end on a page of the hub. Set the redirect URL.",
        )
    if not it.secret.exists:
        return (
            ("key", "One step left", "warning"),
            "Make a platform secret, so that your server knows that webhooks are from here.",
        )
    if hook is None:
        return (
            ("send", "One step left", "warning"),
            "Set a webhook URL, so that your server hears of new clients and numbers.",
        )
    if hook.failing_since is not None or hook.state is EndpointState.OFF:
        return (
            ("alert", "Webhooks fail", "danger"),
            "Clients can begin and come back, but your server does not take webhooks.",
        )
    return ("check-circle", "Ready", "success"), "Clients can begin and come back to you."


def redirect_answer(answer: RedirectAnswer) -> tuple[Badge, str]:
    """What the test of the redirect URL found."""
    if answer.failed:
        why = _NO_ANSWER.get(answer.failed) or fault(answer.failed)
        return ("cross-circle", "No answer", "danger"), why
    took = f"{words.number(answer.milliseconds)} ms"
    if answer.location:
        return (
            ("arrow-right", f"HTTP {answer.status}", "info"),
            f"It leads on to {answer.location} ({took}). Clients end there.",
        )
    if answer.is_good:
        kind = f", {answer.content_type}" if answer.content_type else ""
        return ("check-circle", f"HTTP {answer.status}", "success"), f"It answers in {took}{kind}."
    return (
        ("cross-circle", f"HTTP {answer.status}", "danger"),
        f"The page answers with a failure ({took}). Clients would see that.",
    )


def no_answer(code: str) -> str:
    """Why a call of a partner's address brought no answer."""
    return _NO_ANSWER.get(code) or fault(code)


def secret(state: SecretState, where: tzinfo) -> tuple[Badge, str]:
    """How the platform secret stands."""
    if not state.exists:
        return (
            ("circle", "None yet", "warning"),
            "Webhooks are sent without a signature, and IO Signature cannot be switched on.",
        )
    made = f"Made on {words.day(state.made_at, where)}. " if state.made_at else ""
    if state.previous_until is None:
        return ("check-circle", "In use", "success"), f"{made}It is the only one that is good."
    until = words.exact(state.previous_until, where)
    return (
        ("refresh", "Rotating", "info"),
        f"{made}The one before is good as well, until {until}.",
    )


def overlap(until: datetime | None, where: tzinfo) -> str:
    """What the person who rotated has to do, and by when."""
    if until is None:
        return ""
    return f"The secret before stays good until {words.exact(until, where)}."


def region_options() -> dict[str, str]:
    """Meta's regions by part of the world, Meta's default first."""
    names = Locale.parse("en").territories
    options = {"": "Meta's default"}
    for part, codes in PARTS.items():
        options |= {code: f"{names.get(code, code)} ({code}) · {_PARTS[part]}" for code in codes}
    return options


def origins(listed: Sequence[str]) -> str:
    """One a line, as they are typed."""
    return "\n".join(listed)
