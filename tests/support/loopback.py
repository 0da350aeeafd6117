"""Tests talk to this machine only: looking up or calling any other host raises.

An audit hook sees every connection that Python itself makes, in any thread. It cannot be taken
out again, so a run installs it once.
"""

import ipaddress
import sys
from typing import Any


class OutsideCallError(BaseException):
    """A test tried to reach another host; no `except Exception` of the code under test hides it."""


def forbid_the_outside(also_allowed: frozenset[str] = frozenset()) -> None:
    """From now on only loopback, Unix sockets and the hosts *also_allowed* can be reached."""

    def watch(event: str, args: tuple[Any, ...]) -> None:
        if event in {"socket.getaddrinfo", "socket.gethostbyname"}:
            host = args[0]
        elif event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
            address = args[1]
            host = address[0] if isinstance(address, tuple) else None  # else: a Unix socket
        else:
            return
        name = host.decode() if isinstance(host, bytes) else host
        if name and name not in also_allowed and not is_loopback(name):
            raise OutsideCallError(f"A test tried to reach {name}; tests stay on this machine.")

    sys.addaudithook(watch)


def is_loopback(host: str) -> bool:
    """True for this machine's own names and addresses, and for 'any address' of a listener."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
