"""The logo as one element: what is there, a picture chosen from this device, the part to keep.

The picture stays in the browser until it is saved; then the file itself is posted with the
rectangle, and the hub cuts and draws it anew. While somebody drags, the page is told how it would
look by a small data URL, for the preview only.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from nicegui.element import Element

from core.uploads.rules import (
    LEAST_SIDE,
    LONGEST_SIDE,
    MAX_BYTES,
    MOST_PIXELS,
    MOST_TIMES,
)

TOO_THIN = f"With one side more than {MOST_TIMES} times the other, it would be a thin line."

# What the browser draws for the preview: a few hundred pixels, never anything that runs.
_DRAFT = re.compile(r"data:image/(?:png|webp);base64,[A-Za-z0-9+/]{1,300000}={0,2}\Z")


class LogoCrop(Element, component="logo_crop.js", dependencies=["logo_crop_look.js"]):
    """`on_draft` gets the data URL of what is kept, '' when nothing is chosen any more."""

    def __init__(
        self,
        url: str,
        *,
        on_draft: Callable[[str], None],
        on_saved: Callable[[], Any],
        on_remove: Callable[[], Any],
    ) -> None:
        super().__init__()
        self._on_draft = on_draft
        self._props.update(
            {
                "post": url,
                "most": MAX_BYTES,
                "least": LEAST_SIDE,
                "longest": LONGEST_SIDE,
                "pixels": MOST_PIXELS,
                "times": MOST_TIMES,
                "thin": TOO_THIN,
                "logo": "",
            }
        )
        self.on("draft", self._told)
        self.on("saved", on_saved, args=[])
        self.on("remove", on_remove, args=[])

    def show(self, logo: str) -> None:
        """This is the logo now; a picture that is being cropped stays."""
        if logo != self._props["logo"]:
            self._props["logo"] = logo
            self.update()

    def _told(self, event: Any) -> None:
        draft = event.args if isinstance(event.args, str) else ""
        self._on_draft(draft if _DRAFT.match(draft) else "")
