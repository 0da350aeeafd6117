"""Words of support: what may follow what, texts that are kept, mails in every language."""

from __future__ import annotations

import string

import pytest

from core.errors import InvalidInput
from core.support.mail_texts import LANGUAGES, NAMES, WORDS, Told, mail_of
from core.support.states import (
    MOVES,
    REQUEST_MOVES,
    ConversationState,
    RequestStatus,
    may_be_decided,
    may_become,
)
from core.support.texts import beginning, kept


def test_a_request_is_decided_once_and_for_good() -> None:
    assert set(REQUEST_MOVES) == set(RequestStatus)
    decided = set(RequestStatus) - {RequestStatus.OPEN}
    assert all(may_be_decided("open", status) for status in decided)
    assert not any(may_be_decided(now, then) for now in decided for then in RequestStatus)
    assert not may_be_decided("open", RequestStatus.OPEN)


def test_a_closed_conversation_may_be_opened_but_not_closed_again() -> None:
    assert set(MOVES) == set(ConversationState)
    assert may_become("closed", ConversationState.WAITING_SUPPORT)
    assert may_become("closed", ConversationState.WAITING_PARTNER)
    assert not may_become("closed", ConversationState.CLOSED)


def test_texts_lose_what_no_database_takes_and_nothing_else() -> None:
    assert kept("  a\x00b\ud800\r\nc\n ", "text", 10) == "ab\nc"
    assert kept("🙂" * 10, "text", 10) == "🙂" * 10
    assert kept(" ", "text", 10, is_needed=False) == ""
    for text, code in ((" \x00", "needed"), ("x" * 11, "too_long")):
        with pytest.raises(InvalidInput) as refusal:
            kept(text, "text", 10)
        assert (refusal.value.code, refusal.value.about["field"]) == (code, "text")


def test_a_list_shows_one_line() -> None:
    assert beginning("Hello\n\n  there", 20) == "Hello there"
    assert beginning("x" * 30, 20) == "x" * 19 + "…"


def test_mails_speak_every_language_whole() -> None:
    assert set(WORDS) == set(LANGUAGES)
    for language, words in WORDS.items():
        assert set(words) == set(NAMES), language
        for name in NAMES:
            assert _fields(words[name]) == _fields(WORDS["en"][name]), (language, name)
            assert bool(words[name]) == bool(WORDS["en"][name]), (language, name)


def _fields(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


def test_a_mail_says_who_and_what_and_no_more_than_a_page_of_it() -> None:
    told = Told(
        hub="Hub",
        partner="Acme\r\nBcc: all@evil.example {x}",
        subject="{0} & <b>",
        kind="other",
        told="",
        text="y" * 5_000,
        count=2,
    )
    mail = mail_of(told, for_staff=True, language="xx")
    assert mail.subject == "Acme Bcc: all@evil.example {x} – {0} & <b>"
    assert mail.body == "y" * 1_500 + "\n\n2 messages are unread."
