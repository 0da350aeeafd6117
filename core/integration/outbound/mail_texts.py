"""What owners read when an endpoint was switched off, in the hub's languages."""

from __future__ import annotations

from dataclasses import dataclass

from core.integration.outbound.states import OffReason


@dataclass(frozen=True, slots=True)
class Text:
    """`{host}` is where the webhooks went."""

    subject: str
    body: str


BUTTON = {
    "en": "Open Integration",
    "de": "Integration öffnen",
    "pt_BR": "Abrir Integração",
    "es": "Abrir Integración",
}

_SUBJECT = {
    "en": "Webhooks to {host} are switched off",
    "de": "Webhooks an {host} sind abgeschaltet",
    "pt_BR": "Os webhooks para {host} foram desligados",
    "es": "Los webhooks a {host} se han desactivado",
}

_BODY = {
    OffReason.GONE: {
        "en": "{host} answered that it is gone (410), so nothing is sent there any more. What "
        "happens meanwhile is kept. Once your receiver is back, switch the endpoint on and "
        "replay what it missed.",
        "de": "{host} hat geantwortet, dass es ihn nicht mehr gibt (410). Es wird nichts mehr "
        "dorthin gesendet; was inzwischen geschieht, bleibt aufbewahrt. Schalten Sie den "
        "Endpunkt wieder ein, sobald Ihr Empfänger bereit ist, und senden Sie nach, was fehlt.",
        "pt_BR": "{host} respondeu que não existe mais (410), e nada mais é enviado para lá. O "
        "que acontecer enquanto isso fica guardado. Quando o seu receptor voltar, ligue o "
        "endpoint e reenvie o que faltou.",
        "es": "{host} respondió que ya no existe (410), así que no se le envía nada más. Lo que "
        "ocurra mientras tanto se conserva. Cuando su receptor vuelva, active el endpoint y "
        "reenvíe lo que le falta.",
    },
    OffReason.FAILING: {
        "en": "For five days no webhook to {host} was taken, so nothing is sent there any more. "
        "What happens meanwhile is kept. Once your receiver works, switch the endpoint on and "
        "replay what it missed.",
        "de": "Fünf Tage lang wurde kein Webhook an {host} angenommen. Es wird nichts mehr "
        "dorthin gesendet; was inzwischen geschieht, bleibt aufbewahrt. Schalten Sie den "
        "Endpunkt wieder ein, sobald Ihr Empfänger läuft, und senden Sie nach, was fehlt.",
        "pt_BR": "Durante cinco dias nenhum webhook para {host} foi aceito, e nada mais é "
        "enviado para lá. O que acontecer enquanto isso fica guardado. Quando o seu receptor "
        "funcionar, ligue o endpoint e reenvie o que faltou.",
        "es": "Durante cinco días no se aceptó ningún webhook a {host}, así que no se le envía "
        "nada más. Lo que ocurra mientras tanto se conserva. Cuando su receptor funcione, "
        "active el endpoint y reenvíe lo que le falta.",
    },
}


def text_of(reason: str, language: str) -> Text:
    """English for a language that the hub does not speak."""
    tongue = language if language in _SUBJECT else "en"
    return Text(_SUBJECT[tongue], _BODY[OffReason(reason)][tongue])
