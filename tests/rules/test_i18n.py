"""Every text that a client may read is there in every language, with the same placeholders."""

import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir

from core.onboarding.guidance import keys
from core.onboarding.steps import ServerStep
from ui import i18n
from ui.pages.onboarding.advice import ADVICE
from ui.pages.onboarding.refusals import REFUSALS
from ui.pages.onboarding.register import _NAMES

PAGES = Path(i18n.__file__).parent / "pages" / "onboarding"
KEYWORDS = {"N_": None, "say": None, "self.say": None, "count": (1, 2)}
TRANSLATED = [language for language in i18n.LANGUAGES if language != i18n.SOURCE]
# The refusals of the entry, as `core.onboarding.errors` lists them.
ENTRY_CODES = {
    *("unknown_partner", "partner_blocked", "plan_ended", "plan_unpaid"),
    *("solution_inactive", "signature_missing", "signature_bad", "signature_old"),
    *(
        "foreign_redirect",
        "terms_missing",
        "link_unknown",
        "link_expired",
        "run_elsewhere",
        "unknown_run",
    ),
}
Text = str | tuple[str, ...]


@cache
def written() -> frozenset[Text]:
    """Every text in the code of the client's pages."""
    how = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
    return frozenset(
        text if isinstance(text, str) else tuple(text[:2])
        for folder in (PAGES, PAGES.parent / "pay")
        for _, _, text, _, _ in extract_from_dir(folder, how, keywords=KEYWORDS)
    )


def translated(language: str) -> dict[Text, Message]:
    messages = [message for message in i18n.catalog(language) if message.id]
    return {m.id if isinstance(m.id, str) else tuple(m.id): m for m in messages}


def forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def names(text: str) -> set[str]:
    """The placeholders of a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def differing(language: str) -> Iterator[tuple[str, str]]:
    for key, message in translated(language).items():
        wanted = names(key if isinstance(key, str) else key[-1])
        yield from ((str(key), form) for form in forms(message) if names(form) != wanted)


def test_texts_are_found_at_all() -> None:
    assert "Continue" in written()
    assert ("Wait about {n} hour.", "Wait about {n} hours.") in written()


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_text_is_missing(language: str) -> None:
    known = {key for key, message in translated(language).items() if all(forms(message))}
    assert sorted(map(str, written() - known)) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_text_is_left_over(language: str) -> None:
    assert sorted(map(str, translated(language).keys() - written())) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_is_guessed(language: str) -> None:
    assert [key for key, message in translated(language).items() if message.fuzzy] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_placeholders_are_the_same(language: str) -> None:
    assert list(differing(language)) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_texts_really_are_in_that_language(language: str) -> None:
    same = [key for key, m in translated(language).items() if key in forms(m)]
    assert set(same) <= {"Meta", "E-mail", "Marketing"}


def test_every_guidance_key_has_its_advice() -> None:
    assert keys() - ADVICE.keys() == set()


def test_every_refusal_of_the_entry_has_its_page() -> None:
    assert ENTRY_CODES - REFUSALS.keys() == set()


def test_every_server_step_has_its_name() -> None:
    assert set(ServerStep) == set(_NAMES)


def test_an_unknown_language_becomes_english() -> None:
    assert i18n.texts("tlh").language == "en"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("pt-PT, en", "pt_BR"),
        ("fr-FR,fr;q=0.9,es;q=0.5", "es"),
        ("fr", "en"),
        ("", "en"),
        (",,;;q=", "en"),
    ],
)
def test_the_browser_s_first_language_that_we_speak_wins(header: str, language: str) -> None:
    assert i18n.preferred(header) == language


def test_values_are_never_read_as_templates() -> None:
    say = i18n.texts("de")
    assert say("Back to {partner}", partner="{evil.__class__}") == "Zurück zu {evil.__class__}"
