"""Mails about a payment and its way back, in four languages."""

from __future__ import annotations

from core.billing.payments.mail_text import Text

PAYMENT_TEXTS: dict[str, dict[str, Text]] = {
    "confirm": {
        "en": Text(
            "Please confirm a payment of {amount}",
            "Your bank asks you to confirm the payment of {amount} for {name}.\n\n"
            "Nothing is charged until you do. After 23 hours the payment is cancelled by itself.",
            "Confirm the payment",
        ),
        "de": Text(
            "Bitte bestätigen Sie eine Zahlung von {amount}",
            "Ihre Bank bittet Sie, die Zahlung von {amount} für {name} zu bestätigen.\n\n"
            "Vorher wird nichts abgebucht. Nach 23 Stunden verfällt die Zahlung von selbst.",
            "Zahlung bestätigen",
        ),
        "pt_BR": Text(
            "Confirme um pagamento de {amount}",
            "O seu banco pede que você confirme o pagamento de {amount} de {name}.\n\n"
            "Nada é cobrado antes disso. Depois de 23 horas o pagamento é cancelado sozinho.",
            "Confirmar o pagamento",
        ),
        "es": Text(
            "Confirme un pago de {amount}",
            "Su banco le pide que confirme el pago de {amount} de {name}.\n\n"
            "No se cobra nada hasta entonces. Pasadas 23 horas, el pago se anula solo.",
            "Confirmar el pago",
        ),
    },
    "top_up_done": {
        "en": Text(
            "{amount} credit added",
            "{amount} were added to the credit of {name}.\n\n"
            "You need not do anything. The invoice comes with a mail of its own.",
            "See the balance",
        ),
        "de": Text(
            "{amount} Guthaben aufgeladen",
            "Das Guthaben von {name} wurde um {amount} aufgeladen.\n\n"
            "Sie müssen nichts tun. Die Rechnung kommt mit einer eigenen Mail.",
            "Guthaben ansehen",
        ),
        "pt_BR": Text(
            "{amount} de crédito adicionados",
            "{amount} foram adicionados ao crédito de {name}.\n\n"
            "Você não precisa fazer nada. A fatura chega em outro e-mail.",
            "Ver o saldo",
        ),
        "es": Text(
            "{amount} de crédito añadidos",
            "Se añadieron {amount} al crédito de {name}.\n\n"
            "No tiene que hacer nada. La factura llega en otro correo.",
            "Ver el saldo",
        ),
    },
    "refund_done": {
        "en": Text(
            "{amount} are on their way back to your card",
            "{amount} were paid back for {name}. It can take your bank some days to show it.\n\n"
            "You need not do anything. The credit note comes with a mail of its own.",
            "See the invoices",
        ),
        "de": Text(
            "{amount} sind auf dem Weg zurück auf Ihre Karte",
            "Für {name} wurden {amount} erstattet. Bis Ihre Bank es anzeigt, können einige Tage "
            "vergehen.\n\n"
            "Sie müssen nichts tun. Die Rechnungskorrektur kommt mit einer eigenen Mail.",
            "Rechnungen ansehen",
        ),
        "pt_BR": Text(
            "{amount} estão voltando para o seu cartão",
            "{amount} foram devolvidos a {name}. O seu banco pode levar alguns dias para "
            "mostrá-los.\n\n"
            "Você não precisa fazer nada. A nota de crédito chega em outro e-mail.",
            "Ver as faturas",
        ),
        "es": Text(
            "{amount} vuelven a su tarjeta",
            "Se devolvieron {amount} a {name}. Su banco puede tardar unos días en mostrarlo.\n\n"
            "No tiene que hacer nada. La nota de crédito llega en otro correo.",
            "Ver las facturas",
        ),
    },
    "refund_failed": {
        "en": Text(
            "A refund of {amount} could not be paid out",
            "Your bank did not take the refund of {amount} for {name}. The money is with us "
            "again: credit that was paid back is on the balance, and an invoice takes the credit "
            "note back.\n\n"
            "If you still want the money, write to us, so that it goes another way.",
            "See the balance",
        ),
        "de": Text(
            "Eine Erstattung von {amount} konnte nicht ausgezahlt werden",
            "Ihre Bank hat die Erstattung von {amount} für {name} nicht angenommen. Das Geld ist "
            "wieder bei uns: Erstattetes Guthaben ist wieder da, und eine Rechnung nimmt die "
            "Rechnungskorrektur zurück.\n\n"
            "Möchten Sie das Geld weiterhin, schreiben Sie uns, damit es anders zu Ihnen kommt.",
            "Guthaben ansehen",
        ),
        "pt_BR": Text(
            "Uma devolução de {amount} não pôde ser paga",
            "O seu banco não aceitou a devolução de {amount} de {name}. O dinheiro está de novo "
            "conosco: o crédito devolvido voltou ao saldo, e uma fatura anula a nota de "
            "crédito.\n\n"
            "Se ainda quiser o dinheiro, escreva para nós, para que ele vá por outro caminho.",
            "Ver o saldo",
        ),
        "es": Text(
            "No se pudo pagar una devolución de {amount}",
            "Su banco no aceptó la devolución de {amount} de {name}. El dinero está de nuevo con "
            "nosotros: el crédito devuelto vuelve a estar en el saldo y una factura anula la nota "
            "de crédito.\n\n"
            "Si todavía quiere el dinero, escríbanos para que le llegue por otra vía.",
            "Ver el saldo",
        ),
    },
    "page_link": {
        "en": Text(
            "Your payments with {brand}",
            "This is your own page with {brand}: the credit of {name}, your cards, your invoices "
            "and automatic top-ups.\n\n"
            "The link is only for you and good for 14 days: do not pass it on.",
            "Open the page",
        ),
        "de": Text(
            "Ihre Zahlungen bei {brand}",
            "Das ist Ihre eigene Seite bei {brand}: das Guthaben von {name}, Ihre Karten, Ihre "
            "Rechnungen und das automatische Aufladen.\n\n"
            "Der Link ist nur für Sie und gilt 14 Tage: Geben Sie ihn nicht weiter.",
            "Seite öffnen",
        ),
        "pt_BR": Text(
            "Os seus pagamentos com {brand}",
            "Esta é a sua página com {brand}: o crédito de {name}, os seus cartões, as suas "
            "faturas e as recargas automáticas.\n\n"
            "O link é só para você e vale por 14 dias: não o repasse.",
            "Abrir a página",
        ),
        "es": Text(
            "Sus pagos con {brand}",
            "Esta es su página con {brand}: el crédito de {name}, sus tarjetas, sus facturas y "
            "las recargas automáticas.\n\n"
            "El enlace es solo para usted y vale 14 días: no lo comparta.",
            "Abrir la página",
        ),
    },
}
