"""What a failure says to a person, and its one line in the log.

An error of the hub has plain words; anything else is a fault of ours and gets a reference id
that stands on the page and beside the traceback.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from core.errors import (
    Conflict,
    Forbidden,
    GatewayError,
    HubError,
    InvalidInput,
    NotFound,
    NotSignedIn,
    RateLimited,
    Unavailable,
)
from core.request_id import current_request_id, new_request_id

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Words:
    """What happened, what is kept, what to do."""

    what: str
    kept: str
    todo: str

    @property
    def sentence(self) -> str:
        return " ".join(part for part in (self.what, self.todo) if part)


_FAULT = Words(
    "This did not work because of a fault in the hub.",
    "Nothing was changed by it.",
    "Try again; if it happens once more, tell support the reference.",
)

_BY_CODE = {
    "role_too_low": Words(
        "Your role does not allow this.", "Nothing was changed.", "An owner can do it for you."
    ),
    "not_a_member": Words(
        "You no longer work for this partner.", "", "Ask an owner to invite you again."
    ),
    "held": Words(
        "This hub is a restored copy: it sends nothing to the outside yet.",
        "Nothing was changed.",
        "Whoever runs it has to release it first.",
    ),
    "fresh_sign_in_needed": Words(
        "You did not confirm that it is you.",
        "Nothing was changed.",
        "Try it again, and confirm it at your sign-in provider.",
    ),
    "no_partner": Words("Your account belongs to no partner.", "", "Ask an owner to invite you."),
}

# The first one that fits; subclasses stand before their bases.
_BY_CLASS: tuple[tuple[type[HubError], Words], ...] = (
    (
        InvalidInput,
        Words("This value cannot be used.", "Nothing was changed.", "Check it and try again."),
    ),
    (
        NotFound,
        Words(
            "This is not here.",
            "",
            "It was removed, or the address is not right, or it belongs to another partner.",
        ),
    ),
    (NotSignedIn, Words("You are signed out.", "", "Sign in again.")),
    (Forbidden, Words("You may not do this.", "Nothing was changed.", "An owner can help.")),
    (
        Conflict,
        Words("This is not possible right now.", "Nothing was changed.", "Reload and look again."),
    ),
    (
        RateLimited,
        Words("That was too often.", "Nothing was changed.", "Wait a moment, then try again."),
    ),
    (
        Unavailable,
        Words(
            "A part that the hub depends on does not answer.",
            "Everything saved so far is kept.",
            "Try again in a minute.",
        ),
    ),
    (
        GatewayError,
        Words("The other side refused this.", "Nothing was changed.", "Try again later."),
    ),
)


def words_for(error: Exception) -> Words:
    """Plain words for any failure."""
    if not isinstance(error, HubError):
        return _FAULT
    if error.code in _BY_CODE:
        return _BY_CODE[error.code]
    return next((words for kind, words in _BY_CLASS if isinstance(error, kind)), _FAULT)


def is_ours(error: Exception) -> bool:
    """True for a fault of the hub itself: it needs a reference and a traceback."""
    return not isinstance(error, HubError)


def reference_of(error: Exception) -> str:
    """The id that joins page and log: the request's own, or a new one for work without a request.

    The same for the same failure, however often it is asked.
    """
    known = getattr(error, "hub_reference", "")
    if not known:
        known = current_request_id() or new_request_id()
        error.hub_reference = known  # type: ignore[attr-defined]
    return known


def log_failure(error: Exception) -> None:
    """One line for a refusal, one traceback for a fault, and never a second one for the same."""
    if getattr(error, "hub_logged", False):
        return
    error.hub_logged = True  # type: ignore[attr-defined]
    if is_ours(error):
        log.error("page_failed", reference=reference_of(error), exc_info=error)
    elif isinstance(error, HubError):
        log.info("page_refused", code=error.code)
