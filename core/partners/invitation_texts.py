"""What the mail of an invitation says, in the hub's languages; a test holds them complete."""

from __future__ import annotations

from dataclasses import dataclass

from core.partners.entities import Role


@dataclass(frozen=True, slots=True)
class Text:
    """`{partner}`, `{inviter}`, `{name}`, `{role}` and `{days}` are filled in."""

    subject: str
    greeting: str
    asked: str
    asked_by_nobody: str  # when the operator invites, or the inviter is gone
    good_for: str
    not_you: str
    button: str
    roles: dict[str, str]


TEXTS = {
    "en": Text(
        subject="Join {partner} on {hub}",
        greeting="Hello {name},",
        asked="{inviter} asks you to work for {partner} on {hub}, as {role}.",
        asked_by_nobody="You are asked to work for {partner} on {hub}, as {role}.",
        good_for="The link is good for {days} days and for this address only: sign in with it.",
        not_you="If you do not know what this is about, ignore this mail: the invitation ends by "
        "itself after {days} days. If you work for nobody on {hub} yet, signing in there "
        "accepts it as well.",
        button="Look at the invitation",
        roles={Role.OWNER: "an owner", Role.MEMBER: "a member"},
    ),
    "de": Text(
        subject="Einladung zu {partner} auf {hub}",
        greeting="Guten Tag {name},",
        asked="{inviter} lädt Sie ein, auf {hub} für {partner} zu arbeiten: {role}.",
        asked_by_nobody="Sie sind eingeladen, auf {hub} für {partner} zu arbeiten: {role}.",
        good_for="Der Link gilt {days} Tage und nur für diese Adresse: Melden Sie sich mit ihr an.",
        not_you="Wenn Sie nicht wissen, worum es geht, beachten Sie diese Mail nicht: Die "
        "Einladung endet nach {days} Tagen von selbst. Wenn Sie auf {hub} noch für niemanden "
        "arbeiten, nehmen Sie sie auch an, indem Sie sich dort anmelden.",
        button="Einladung ansehen",
        roles={Role.OWNER: "mit allen Rechten", Role.MEMBER: "für die WhatsApp-Konten"},
    ),
    "pt_BR": Text(
        subject="Convite para {partner} no {hub}",
        greeting="Olá, {name},",
        asked="{inviter} convida você a trabalhar para {partner} no {hub}: {role}.",
        asked_by_nobody="Você foi convidado a trabalhar para {partner} no {hub}: {role}.",
        good_for="O link vale por {days} dias e só para este endereço: entre com ele.",
        not_you="Se você não sabe do que se trata, ignore este e-mail: o convite termina sozinho "
        "depois de {days} dias. Se você ainda não trabalha para ninguém no {hub}, entrar lá "
        "também aceita o convite.",
        button="Ver o convite",
        roles={Role.OWNER: "com todos os direitos", Role.MEMBER: "nas contas do WhatsApp"},
    ),
    "es": Text(
        subject="Invitación a {partner} en {hub}",
        greeting="Hola, {name}:",
        asked="{inviter} le invita a trabajar para {partner} en {hub}: {role}.",
        asked_by_nobody="Se le invita a trabajar para {partner} en {hub}: {role}.",
        good_for="El enlace vale {days} días y solo para esta dirección: entre con ella.",
        not_you="Si no sabe de qué se trata, ignore este correo: la invitación termina sola a los "
        "{days} días. Si aún no trabaja para nadie en {hub}, iniciar sesión allí también la "
        "acepta.",
        button="Ver la invitación",
        roles={Role.OWNER: "con todos los derechos", Role.MEMBER: "en las cuentas de WhatsApp"},
    ),
}


def text_in(language: str) -> Text:
    """English for a language that the hub does not speak."""
    return TEXTS.get(language, TEXTS["en"])


def body_of(text: Text, values: dict[str, str | int]) -> str:
    """The paragraphs; names are others' words and stay what they are."""
    asked = text.asked if values["inviter"] else text.asked_by_nobody
    return "\n\n".join(
        part.format(**values) for part in (text.greeting, asked, text.good_for, text.not_you)
    )
