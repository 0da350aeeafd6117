"""`python -m storage.migrations "why"` writes the next version from what the entities say now."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

from storage.engines import writing_engine
from storage.migrate import alembic_config, migrate


def write_version(message: str) -> None:
    """A new file in `versions/`: the difference between its predecessors and the entities."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'hub.sqlite3'}"
        migrate(url)
        engine = writing_engine(url)
        with engine.connect() as connection:
            config = alembic_config(connection)
            count = len(list(ScriptDirectory.from_config(config).walk_revisions()))
            command.revision(config, message, autogenerate=True, rev_id=f"{count + 1:04}")
        engine.dispose()


write_version(" ".join(sys.argv[1:]) or "change")
