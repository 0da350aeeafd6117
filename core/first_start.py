"""The secrets of a hub that runs in sandbox mode, made once and kept beside its database.

Production gets its secrets from the operator; there nothing is made up.
"""

from __future__ import annotations

import base64
import os
import secrets
import sys
from pathlib import Path

from pydantic import ValidationError

from core import logs
from core.settings import Settings
from core.start_checks import start_faults

FILE_NAME = "secrets.env"


def settings_of_this_start() -> Settings:
    """Settings of this start; ends the process with one sentence per fault."""
    try:
        settings = load_settings()
    except OSError as error:
        sys.exit(f"The folder {error.filename} cannot be written ({error.strerror}).")
    except ValidationError as error:
        faults = [f"HUB_{str(f['loc'][0]).upper()}: {f['msg']}" for f in error.errors()]
    else:
        logs.set_up(as_json=not settings.is_sandbox)
        faults = start_faults(settings)
        if not faults:
            return settings
    sys.exit("The hub does not start:\n" + "\n".join(f"- {fault}" for fault in faults))


def load_settings() -> Settings:
    """Settings from the environment, `.env` and, in sandbox mode, the generated secrets.

    Raises OSError when the folder for them cannot be written, ValidationError for a wrong value.
    """
    first = Settings()
    if not first.is_sandbox:
        return first
    settings = Settings(_env_file=[".env", ensure_secrets(first.var_dir)])
    if settings.clock_url:
        return settings
    return settings.model_copy(update={"clock_url": f"{settings.meta_graph_base}/control/clock"})


def ensure_secrets(var_dir: Path) -> Path:
    """The file with generated `HUB_*` secrets, readable by its owner only.

    Raises OSError when the folder cannot be written.
    """
    var_dir.mkdir(parents=True, exist_ok=True)
    path = var_dir / FILE_NAME
    kept = path.read_text("utf-8") if path.exists() else ""
    known = {line.partition("=")[0] for line in kept.splitlines()}
    # A hub that was started before a secret was invented gets it now.
    missing = [(name, value) for name, value in _fresh().items() if name not in known]
    if missing:
        lines = "".join(f"{name}={value}\n" for name, value in missing)
        between = "" if not kept or kept.endswith("\n") else "\n"
        _write_private(path, kept + between + lines)
    return path


def _fresh() -> dict[str, str]:
    vault_key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return {
        "HUB_SECRET_KEY": secrets.token_urlsafe(32),
        "HUB_VAULT_KEYS": f"k1:{vault_key}",
        "HUB_OIDC_CLIENT_SECRET": secrets.token_urlsafe(32),
        "HUB_META_APP_ID": _digits(15),
        "HUB_META_APP_SECRET": secrets.token_hex(16),
        "HUB_META_CONFIG_ID": _digits(15),
        "HUB_META_VERIFY_TOKEN": secrets.token_urlsafe(24),
        "HUB_META_SYSTEM_USER_TOKEN": "EAA" + secrets.token_hex(40),
        "HUB_META_BUSINESS_ID": _digits(15),
        "HUB_STRIPE_SECRET_KEY": f"sk_test_{secrets.token_hex(24)}",
        "HUB_STRIPE_WEBHOOK_SECRET": f"whsec_{secrets.token_hex(24)}",
    }


def _digits(length: int) -> str:
    return str(secrets.randbelow(9 * 10 ** (length - 1)) + 10 ** (length - 1))


def _write_private(path: Path, text: str) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    draft.replace(path)
