"""Names, user names and scopes as owners may write them; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from core.accounts.cursors import is_storable
from core.errors import InvalidInput
from core.partners.api_entities import ApiScope

_NAME_LENGTH = 120
# An e-mail address, or a plain name: what a program can carry in any header or URL.
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._+@-]{2,199}")
_ASCII_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def name_of(text: str) -> str:
    """The name of a key, blanks around it cut. Raises InvalidInput (name)."""
    name = text.strip()
    if not name or len(name) > _NAME_LENGTH or not is_storable(name):
        raise InvalidInput("a key needs a name of up to 120 letters", code="key_name", field="name")
    return name


def username_of(text: str) -> str:
    """The user name as it is compared: ASCII letters lowered. Raises InvalidInput (username)."""
    username = folded(text)
    if not _USERNAME.fullmatch(username):
        raise InvalidInput("a user name has letters, digits and . _ + @ -", field="username")
    return username


def folded(text: str) -> str:
    """What a login writes, as user names are stored; it may be none."""
    return text.strip(" \t\r\n").translate(_ASCII_LOWER)


def scopes_of(scopes: Iterable[str]) -> list[str]:
    """Known scopes, each once, in their order. Raises InvalidInput (scopes) for others and none."""
    asked = set(map(str, scopes))
    known: list[str] = [scope.value for scope in ApiScope if scope.value in asked]
    if not known or asked - set(known):
        raise InvalidInput("no such scope", field="scopes")
    return known
