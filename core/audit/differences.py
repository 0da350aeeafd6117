"""What an event's `data` says was before and is after, whichever way its slice tells it. Pure.

A change by name (`change: {name: {previous, current}}`), one `field` with `before` and `after`, or
two keys beside each other. What is none of these is told as it is, and against what an event
before told of the same thing (`earlier`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# For what is told by the writers of alert levels, caps and regions; nobody else uses two keys.
_PAIRS = (("before_micros", "levels_micros"), ("before_micros", "micros"), ("before", "region"))
# Requests for a smaller plan once told prices as `500000000 EUR`; events cannot be written again.
_PRICE = re.compile(r"(\d+) ([A-Z]{3})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One value that changed."""

    name: str
    before: Any
    after: Any


def differences(
    data: Mapping[str, Any], earlier: Mapping[str, Any] | None = None
) -> tuple[Difference, ...]:
    """Everything that changed, in the order told."""
    known = earlier or {}
    since = (Difference(name=n, before=v, after=data[n]) for n, v in known.items() if n in data)
    return (*map(_priced, _differences(data)), *since)


def rest(data: Mapping[str, Any], earlier: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What else was told."""
    used = {"change"} if isinstance(data.get("change"), dict) else set()
    used |= set(earlier or {})
    if "field" in data:
        used |= {"field", "before", "after"}
    elif (pair := _pair(data)) is not None:
        used |= set(pair)
    return {name: value for name, value in data.items() if name not in used}


def _differences(data: Mapping[str, Any]) -> Iterator[Difference]:
    change = data.get("change")
    if isinstance(change, dict):
        for name, both in change.items():
            pair = both if isinstance(both, dict) else {"current": both}
            yield Difference(name=name, before=pair.get("previous"), after=pair.get("current"))
    if "field" in data:
        name = str(data["field"])
        yield Difference(name=name, before=data.get("before"), after=data.get("after"))
    elif (keys := _pair(data)) is not None:
        yield Difference(name=keys[1], before=data[keys[0]], after=data[keys[1]])


def _priced(told: Difference) -> Difference:
    """A price that was told as a text, as every other amount is."""
    if told.name != "price":
        return told
    before, after = _amount(told.before), _amount(told.after)
    return Difference(name="price_micros", before=before, after=after)


def _amount(told: Any) -> Any:
    found = _PRICE.fullmatch(told) if isinstance(told, str) else None
    return {found[2]: int(found[1])} if found else told


def _pair(data: Mapping[str, Any]) -> tuple[str, str] | None:
    return next((pair for pair in _PAIRS if set(pair) <= data.keys()), None)
