"""Who may read the figures: a machine near by, or whoever shows the token; pure."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from ipaddress import ip_address, ip_network


def may_scrape(
    peer: str,
    *,
    was_forwarded: bool,
    authorization: str,
    networks: Sequence[str],
    token: str,
) -> bool:
    """Whether this caller is answered.

    `peer` is who is at the other end of the connection. A request that came through a proxy says
    so in its headers and is nobody near by, even if the proxy runs on this machine.
    """
    if token and hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
        return True
    return not was_forwarded and _is_in(peer, networks)


def _is_in(peer: str, networks: Sequence[str]) -> bool:
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in ip_network(network, strict=False) for network in networks)
