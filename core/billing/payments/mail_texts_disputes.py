"""Mails about disputes, in four languages."""

from __future__ import annotations

from core.billing.payments.mail_text import Text

DISPUTE_TEXTS: dict[str, dict[str, Text]] = {
    "dispute_opened": {
        "en": Text(
            "A payment of {amount} is disputed",
            "The bank was asked to take back a payment of {amount} by {name}.\n\n"
            "Until it has decided nothing changes. If this was a mistake, tell your bank so.",
            "Look at the payment",
        ),
        "de": Text(
            "Einer Zahlung von {amount} wurde widersprochen",
            "Die Bank wurde gebeten, eine Zahlung von {amount} von {name} zurückzuholen.\n\n"
            "Bis sie entschieden hat, ändert sich nichts. War das ein Versehen, sagen Sie es "
            "Ihrer Bank.",
            "Zahlung ansehen",
        ),
        "pt_BR": Text(
            "Um pagamento de {amount} foi contestado",
            "Pediram ao banco que estorne um pagamento de {amount} de {name}.\n\n"
            "Até ele decidir, nada muda. Se foi um engano, avise o seu banco.",
            "Ver o pagamento",
        ),
        "es": Text(
            "Un pago de {amount} está en disputa",
            "Se pidió al banco que recupere un pago de {amount} de {name}.\n\n"
            "Hasta que decida, nada cambia. Si fue un error, dígaselo a su banco.",
            "Ver el pago",
        ),
    },
    "dispute_won": {
        "en": Text(
            "The dispute about {amount} is over",
            "The bank has left the payment of {amount} by {name} as it is.\n\n"
            "Nothing changes, and you need not do anything.",
            "Look at the payment",
        ),
        "de": Text(
            "Der Widerspruch über {amount} ist erledigt",
            "Die Bank lässt die Zahlung von {amount} von {name}, wie sie ist.\n\n"
            "Es ändert sich nichts, und Sie müssen nichts tun.",
            "Zahlung ansehen",
        ),
        "pt_BR": Text(
            "A contestação de {amount} terminou",
            "O banco manteve o pagamento de {amount} de {name} como está.\n\n"
            "Nada muda, e você não precisa fazer nada.",
            "Ver o pagamento",
        ),
        "es": Text(
            "La disputa sobre {amount} terminó",
            "El banco dejó el pago de {amount} de {name} como está.\n\n"
            "Nada cambia y no tiene que hacer nada.",
            "Ver el pago",
        ),
    },
    "dispute_lost": {
        "en": Text(
            "The bank has taken back {amount}",
            "The bank has taken back the payment of {amount} by {name}. It was taken off the "
            "credit, or its invoice is to be paid again.\n\n"
            "If messages have stopped, top up to go on.",
            "Look at the payment",
        ),
        "de": Text(
            "Die Bank hat {amount} zurückgeholt",
            "Die Bank hat die Zahlung von {amount} von {name} zurückgeholt. Sie wurde vom "
            "Guthaben abgezogen, oder ihre Rechnung ist noch einmal zu zahlen.\n\n"
            "Wenn Nachrichten gestoppt sind, laden Sie auf, damit es weitergeht.",
            "Zahlung ansehen",
        ),
        "pt_BR": Text(
            "O banco estornou {amount}",
            "O banco estornou o pagamento de {amount} de {name}. O valor saiu do crédito, ou a "
            "fatura tem de ser paga de novo.\n\n"
            "Se as mensagens pararam, recarregue para continuar.",
            "Ver o pagamento",
        ),
        "es": Text(
            "El banco ha retirado {amount}",
            "El banco ha retirado el pago de {amount} de {name}. Se descontó del crédito, o su "
            "factura debe pagarse de nuevo.\n\n"
            "Si los mensajes se detuvieron, recargue para continuar.",
            "Ver el pago",
        ),
    },
}
