"""The statements that `searchindex` consists of."""

# Columns and positions are left out: trigrams alone make a third of the index, and the
# text that was found is compared anyway.
SQLITE_TABLE = """
CREATE VIRTUAL TABLE jobs_filesearch USING fts5(
    path, content = 'jobs_libraryfile', content_rowid = 'id',
    tokenize = 'trigram', detail = none, columnsize = 0
)
"""
_SQLITE_TRIGGERS = {
    "add": """
        AFTER INSERT ON jobs_libraryfile BEGIN
            INSERT INTO jobs_filesearch (rowid, path) VALUES (new.id, new.path);
        END""",
    "remove": """
        AFTER DELETE ON jobs_libraryfile BEGIN
            INSERT INTO jobs_filesearch (jobs_filesearch, rowid, path)
            VALUES ('delete', old.id, old.path);
        END""",
    "rename": """
        AFTER UPDATE OF path ON jobs_libraryfile WHEN old.path <> new.path BEGIN
            INSERT INTO jobs_filesearch (jobs_filesearch, rowid, path)
            VALUES ('delete', old.id, old.path);
            INSERT INTO jobs_filesearch (rowid, path) VALUES (new.id, new.path);
        END""",
}
SQLITE_MATCH = "SELECT rowid FROM jobs_filesearch WHERE jobs_filesearch MATCH %s"

POSTGRESQL_MATCH = (
    "SELECT file_id FROM jobs_filesearch WHERE jobs_trigrams(path) @> CAST(%s AS text[])"
)
POSTGRESQL_ROWS = "SELECT reltuples FROM pg_class WHERE oid = 'jobs_filesearch'::regclass"
POSTGRESQL_SAMPLE = (
    "SELECT count(*) FROM jobs_filesearch TABLESAMPLE SYSTEM (%s) REPEATABLE (1) "
    "WHERE path ILIKE %s"
)
_POSTGRESQL_TABLE = (
    # The order of the bytes: that of a walk through the folder, and the quickest to compare.
    'ALTER TABLE jobs_libraryfile ALTER COLUMN path TYPE text COLLATE "C"',
    # Made by Django for searches by a prefix in other collations; each item that ends would
    # add an entry to it.
    """
    DO $$
    DECLARE spare text;
    BEGIN
        FOR spare IN SELECT indexname FROM pg_indexes WHERE tablename = 'jobs_libraryfile'
            AND schemaname = current_schema() AND indexdef LIKE '%text_pattern_ops%'
        LOOP
            EXECUTE format('DROP INDEX %I', spare);
        END LOOP;
    END $$""",
    """
    CREATE FUNCTION jobs_trigrams(path text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT array(SELECT substr(lower(path COLLATE "C"), place, 3)
                     FROM generate_series(1, length(path) - 2) AS place)
    $$""",
    'CREATE TABLE jobs_filesearch (file_id bigint PRIMARY KEY, path text COLLATE "C" NOT NULL)',
    "INSERT INTO jobs_filesearch SELECT id, path FROM jobs_libraryfile",
    "CREATE INDEX jobs_filesearch_trigrams ON jobs_filesearch USING gin (jobs_trigrams(path))",
    """
    CREATE FUNCTION jobs_filesearch_follow() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        CASE TG_OP
            WHEN 'INSERT' THEN
                INSERT INTO jobs_filesearch SELECT id, path FROM added;
            WHEN 'DELETE' THEN
                DELETE FROM jobs_filesearch WHERE file_id IN (SELECT id FROM removed);
            WHEN 'UPDATE' THEN
                UPDATE jobs_filesearch SET path = NEW.path WHERE file_id = NEW.id;
            ELSE
                TRUNCATE jobs_filesearch;
        END CASE;
        RETURN NULL;
    END $$""",
)
_POSTGRESQL_TRIGGERS = {
    "add": "AFTER INSERT ON jobs_libraryfile REFERENCING NEW TABLE AS added FOR EACH STATEMENT",
    "remove": "AFTER DELETE ON jobs_libraryfile REFERENCING OLD TABLE AS removed "
    "FOR EACH STATEMENT",
    "rename": "AFTER UPDATE OF path ON jobs_libraryfile FOR EACH ROW WHEN (OLD.path <> NEW.path)",
    "empty": "AFTER TRUNCATE ON jobs_libraryfile FOR EACH STATEMENT",
}

TRIGGERS = {"sqlite": _SQLITE_TRIGGERS, "postgresql": _POSTGRESQL_TRIGGERS}
COUNT_TRIGGERS = {
    "sqlite": "SELECT count(*) FROM sqlite_master "
    "WHERE type = 'trigger' AND name LIKE 'jobs_filesearch_%'",
    "postgresql": "SELECT count(*) FROM pg_trigger "
    "WHERE tgrelid = 'jobs_libraryfile'::regclass AND tgname LIKE 'jobs_filesearch_%'",
}
INSTALL: dict[str, tuple[str, ...]] = {
    "sqlite": (
        "INSERT INTO jobs_filesearch (jobs_filesearch) VALUES ('rebuild')",
        *(
            f"CREATE TRIGGER jobs_filesearch_{name} {when_and_what}"
            for name, when_and_what in _SQLITE_TRIGGERS.items()
        ),
    ),
    "postgresql": (
        *_POSTGRESQL_TABLE,
        *(
            f"CREATE TRIGGER jobs_filesearch_{name} {when} "
            "EXECUTE FUNCTION jobs_filesearch_follow()"
            for name, when in _POSTGRESQL_TRIGGERS.items()
        ),
    ),
}
UNINSTALL: dict[str, tuple[str, ...]] = {
    "sqlite": (
        *(f"DROP TRIGGER IF EXISTS jobs_filesearch_{name}" for name in _SQLITE_TRIGGERS),
        "DROP TABLE IF EXISTS jobs_filesearch",
    ),
    "postgresql": (
        *(
            f"DROP TRIGGER IF EXISTS jobs_filesearch_{name} ON jobs_libraryfile"
            for name in _POSTGRESQL_TRIGGERS
        ),
        "DROP TABLE IF EXISTS jobs_filesearch",
        "DROP FUNCTION IF EXISTS jobs_filesearch_follow",
        "DROP FUNCTION IF EXISTS jobs_trigrams",
    ),
}
