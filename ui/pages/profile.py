"""Profile: what clients see of the partner, each part saved by itself, with the page they get."""

from __future__ import annotations

from core.onboarding.views import Brand
from core.partners.profile.rules import color_fault, name_fault, tidy_color, tidy_name
from core.partners.profile.service import SUBJECT, ProfileView
from core.ports import Notice
from ui.components import button, page_header, tag
from ui.context import PageContext
from ui.pages.profile_cards import ColorCard, LogoCard, NameCard, NumbersCard
from ui.pages.profile_preview import Preview
from ui.pages.profile_tools import draw_tools

SENTENCE = "What your clients see of you. Each part is saved by itself and shows at once."


async def build(page: PageContext) -> None:
    """Draw the section and keep it live."""
    await Profile(page).draw()


class Profile:
    """One open profile."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        self._readings = 0
        self._draft_logo = ""

    async def draw(self) -> None:
        self._page.follow(self._changed)
        self._it = it = await self._page.call(self._page.hub.profile.look)
        page_header("Profile", SENTENCE)
        with tag("div", classes="pf") as self._room:
            with tag("div", classes="stack"):
                self._name = NameCard(self._page, self._shown, self._look)
                _draw_way_down()
                self._logo = LogoCard(self._page, self._shown, self._drafted)
                self._color = ColorCard(self._page, self._shown, self._look)
                self._numbers = NumbersCard(self._page, self._shown)
            with tag("section", classes="pf-side", aria_label="What your clients see"):
                tools = tag("div", classes="pf-tools")
                self._preview = Preview(self._page, _brand(it), is_direct_paid=it.is_direct_paid)
                draw_tools(tools, self._preview)
        self._show(it)

    def _show(self, it: ProfileView) -> None:
        self._it = it
        for card in (self._name, self._logo, self._color, self._numbers):
            card.show(it)
        self._look()

    def _look(self) -> None:
        """The preview, with what is typed where it could be saved."""
        it, name, color = self._it, self._name.typed, self._color.typed
        brand = Brand(
            partner_id=it.partner_id,
            name=it.brand_name if name_fault(name) else tidy_name(name),
            logo_hash=it.logo_hash,
            color=it.brand_color if color_fault(color) else tidy_color(color),
        )
        self._preview.show(brand, self._draft_logo, may_add=it.clients_may_add_numbers)

    def _drafted(self, logo: str) -> None:
        """A picture that is not saved yet; '' for none."""
        self._draft_logo = logo
        self._look()

    def _shown(self, it: ProfileView) -> None:
        """What this person has saved; readings that began before know less."""
        self._readings += 1
        self._show(it)

    async def _changed(self, notices: list[Notice]) -> None:
        if not any(notice.subject_type == SUBJECT for notice in notices):
            return
        self._readings = reading = self._readings + 1
        it = await self._page.call(self._page.hub.profile.look)
        if reading == self._readings and not self._room.is_deleted:
            self._show(it)


def _draw_way_down() -> None:
    """Where the preview stands below the settings, one press leads to it."""
    way = button("See the preview", small=True).classes("pf-way")
    way.on("click", js_handler="() => document.querySelector('.pf-side').scrollIntoView()")


def _brand(it: ProfileView) -> Brand:
    return Brand(
        partner_id=it.partner_id,
        name=it.brand_name,
        logo_hash=it.logo_hash,
        color=it.brand_color,
    )
