"""Which addresses of partners the hub calls at all, by their text; pure.

An allow-list: https, a public DNS name, a port that web servers have. Everything else is refused,
also what some parser would still make sense of. The sandbox has names of this machine as well,
by plain http. Where a name leads is judged when it is dialled (`core.public_addresses`).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

LONGEST_URL = 2000
_LONGEST_NAME = 253
_HTTPS = 443
# On this machine others listen below: a receiver of somebody who tries the hub out does not.
_LEAST_LOCAL_PORT = 1024
_MOST_PORT = 65_535

_VISIBLE = re.compile(r"[!-~]+")
_PARTS = re.compile(r"(?P<scheme>[a-z]+)://(?P<host>\[[^\]/?#@]*\]|[^:/?#@]*)(?::(?P<port>\d+))?")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_TOP = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]{1,57}[a-z0-9]")
# Names of no public DNS (RFC 6761, 6762, 7686, 8375, and what routers and clusters use).
_NOT_PUBLIC = frozenset(
    "localhost local localdomain internal intranet lan home corp private arpa onion i2p alt"
    " invalid svc cluster consul".split()
)


class TargetFault(StrEnum):
    """Why an address is not called."""

    MALFORMED = "malformed"
    TOO_LONG = "too_long"
    NOT_ASCII = "not_ascii"  # such a name is written in punycode (xn--...)
    NOT_HTTPS = "not_https"
    CREDENTIALS = "credentials"
    FRAGMENT = "fragment"
    NOT_A_NAME = "not_a_name"  # an IP address, in whatever spelling
    NOT_PUBLIC = "not_public"
    PORT = "port"


class TargetError(ValueError):
    """The address is not called; `fault` says why."""

    def __init__(self, fault: TargetFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetUrl:
    """An address in its parts, read once; `target` is path and query, byte for byte."""

    scheme: str
    host: str
    port: int
    target: str
    is_local: bool = False


def read_target(
    url: str, *, ports: Collection[int], local_names: Collection[str] = ()
) -> TargetUrl:
    """The parts of an address that may be called; raises TargetError.

    `ports`: of public names. `local_names`: hosts of this machine, allowed in sandbox mode.
    """
    _check_text(url)
    found = _PARTS.match(url)
    rest = url[found.end() :] if found else ""
    if found is None or (rest and rest[0] not in "/?"):
        raise TargetError(_why_unreadable(url))
    host, port = found["host"].lower(), found["port"]
    is_local = host in local_names
    if found["scheme"] != "https" and not (is_local and found["scheme"] == "http"):
        raise TargetError(TargetFault.NOT_HTTPS)
    if not is_local:
        _check_name(host)
    return TargetUrl(
        scheme=found["scheme"],
        host=host.strip("[]"),
        port=_local_port(found["scheme"], port) if is_local else _port(port, ports),
        target=rest if rest.startswith("/") else f"/{rest}",
        is_local=is_local,
    )


def _check_text(url: str) -> None:
    if len(url) > LONGEST_URL:
        raise TargetError(TargetFault.TOO_LONG)
    if not url.isascii():
        raise TargetError(TargetFault.NOT_ASCII)
    if not _VISIBLE.fullmatch(url) or "\\" in url:
        raise TargetError(TargetFault.MALFORMED)
    if "#" in url:
        raise TargetError(TargetFault.FRAGMENT)


def _why_unreadable(url: str) -> TargetFault:
    authority = re.split(r"[/?]", url.partition("://")[2], maxsplit=1)[0]
    return TargetFault.CREDENTIALS if "@" in authority else TargetFault.MALFORMED


def _check_name(host: str) -> None:
    labels = host.split(".")
    if host.startswith("[") or re.fullmatch(r"\d+|0x[0-9a-f]*", labels[-1]):
        raise TargetError(TargetFault.NOT_A_NAME)
    if len(host) > _LONGEST_NAME or not all(_LABEL.fullmatch(label) for label in labels):
        raise TargetError(TargetFault.MALFORMED)
    if len(labels) == 1 or labels[-1] in _NOT_PUBLIC:
        raise TargetError(TargetFault.NOT_PUBLIC)
    if not _TOP.fullmatch(labels[-1]):
        raise TargetError(TargetFault.MALFORMED)


def _port(text: str | None, ports: Collection[int]) -> int:
    if text is None:
        return _HTTPS
    if text.startswith("0") or len(text) > len(str(_MOST_PORT)) or int(text) not in ports:
        raise TargetError(TargetFault.PORT)
    return int(text)


def _local_port(scheme: str, text: str | None) -> int:
    """Plain http only: nobody has a certificate that is good for this machine's own names."""
    if scheme != "http":
        raise TargetError(TargetFault.NOT_PUBLIC)
    port = int(text) if text and len(text) <= len(str(_MOST_PORT)) else 0
    if not _LEAST_LOCAL_PORT <= port <= _MOST_PORT:
        raise TargetError(TargetFault.NOT_PUBLIC)
    return port
