"""What traffic somebody wants, checked: numbers, how many messages, of what and where to."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.meta.state import MetaState
from sandbox.meta.targets import NoTarget, resolve

MOST_MESSAGES = 1_000_000
MOST_STATUSES = 1_000  # in one body, as Meta's
_LONGEST = 24 * 60 * 60  # seconds

# Calling codes by country; the rest of a number is made up.
CODES = {
    "BR": "55",
    "DE": "49",
    "ES": "34",
    "FR": "33",
    "GB": "44",
    "IN": "91",
    "MX": "52",
    "US": "1202",
}

Mix = dict[str, float]


class BadTraffic(ValueError):
    """The order makes no sense; the text says why."""


def _categories() -> Mix:
    return {"marketing": 4, "utility": 4, "authentication": 1, "service": 1}


def _markets() -> Mix:
    return {"DE": 6, "BR": 2, "GB": 1, "US": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Messages of these numbers, told within `seconds` (0: at once).

    `repeats` and `failed` are shares of 1; `types` are Meta's pricing types, where something else
    than the rule of the day is wanted. The same seed and clock make the same messages.
    """

    numbers: tuple[str, ...]
    messages: int = 100
    seconds: float = 0
    seed: int = 1
    statuses: int = MOST_STATUSES
    repeats: float = 0.05
    failed: float = 0.01
    categories: Mix = field(default_factory=_categories)
    markets: Mix = field(default_factory=_markets)
    types: Mix = field(default_factory=dict)


def order_from(state: MetaState, given: dict[str, Any]) -> Order:
    """The order of a request; raises BadTraffic, and NoTarget for numbers that do not exist."""
    if unknown := set(given) - {*_READ, *_WHOSE}:
        raise BadTraffic(f"unknown: {', '.join(sorted(unknown))}")
    read = {name: reader(given, name) for name, reader in _READ.items() if name in given}
    order = Order(numbers=_numbers(state, given), **read)
    if foreign := set(order.markets) - set(CODES):
        raise BadTraffic(f"no market {', '.join(sorted(foreign))}; there are {', '.join(CODES)}")
    return order


def _numbers(state: MetaState, given: dict[str, Any]) -> tuple[str, ...]:
    """Those named; else all of a partner's solution that are connected; else the newest account's.

    A partner is known to Meta by its solution.
    """
    if named := given.get("numbers"):
        if not isinstance(named, list):
            raise BadTraffic("numbers is a list of phone number ids")
        return tuple(resolve(state, {"phone_number_id": str(id_)}).phone["id"] for id_ in named)
    if solution := given.get("solution_id"):
        found = tuple(
            phone["id"]
            for phone in state.phones.values()
            if state.wabas[phone["waba_id"]].get("solution_id") == str(solution)
            and phone.get("status") == "CONNECTED"
        )
        if not found:
            raise NoTarget(f"solution {solution} has no connected number")
        return found
    return (str(resolve(state, given).phone["id"]),)


def _between(least: float, most: float, kind: type[int] | type[float]) -> Callable[..., Any]:
    def read(given: dict[str, Any], name: str) -> int | float:
        value = given[name]
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not least <= value <= most or kind(value) != value:
            raise BadTraffic(f"{name} must be {least:,} to {most:,}")
        return kind(value)

    return read


def _mix(given: dict[str, Any], name: str) -> Mix:
    """Weights by name, such as `{"marketing": 3, "utility": 1}`; one name alone is all of it."""
    value = given[name]
    mix = {value: 1} if isinstance(value, str) else value
    if not isinstance(mix, dict) or not mix or not all(_is_weight(w) for w in mix.values()):
        raise BadTraffic(f"{name} is a name, or names with weights above 0")
    return {str(key): float(weight) for key, weight in mix.items()}


def _is_weight(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and value > 0


_WHOSE = ("numbers", "solution_id", "phone_number_id", "waba_id", "display_phone_number")
_READ: dict[str, Callable[[dict[str, Any], str], Any]] = {
    "messages": _between(1, MOST_MESSAGES, int),
    "seconds": _between(0, _LONGEST, float),
    "seed": _between(0, 2**53, int),
    "statuses": _between(1, MOST_STATUSES, int),
    "repeats": _between(0, 1, float),
    "failed": _between(0, 1, float),
    "categories": _mix,
    "markets": _mix,
    "types": _mix,
}
