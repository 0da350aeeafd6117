"""The hub's icons: one strip of small drawings, shown by CSS masks in the colour of the text.

One request instead of an icon font (128 KB); an icon costs no element of its own:
`classes("i i-copy")`. Quasar's widgets ask by Material's names; `ALIASES` answers those.
"""

from __future__ import annotations

import json
from pathlib import Path

# 24×24 each, strokes of 1.75; nothing reaches the outer 2 units, so neighbours never bleed.
_PATHS: dict[str, str] = json.loads(
    (Path(__file__).parent / "static" / "icons.json").read_text(encoding="utf-8")
)

NAMES = tuple(_PATHS)

# What Quasar's own widgets ask for, in the words of its Material set.
ALIASES = {
    "arrow_drop_down": "chevron-down",
    "arrow_drop_up": "chevron-up",
    "arrow_upward": "arrow-up",
    "arrow_downward": "arrow-down",
    "arrow_back": "arrow-left",
    "arrow_forward": "arrow-right",
    "expand_more": "chevron-down",
    "expand_less": "chevron-up",
    "keyboard_arrow_down": "chevron-down",
    "keyboard_arrow_up": "chevron-up",
    "keyboard_arrow_left": "chevron-left",
    "keyboard_arrow_right": "chevron-right",
    "chevron_left": "chevron-left",
    "chevron_right": "chevron-right",
    "first_page": "first",
    "last_page": "last",
    "cancel": "cross-circle",
    "clear": "close",
    "done": "check",
    "check_circle": "check-circle",
    "warning": "alert",
    "priority_high": "alert",
    "add": "plus",
    "remove": "minus",
    "delete": "trash",
    "more_vert": "more",
    "more_horiz": "more",
    "content_copy": "copy",
    "open_in_new": "external",
    "cloud_upload": "upload",
    "access_time": "clock",
    "event": "calendar",
}


def strip() -> str:
    """All icons below one another as one SVG, 24 units each."""
    drawings = "".join(
        f'<path transform="translate(0 {at * 24})" d="{path}"/>'
        for at, path in enumerate(_PATHS.values())
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="24" height="{24 * len(_PATHS)}" '
        f'viewBox="0 0 24 {24 * len(_PATHS)}" fill="none" stroke="#000" stroke-width="1.75" '
        f'stroke-linecap="round" stroke-linejoin="round">{drawings}</svg>'
    )


def css(strip_url: str) -> str:
    """`.i` draws the icon named by a second class, in the colour and size of the text."""
    places = "".join(f".i-{name}{{--i:{at}}}" for at, name in enumerate(_PATHS))
    return (
        '.i::before{content:"";flex:none;display:inline-block;width:1em;height:1em;'
        "font-size:var(--i-size,1.15em);vertical-align:-0.15em;background:currentColor;"
        f'mask:url("{strip_url}") 0 calc(var(--i)*-1em)/1em {len(_PATHS)}em no-repeat}}'
        f"@media(forced-colors:active){{.i::before{{background:CanvasText}}}}{places}"
    )
