"""Pure rules about people: how fresh a sign-in is, languages of the mail, a browser in words."""

from __future__ import annotations

import string
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.fresh import LONG_AGO, auth_time_of, is_fresh
from core.partners.entities import Role
from core.partners.invitation_texts import TEXTS
from ui.pages.session_words import device

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LIMIT = timedelta(minutes=30)
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/143.0 Safari/537.36"


def test_a_sign_in_is_fresh_until_its_limit() -> None:
    assert is_fresh(NOW - LIMIT + timedelta(microseconds=1), NOW, LIMIT)
    assert not is_fresh(NOW - LIMIT, NOW, LIMIT)


@pytest.mark.parametrize(
    ("told", "at"),
    [
        (NOW.timestamp() - 60, NOW - timedelta(minutes=1)),
        (NOW.timestamp() + 60, NOW),  # clocks differ
        (NOW.timestamp() + 600, LONG_AGO),
        *((value, LONG_AGO) for value in (None, True, "0", -1, float("inf"), float("nan"), 1e300)),
    ],
)
def test_when_the_provider_asked_is_believed_only_if_it_can_be(told: Any, at: datetime) -> None:
    assert auth_time_of({"auth_time": told}, NOW) == at


def test_the_mail_is_there_in_every_language_with_the_same_blanks_to_fill() -> None:
    assert set(TEXTS) == {"en", "de", "pt_BR", "es"}
    for text in TEXTS.values():
        assert set(text.roles) == set(Role)
        for part, words in asdict(text).items():
            if part != "roles":
                assert blanks(words) == blanks(getattr(TEXTS["en"], part)), (part, words)


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (CHROME, "Chrome on Windows"),
        (f"{CHROME} Edg/143.0", "Edge on Windows"),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Linux",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/143.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8", "An unknown device"),
        ("", "An unknown device"),
    ],
)
def test_a_browser_is_told_in_words(says: str, words: str) -> None:
    assert device(says) == words


def blanks(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}
