"""One mail's text in one language."""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = ("en", "de", "pt_BR", "es")


@dataclass(frozen=True, slots=True)
class Text:
    """Subject, body and the one button; values in braces are filled in."""

    subject: str
    body: str
    button: str
