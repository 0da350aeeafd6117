"""What the provider says about itself, taken only as far as it can be trusted.

Its issuer must be the configured one, its endpoints https (or on the issuer's own loopback host).
Its lists of algorithms and challenge methods are not read: ours are fixed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from core.errors import Unavailable

_REQUIRED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_OPTIONAL = ("userinfo_endpoint", "end_session_endpoint")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The part of discovery that the hub uses."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    end_session_endpoint: str
    names_itself_in_answers: bool  # RFC 9207
    takes_secret_in_body: bool

    @property
    def browser_origins(self) -> set[str]:
        """Where forms of ours may lead a browser by way of a redirect."""
        urls = (self.authorization_endpoint, self.end_session_endpoint)
        return {origin_of(url) for url in urls if url}


def discovery_url(issuer: str) -> str:
    return issuer.rstrip("/") + "/.well-known/openid-configuration"


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def checked(document: Mapping[str, Any], issuer: str) -> Metadata:
    """The metadata of exactly this issuer; raises Unavailable (`provider_misconfigured`)."""
    if document.get("issuer") != issuer:
        raise _refusal("it names another issuer")
    urls = {name: str(document.get(name) or "") for name in (*_REQUIRED, *_OPTIONAL)}
    for name, url in urls.items():
        if not url and name in _OPTIONAL:
            continue
        if not _is_trusted(url, issuer):
            raise _refusal(f"{name} is neither https nor on the issuer's own loopback host")
    methods = document.get("token_endpoint_auth_methods_supported")
    return Metadata(
        issuer=issuer,
        names_itself_in_answers=(
            document.get("authorization_response_iss_parameter_supported") is True
        ),
        takes_secret_in_body=isinstance(methods, list) and "client_secret_post" in methods,
        **urls,
    )


def is_loopback(host: str) -> bool:
    """This machine by name or address."""
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _is_trusted(url: str, issuer: str) -> bool:
    try:
        parts, own = urlsplit(url), urlsplit(issuer)
        ports_are_numbers = parts.port is None or parts.port >= 0
    except ValueError:
        return False
    if not parts.hostname or parts.username is not None or not ports_are_numbers:
        return False
    if parts.scheme == "https":
        return own.scheme == "https" and _is_named_or_own(parts, own)
    is_local_issuer = own.scheme == "http" and is_loopback(own.hostname or "")
    return parts.scheme == "http" and is_local_issuer and parts.hostname == own.hostname


def _is_named_or_own(parts: SplitResult, own: SplitResult) -> bool:
    # A bare address that is not public leads into our own network, whoever wrote the metadata.
    address = _address(parts.hostname or "")
    return address is None or address.is_global or parts.hostname == own.hostname


def _address(host: str) -> Any:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _refusal(why: str) -> Unavailable:
    return Unavailable(f"the provider's metadata is refused: {why}", code="provider_misconfigured")
