"""Mails about a partner's plan, in four languages; `{plan}` is a name, `{day}` a date."""

from __future__ import annotations

from core.billing.payments.mail_text import Text

PLAN_TEXTS: dict[str, dict[str, Text]] = {
    "plan_upgraded": {
        "en": Text(
            "You are on {plan} now",
            "{name} is on {plan} from now on. {amount} was charged to your card.\n\n"
            "The invoice follows in a mail of its own and stands among your invoices.",
            "Look at the subscription",
        ),
        "de": Text(
            "Sie haben jetzt {plan}",
            "{name} hat ab sofort {plan}. Ihre Karte wurde mit {amount} belastet.\n\n"
            "Die Rechnung folgt in einer eigenen Mail und steht bei Ihren Rechnungen.",
            "Abonnement ansehen",
        ),
        "pt_BR": Text(
            "Agora você está no {plan}",
            "{name} está no {plan} a partir de agora. {amount} foi cobrado no seu cartão.\n\n"
            "A fatura segue em outro e-mail e fica entre as suas faturas.",
            "Ver a assinatura",
        ),
        "es": Text(
            "Ahora tiene {plan}",
            "{name} tiene {plan} desde ahora. Se cobraron {amount} a su tarjeta.\n\n"
            "La factura llega en otro correo y está entre sus facturas.",
            "Ver la suscripción",
        ),
    },
    "plan_downgrade_planned": {
        "en": Text(
            "{plan} from {day} on",
            "{name} goes back to {plan} on {day}. Until then nothing changes.\n\n"
            "You can take this back in the hub until then.",
            "Look at the subscription",
        ),
        "de": Text(
            "Ab {day}: {plan}",
            "{name} wechselt am {day} zurück zu {plan}. Bis dahin bleibt alles, wie es ist.\n\n"
            "Bis dahin können Sie das im Hub zurücknehmen.",
            "Abonnement ansehen",
        ),
        "pt_BR": Text(
            "{plan} a partir de {day}",
            "{name} volta para o {plan} em {day}. Até lá, nada muda.\n\n"
            "Até lá você pode voltar atrás no hub.",
            "Ver a assinatura",
        ),
        "es": Text(
            "{plan} a partir del {day}",
            "{name} vuelve a {plan} el {day}. Hasta entonces no cambia nada.\n\n"
            "Hasta entonces puede anularlo en el hub.",
            "Ver la suscripción",
        ),
    },
    "plan_downgraded": {
        "en": Text(
            "You are on {plan} now",
            "As planned, {name} is on {plan} from this month on.\n\n"
            "You can upgrade again in the hub at any time.",
            "Look at the subscription",
        ),
        "de": Text(
            "Sie haben jetzt {plan}",
            "Wie geplant hat {name} ab diesem Monat {plan}.\n\n"
            "Sie können im Hub jederzeit wieder aufsteigen.",
            "Abonnement ansehen",
        ),
        "pt_BR": Text(
            "Agora você está no {plan}",
            "Como planejado, {name} está no {plan} a partir deste mês.\n\n"
            "Você pode subir de plano de novo no hub quando quiser.",
            "Ver a assinatura",
        ),
        "es": Text(
            "Ahora tiene {plan}",
            "Como estaba previsto, {name} tiene {plan} desde este mes.\n\n"
            "Puede volver a subir de plan en el hub cuando quiera.",
            "Ver la suscripción",
        ),
    },
    "plan_cancelled": {
        "en": Text(
            "Your subscription ends on {day}",
            "The subscription of {name} is cancelled. Everything works until {day}, that day "
            "included; then its numbers stop.\n\n"
            "You can take this back in the hub until then.",
            "Look at the subscription",
        ),
        "de": Text(
            "Ihr Abonnement endet am {day}",
            "Das Abonnement von {name} ist gekündigt. Bis einschließlich {day} funktioniert alles; "
            "dann enden die Nummern.\n\n"
            "Bis dahin können Sie die Kündigung im Hub zurücknehmen.",
            "Abonnement ansehen",
        ),
        "pt_BR": Text(
            "A sua assinatura termina em {day}",
            "A assinatura de {name} foi cancelada. Tudo funciona até {day}, inclusive; depois "
            "os números param.\n\n"
            "Até lá você pode voltar atrás no hub.",
            "Ver a assinatura",
        ),
        "es": Text(
            "Su suscripción termina el {day}",
            "La suscripción de {name} está cancelada. Todo funciona hasta el {day} inclusive; "
            "después sus números se detienen.\n\n"
            "Hasta entonces puede anular la cancelación en el hub.",
            "Ver la suscripción",
        ),
    },
    "plan_cancel_withdrawn": {
        "en": Text(
            "Your subscription goes on",
            "The cancellation of {name} has been taken back. Nothing changes.\n\n"
            "If this was not you, write to Support.",
            "Look at the subscription",
        ),
        "de": Text(
            "Ihr Abonnement läuft weiter",
            "Die Kündigung von {name} wurde zurückgenommen. Es ändert sich nichts.\n\n"
            "Wenn Sie das nicht waren, schreiben Sie dem Support.",
            "Abonnement ansehen",
        ),
        "pt_BR": Text(
            "A sua assinatura continua",
            "O cancelamento de {name} foi desfeito. Nada muda.\n\n"
            "Se não foi você, escreva para o suporte.",
            "Ver a assinatura",
        ),
        "es": Text(
            "Su suscripción continúa",
            "Se anuló la cancelación de {name}. No cambia nada.\n\n"
            "Si no fue usted, escriba a soporte.",
            "Ver la suscripción",
        ),
    },
    "plan_ended": {
        "en": Text(
            "Your subscription has ended",
            "The subscription of {name} is over, and its numbers have stopped. Nothing more will "
            "be invoiced for it.\n\n"
            "You can still sign in and read your invoices and your data.",
            "Look at the invoices",
        ),
        "de": Text(
            "Ihr Abonnement ist beendet",
            "Das Abonnement von {name} ist vorbei, die Nummern sind beendet. Dafür wird nichts "
            "mehr berechnet.\n\n"
            "Sie können sich weiterhin anmelden und Rechnungen und Daten lesen.",
            "Rechnungen ansehen",
        ),
        "pt_BR": Text(
            "A sua assinatura terminou",
            "A assinatura de {name} acabou e os números pararam. Nada mais será faturado por "
            "ela.\n\n"
            "Você ainda pode entrar e ler as suas faturas e os seus dados.",
            "Ver as faturas",
        ),
        "es": Text(
            "Su suscripción ha terminado",
            "La suscripción de {name} ha terminado y sus números se han detenido. No se facturará "
            "nada más por ella.\n\n"
            "Todavía puede entrar y leer sus facturas y sus datos.",
            "Ver las facturas",
        ),
    },
}
