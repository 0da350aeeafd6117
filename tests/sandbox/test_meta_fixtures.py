"""The golden samples are whole: the hub's tests may rely on their shape."""

import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "fixtures" / "meta"


def load(pattern: str) -> list:
    return [
        pytest.param(json.loads(path.read_text("utf-8")), id=path.stem)
        for path in sorted(FOLDER.glob(pattern))
    ]


@pytest.mark.parametrize("sample", load("webhook_*.json"))
def test_a_webhook_has_entries_with_changes(sample):
    for entry in sample["entry"]:
        assert entry["id"].isdigit()
        assert all("value" in change for change in entry["changes"])


@pytest.mark.parametrize("sample", load("signup_*.json"))
def test_a_window_message_names_its_event(sample):
    assert sample["type"] == "WA_EMBEDDED_SIGNUP"
    assert sample["event"]
    assert isinstance(sample["data"], dict)


@pytest.mark.parametrize("sample", load("errors_*.json"))
def test_an_error_has_code_type_and_trace(sample):
    for row in sample:
        assert {"message", "type", "code", "is_transient", "fbtrace_id"} <= set(row["error"])
