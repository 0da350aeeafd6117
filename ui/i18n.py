"""Texts in the client's language: English in the code, gettext catalogs for the others.

Catalogs are compiled from `ui/translations/*.po` in memory, once per process, so no binary lies in
git. A text that a catalog lacks falls back to English; `tests/rules/test_i18n.py` finds it before.
"""

from __future__ import annotations

import gettext
import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent / "translations"
SOURCE = "en"

# By their own names, as people look for them; in the order of the switch.
LANGUAGES = {"en": "English", "de": "Deutsch", "pt_BR": "Português (Brasil)", "es": "Español"}

# What Quasar and `<html lang>` call them; Quasar has no plain `en`.
_PAGE_LANGUAGES = {"en": "en-GB", "de": "de", "pt_BR": "pt-BR", "es": "es"}


class Said(str):
    """A text that remembers what was put into it, so that it can be said again with another
    value: a partner's name may change while a client has the page open."""

    __slots__ = ("_form", "values")
    _form: str
    values: dict[str, object]

    def __new__(cls, form: str, values: dict[str, object]) -> Said:
        said = super().__new__(cls, form.format(**values))
        said._form, said.values = form, values
        return said

    def again(self, **values: object) -> Said:
        """The same with other values."""
        return Said(self._form, self.values | values)


@dataclass(frozen=True, slots=True)
class Texts:
    """Says things in one language: `say("Hello {name}", name=...)`.

    Values are put in after the translation, as they are; nothing of them is read as a template.
    """

    language: str
    _catalog: gettext.NullTranslations

    def __call__(self, text: str, /, **values: object) -> str:
        return Said(self._catalog.gettext(text), values)

    def count(self, one: str, many: str, n: int, /, **values: object) -> str:
        """The form for `n`, which is also the value `{n}`."""
        return Said(self._catalog.ngettext(one, many, n), {**values, "n": n})

    @property
    def locale(self) -> str:
        """For numbers and dates."""
        return self.page_language.replace("-", "_")

    @property
    def page_language(self) -> str:
        """For `<html lang>`."""
        return _PAGE_LANGUAGES[self.language]


def N_(text: str) -> str:
    """Marks a text for the catalogs where it is written down but not yet said."""
    return text


@cache
def texts(language: str) -> Texts:
    """The texts of that language; English for one that the hub does not speak."""
    if language not in LANGUAGES:
        language = SOURCE
    if language == SOURCE:
        return Texts(SOURCE, gettext.NullTranslations())
    compiled = io.BytesIO()
    write_mo(compiled, catalog(language))
    compiled.seek(0)
    return Texts(language, gettext.GNUTranslations(compiled))


def catalog(language: str) -> Catalog:
    """The catalog as it is written down, fuzzy entries and all."""
    with (FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def preferred(accept_language: str) -> str:
    """The first language of a browser's list that the hub speaks; English for none."""
    by_prefix = {code.partition("_")[0]: code for code in LANGUAGES}
    for part in accept_language[:200].split(","):
        prefix = part.partition(";")[0].strip().lower().partition("-")[0]
        if prefix in by_prefix:
            return by_prefix[prefix]
    return SOURCE
