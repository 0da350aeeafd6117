"""The trigram index behind the search for channels, kept by triggers on `channel.search_text`.

SQLite: an FTS5 trigram index. PostgreSQL: a GIN index over arrays of trigrams, which needs no
extension (pg_trgm is not everywhere) and stands in a table of its own: row-level security would
keep the planner from any search index on `channel` itself, because no such operator is leakproof.
"""

from __future__ import annotations

from alembic import op

from storage.migrations.belts import on_postgresql

# The partner's id is indexed as well, so that a small partner never pays for a large one's rows.
_SQLITE = (
    """
    CREATE TABLE channel_search_row (
        id INTEGER PRIMARY KEY, -- FTS5 needs a number that VACUUM does not change
        channel_id VARCHAR(10) NOT NULL UNIQUE,
        partner_id VARCHAR(10) NOT NULL,
        text VARCHAR NOT NULL
    )
    """,
    """
    CREATE VIRTUAL TABLE channel_search USING fts5(
        partner_id, text, content='channel_search_row', content_rowid='id', tokenize='trigram'
    )
    """,
    """
    CREATE TRIGGER channel_search_row_insert AFTER INSERT ON channel_search_row BEGIN
        INSERT INTO channel_search (rowid, partner_id, text)
        VALUES (new.id, new.partner_id, new.text);
    END
    """,
    """
    CREATE TRIGGER channel_search_row_delete AFTER DELETE ON channel_search_row BEGIN
        INSERT INTO channel_search (channel_search, rowid, partner_id, text)
        VALUES ('delete', old.id, old.partner_id, old.text);
    END
    """,
    """
    CREATE TRIGGER channel_search_row_update AFTER UPDATE ON channel_search_row BEGIN
        INSERT INTO channel_search (channel_search, rowid, partner_id, text)
        VALUES ('delete', old.id, old.partner_id, old.text);
        INSERT INTO channel_search (rowid, partner_id, text)
        VALUES (new.id, new.partner_id, new.text);
    END
    """,
    """
    CREATE TRIGGER channel_search_insert AFTER INSERT ON channel BEGIN
        INSERT INTO channel_search_row (channel_id, partner_id, text)
        VALUES (new.id, new.partner_id, new.search_text);
    END
    """,
    """
    CREATE TRIGGER channel_search_delete AFTER DELETE ON channel BEGIN
        DELETE FROM channel_search_row WHERE channel_id = old.id;
    END
    """,
    """
    CREATE TRIGGER channel_search_update AFTER UPDATE OF search_text, partner_id, id ON channel
    WHEN old.search_text IS NOT new.search_text OR old.partner_id IS NOT new.partner_id
        OR old.id IS NOT new.id
    BEGIN
        UPDATE channel_search_row
        SET channel_id = new.id, partner_id = new.partner_id, text = new.search_text
        WHERE channel_id = old.id;
    END
    """,
)

# The functions run as the tables' owner, for `hub_app` may not read the index itself: it would
# show the words of other partners. `hub_channel_search` looks at the armed scope instead.
_POSTGRESQL = (
    """
    CREATE FUNCTION hub_grams(words text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT
    PARALLEL SAFE AS $$
        SELECT coalesce(array_agg(DISTINCT substr(words, i, 3)), '{}')
        FROM generate_series(1, length(words) - 2) AS i
    $$
    """,
    """
    CREATE TABLE channel_search (
        channel_id varchar(10) PRIMARY KEY,
        partner_id varchar(10) NOT NULL,
        text text NOT NULL,
        grams text[] NOT NULL
    )
    """,
    # Without a pending list: a search after a large import is as fast as any other.
    "CREATE INDEX ix_channel_search_grams ON channel_search USING gin (grams)"
    " WITH (fastupdate = off)",
    """
    CREATE FUNCTION hub_index_channel() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path FROM CURRENT AS $$
    BEGIN
        IF TG_OP <> 'INSERT' THEN
            DELETE FROM channel_search WHERE channel_id = OLD.id;
        END IF;
        IF TG_OP <> 'DELETE' THEN
            INSERT INTO channel_search (channel_id, partner_id, text, grams)
            VALUES (NEW.id, NEW.partner_id, NEW.search_text,
                    hub_grams(NEW.search_text) || ('@' || NEW.partner_id)::text);
        END IF;
        RETURN NULL;
    END
    $$
    """,
    "CREATE TRIGGER channel_search_keep AFTER INSERT OR DELETE ON channel"
    " FOR EACH ROW EXECUTE FUNCTION hub_index_channel()",
    "CREATE TRIGGER channel_search_change AFTER UPDATE OF search_text, partner_id, id ON channel"
    " FOR EACH ROW WHEN ((OLD.search_text, OLD.partner_id, OLD.id) IS DISTINCT FROM"
    " (NEW.search_text, NEW.partner_id, NEW.id)) EXECUTE FUNCTION hub_index_channel()",
    # EXECUTE plans with the words at hand: a rare word goes by the index, a frequent one stops a
    # scan early.
    """
    CREATE FUNCTION hub_channel_search(partner text, words text, most integer)
    RETURNS SETOF varchar LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path FROM CURRENT AS $$
    BEGIN
        IF current_setting('hub.scope', true) IS DISTINCT FROM 'everything'
           AND current_setting('hub.partner_id', true) IS DISTINCT FROM partner THEN
            RETURN;
        END IF;
        RETURN QUERY EXECUTE
            'SELECT channel_id FROM channel_search'
            ' WHERE grams @> $1 AND partner_id = $2 AND position($3 IN text) > 0 LIMIT $4'
            USING hub_grams(words) || ('@' || partner)::text, partner, words, most;
    END
    $$
    """,
)


def create_channel_search() -> None:
    """The index exists and follows `channel`."""
    for statement in _POSTGRESQL if on_postgresql() else _SQLITE:
        op.execute(statement)
    if on_postgresql():
        op.execute(_HIDE)


def drop_channel_search() -> None:
    """The index is gone; `channel` stays."""
    if on_postgresql():
        op.execute("DROP TRIGGER channel_search_change ON channel")
        op.execute("DROP TRIGGER channel_search_keep ON channel")
        op.execute("DROP FUNCTION hub_channel_search(text, text, integer)")
        op.execute("DROP FUNCTION hub_index_channel()")
        op.execute("DROP TABLE channel_search")
        op.execute("DROP FUNCTION hub_grams(text)")
        return
    for name in ("insert", "delete", "update"):
        op.execute(f"DROP TRIGGER channel_search_{name}")
    op.execute("DROP TABLE channel_search")
    op.execute("DROP TABLE channel_search_row")


_HIDE = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'hub_app') THEN
        REVOKE ALL ON channel_search FROM hub_app;
    END IF;
END
$$
"""
