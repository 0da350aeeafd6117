"""Small builders that pages are made of: heads, states, buttons, badges.

Each returns its element, or the slot to fill with `with`. A status is always icon + word +
colour. Icons are named as in `ui.icons`; figures and times come from `ui.format`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import Any, Literal

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from ui import format as words

Tone = Literal["success", "warning", "danger", "info", "neutral"]
ButtonKind = Literal["primary", "secondary", "danger", "quiet"]
ZONE_COOKIE = "hub_zone"


class Tag(TextElement):
    """An HTML element with text; `set_text` changes it."""


def tag(kind: str, /, text: str = "", classes: str = "", **attributes: str | bool | int) -> Tag:
    """A plain HTML element; `text` is escaped by Vue, `aria_label` becomes `aria-label`."""
    element = Tag(tag=kind, text=text).classes(classes)
    element.props.update({key.replace("_", "-"): value for key, value in attributes.items()})
    return element


def page_header(
    title: str, sentence: str = "", crumbs: Sequence[tuple[str, str]] = ()
) -> ui.element:
    """Title, one sentence, and on the right the slot for the one primary action.

    `crumbs` are (word, href) of the lists above; only for pages below a list.
    """
    with tag("header", classes="h-head"):
        with tag("div", classes="h-head-words"):
            if crumbs:
                with tag("nav", classes="h-crumbs", aria_label="Breadcrumb"):
                    for word, href in crumbs:
                        tag("a", word, href=href)
            tag("h1", title, tabindex="-1")
            if sentence:
                tag("p", sentence)
        return tag("div", classes="h-actions")


def button(
    text: str,
    on_click: Callable[..., Any] | None = None,
    *,
    kind: ButtonKind = "secondary",
    icon: str | None = None,
    small: bool = False,
) -> ui.button:
    """A button; one `primary` a page at the most."""
    element = ui.button(text, on_click=on_click, icon=icon, color=None)
    element.classes(f"h-btn-{kind}" + (" h-btn-small" if small else ""))
    element.props("no-caps unelevated")
    element.props["ripple"] = False
    return element


def link_button(
    text: str, href: str, *, kind: ButtonKind = "secondary", icon: str | None = None
) -> ui.button:
    """A link that looks like a button: it goes somewhere, it does nothing."""
    element = button(text, kind=kind, icon=icon)
    element.props["href"] = href
    return element


def status_badge(icon: str, word: str, tone: Tone = "neutral") -> Tag:
    """A status: icon, word and colour in one element."""
    return tag("span", word, badge_classes(icon, tone))


def badge_classes(icon: str, tone: Tone) -> str:
    """The classes of a status badge, for Vue components that draw their own."""
    return f"h-badge i i-{icon} tone-{tone}"


def set_badge(badge: Tag, icon: str, word: str, tone: Tone) -> None:
    """Change a badge that is on the page."""
    badge.classes(replace=badge_classes(icon, tone))
    badge.set_text(word)


class Tile:
    """A figure with its name above and a quiet sentence below."""

    def __init__(self, label: str, figure: str = "", hint: str = "", *, href: str = "") -> None:
        """`href`: where the figure comes from."""
        with tag("div", classes="h-tile"):
            tag("span", label, "h-tile-label")
            if href:
                self._figure = tag("a", figure, "h-tile-figure figure", href=href)
            else:
                self._figure = tag("span", figure, "h-tile-figure figure")
            self._hint = tag("span", hint, "h-tile-hint")

    def show(self, figure: str, hint: str = "") -> None:
        """Change both."""
        self._figure.set_text(figure)
        self._hint.set_text(hint)


def empty_state(icon: str, title: str, sentence: str) -> ui.element:
    """What this is and why it is empty; returns the slot for the one thing to do."""
    return _state(icon, "neutral", title, sentence)


def error_state(what: str, kept: str, todo: str, reference: str = "") -> ui.element:
    """What happened, what is kept, what to do, and the reference id; returns the action slot."""
    with _box():
        _state_words("alert", "danger", what, " ".join(filter(None, (kept, todo))))
        if reference:
            with tag("p", "Reference ", "small"):
                tag("code", reference)
        return tag("div", classes="h-actions")


def note(icon: str, text: str, tone: Tone = "info") -> Tag:
    """A sentence that must be read before the rest, in one element."""
    return tag("div", text, f"h-note i i-{icon} tone-{tone}", role="note")


def text_field(label: str, *, value: str = "", help: str = "", placeholder: str = "") -> ui.input:
    """An input with its label above and its help below; `error` takes the place of the help."""
    with tag("div", classes="h-field"):
        above = tag("label", label)
        field = ui.input(value=value, placeholder=placeholder or None)
        field.props("outlined dense hide-bottom-space no-error-icon")
        name = f"field-{field.id}"
        field.props.update({"for": name, "hint": help} if help else {"for": name})
        above.props["for"] = name
    return field


def choice_field(
    label: str,
    options: list[str] | dict[str, str],
    *,
    value: Any,
    help: str = "",
    multiple: bool = False,
    with_input: bool = False,
) -> ui.select:
    """The same for a choice, of `multiple` ones, or `with_input` to search them."""
    with tag("div", classes="h-field"):
        above = tag("label", label)
        field = ui.select(options, value=value, multiple=multiple, with_input=with_input)
        field.props("outlined dense hide-bottom-space no-error-icon options-dense")
        name = f"field-{field.id}"
        field.props.update({"for": name, "hint": help} if help else {"for": name})
        above.props["for"] = name
    return field


def skeleton_rows(rows: int = 8) -> ui.element:
    """Rows-to-be while a list loads; one element."""
    element = tag("div", classes="h-skeleton", role="status", aria_label="Loading")
    return element.style(f"--rows:{rows}")


def section_card(title: str, sentence: str = "") -> ui.element:
    """A bordered group with a heading; returns its body."""
    with tag("section", classes="h-card"):
        with tag("div", classes="h-card-head"):
            tag("h2", title)
            if sentence:
                tag("p", sentence)
        return tag("div", classes="h-card-body")


def copy_button(value: str, what: str) -> ui.element:
    """Copies in the browser and says so; `what` names the thing ("Partner ID")."""
    return tag(
        "button",
        classes="h-copy i i-copy",
        type="button",
        data_copy=value,
        aria_label=f"Copy {what}",
    )


def relative_time(when: datetime, now: datetime) -> ui.element:
    """`5 min ago` with the exact time on hover, in the zone of the person who looks."""
    where = viewer_zone()
    return tag(
        "time",
        words.relative(when, now, where),
        datetime=when.isoformat(),
        title=words.exact(when, where),
    )


def viewer_zone() -> tzinfo:
    """The zone that the browser told by a cookie; UTC until it did."""
    return words.zone(ui.context.client.request.cookies.get(ZONE_COOKIE, ""))


def _state(icon: str, tone: Tone, title: str, sentence: str) -> ui.element:
    with _box():
        _state_words(icon, tone, title, sentence)
        return tag("div", classes="h-actions")


def _box() -> ui.element:
    return tag("section", classes="h-state")


def _state_words(icon: str, tone: Tone, title: str, sentence: str) -> None:
    tag("span", classes=f"h-state-icon i i-{icon} tone-{tone}", aria_hidden="true")
    tag("h2", title)
    tag("p", sentence)
