"""Mails about automatic top-ups, in four languages."""

from __future__ import annotations

from core.billing.payments.mail_text import Text

RENEWAL_TEXTS: dict[str, dict[str, Text]] = {
    "auto_renewal_failed": {
        "en": Text(
            "The automatic top-up of {amount} did not work",
            "No card of {name} could be charged for the automatic top-up of {amount}.\n\n"
            "It is tried again at {next} (UTC). To be safe, top up by hand or add another card.",
            "Top up now",
        ),
        "de": Text(
            "Das automatische Aufladen von {amount} hat nicht geklappt",
            "Keine Karte von {name} konnte für das automatische Aufladen von {amount} belastet "
            "werden.\n\n"
            "Der nächste Versuch ist am {next} (UTC). Sicherer ist es, selbst aufzuladen oder "
            "eine andere Karte zu hinterlegen.",
            "Jetzt aufladen",
        ),
        "pt_BR": Text(
            "A recarga automática de {amount} não funcionou",
            "Nenhum cartão de {name} pôde ser cobrado pela recarga automática de {amount}.\n\n"
            "Tentaremos de novo em {next} (UTC). Por segurança, recarregue você mesmo ou adicione "
            "outro cartão.",
            "Recarregar agora",
        ),
        "es": Text(
            "La recarga automática de {amount} no funcionó",
            "No se pudo cobrar ninguna tarjeta de {name} por la recarga automática de "
            "{amount}.\n\n"
            "Se intenta de nuevo el {next} (UTC). Para mayor seguridad, recargue a mano o añada "
            "otra tarjeta.",
            "Recargar ahora",
        ),
    },
    "auto_renewal_last_try": {
        "en": Text(
            "The automatic top-up of {amount} did not work again",
            "No card of {name} could be charged for the automatic top-up of {amount}, and it has "
            "been tried several times. It is tried again once a day.\n\n"
            "Top up by hand or add another card, or your messages stop when the credit is used up.",
            "Top up now",
        ),
        "de": Text(
            "Das automatische Aufladen von {amount} hat wieder nicht geklappt",
            "Keine Karte von {name} konnte für das automatische Aufladen von {amount} belastet "
            "werden, auch nach mehreren Versuchen. Ab jetzt wird es einmal am Tag versucht.\n\n"
            "Laden Sie selbst auf oder hinterlegen Sie eine andere Karte. Sonst stoppen Ihre "
            "Nachrichten, sobald das Guthaben aufgebraucht ist.",
            "Jetzt aufladen",
        ),
        "pt_BR": Text(
            "A recarga automática de {amount} falhou de novo",
            "Nenhum cartão de {name} pôde ser cobrado pela recarga automática de {amount}, mesmo "
            "depois de várias tentativas. Agora tentamos uma vez por dia.\n\n"
            "Recarregue você mesmo ou adicione outro cartão; senão as suas mensagens param quando "
            "o crédito acabar.",
            "Recarregar agora",
        ),
        "es": Text(
            "La recarga automática de {amount} falló otra vez",
            "No se pudo cobrar ninguna tarjeta de {name} por la recarga automática de {amount}, "
            "tras varios intentos. A partir de ahora se intenta una vez al día.\n\n"
            "Recargue a mano o añada otra tarjeta; si no, sus mensajes se detienen cuando se agote "
            "el crédito.",
            "Recargar ahora",
        ),
    },
    "auto_renewal_stopped": {
        "en": Text(
            "Auto-renewal has stopped itself",
            "The credit of {name} was topped up three times within ten minutes. This is unusual, "
            "so auto-renewal has stopped itself until you start it again.\n\n"
            "Look at what is being sent before you do.",
            "Look at auto-renewal",
        ),
        "de": Text(
            "Das automatische Aufladen hat sich angehalten",
            "Das Guthaben von {name} wurde innerhalb von zehn Minuten dreimal aufgeladen. Das ist "
            "ungewöhnlich, deshalb ruht das automatische Aufladen, bis Sie es wieder starten.\n\n"
            "Sehen Sie vorher nach, was gesendet wird.",
            "Automatisches Aufladen ansehen",
        ),
        "pt_BR": Text(
            "A recarga automática parou sozinha",
            "O crédito de {name} foi recarregado três vezes em dez minutos. Isso não é comum, por "
            "isso a recarga automática parou até você iniciá-la de novo.\n\n"
            "Antes disso, veja o que está sendo enviado.",
            "Ver a recarga automática",
        ),
        "es": Text(
            "La recarga automática se ha detenido",
            "El crédito de {name} se recargó tres veces en diez minutos. No es habitual, así que "
            "la recarga automática se ha detenido hasta que usted la inicie de nuevo.\n\n"
            "Antes, compruebe qué se está enviando.",
            "Ver la recarga automática",
        ),
    },
    "auto_renewal_ceiling": {
        "en": Text(
            "Auto-renewal has reached this month's ceiling",
            "Another {amount} would be more than the ceiling that is set for {name} this month, "
            "so nothing was charged.\n\n"
            "Top up by hand or have the ceiling raised, or your messages stop when the credit is "
            "used up.",
            "Look at auto-renewal",
        ),
        "de": Text(
            "Das automatische Aufladen hat die Grenze dieses Monats erreicht",
            "Weitere {amount} wären mehr als die Monatsgrenze von {name}, deshalb wurde nichts "
            "abgebucht.\n\n"
            "Laden Sie selbst auf oder lassen Sie die Grenze anheben. Sonst stoppen Ihre "
            "Nachrichten, sobald das Guthaben aufgebraucht ist.",
            "Automatisches Aufladen ansehen",
        ),
        "pt_BR": Text(
            "A recarga automática chegou ao limite do mês",
            "Mais {amount} passariam do limite definido para {name} neste mês, por isso nada foi "
            "cobrado.\n\n"
            "Recarregue você mesmo ou peça um limite maior; senão as suas mensagens param quando "
            "o crédito acabar.",
            "Ver a recarga automática",
        ),
        "es": Text(
            "La recarga automática ha llegado al límite del mes",
            "Otros {amount} superarían el límite fijado para {name} este mes, así que no se cobró "
            "nada.\n\n"
            "Recargue a mano o pida un límite mayor; si no, sus mensajes se detienen cuando se "
            "agote el crédito.",
            "Ver la recarga automática",
        ),
    },
}
