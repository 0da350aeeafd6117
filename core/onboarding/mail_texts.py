"""What the mails say, per kind and language; pure. A test holds the four languages complete."""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = ("en", "de", "pt_BR", "es")


@dataclass(frozen=True, slots=True)
class Text:
    """Subject, body and button; `{brand}`, `{code}` and `{name}` are filled in."""

    subject: str
    body: str
    button: str


def text_of(kind: str, language: str) -> Text:
    """The text in this language, English for one that the hub does not speak."""
    return TEXTS[kind].get(language) or TEXTS[kind]["en"]


TEXTS: dict[str, dict[str, Text]] = {
    "code": {
        "en": Text(
            "{code} is your code for {brand}",
            "Your code: {code}\n\n"
            "Enter it on the page where you connect your WhatsApp number with {brand}. "
            "It is good for 15 minutes.\n\n"
            "You can go on later, on another device too, with the button below.\n\n"
            "You did not ask for this? Then ignore this mail.",
            "Go on",
        ),
        "de": Text(
            "{code} ist Ihr Code für {brand}",
            "Ihr Code: {code}\n\n"
            "Geben Sie ihn auf der Seite ein, auf der Sie Ihre WhatsApp-Nummer mit {brand} "
            "verbinden. Er gilt 15 Minuten.\n\n"
            "Mit der Schaltfläche unten machen Sie später weiter, auch auf einem anderen Gerät.\n\n"
            "Sie haben das nicht angefordert? Dann ignorieren Sie diese Mail.",
            "Weitermachen",
        ),
        "pt_BR": Text(
            "{code} é o seu código para {brand}",
            "Seu código: {code}\n\n"
            "Digite-o na página em que você conecta o seu número do WhatsApp com {brand}. "
            "Ele vale por 15 minutos.\n\n"
            "Com o botão abaixo você pode continuar depois, também em outro aparelho.\n\n"
            "Não foi você que pediu? Então ignore este e-mail.",
            "Continuar",
        ),
        "es": Text(
            "{code} es su código para {brand}",
            "Su código: {code}\n\n"
            "Introdúzcalo en la página en la que conecta su número de WhatsApp con {brand}. "
            "Vale durante 15 minutos.\n\n"
            "Con el botón de abajo puede continuar más tarde, también en otro dispositivo.\n\n"
            "¿No lo ha pedido usted? Entonces ignore este correo.",
            "Continuar",
        ),
    },
    "no_account": {
        "en": Text(
            "There is no account with {brand} for this address",
            "Somebody, probably you, wanted to log in with this address at {brand}, but there is "
            "no account for it yet.\n\n"
            "Go back to the page and choose to sign up, or log in with the address you used "
            "before.\n\n"
            "You did not ask for this? Then ignore this mail.",
            "Go back",
        ),
        "de": Text(
            "Zu dieser Adresse gibt es bei {brand} noch kein Konto",
            "Jemand, vermutlich Sie, wollte sich mit dieser Adresse bei {brand} anmelden, aber es "
            "gibt dazu noch kein Konto.\n\n"
            "Gehen Sie zurück zur Seite und registrieren Sie sich, oder melden Sie sich mit der "
            "Adresse an, die Sie früher verwendet haben.\n\n"
            "Sie haben das nicht angefordert? Dann ignorieren Sie diese Mail.",
            "Zurück zur Seite",
        ),
        "pt_BR": Text(
            "Ainda não há conta em {brand} para este endereço",
            "Alguém, provavelmente você, quis entrar em {brand} com este endereço, mas ainda não "
            "há uma conta para ele.\n\n"
            "Volte à página e escolha criar a conta, ou entre com o endereço que você usou "
            "antes.\n\n"
            "Não foi você que pediu? Então ignore este e-mail.",
            "Voltar",
        ),
        "es": Text(
            "Todavía no hay una cuenta en {brand} para esta dirección",
            "Alguien, probablemente usted, quiso entrar en {brand} con esta dirección, pero "
            "todavía no hay una cuenta para ella.\n\n"
            "Vuelva a la página y elija registrarse, o entre con la dirección que usó "
            "anteriormente.\n\n"
            "¿No lo ha pedido usted? Entonces ignore este correo.",
            "Volver",
        ),
    },
    "resume": {
        "en": Text(
            "Go on with connecting your WhatsApp number to {brand}",
            "You began to connect your WhatsApp number with {brand}. All you did is kept.\n\n"
            "Use the button below to go on where you stopped, on any device. The link is good for "
            "30 days and only for you: do not pass it on.",
            "Go on",
        ),
        "de": Text(
            "Machen Sie weiter: Ihre WhatsApp-Nummer bei {brand}",
            "Sie haben begonnen, Ihre WhatsApp-Nummer mit {brand} zu verbinden. Alles, was Sie "
            "getan haben, ist gespeichert.\n\n"
            "Mit der Schaltfläche unten machen Sie dort weiter, wo Sie aufgehört haben, auf jedem "
            "Gerät. Der Link gilt 30 Tage und nur für Sie: Geben Sie ihn nicht weiter.",
            "Weitermachen",
        ),
        "pt_BR": Text(
            "Continue a conectar o seu número do WhatsApp com {brand}",
            "Você começou a conectar o seu número do WhatsApp com {brand}. Tudo o que você fez "
            "está guardado.\n\n"
            "Use o botão abaixo para continuar de onde parou, em qualquer aparelho. O link vale "
            "por 30 dias e só para você: não o repasse.",
            "Continuar",
        ),
        "es": Text(
            "Siga conectando su número de WhatsApp con {brand}",
            "Usted empezó a conectar su número de WhatsApp con {brand}. Todo lo que hizo está "
            "guardado.\n\n"
            "Con el botón de abajo puede seguir donde lo dejó, en cualquier dispositivo. El enlace "
            "vale 30 días y solo para usted: no lo comparta.",
            "Continuar",
        ),
    },
}
