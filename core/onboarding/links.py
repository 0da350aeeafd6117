"""The onboarding link: what its query says and whether its signature holds; pure.

Links are made by old buttons that do not encode anything, so the raw query is read tolerantly and
never trusted: what matters (redirect, signature) is checked against the partner's record.
Source: contracts/partner-api.md section 4.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, unquote_plus

# Beyond this the value would not fit, and a cut `state` is worse than a refused link.
MAX_VALUE = 2000
# Clocks of partners differ a little; a signature from further ahead was made up.
FUTURE_SKEW = timedelta(seconds=60)

_LANGUAGES = {"en": "en", "de": "de", "pt": "pt_BR", "es": "es"}
# The contract's parameters; everything else is ignored, or belongs to a broken redirect_url.
_KNOWN = frozenset(
    {
        "number",
        "email",
        "name",
        "state",
        "redirect_url",
        "partner",
        "next",
        "plan_selection",
        "lang",
        "flow",
        "io_signature",
        "io_timestamp",
        "preverified_phone_number_id",
        "client_id",
        "connect_client_user",
        "hosting_type",
    }
)
# Texts for people, where a plus is a blank that a form encoder wrote; elsewhere a plus is itself.
_PLUS_IS_BLANK = frozenset({"name", "partner"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The query as values; '' stands for what was not given."""

    number: str = ""  # digits only
    email: str = ""
    name: str = ""
    state: str = ""
    redirect_url: str = ""
    partner_payload: str = ""
    logs_in: bool = False
    language: str = "en"
    names_language: bool = False  # in words that we speak
    signature: str = field(default="", repr=False)
    timestamp: str = ""
    others: dict[str, str] = field(default_factory=dict)

    @property
    def too_long(self) -> bool:
        """A value that cannot be kept as it came."""
        return max(len(self.state), len(self.redirect_url), len(self.partner_payload)) > MAX_VALUE

    @property
    def says_where(self) -> bool:
        """Whether the link brings an exit of its own; a bare reload does not."""
        return bool(self.state or self.redirect_url or self.partner_payload)


def read_link(raw_query: str) -> Link:
    """The link behind a raw query string, un-decoded as it stood in the request."""
    raw = _split(raw_query.removeprefix("?"))
    value = {key: _decode(key, text) for key, text in raw.items()}
    kept = ("plan_selection", "flow", "preverified_phone_number_id", "client_id")
    return Link(
        number=_number(value.get("number", "")),
        email=value.get("email", "").strip(" \"'")[:320],
        name=value.get("name", "").strip(" \"'")[:200],
        state=value.get("state", ""),
        redirect_url=_redirect(raw.get("redirect_url", "")),
        partner_payload=value.get("partner", ""),
        logs_in=value.get("next", "") == "login",
        language=language_of(value.get("lang", "")),
        names_language=_tongue(value.get("lang", "")) in _LANGUAGES,
        signature=value.get("io_signature", ""),
        timestamp=value.get("io_timestamp", ""),
        others={key: value[key][:200] for key in kept if value.get(key)},
    )


def language_of(text: str) -> str:
    """One of the four languages by any usual spelling; English for all others."""
    return _LANGUAGES.get(_tongue(text), "en")


def io_signature(secret: str, partner_id: str, timestamp: str) -> str:
    """What a partner puts into `io_signature`: lower-case hex HMAC-SHA256."""
    message = f"{partner_id}|{timestamp}".encode()
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def signature_fault(
    secrets: Sequence[str], partner_id: str, link: Link, *, now: datetime, lifetime: timedelta
) -> str | None:
    """Why the signature does not open the page, or None when it does.

    `secrets` are the partner's platform secrets in force (two while one is being rotated).
    Returns signature_missing, signature_bad or signature_old.
    """
    if not link.signature or not link.timestamp:
        return "signature_missing"
    given = link.signature.encode()
    # Every secret is compared, so that the time taken tells nothing.
    matches = [
        hmac.compare_digest(io_signature(secret, partner_id, link.timestamp).encode(), given)
        for secret in secrets
    ]
    made_at = _moment(link.timestamp)
    if not any(matches) or made_at is None:
        return "signature_bad"
    if not made_at - FUTURE_SKEW <= now <= made_at + lifetime:
        return "signature_old"
    return None


def _tongue(text: str) -> str:
    return text.strip().lower().replace("_", "-").partition("-")[0]


def _split(raw_query: str) -> dict[str, str]:
    """Raw values by key, the first of each; a redirect_url that broke open is joined again."""
    values: dict[str, str] = {}
    in_redirect = False
    for part in raw_query.split("&"):
        key, _, text = part.partition("=")
        key = unquote(key).strip()
        if key in _KNOWN:
            in_redirect = key == "redirect_url" and key not in values and "://" in text
            values.setdefault(key, text)
        elif in_redirect and part:
            # Un-encoded, so its own query's parts look like ours.
            values["redirect_url"] += f"&{part}"
    return values


def _decode(key: str, text: str) -> str:
    decoded = unquote_plus(text) if key in _PLUS_IS_BLANK else unquote(text)
    return decoded.replace("\x00", "")


def _redirect(text: str) -> str:
    # Written out in full it was never encoded, and its own escapes must stay.
    return text if "://" in text else unquote(text)


def _number(text: str) -> str:
    digits = "".join(char for char in text if char in "0123456789")
    return digits if len(digits) <= len("+123456789012345") else ""


def _moment(timestamp: str) -> datetime | None:
    """Unix seconds; thirteen digits are milliseconds, as JavaScript's clock tells them."""
    if not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) not in (10, 13):
        return None
    seconds = int(timestamp[:10])
    return datetime.fromtimestamp(seconds, UTC)
