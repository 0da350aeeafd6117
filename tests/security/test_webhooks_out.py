"""What leaves with a webhook, and what of it is kept."""

from __future__ import annotations

from datetime import UTC, datetime

from core.integration.outbound.headers import checked_headers
from core.integration.outbound.posting import Envelope, outcome
from core.ports import OutgoingAnswer

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECRET = "a-platform-secret"
ENVELOPE = Envelope(
    url="https://hooks.partner-ok.com/x",
    own=checked_headers(
        {"X-Token": "t0ken", "webhook-signature": "v1,forged", "HOST": "internal", "TE": "x"}
    ),
    secrets=[SECRET],
)
ANSWER = OutgoingAnswer(status=200, headers={}, body=b"x" * 70_000, seconds=0.1)


def test_a_partners_headers_replace_none_of_ours_and_move_no_request() -> None:
    sent = {name.lower(): value for name, value in ENVELOPE.headers("e1", NOW, b"{}").items()}
    assert sent["x-token"] == "t0ken"
    assert sent["webhook-signature"] != "v1,forged"
    assert not {"host", "te"} & set(sent)
    assert len(sent) == len(ENVELOPE.headers("e1", NOW, b"{}"))


def test_the_log_keeps_no_secret_and_little_of_the_answer() -> None:
    headers = ENVELOPE.headers("e1", NOW, b"{}")
    kept = outcome(ENVELOPE, headers, NOW, ANSWER, 0.1)
    assert "t0ken" not in repr(kept)
    assert SECRET not in repr(kept)
    assert len(kept.answer_body) <= 1024


def test_no_traceback_shows_what_an_envelope_holds() -> None:
    assert "t0ken" not in repr(ENVELOPE)
    assert SECRET not in repr(ENVELOPE)
