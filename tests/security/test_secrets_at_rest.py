"""Planted secrets are found nowhere: not in the database, its backup, the log, or any answer."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from structlog.testing import capture_logs

from core.clock import FixedClock
from storage.backup.service import Place, back_up
from storage.database import SqlDatabase
from tests.security.rig import Browser
from tests.support.planted import KEYS, plant
from tests.ui.fake_hub import NOW
from ui.cookies import session_cookie

SECRET = "planted-secret-0815-4711"
LEAST = 14  # kinds of secrets, so that none is forgotten unseen


def found(secrets: dict[str, str], content: bytes) -> list[str]:
    """Kinds of secrets that stand in it; six digits count as themselves, not inside others."""
    return [
        what
        for what, secret in secrets.items()
        if re.search(
            rb"(?<![0-9A-Za-z])" + re.escape(secret.encode()) + rb"(?![0-9A-Za-z])", content
        )
    ]


def test_secrets_stand_in_no_file_and_in_no_log(database: SqlDatabase, tmp_path: Path) -> None:
    with capture_logs() as lines:
        secrets = plant(database, FixedClock(NOW))
    assert len(secrets) >= LEAST
    assert all(secrets.values())
    assert found(secrets, str(lines).encode()) == []
    url = str(database.writer.url)
    files = list(Path(url.removeprefix("sqlite:///")).parent.glob("hub.sqlite3*"))
    assert {file.suffix for file in files} >= {".sqlite3"}
    assert found(secrets, b"".join(file.read_bytes() for file in files)) == []
    backup = tmp_path / "hub.backup"
    back_up(Place(database=url, blobs=tmp_path / "blobs", vault_keys=KEYS), backup)
    with zipfile.ZipFile(backup) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    assert b"zoe@planted.example" in content  # it is a copy, and it was read
    assert found(secrets | {"keys": KEYS.partition(":")[2]}, content) == []


async def test_no_answer_and_no_log_says_a_secret_that_was_sent(visitor: Browser) -> None:
    with capture_logs() as lines:
        answers = [
            await visitor.hub.get(path, headers=headers)
            for path, headers in (
                (f"/login/callback?code={SECRET}&state={SECRET}", {}),
                (f"/nowhere/{SECRET}", {}),
                ("/login", {"cookie": f"{session_cookie(visitor.rig.settings)}={SECRET}"}),
                ("/login", {"authorization": f"Bearer {SECRET}", "x-api-key": SECRET}),
            )
        ]
    assert not [answer.url for answer in answers if SECRET in _said(answer.text, answer.url.path)]
    assert SECRET not in str(lines)


def _said(text: str, path: str) -> str:
    """The page without its own address, which the browser knows anyhow."""
    return text.replace(path, "")
