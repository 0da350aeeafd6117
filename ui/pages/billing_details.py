"""Billing details: who invoices are made out to, from the next one on; the VAT ID is checked."""

from __future__ import annotations

from babel import Locale
from nicegui import ui

from core.billing.invoices.details import COUNTRIES, DetailsForm
from core.billing.invoices.entities import BillingDetails
from core.errors import InvalidInput
from core.ports import Notice
from ui import format as words
from ui.components import (
    button,
    page_header,
    section_card,
    set_badge,
    status_badge,
    tag,
    text_field,
)
from ui.context import PageContext
from ui.dialogs import toast
from ui.pages import invoice_words

SENTENCE = "Used from the next invoice on. Issued invoices stay as they are."
_FIELDS = {
    "legal_name": ("Legal name", "As registered."),
    "email": ("E-mail for invoices", "Each invoice is sent there with its PDF."),
    "address": ("Street and number", ""),
    "postal_code": ("Postal code", ""),
    "city": ("City", ""),
    "vat_id": ("VAT ID (optional)", "Checked with the European register."),
}


async def build(page: PageContext) -> None:
    """Draw the section and keep it live."""
    await Details(page).draw()


class Details:
    """The form; what others save appears unless something is being typed."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        self._filled: DetailsForm | None = None
        self._is_saving = False

    async def draw(self) -> None:
        self._page.follow(self._changed)
        known = await self._read()
        page_header("Billing details", SENTENCE, [("Invoices", "/billing/invoices")])
        with tag("div", classes="columns"):
            with section_card("Invoices are made out to"):
                self._fields: dict[str, ui.input] = {}
                self._draw_fields()
                with tag("div", classes="h-actions"):
                    self._save = button("Save details", self._saved, kind="primary")
            with section_card("VAT ID", "It decides whether VAT is charged."):
                with tag("div"):
                    self._badge = status_badge("dot", "")
                self._vat = tag("p", "", "small")
        self._fill(known)

    def _draw_fields(self) -> None:
        for name in ("legal_name", "email", "address"):
            self._draw_field(name)
        with tag("div", classes="h-pair"):
            self._draw_field("postal_code")
            self._draw_field("city")
        with tag("div", classes="h-pair"):
            self._country = _country_field()
            self._draw_field("vat_id")

    def _draw_field(self, name: str) -> None:
        label, help_ = _FIELDS[name]
        self._fields[name] = text_field(label, help=help_)
        self._fields[name].on("keydown.enter", self._saved, args=[])

    async def _read(self) -> BillingDetails | None:
        return await self._page.call(self._page.hub.billing.invoices.details)

    def _fill(self, known: BillingDetails | None) -> None:
        for name, field in self._fields.items():
            field.value = str(getattr(known, name, "") or "")
        self._country.value = known.country if known else None
        self._filled = self._written()
        self._show_vat(known)

    def _written(self) -> DetailsForm:
        """What stands in the form now."""
        written = {name: str(field.value or "") for name, field in self._fields.items()}
        return DetailsForm(**written, country=str(self._country.value or ""))

    def _show_vat(self, known: BillingDetails | None) -> None:
        icon, word, tone, follows = invoice_words.vat(known)
        set_badge(self._badge, icon, word, tone)
        when = known.vat_checked_at if known else None
        self._vat.set_text(follows + (f" Asked on {words.day(when)}." if when else ""))

    async def _saved(self) -> None:
        for field in (*self._fields.values(), self._country):
            field.error = None
            field.props.pop("aria-invalid", None)
        self._save.disable()
        self._is_saving = True
        try:
            verb = self._page.hub.billing.invoices.save_details
            known = await self._page.call(verb, self._written())
        except InvalidInput as wrong:
            self._mark(dict(wrong.about.get("faults", {})))
            return
        finally:
            self._is_saving = False
            self._save.enable()
        self._fill(known)
        toast("Saved. The next invoice is made out like this.")

    def _mark(self, faults: dict[str, str]) -> None:
        places = self._fields | {"country": self._country}
        for name, code in faults.items():
            places[name].error = invoice_words.fault(code)
            places[name].props["aria-invalid"] = "true"
        first = next((places[name] for name in places if name in faults), None)
        if first is not None:
            first.run_method("focus")

    async def _changed(self, notices: list[Notice]) -> None:
        if not any(notice.subject_type == "billing_details" for notice in notices):
            return
        known = await self._read()
        if self._is_saving:  # the form is filled with what was saved
            return
        if self._written() == self._filled:
            self._fill(known)
            return
        self._show_vat(known)
        toast(
            "Other details were saved meanwhile. What you type here would replace them.", "warning"
        )


def _country_field() -> ui.select:
    names = Locale.parse("en").territories
    options = {code: str(names.get(code, code)) for code in COUNTRIES}
    options = dict(sorted(options.items(), key=lambda item: item[1]))
    with tag("div", classes="h-field"):
        above = tag("label", "Country")
        field = ui.select(options, with_input=True)
        field.props("outlined dense hide-bottom-space no-error-icon")
        above.props["for"] = field.props["for"] = f"field-{field.id}"
    return field
