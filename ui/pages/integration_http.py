"""A call of a partner's server as it went out and came back, behind one line that opens."""

from __future__ import annotations

from core.integration.outbound.views import AttemptView
from ui import format as words
from ui.components import copy_button, status_badge, tag, viewer_zone
from ui.pages import integration_webhook_words as told

# Characters: Meta's own webhooks may tell of a thousand messages, and nobody reads them all here.
_MOST_SHOWN = 20_000
_MOST_OF_A_BODY = 4_000


def draw_attempt(attempt: AttemptView, body: str, *, is_open: bool = False) -> None:
    """One attempt; request and answer are texts that can be read by keyboard.

    A long body is not repeated in each attempt.
    """
    if len(body) > _MOST_OF_A_BODY:
        body = f"{body[:_MOST_OF_A_BODY]}\n… The whole body is shown once on this page."
    with tag("details", classes="it-attempt", open=is_open):
        with tag("summary"):
            status_badge(*told.attempt_badge(attempt))
            tag("span", f"Attempt {attempt.number}", "strong")
            tag("span", f"{words.number(attempt.millis)} ms", "quiet figure")
            tag("time", words.exact(attempt.at, viewer_zone()), "quiet", data_fixed="")
        draw_text("Request", told.request_text(attempt, body))
        draw_text("Answer", told.answer_text(attempt))


def draw_text(title: str, text: str) -> None:
    """Preformatted text with a copy button, which takes all of it however long."""
    shown, hidden = text[:_MOST_SHOWN], len(text) - _MOST_SHOWN
    if hidden > 0:
        shown += f"\n… {words.count(hidden, 'more character')}. The copy button takes all of it."
    with tag("div", classes="it-text"):
        tag("h3", title)
        copy_button(text, title.lower())
        tag("pre", shown, "it-code", tabindex="0", role="region", aria_label=title)
