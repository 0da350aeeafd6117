"""Dialogs for a new API key and a new system user; what they make is shown once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from nicegui import ui

from core.integration.credentials.views import NewPassword
from core.partners.api_entities import EVERYTHING, ApiScope
from ui.components import choice_field, text_field
from ui.context import PageContext
from ui.pages.integration_endpoint_forms import EndpointForm
from ui.pages.integration_once import show_once

Load = Callable[[], Awaitable[None]]
_AREAS = {"accounts": "Accounts", "settings": "Settings", "users": "Users", "billing": "Billing"}
_SCOPES = {
    scope.value: _AREAS[scope.partition(":")[0]] + (" (only look)" if ":" in scope else "")
    for scope in ApiScope
}


def scopes_in_words(scopes: Sequence[str]) -> str:
    """`Everything`, or the areas."""
    if set(EVERYTHING) <= set(scopes):
        return "May do everything"
    return ", ".join(_SCOPES.get(scope, scope) for scope in scopes)


class NewKeyForm(EndpointForm):
    """A key by its name."""

    def __init__(self, page: PageContext, load: Load) -> None:
        self._page, self._load = page, load
        super().__init__("New API key", "Make the key", "Name it after the program that uses it.")

    def draw(self) -> None:
        self._fields["name"] = _text("Name", "Billing service", self._pressed)
        self._fields["scopes"] = scopes_field()

    async def save(self) -> None:
        made = await self._page.call(
            self._page.hub.credentials.create_key,
            str(self._fields["name"].value or ""),
            list(self._fields["scopes"].value or []),
        )
        show_once(
            f"API key {made.row.name}",
            made.secret,
            "API key",
            more="Send it as X-API-Key, D360-API-KEY or Authorization: Bearer.",
        )
        await self._load()


class NewUserForm(EndpointForm):
    """A user name; the hub makes the password."""

    def __init__(self, page: PageContext, load: Load) -> None:
        self._page, self._load = page, load
        sentence = "The hub makes its password. It never signs in to these pages."
        super().__init__("New system user", "Make the user", sentence)

    def draw(self) -> None:
        self._fields["username"] = _text("User name", "api@example.com", self._pressed)
        self._fields["name"] = text_field("What it is for (optional)")
        self._fields["scopes"] = scopes_field()

    async def save(self) -> None:
        made = await self._page.call(
            self._page.hub.credentials.create_system_user,
            str(self._fields["username"].value or ""),
            str(self._fields["name"].value or ""),
            list(self._fields["scopes"].value or []),
        )
        show_password(made)
        await self._load()


def show_password(made: NewPassword) -> None:
    """The password of a system user, once."""
    show_once(
        f"Password of {made.row.username}",
        made.password,
        "password",
        more=f"User name: {made.row.username}. Ask for a token with POST /api/v2/token.",
    )


def scopes_field() -> ui.select:
    """What a program may do; everything unless somebody narrows it."""
    everything = [scope.value for scope in EVERYTHING]
    field = choice_field("May", _SCOPES, value=everything, multiple=True)
    return field.props("use-chips").without_auto_validation()


def _text(label: str, placeholder: str, enter: Callable[..., Any]) -> ui.input:
    field = text_field(label, placeholder=placeholder)
    field.props("autofocus autocomplete=off spellcheck=false").without_auto_validation()
    return field.on("keydown.enter", enter, args=[])
