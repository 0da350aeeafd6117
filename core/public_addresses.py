"""Which IP addresses belong to somebody on the public internet; pure, and an allow-list.

Addresses that carry another one inside (v4-mapped, 6to4, Teredo, NAT64) are refused whatever they
carry: a gateway on the way would unpack them behind our back. Sources: IANA's special-purpose
registries; the addresses under which clouds hand out their machines' credentials.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

IpAddress = IPv4Address | IPv6Address

_GLOBAL_UNICAST = ip_network("2000::/3")
_NEVER = [
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' NAT; a cloud's metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's own services, though the address looks public
        "169.254.0.0/16",  # link-local; metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4's relays
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, and what is reserved for ever
        "2001::/23",  # Teredo, ORCHID, benchmarking
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
    )
]


def read_address(text: str) -> IpAddress:
    """The address; raises ValueError also for one with a zone, which leads to a neighbour."""
    if "%" in text:
        raise ValueError("an address with a zone")
    return ip_address(text)


def is_public(address: IpAddress) -> bool:
    """Whether somebody on the public internet answers there."""
    if address.version == 6 and address not in _GLOBAL_UNICAST:  # noqa: PLR2004
        return False
    return address.is_global and not any(address in network for network in _NEVER)


def is_this_machine(address: IpAddress) -> bool:
    """Whether it is loopback, without anything packed inside."""
    return address.is_loopback and getattr(address, "ipv4_mapped", None) is None
