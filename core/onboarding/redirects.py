"""Where a client may be sent at the end, and with which query; pure.

Compared is what a browser would go to: anything that two parsers could read differently (back
slashes, user info, control characters, blanks) is refused before it is compared.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, quote, urlsplit

MAX_URL = 2000
_PORTS = {"https": 443, "http": 80}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
# What is appended at the end, and what OAuth callbacks carry: never preset by a partner.
_RESERVED = frozenset({"client", "channels", "revoked", "state", "code", "error"})
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)\Z")
_TOP = re.compile(r"(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})\Z")
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\<>\"'`{}|^]|%0[0-9a-f]|%1[0-9a-f]|%7f|%5c", re.IGNORECASE)


def origin_of(url: str) -> str | None:
    """Scheme, host and port as `https://host[:port]`; None when it is not safe to compare."""
    if _UNSAFE.search(url) or not url.isascii():
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = parts.netloc.rpartition(":")[0] if port is not None else parts.netloc.removesuffix(":")
    # Strict where browsers are lenient: a host in capitals or with user info is another text.
    if parts.scheme not in _PORTS or "@" in host or not host or host != host.lower():
        return None
    if not url.startswith(f"{parts.scheme}://"):
        return None
    shown = "" if port in (None, _PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{host}{shown}"


def may_redirect(wanted: str, registered: str, extra_origins: Iterable[str]) -> bool:
    """Whether a link's redirect_url lies on the partner's own or one of its listed origins."""
    allowed = {origin_of(url) for url in (registered, *extra_origins) if url}
    return origin_of(wanted) in allowed - {None}


def registration_fault(
    url: str, *, own_origins: Iterable[str] = (), allow_loopback_http: bool = False
) -> str | None:
    """Why a partner may not register `url` as its redirect URL; None when it may.

    Returns too_long, malformed, not_ascii, credentials, capitals, fragment, not_https, own_host,
    not_public or reserved_parameter.
    `allow_loopback_http` is for sandbox mode, where partners live on this machine.
    """
    if len(url) > MAX_URL:
        return "too_long"
    if "#" in url:
        return "fragment"
    origin = origin_of(url)
    if origin is None or "*" in url:
        return _why_unsafe(url)
    return _host_fault(origin, list(own_origins), allow_loopback_http) or _reserved(url)


def exit_url(
    target: str, *, client_id: str, channels: Iterable[str], revoked: Iterable[str], state: str
) -> str:
    """The address that ends an onboarding; brackets and commas raw, no blanks, no quotes.

    The target's own query stays in front, its fragment last.
    """
    base, hash_, fragment = target.partition("#")
    parts = [f"client={client_id}", f"channels=[{','.join(channels)}]"]
    if withdrawn := ",".join(revoked):
        parts.append(f"revoked=[{withdrawn}]")
    if state:
        parts.append(f"state={quote(state, safe='')}")
    joint = "?" if "?" not in base else "" if base.endswith(("?", "&")) else "&"
    return f"{base}{joint}{'&'.join(parts)}{hash_}{fragment}"


def _why_unsafe(url: str) -> str:
    """What a person can mend about an address that is not safe to compare."""
    scheme, mark, rest = url.partition("://")
    authority = re.split(r"[/?]", rest, maxsplit=1)[0]
    if not mark or _UNSAFE.search(url) or "*" in url:
        return "malformed"
    if not url.isascii():
        return "not_ascii"
    if "@" in authority:
        return "credentials"
    is_shouted = origin_of(f"{scheme}://{rest.replace(authority, authority.lower(), 1)}")
    return "capitals" if authority and is_shouted else "malformed"


def _host_fault(origin: str, own_origins: list[str], allow_loopback_http: bool) -> str | None:
    parts = urlsplit(origin)
    is_loopback = allow_loopback_http and _bare_host(parts.netloc) in _LOOPBACK
    # On this machine hub and partner share a host and differ by port.
    own_hosts = set() if is_loopback else {urlsplit(own).hostname for own in own_origins}
    if origin in {origin_of(own) for own in own_origins} or parts.hostname in own_hosts:
        return "own_host"
    if is_loopback:
        return None
    if parts.scheme != "https":
        return "not_https"
    return None if _is_public_name(parts.hostname or "") else "not_public"


def _reserved(url: str) -> str | None:
    names = {name for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)}
    return "reserved_parameter" if names & _RESERVED else None


def _bare_host(netloc: str) -> str:
    return netloc if netloc.endswith("]") else re.sub(r":\d+\Z", "", netloc)


def _is_public_name(host: str) -> bool:
    """A name in the public DNS by its form: two labels or more, and no address in disguise."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        labels = host.split(".")
        formed = all(_LABEL.match(label) for label in labels) and bool(_TOP.match(labels[-1]))
        return len(labels) > 1 and formed and labels[-1] not in ("local", "internal", "localhost")
    return False
