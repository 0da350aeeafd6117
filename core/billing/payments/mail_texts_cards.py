"""Mails about cards, in four languages."""

from __future__ import annotations

from core.billing.payments.mail_text import Text

CARD_TEXTS: dict[str, dict[str, Text]] = {
    "card_expiring": {
        "en": Text(
            "Your card ending in {last4} expires soon",
            "The {card} card ending in {last4} of {name} is good until {expiry}.\n\n"
            "Add another one, so that payments go on and your messages do not stop.",
            "Add a card",
        ),
        "de": Text(
            "Ihre Karte mit der Endung {last4} läuft bald ab",
            "Die Karte ({card}) von {name} mit der Endung {last4} gilt bis {expiry}.\n\n"
            "Hinterlegen Sie eine neue, damit Zahlungen weitergehen und Ihre Nachrichten nicht "
            "stoppen.",
            "Karte hinterlegen",
        ),
        "pt_BR": Text(
            "O seu cartão com final {last4} vence em breve",
            "O cartão {card} com final {last4} de {name} vale até {expiry}.\n\n"
            "Adicione outro, para que os pagamentos continuem e as suas mensagens não parem.",
            "Adicionar um cartão",
        ),
        "es": Text(
            "Su tarjeta terminada en {last4} caduca pronto",
            "La tarjeta {card} terminada en {last4} de {name} vale hasta {expiry}.\n\n"
            "Añada otra para que los pagos continúen y sus mensajes no se detengan.",
            "Añadir una tarjeta",
        ),
    },
}
