"""Inputs of the client's pages: label above, error below and tied to the field, Enter submits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from babel import Locale
from nicegui import ui

from core.billing.invoices.details import COUNTRIES
from core.errors import HubError
from ui.components import tag
from ui.i18n import Texts
from ui.pages.onboarding.problems import field_text
from ui.pages.onboarding.screen import OpenPage

Submit = Callable[[], Awaitable[object] | None]


class Field:
    """One labelled input; what is typed is kept in the page's drafts under its name."""

    def __init__(
        self,
        page: OpenPage,
        name: str,
        label: str,
        submit: Submit,
        *,
        help_text: str = "",
        **attributes: str,
    ) -> None:
        self._page, self.name, self._help = page, name, help_text
        self.id, more = f"ob-{name}", f"ob-{name}-more"
        with tag("div", classes="ob-field"):
            tag("label", label, **{"for": self.id})
            self.input = ui.input(value=page.drafts.get(name, ""), on_change=self._typed)
            self.input.props("outlined hide-bottom-space")
            self.input.props.update({"for": self.id, "aria-describedby": more})
            self.input.props.update({key.replace("_", "-"): v for key, v in attributes.items()})
            self.input.on("keydown.enter", submit, args=[])
            self._more = tag("p", help_text, "ob-more", id=more)

    @property
    def value(self) -> str:
        return self.input.value or ""

    def fail(self, error: HubError, say: Texts) -> None:
        """What is wrong, in place of the help."""
        self._set(field_text(self.name.removeprefix("bill_"), error, say), is_wrong=True)

    def focus(self) -> None:
        """The cursor goes here, after what was said about it is on the page."""
        self._page.browser.run_method("wrong", self.id)

    def _typed(self) -> None:
        self._page.drafts[self.name] = self.value
        if "aria-invalid" in self.input.props:
            self._set(self._help, is_wrong=False)

    def _set(self, text: str, *, is_wrong: bool) -> None:
        self._more.set_text(text)
        self._more.classes(add="is-wrong" if is_wrong else "", remove="is-wrong")
        if is_wrong:
            self.input.props["aria-invalid"] = "true"
            self.input.classes(add="is-wrong")
        else:
            self.input.props.pop("aria-invalid", None)
            self.input.classes(remove="is-wrong")
        self.input.update()


def country_field(
    page: OpenPage, name: str, label: str, value: str, on_change: Callable[[], object]
) -> ui.select:
    """A country by its name in the page's language; searched by typing."""
    names = Locale.parse(page.say.language).territories
    options = {code: str(names.get(code, code)) for code in COUNTRIES}
    options = dict(sorted(options.items(), key=lambda item: item[1].casefold()))
    with tag("div", classes="ob-field"):
        above = tag("label", label)
        chosen = value if value in options else None
        field = ui.select(options, value=chosen, with_input=True, on_change=on_change)
        field.props("outlined hide-bottom-space no-error-icon")
        above.props["for"] = field.props["for"] = f"ob-{name}"
    return field


def big_button(text: str, on_click: Submit | None = None, *, kind: str = "big") -> ui.button:
    """The one thing to do on a step (`big`), or beside it (`side`, `link`)."""
    button = ui.button(text, on_click=on_click, color=None)
    button.classes(f"ob-{kind}").props("no-caps unelevated")
    button.props["ripple"] = False
    return button
