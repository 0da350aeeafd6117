"""What the mails of support say, per language; pure. A test holds the languages complete."""

from __future__ import annotations

from dataclasses import dataclass

from core.support import states
from core.support.states import RequestKind
from core.support.texts import beginning

LANGUAGES = ("en", "de", "pt_BR", "es")
_LONGEST_SUBJECT = 200
_MOST = 1_500  # characters of the message; the rest is in the hub


@dataclass(frozen=True, slots=True)
class Text:
    """Subject, body and button."""

    subject: str
    body: str
    button: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is to be told: `told` and `kind` as in `support.states`, `count` unread messages."""

    hub: str
    partner: str
    subject: str
    kind: str
    told: str
    text: str
    count: int


def mail_of(told: Told, *, for_staff: bool, language: str) -> Text:
    """The mail; in English for a language that the hub does not speak."""
    words = WORDS.get(language) or WORDS["en"]
    about = ": ".join(part for part in (words[f"kind_{told.kind}"], told.subject) if part)
    subject = words["to_staff" if for_staff else "to_partner"].format(
        partner=told.partner, hub=told.hub, about=about
    )
    subject = beginning(subject, _LONGEST_SUBJECT)  # names are others' words, and have no lines
    parts = [words[f"told_{told.told}"], told.text[:_MOST]]
    if told.count > 1:
        parts.append(words["more"].format(count=told.count))
    return Text(subject, "\n\n".join(part for part in parts if part), words["button"])


_KINDS = tuple(kind.value for kind in RequestKind)
NAMES = (
    *("to_partner", "to_staff", "more", "button", "kind_"),
    *(f"kind_{kind}" for kind in _KINDS),
    *(f"told_{told.value}" for told in states.Told),
)

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "to_partner": "Support has answered – {about}",
        "to_staff": "{partner} – {about}",
        "more": "{count} messages are unread.",
        "button": "Open the conversation",
        "kind_": "",
        "kind_remove_user": "Remove a user",
        "kind_downgrade": "Downgrade",
        "kind_company_data": "Change of company data",
        "kind_delete_number": "Delete a number",
        "kind_other": "",
        "told_": "",
        "told_request_made": "A request is attached.",
        "told_request_accepted": "Your request has been carried out.",
        "told_request_refused": "Your request has been refused:",
        "told_request_withdrawn": "The request has been withdrawn.",
        "told_closed": "The conversation is closed. It opens again when you write.",
        "told_reopened": "The conversation is open again.",
    },
    "de": {
        "to_partner": "Der Support hat geantwortet – {about}",
        "to_staff": "{partner} – {about}",
        "more": "{count} Nachrichten sind ungelesen.",
        "button": "Gespräch öffnen",
        "kind_": "",
        "kind_remove_user": "Benutzer entfernen",
        "kind_downgrade": "Kleinerer Plan",
        "kind_company_data": "Änderung der Firmendaten",
        "kind_delete_number": "Nummer löschen",
        "kind_other": "",
        "told_": "",
        "told_request_made": "Eine Anfrage liegt bei.",
        "told_request_accepted": "Ihre Anfrage wurde ausgeführt.",
        "told_request_refused": "Ihre Anfrage wurde abgelehnt:",
        "told_request_withdrawn": "Die Anfrage wurde zurückgezogen.",
        "told_closed": "Das Gespräch ist geschlossen. Es öffnet sich wieder, wenn Sie schreiben.",
        "told_reopened": "Das Gespräch ist wieder offen.",
    },
    "pt_BR": {
        "to_partner": "O suporte respondeu – {about}",
        "to_staff": "{partner} – {about}",
        "more": "{count} mensagens não foram lidas.",
        "button": "Abrir a conversa",
        "kind_": "",
        "kind_remove_user": "Remover um usuário",
        "kind_downgrade": "Plano menor",
        "kind_company_data": "Alteração dos dados da empresa",
        "kind_delete_number": "Excluir um número",
        "kind_other": "",
        "told_": "",
        "told_request_made": "Há um pedido anexado.",
        "told_request_accepted": "O seu pedido foi realizado.",
        "told_request_refused": "O seu pedido foi recusado:",
        "told_request_withdrawn": "O pedido foi retirado.",
        "told_closed": "A conversa está encerrada. Ela se abre de novo quando você escrever.",
        "told_reopened": "A conversa está aberta de novo.",
    },
    "es": {
        "to_partner": "El soporte ha respondido – {about}",
        "to_staff": "{partner} – {about}",
        "more": "Hay {count} mensajes sin leer.",
        "button": "Abrir la conversación",
        "kind_": "",
        "kind_remove_user": "Quitar a un usuario",
        "kind_downgrade": "Plan más pequeño",
        "kind_company_data": "Cambio de los datos de la empresa",
        "kind_delete_number": "Eliminar un número",
        "kind_other": "",
        "told_": "",
        "told_request_made": "Hay una solicitud adjunta.",
        "told_request_accepted": "Su solicitud se ha realizado.",
        "told_request_refused": "Su solicitud se ha rechazado:",
        "told_request_withdrawn": "La solicitud se ha retirado.",
        "told_closed": "La conversación está cerrada. Se abre de nuevo cuando usted escriba.",
        "told_reopened": "La conversación está abierta de nuevo.",
    },
}
