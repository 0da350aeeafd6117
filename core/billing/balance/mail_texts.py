"""What the mails about a balance say, per kind and language; pure. A test holds them complete.

`{name}` is whose credit it is: the partner, or a client that pays for itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from babel.numbers import format_currency

from core.events import EventType
from core.money import MICROS

LANGUAGES = ("en", "de", "pt_BR", "es")


@dataclass(frozen=True, slots=True)
class Text:
    """Subject and body; `{amount}`, `{level}` and `{name}` are filled in."""

    subject: str
    body: str


BUTTON = {
    "en": "See the balance",
    "de": "Guthaben ansehen",
    "pt_BR": "Ver o saldo",
    "es": "Ver el saldo",
}

TEXTS: dict[str, dict[str, Text]] = {
    EventType.BALANCE_LOW.value: {
        "en": Text(
            "Credit is low: {amount} left",
            "There are {amount} left of the credit of {name}; the level to be told at is "
            "{level}.\n\n"
            "Top up before it is used up, or template messages stop.",
        ),
        "de": Text(
            "Wenig Guthaben: noch {amount}",
            "Vom Guthaben von {name} sind noch {amount} übrig; gemeldet wird ab {level}.\n\n"
            "Laden Sie auf, bevor es aufgebraucht ist, sonst stoppen Template-Nachrichten.",
        ),
        "pt_BR": Text(
            "Crédito baixo: restam {amount}",
            "Restam {amount} do crédito de {name}; o aviso está definido em {level}.\n\n"
            "Recarregue antes que acabe, ou as mensagens de modelo param.",
        ),
        "es": Text(
            "Queda poco crédito: {amount}",
            "Quedan {amount} del crédito de {name}; el aviso está fijado en {level}.\n\n"
            "Recargue antes de que se agote, o los mensajes de plantilla se detienen.",
        ),
    },
    EventType.BALANCE_EXHAUSTED.value: {
        "en": Text(
            "Credit is used up: template messages have stopped",
            "Nothing is left of the credit of {name} ({amount}). Template messages have stopped; "
            "they go on by themselves with the next top-up.",
        ),
        "de": Text(
            "Guthaben aufgebraucht: Template-Nachrichten sind gestoppt",
            "Vom Guthaben von {name} ist nichts mehr übrig ({amount}). Template-Nachrichten sind "
            "gestoppt; mit dem nächsten Aufladen gehen sie von selbst weiter.",
        ),
        "pt_BR": Text(
            "O crédito acabou: as mensagens de modelo pararam",
            "Não resta nada do crédito de {name} ({amount}). As mensagens de modelo pararam e "
            "voltam sozinhas com a próxima recarga.",
        ),
        "es": Text(
            "El crédito se agotó: los mensajes de plantilla se han detenido",
            "No queda nada del crédito de {name} ({amount}). Los mensajes de plantilla se han "
            "detenido y vuelven solos con la próxima recarga.",
        ),
    },
    EventType.CAP_REACHED.value: {
        "en": Text(
            "{name} has reached its cap of {amount}",
            "{name} has used up {amount} this month, which is the cap you set. Its template "
            "messages have stopped until you raise the cap, or until next month.",
        ),
        "de": Text(
            "{name} hat die Obergrenze von {amount} erreicht",
            "{name} hat in diesem Monat {amount} verbraucht, so viel wie Ihre Obergrenze erlaubt. "
            "Template-Nachrichten dieses Kunden sind gestoppt, bis Sie die Obergrenze anheben "
            "oder der nächste Monat beginnt.",
        ),
        "pt_BR": Text(
            "{name} chegou ao teto de {amount}",
            "{name} usou {amount} neste mês, o teto que você definiu. As mensagens de modelo desse "
            "cliente pararam até você aumentar o teto ou até o próximo mês.",
        ),
        "es": Text(
            "{name} ha llegado a su tope de {amount}",
            "{name} ha gastado {amount} este mes, el tope que usted fijó. Sus mensajes de "
            "plantilla se han detenido hasta que suba el tope o hasta el próximo mes.",
        ),
    },
}


def text_of(kind: str, language: str) -> Text:
    """The text in this language, English for one that the hub does not speak."""
    return TEXTS[kind].get(language) or TEXTS[kind]["en"]


def money_of(micros: int, currency: str, language: str) -> str:
    """Cut to cents towards less: what is left is never overstated."""
    cents = Decimal(micros * 100 // MICROS).scaleb(-2)
    locale = language if language in LANGUAGES else "en"
    return str(format_currency(cents, currency, locale=locale))
