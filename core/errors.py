"""The tree of everything that the hub refuses or cannot do.

    HubError
    ├── InvalidInput         a value from outside is not acceptable
    ├── NotFound             unknown, or another partner's: the same answer for both
    ├── NotSignedIn          no session, or one that has ended
    ├── Forbidden            signed in, but the role does not allow it
    │   └── FreshSignInNeeded    allowed, once the person has shown again who it is
    ├── Conflict             the state of the thing does not allow it now
    ├── RateLimited          too many tries; carries when to come back
    ├── Unavailable          something that the hub depends on is not there; try again
    └── GatewayError         the outside world refused
        ├── MetaError        Meta's Graph API answered with an error object
        └── OutgoingError    a partner's address could not be called
            ├── TargetRefused      it is not one that the hub calls
            ├── NameNotFound       no address stands behind the name
            ├── OutgoingTimeout    no whole answer in time
            ├── ConnectionFailed   nobody took the call
            ├── TlsFailed          the certificate is not good for this name
            └── AnswerBroken       what came back is not HTTP, or ended too early

Codes are stable: programs and translations depend on them. Texts for people are made in `ui`,
HTTP statuses are mapped once, also there.
"""

from __future__ import annotations

from typing import Any


class HubError(Exception):
    """Base of the tree; `code` is stable, `about` holds the values it is about."""

    code = "hub_error"

    def __init__(self, message: str = "", *, code: str | None = None, **about: Any) -> None:
        super().__init__(message or code or self.code)
        self.code = code or self.code
        self.about = about


class InvalidInput(HubError):
    """A value from outside is not acceptable; `field` in `about` names it where there is one."""

    code = "invalid_input"


class NotFound(HubError):
    """Unknown or not yours: callers cannot tell which, on purpose."""

    code = "not_found"


class NotSignedIn(HubError):
    """There is no session, or it has ended."""

    code = "not_signed_in"


class Forbidden(HubError):
    """The person is known but may not do this."""

    code = "forbidden"


class FreshSignInNeeded(Forbidden):
    """The person signed in too long ago for money, secrets and roles; nothing was done."""

    code = "fresh_sign_in_needed"


class Conflict(HubError):
    """The thing is in a state that does not allow it now."""

    code = "conflict"


class RateLimited(HubError):
    """Too many tries; `retry_after` in *seconds*."""

    code = "rate_limited"

    def __init__(self, message: str = "", *, retry_after: int, **about: Any) -> None:
        super().__init__(message, **about)
        self.retry_after = retry_after


class Unavailable(HubError):
    """Something that the hub depends on is not there; trying again later is right."""

    code = "unavailable"


class GatewayError(HubError):
    """The outside world refused or could not be understood."""

    code = "gateway_error"


# Source: contracts/meta.md section 12.
_META_NO_ACCESS = frozenset({0, 3, 10, 190, 803, *range(200, 300)})
_META_LATER = frozenset({1, 2, 4, 80007, 130429, 131000, 131016, 133004})


class MetaError(GatewayError):
    """Meta's error object, kept whole; decide on `meta_code` and `details`, never on the title."""

    code = "meta_error"

    def __init__(
        self,
        message: str,
        *,
        meta_code: int,
        subcode: int | None = None,
        details: str = "",
        trace_id: str = "",
        transient: bool = False,
        user_message: str = "",
    ) -> None:
        super().__init__(message, meta_code=meta_code, subcode=subcode, trace_id=trace_id)
        self.meta_code = meta_code
        self.subcode = subcode
        self.details = details
        self.trace_id = trace_id
        self.transient = transient
        self.user_message = user_message

    @property
    def is_for_later(self) -> bool:
        """Meta is overloaded, or a limit of the WABA or the operator's app there is reached."""
        return self.transient or self.meta_code in _META_LATER

    @property
    def is_without_access(self) -> bool:
        """The client's permission is missing or was taken away: it has to connect again."""
        return self.meta_code in _META_NO_ACCESS

    @property
    def is_not_there(self) -> bool:
        """Meta's way to say "not there, or not yours"."""
        return (self.meta_code, self.subcode) == (100, 33)


class OutgoingError(GatewayError):
    """A partner's address could not be called, or gave no answer."""

    code = "outgoing_error"


class TargetRefused(OutgoingError):
    """The hub does not call this address; `why` in `about` is a `TargetFault`."""

    code = "target_refused"


class NameNotFound(OutgoingError):
    """No address stands behind the name, or none was told in time."""

    code = "name_not_found"


class OutgoingTimeout(OutgoingError):
    """There was no whole answer in time."""

    code = "timeout"


class ConnectionFailed(OutgoingError):
    """Nobody took the call."""

    code = "connection_failed"


class TlsFailed(OutgoingError):
    """The certificate is not good for this name."""

    code = "tls_failed"


class AnswerBroken(OutgoingError):
    """What came back is not HTTP, or ended too early."""

    code = "answer_broken"
