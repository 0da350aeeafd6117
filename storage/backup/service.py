"""Backup and restore of database and files; the restored copy is held until it is released.

A backup holds what the hub needs but its settings: the secrets inside are sealed by keys that are
not. It holds personal data all the same, and is written for its owner's eyes only.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, select

from core.clock import SystemClock
from core.columns import metadata
from core.errors import InvalidInput
from core.operations.entities import Hold
from core.operations.resealing import keys_in_use
from core.vault_keys import fingerprint, read_vault_keys
from core.version import VERSION
from storage.backup import postgres_copy, sqlite_copy
from storage.backup.archive import Manifest, Reader, Writer, reading, writing
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from storage.engines import database_url, jobs_engine, writing_engine
from storage.migrate import alembic_config, downgrade, migrate

_SQLITE, _POSTGRESQL = "sqlite", "postgresql"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a hub keeps what it has."""

    database: str  # URL
    blobs: Path
    vault_keys: str

    @property
    def kind(self) -> str:
        return database_url(self.database).get_backend_name()

    @property
    def file(self) -> Path:
        """SQLite's."""
        return Path(database_url(self.database).database or "")


def back_up(place: Place, target: Path) -> Manifest:
    """Everything as it is at one moment, in `target`; the hub may run.

    Raises OSError where the file cannot be written, InvalidInput for one that is there already.
    """
    if target.exists():
        raise InvalidInput(f"{target} is there already; a backup replaces nothing.")
    manifest = Manifest(
        hub=VERSION,
        created_at=SystemClock().now().isoformat(timespec="seconds"),
        database=place.kind,
        schema=_schema(place.database),
        vault_keys=_keys_needed(place),
    )
    with (
        tempfile.TemporaryDirectory(dir=target.absolute().parent, prefix=".backup-") as scratch,
        writing(target, manifest) as writer,
    ):
        if place.kind == _SQLITE:
            sqlite_copy.copy_out(place.file, writer, Path(scratch))
        else:
            postgres_copy.copy_out(place.database, writer)
        # After the database: a file is stored before a row names it, so none is missing.
        _add_files(place.blobs, writer)
    return manifest


def restore(place: Place, source: Path, *, overwrite: bool = False) -> Manifest:
    """The backup's database, at this version's schema and held, and its files.

    Raises InvalidInput for a backup that is damaged, newer than this hub, of the other kind of
    database or sealed by keys that are not here; Conflict (restore_refused) for a database that is
    in use or not empty. Nothing has changed then.
    """
    with reading(source) as reader:
        _check(place, reader.manifest)
        reader.verify()
        reason = f"restored from {source.name}, made {reader.manifest.created_at}"[:200]
        if place.kind == _SQLITE:
            require_free = sqlite_copy.require_free
            require_free(place.file, overwrite=overwrite)
            _put_files(reader, place.blobs)
            sqlite_copy.put_in_place(
                reader, place.file, lambda url: _bring_up(url, reason), overwrite=overwrite
            )
        else:
            postgres_copy.require_free(place.database, overwrite=overwrite)
            _put_files(reader, place.blobs)
            _bring_down(place.database, reader.manifest.schema)
            # Held from its first commit on: whatever ends the migration leaves no copy that acts.
            postgres_copy.copy_in(place.database, reader, reason)
            migrate(place.database)
            _hold(place.database, reason)
        return reader.manifest


def _check(place: Place, manifest: Manifest) -> None:
    if manifest.database != place.kind:
        raise InvalidInput(
            f"The backup is of a {manifest.database} database, this hub runs on {place.kind}."
        )
    known = {
        script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()
    }
    if manifest.schema not in known:
        raise InvalidInput(
            f"The backup has the schema {manifest.schema}, which this version of the hub does not"
            " know: it was made by a newer one."
        )
    here = {key_id: fingerprint(key) for key_id, key in read_vault_keys(place.vault_keys).items()}
    if lacking := [key for key, told in manifest.vault_keys.items() if told != here.get(key)]:
        raise InvalidInput(
            f"HUB_VAULT_KEYS lacks {', '.join(lacking)} of the backup's hub: what that sealed could"
            " not be read."
        )


def _bring_up(url: str, reason: str) -> None:
    """At this version's schema, and held."""
    migrate(url)
    _hold(url, reason)


def _hold(url: str, reason: str) -> None:
    """Held by this restoring, once."""
    table = metadata.tables[str(Hold.__tablename__)]
    is_ours = (table.c.reason == reason, table.c.released_at.is_(None))
    engine = writing_engine(url, connections=1)
    try:
        with engine.begin() as connection:
            if connection.execute(select(table.c.id).where(*is_ours)).first() is None:
                connection.execute(insert(table).values(reason=reason, since=SystemClock().now()))
    finally:
        engine.dispose()


def _bring_down(url: str, schema: str) -> None:
    """Tables as the backup's rows know them; what stood in them is gone if they were others."""
    if _schema(url) not in ("", schema):
        downgrade(url)
    migrate(url, schema)


def _keys_needed(place: Place) -> dict[str, str]:
    """Fingerprints by id; a key that is lost already keeps nobody from restoring the rest."""
    known = read_vault_keys(place.vault_keys)
    database = SqlDatabase(place.database, LocalFeed(), threads=2)
    try:
        used = keys_in_use(database)
    finally:
        database.close()
    return {key_id: fingerprint(known[key_id]) for key_id in sorted(used & known.keys())}


def _schema(url: str) -> str:
    engine = jobs_engine(url, connections=1)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() or ""
    finally:
        engine.dispose()


def _add_files(blobs: Path, writer: Writer) -> None:
    for path in sorted(blobs.glob("??/*")):
        if path.name.startswith("."):
            continue  # being written; whoever writes it has not told anybody of it yet
        try:
            writer.add(f"blobs/{path.parent.name}/{path.name}", path)
        except FileNotFoundError:
            continue  # forgotten meanwhile


def _put_files(reader: Reader, blobs: Path) -> None:
    """Files are named by what is in them, so one that is there is the same one."""
    for name in reader.names("blobs/"):
        place = blobs / name.removeprefix("blobs/")
        if not place.exists():
            draft = place.with_name(f".restoring-{place.name}")
            reader.extract(name, draft)
            draft.replace(place)
