"""Page state in the address: read it, and change it without a reload or a new history entry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit
from weakref import WeakKeyDictionary

from nicegui import Client, ui
from nicegui.elements.sub_pages import SubPages

_MOST_VALUES = 50

_drawn: WeakKeyDictionary[Client, tuple[str, list[tuple[str, str]]]] = WeakKeyDictionary()


def current_path() -> str:
    """The path of the page as the person sees it now, without the query."""
    return urlsplit(ui.context.client.sub_pages_router.current_path).path


def current_query() -> dict[str, str]:
    """The query of the address; the last one of a repeated name."""
    query = urlsplit(ui.context.client.sub_pages_router.current_path).query
    return values_of(query)


def values_of(query: str) -> dict[str, str]:
    """What a query says; the last one of a repeated name, and nothing of what is beyond 50.

    For every address that people may write: none of ours says half as much.
    """
    return dict(parse_qsl("&".join(query.split("&", _MOST_VALUES)[:_MOST_VALUES])))


def show_query(values: Mapping[str, str]) -> None:
    """Put these values into the address, empty ones left out; a reload finds them again."""
    client = ui.context.client
    query = urlencode({name: value for name, value in values.items() if value})
    path = current_path() + (f"?{query}" if query else "")
    client.sub_pages_router.current_path = path
    note_drawn(client)
    client.run_javascript(f"hub.replacePath({json.dumps(path)})")


def note_drawn(client: Client) -> None:
    """What the page shows is what its address asks for."""
    _drawn[client] = _asked(client)


def is_drawn(client: Client) -> bool:
    """Whether the page shows what its address asks for; a fragment asks for nothing."""
    return _drawn.get(client) == _asked(client)


def _asked(client: Client) -> tuple[str, list[tuple[str, str]]]:
    address = urlsplit(client.sub_pages_router.current_path)
    return address.path, sorted(parse_qsl(address.query))


def show_path(path: str) -> None:
    """Another address with an entry in the history, drawn already; going back draws anew."""
    client = ui.context.client
    router = client.sub_pages_router
    if router.current_path == path:
        return
    router.current_path = path
    for element in client.layout.descendants():
        if isinstance(element, SubPages):
            element._reset_match()  # it would take its first address for what is shown
    client.run_javascript(f"hub.pushPath({json.dumps(path)})")
