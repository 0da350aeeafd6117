"""What the mails about invoices say, per kind and language; pure. A test holds them complete."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_currency

LANGUAGES = ("en", "de", "pt_BR", "es")


@dataclass(frozen=True, slots=True)
class Text:
    """`{number}`, `{gross}`, `{brand}` and `{day}` are filled in."""

    subject: str
    body: str
    button: str


def text_of(kind: str, language: str) -> Text:
    """The text in this language, English for one that the hub does not speak."""
    return TEXTS[kind].get(language) or TEXTS[kind]["en"]


def money_of(micros: int, currency: str, language: str) -> str:
    """Such as €1,234.50."""
    amount = Decimal(micros).scaleb(-6)
    return str(format_currency(amount, currency, locale=_locale(language)))


def day_of(day: date, language: str) -> str:
    """Such as 3 November 2026, as the language writes it."""
    return str(format_date(day, "long", locale=_locale(language)))


def _locale(language: str) -> str:
    return language if language in LANGUAGES else "en"


TEXTS: dict[str, dict[str, Text]] = {
    "issued": {
        "en": Text(
            "Invoice {number} from {brand}: {gross}",
            "Your invoice {number} over {gross} is attached.\n\n"
            "Nothing has to be transferred: what is due is charged to the card on file.",
            "Show invoices",
        ),
        "de": Text(
            "Rechnung {number} von {brand}: {gross}",
            "Ihre Rechnung {number} über {gross} hängt an dieser Mail.\n\n"
            "Sie müssen nichts überweisen: Fällige Beträge werden von der hinterlegten Karte "
            "abgebucht.",
            "Rechnungen ansehen",
        ),
        "pt_BR": Text(
            "Fatura {number} de {brand}: {gross}",
            "A sua fatura {number} no valor de {gross} está anexada.\n\n"
            "Não é preciso transferir nada: o que for devido é cobrado no cartão cadastrado.",
            "Ver faturas",
        ),
        "es": Text(
            "Factura {number} de {brand}: {gross}",
            "Adjuntamos su factura {number} por {gross}.\n\n"
            "No tiene que transferir nada: lo pendiente se carga en la tarjeta registrada.",
            "Ver facturas",
        ),
    },
    "credit_note": {
        "en": Text(
            "Credit note {number} from {brand}: {gross}",
            "Your credit note {number} over {gross} is attached. It names the invoice that it "
            "takes back.",
            "Show invoices",
        ),
        "de": Text(
            "Rechnungskorrektur {number} von {brand}: {gross}",
            "Ihre Rechnungskorrektur {number} über {gross} hängt an dieser Mail. Darin steht, "
            "welche Rechnung sie berichtigt.",
            "Rechnungen ansehen",
        ),
        "pt_BR": Text(
            "Nota de crédito {number} de {brand}: {gross}",
            "A sua nota de crédito {number} no valor de {gross} está anexada. Nela consta a fatura "
            "que ela estorna.",
            "Ver faturas",
        ),
        "es": Text(
            "Nota de crédito {number} de {brand}: {gross}",
            "Adjuntamos su nota de crédito {number} por {gross}. En ella figura la factura que "
            "rectifica.",
            "Ver facturas",
        ),
    },
    "payment_failed": {
        "en": Text(
            "Invoice {number} could not be charged",
            "{gross} for invoice {number} could not be charged to your card.\n\n"
            "We try again on {day}. You can also check your cards and pay now.",
            "Pay now",
        ),
        "de": Text(
            "Rechnung {number} konnte nicht abgebucht werden",
            "{gross} für die Rechnung {number} konnten nicht von Ihrer Karte abgebucht werden.\n\n"
            "Der nächste Versuch ist am {day}. Sie können auch Ihre Karten prüfen und sofort "
            "zahlen.",
            "Jetzt zahlen",
        ),
        "pt_BR": Text(
            "Não foi possível cobrar a fatura {number}",
            "Não foi possível cobrar {gross} da fatura {number} no seu cartão.\n\n"
            "Tentaremos de novo em {day}. Você também pode conferir os seus cartões e pagar agora.",
            "Pagar agora",
        ),
        "es": Text(
            "No se pudo cobrar la factura {number}",
            "No se pudieron cobrar {gross} de la factura {number} en su tarjeta.\n\n"
            "Lo intentaremos de nuevo el {day}. También puede revisar sus tarjetas y pagar ahora.",
            "Pagar ahora",
        ),
    },
    "stopped": {
        "en": Text(
            "Invoice {number} is unpaid: template messages are switched off",
            "{gross} for invoice {number} could not be charged, and this was the last try.\n\n"
            "Template messages are switched off until the invoice is paid. They come back by "
            "themselves right after the payment.",
            "Pay now",
        ),
        "de": Text(
            "Rechnung {number} ist nicht bezahlt: Template-Nachrichten sind abgeschaltet",
            "{gross} für die Rechnung {number} konnten nicht abgebucht werden, und das war der "
            "letzte Versuch.\n\n"
            "Template-Nachrichten sind abgeschaltet, bis die Rechnung bezahlt ist. Gleich nach der "
            "Zahlung gehen sie von selbst wieder.",
            "Jetzt zahlen",
        ),
        "pt_BR": Text(
            "A fatura {number} não foi paga: mensagens de modelo desativadas",
            "Não foi possível cobrar {gross} da fatura {number}, e esta foi a última tentativa.\n\n"
            "As mensagens de modelo ficam desativadas até a fatura ser paga e voltam sozinhas logo "
            "depois do pagamento.",
            "Pagar agora",
        ),
        "es": Text(
            "La factura {number} no está pagada: mensajes de plantilla desactivados",
            "No se pudieron cobrar {gross} de la factura {number}; este fue el último intento.\n\n"
            "Los mensajes de plantilla quedan desactivados hasta que se pague la factura y vuelven "
            "solos justo después del pago.",
            "Pagar ahora",
        ),
    },
}
