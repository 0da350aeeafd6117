"""What stands above the preview: which step, in which language, on what device and mode."""

from __future__ import annotations

from collections.abc import Callable

from nicegui.element import Element

from ui.components import Tag, choice_field, tag
from ui.i18n import LANGUAGES
from ui.pages.profile_preview import Preview

PHONE, DESKTOP, LIGHT, DARK = "Phone", "Desktop", "Light", "Dark"


def draw_tools(place: Element, preview: Preview) -> None:
    """Four choices; none of them saves anything."""
    chosen = {"width": PHONE, "mode": LIGHT}

    def dress(name: str, value: str) -> None:
        chosen[name] = value
        preview.dress(is_dark=chosen["mode"] == DARK, is_wide=chosen["width"] == DESKTOP)

    with place:
        tag("h2", "What your clients see")
        with tag("div", classes="pf-choices"):
            steps = {step.value: step.value for step in preview.steps}
            step = choice_field("Step", steps, value=preview.steps[0].value)
            step.on_value_change(lambda: preview.choose(step=str(step.value)))
            language = choice_field("Language", dict(LANGUAGES), value="en")
            language.on_value_change(lambda: preview.choose(language=str(language.value)))
            _either("Width", (PHONE, DESKTOP), lambda value: dress("width", value))
            _either("Mode", (LIGHT, DARK), lambda value: dress("mode", value))


def _either(label: str, words: tuple[str, str], choose: Callable[[str], None]) -> None:
    buttons: dict[str, Tag] = {}

    def press(word: str) -> None:
        for each, button in buttons.items():
            button.props["aria-pressed"] = "true" if each == word else "false"
            button.update()
        choose(word)

    with tag("div", classes="h-field"):
        tag("span", label, "pf-label")
        with tag("div", classes="choice", role="group", aria_label=label):
            for word in words:
                buttons[word] = tag("button", word, type="button")
                buttons[word].props["aria-pressed"] = "true" if word == words[0] else "false"
                buttons[word].on("click", lambda word=word: press(word), args=[])
