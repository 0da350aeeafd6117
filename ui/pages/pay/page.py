"""The client's page as HTML: one template with escaping on, words in the client's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader
from nicegui.client import Client

from core.billing.client_page.views import ClientMoney
from core.billing.invoices.details import COUNTRIES, DetailsForm
from core.billing.invoices.entities import Invoice
from core.billing.invoices.statuses import OPEN
from core.billing.payments.quoting import Quote
from core.money import Money
from ui import format as figures
from ui.frame_parts import logo_url
from ui.i18n import LANGUAGES, Texts
from ui.pages.onboarding import brand as colours
from ui.pages.onboarding import plain
from ui.pages.pay import words

_HERE = Path(__file__).parent
_STYLE = _HERE.parents[1] / "static" / "pay.css"
_templates = Environment(loader=FileSystemLoader(_HERE), autoescape=True)
_SECONDS = 4  # until a page with a charge under way looks again


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the page answers to the last act: a sentence, a quote to confirm, what was typed."""

    told: str = ""
    wrong: str = ""
    amount: str = ""
    card_id: str = ""
    quote: Quote | None = None
    form: DetailsForm | None = None
    faults: Mapping[str, str] = field(default_factory=dict)


def path_of(link_id: str, act: str = "", say: Texts | None = None) -> str:
    """An address of the page; the language goes along."""
    query = f"?lang={say.language}" if say else ""
    return f"/pay/at/{link_id}{f'/{act}' if act else ''}{query}"


def show(money: ClientMoney, say: Texts, said: Said, status: int = 200) -> HTMLResponse:
    """The whole page."""
    waits = money.under_way and not (said.quote or said.wrong)
    return _answer("page.html", status, money, say, _shown(money, say, said), waits=waits)


def leave(money: ClientMoney, say: Texts, url: str, button: str) -> HTMLResponse:
    """On the way to the provider's or the bank's page.

    Not a redirect: content policies of browsers apply `form-action` to where a form's answer
    leads, and the bank's address is nobody's to list.
    """
    told = {"url": url, "title": say("One moment …"), "button": button}
    return _answer("leave.html", 200, money, say, told, waits=False)


def _answer(
    template: str,
    status: int,
    money: ClientMoney,
    say: Texts,
    values: dict[str, Any],
    *,
    waits: bool,
) -> HTMLResponse:
    brand = money.brand
    text = _templates.get_template(template).render(
        say=say,
        lang=say.page_language,
        head=Client.shared_head_html,
        css=plain.css() + _css(),
        style=colours.style(brand.color),
        logo=logo_url(brand.logo_hash) if brand.logo_hash else "",
        brand=brand.name,
        refresh=_SECONDS if waits else 0,
        here=path_of(money.link_id, "", say),
        **values,
    )
    return HTMLResponse(text, status, {"Cache-Control": "no-store"})


@cache
def _css() -> str:
    return _STYLE.read_text(encoding="utf-8")


def _shown(money: ClientMoney, say: Texts, said: Said) -> dict[str, Any]:
    def amount(value: Money) -> str:
        return figures.money(value, _locale(say))

    def to(act: str) -> str:
        return path_of(money.link_id, act, say)

    newest = money.newest
    return {
        "m": money,
        "s": said,
        "w": words,
        "to": to,
        "amount": amount,
        "title": say("Your credit with {partner}", partner=money.brand.name),
        "charged": [card for card in money.cards if not card.has_expired],
        "ended": words.ended(newest.status, newest.decline_code, say) if newest else "",
        "invoices": [_row(invoice, say) for invoice in money.invoices],
        "form": said.form or money.details,
        "countries": _countries(say.language),
        "labels": _labels(say),
        "sum": _sum(said.quote, say) if said.quote else [],
        "languages": [
            (name, f"/pay/at/{money.link_id}?lang={code}", code == say.language)
            for code, name in LANGUAGES.items()
        ],
        "until": figures.day(money.expires_at, locale=_locale(say)),
    }


def _row(invoice: Invoice, say: Texts) -> dict[str, Any]:
    gross = Money(invoice.gross_micros, invoice.currency)
    return {
        "id": invoice.id,
        "number": invoice.number,
        "day": figures.day(invoice.issued_at, locale=_locale(say)),
        "gross": figures.money(gross, _locale(say)),
        "status": words.invoice_status(invoice.status, say),
        "is_open": invoice.status in OPEN and invoice.payable_micros > 0,
        "has_file": bool(invoice.pdf_hash),
    }


def _sum(quote: Quote, say: Texts) -> list[tuple[str, str]]:
    return [
        (say("Credit"), figures.money(quote.net, _locale(say))),
        (say("Processing fee"), figures.money(quote.fee, _locale(say))),
        (say("VAT"), figures.money(quote.tax, _locale(say))),
        (say("Charged to the card"), figures.money(quote.gross, _locale(say))),
    ]


def _labels(say: Texts) -> list[tuple[str, str, str]]:
    """Field, label and what browsers fill in."""
    return [
        ("legal_name", say("Legal name"), "organization"),
        ("email", say("E-mail for invoices"), "email"),
        ("address", say("Street and number"), "street-address"),
        ("postal_code", say("Postal code"), "postal-code"),
        ("city", say("City"), "address-level2"),
        ("vat_id", say("VAT ID (optional)"), "off"),
    ]


def _locale(say: Texts) -> str:
    """English as the dashboard writes it: the day before the month."""
    return figures.LOCALE if say.language == "en" else say.language


@cache
def _countries(language: str) -> list[tuple[str, str]]:
    names = Locale.parse(language).territories
    told = [(code, str(names.get(code, code))) for code in COUNTRIES]
    return sorted(told, key=lambda each: each[1])
