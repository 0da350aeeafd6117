"""Cards of the profile: name, logo, colour, and what clients may do by themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.errors import Conflict
from core.partners.profile.rules import NAME_LENGTH
from core.partners.profile.service import ProfileView
from ui.components import button, note, section_card, tag
from ui.context import PageContext
from ui.dialogs import toast
from ui.elements.logo_crop import LogoCrop
from ui.frame_parts import logo_url
from ui.guards.uploads import LOGO_FILE
from ui.pages import profile_words as told
from ui.pages.integration_field import SavedField, SavedSwitch

Shown = Callable[[ProfileView], None]


class NameCard:
    """The name at the top of every step and in every mail."""

    def __init__(self, page: PageContext, shown: Shown, typed: Callable[[], None]) -> None:
        self._page, self._shown = page, shown
        with section_card("Brand name", "At the top of every page that your clients see."):
            self._field = SavedField(
                "Brand name",
                self._save,
                help=f"Up to {NAME_LENGTH} characters. Mails to your clients carry it, too.",
                check=told.name_fault,
                refusal=told.refusal,
                done="The name is saved. Your clients see it now.",
                typed=typed,
            )

    @property
    def typed(self) -> str:
        return self._field.value

    def show(self, it: ProfileView) -> None:
        self._field.show(it.brand_name)

    async def _save(self, text: str) -> None:
        self._shown(await self._page.call(self._page.hub.profile.set_brand_name, text))


class ColorCard:
    """The colour of the big buttons, where it can be read."""

    def __init__(self, page: PageContext, shown: Shown, typed: Callable[[], None]) -> None:
        self._page, self._shown, self._typed = page, shown, typed
        with section_card("Brand colour", "The buttons of your clients' pages."):
            with tag("div", classes="pf-color"):
                self._pick = tag("input", type="color", aria_label="Pick a colour")
                self._pick.on("input", self._picked, js_handler="(e) => emit(e.target.value)")
                self._field = SavedField(
                    "Brand colour",
                    self._save,
                    help="Six hexadecimal digits. Empty: the hub's own colour.",
                    placeholder="#0F766E",
                    check=told.color_fault,
                    refusal=told.refusal,
                    done="The colour is saved. Your clients see it now.",
                    typed=self._look,
                )
            self._said = tag("p", classes="quiet small", role="status")

    @property
    def typed(self) -> str:
        return self._field.value

    def show(self, it: ProfileView) -> None:
        self._field.show(it.brand_color)
        self._look()

    def _look(self) -> None:
        color = self.typed
        self._pick.props["value"] = told.swatch(color)
        self._pick.update()
        self._said.set_text(told.color_told(color))
        self._typed()

    def _picked(self, event: Any) -> None:
        self._field.type(str(event.args)[:7].upper())

    async def _save(self, text: str) -> None:
        self._shown(await self._page.call(self._page.hub.profile.set_brand_color, text))


class LogoCard:
    """The picture beside the name."""

    def __init__(self, page: PageContext, shown: Shown, drafted: Callable[[str], None]) -> None:
        self._page, self._shown, self._drafted = page, shown, drafted
        with section_card("Logo", told.LOGO_LIMITS):
            self._crop = LogoCrop(
                LOGO_FILE, on_draft=drafted, on_saved=self._saved, on_remove=self._removed
            )
            with tag("div", classes="line", role="status") as self._undo:
                self._undo_said = tag("span", "", "small")
                button("Undo", self._put_back, small=True)
            self._undo.set_visibility(False)

    def show(self, it: ProfileView) -> None:
        self._crop.show(logo_url(it.logo_hash) if it.logo_hash else "")
        if it.logo_hash:
            self._undo.set_visibility(False)

    async def _saved(self) -> None:
        self._drafted("")
        self._shown(await self._page.call(self._page.hub.profile.look))
        toast("The logo is saved. Your clients see it now.")

    async def _removed(self) -> None:
        self._shown(await self._page.call(self._page.hub.profile.remove_logo))
        self._undo_said.set_text("The logo is removed; clients see your name alone.")
        self._undo.set_visibility(True)

    async def _put_back(self) -> None:
        try:
            self._shown(await self._page.call(self._page.hub.profile.put_logo_back))
        except Conflict as refused:
            toast(told.refusal(refused), "danger")
        self._undo.set_visibility(False)


class NumbersCard:
    """Whether clients bring more numbers by themselves."""

    def __init__(self, page: PageContext, shown: Shown) -> None:
        self._page, self._shown = page, shown
        with section_card("Phone numbers", "What a client that has a number may do."):
            self._why_not = note("info", told.WHY_NOT_NUMBERS)
            with tag("div", classes="stack-tight") as self._place:
                self._switch = SavedSwitch(
                    "Allow clients to add phone numbers", self._switched, help=told.NUMBERS_HELP
                )
                with tag("div", classes="line", role="status") as self._undo:
                    self._undo_said = tag("span", "", "small")
                    button("Undo", self._take_back, small=True)
        self._undo.set_visibility(False)

    def show(self, it: ProfileView) -> None:
        self._why_not.set_visibility(it.is_direct_paid)
        self._place.set_visibility(not it.is_direct_paid)
        self._switch.show(it.clients_may_add_numbers)

    async def _switched(self, is_on: bool) -> None:
        await self._set(is_on)
        self._undo_said.set_text(told.numbers_changed(is_on))
        self._undo.set_visibility(True)

    async def _take_back(self) -> None:
        it = await self._page.call(self._page.hub.profile.look)
        await self._set(not it.clients_may_add_numbers)
        self._undo.set_visibility(False)

    async def _set(self, is_on: bool) -> None:
        verb = self._page.hub.profile.set_clients_may_add_numbers
        self._shown(await self._page.call(verb, is_on))
