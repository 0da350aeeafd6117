"""Parameters beside those of lists, read strictly; pages of lists that come whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from core.accounts.cursors import is_storable
from core.billing.balance.periods import Granularity
from core.errors import InvalidInput, NotFound
from core.integration.api.lists import DEFAULT_ORDER, ListOf, ListQuery, Page
from core.integration.api.usage import UsageAsked, moment_of
from ui.api.partner.call import Call

T = TypeVar("T")

_DIGITS = 12


def path_id(call: Call, name: str) -> str:
    """A part of the path; raises NotFound for what no database takes as a text."""
    value = call.path(name)
    if not is_storable(value):
        raise NotFound
    return value


def optional_id(call: Call, name: str) -> str:
    """The same from the query string, '' when it is not there."""
    value = call.query(name)
    if not is_storable(value):
        raise NotFound
    return value


def usage_asked(call: Call) -> UsageAsked:
    """`start_date`, `end_date` and `granularity`. Raises InvalidInput naming the parameter."""
    word = call.query("granularity").lower() or Granularity.MONTH.value
    if word not in tuple(Granularity):
        raise InvalidInput(
            "granularity is day or month", code="invalid_granularity", field="granularity"
        )
    return UsageAsked(
        start=_moment(call, "start_date"),
        end=_moment(call, "end_date"),
        granularity=Granularity(word),
    )


def documented(filters: Sequence[str], sorts: Sequence[str]) -> ListOf:
    """The names of a list whose service has tables of its own, for the OpenAPI."""
    none: Any = None
    return ListOf(
        key=none,
        newest=none,
        filters=dict.fromkeys(filters, none),
        sorts=dict.fromkeys(sorts, none),
    )


def page_of(
    rows: Sequence[T],
    query: ListQuery,
    *,
    filters: Mapping[str, Callable[[T], str]],
    sorts: Mapping[str, Callable[[T], Any]],
) -> Page[T]:
    """A page of a list that is short enough to come whole. Raises InvalidInput."""
    kept = list(rows)
    for name, value in query.filters.items():
        if name not in filters:
            raise InvalidInput(f"unknown filter: {name[:100]}", code="unknown_filter", field=name)
        kept = [row for row in kept if filters[name](row) == value]
    # The last one asked for decides least, and sorting is stable.
    for name in reversed([sort for sort in query.sort if sort not in ("", DEFAULT_ORDER)]):
        key = sorts.get(name.removeprefix("-"))
        if key is None:
            raise InvalidInput(f"cannot sort by: {name[:100]}", code="unknown_sort", field=name)
        kept.sort(key=key, reverse=name.startswith("-"))
    return Page(items=kept[query.offset : query.offset + query.limit], total=len(kept))


def _moment(call: Call, name: str) -> datetime | None:
    text = call.query(name).strip()
    if not text:
        return None
    # Some programs write a unix time with its fraction.
    seconds, _, fraction = text.partition(".")
    digits = seconds.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS):
        raise InvalidInput(f"{name} is a unix time", code=f"invalid_{name}", field=name)
    if fraction and not (fraction.isascii() and fraction.isdigit()):
        raise InvalidInput(f"{name} is a unix time", code=f"invalid_{name}", field=name)
    return moment_of(int(seconds), name)
