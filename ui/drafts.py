"""What somebody was typing when the connection broke: the section is drawn anew, the text stays.

Kept by page and field until it is saved, taken back, or the section is left.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from nicegui import Client, ui

_kept: WeakKeyDictionary[Client, tuple[str, dict[str, str]]] = WeakKeyDictionary()


def keep(field: str, text: str | None) -> None:
    """This is typed and not saved; None: there is nothing to keep any more."""
    client = ui.context.client
    path = client.sub_pages_router.current_path
    if client not in _kept or _kept[client][0] != path:
        _kept[client] = (path, {})
    _, texts = _kept[client]
    if text is None:
        texts.pop(field, None)
    else:
        texts[field] = text


def kept(field: str) -> str | None:
    """What was typed there before the section was drawn anew; None for nothing."""
    client = ui.context.client
    path, texts = _kept.get(client, ("", {}))
    return texts.get(field) if path == client.sub_pages_router.current_path else None


def forget(client: Client) -> None:
    """The section is left on purpose."""
    _kept.pop(client, None)
