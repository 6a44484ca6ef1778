"""PostgreSQL: a table of paths with a GIN index over their trigrams.

`docs/decisions/0008-own-trigrams-on-postgresql.md` says why it is not pg_trgm.
"""

from jobs.library.search_index.base import SearchIndex, like_pattern, trigrams

RARE = 20_000
"""Candidates whose comparison takes as long as a pass through a million paths."""

SAMPLE = 5_000
"""Paths from which the number of candidates is estimated."""

# The order of bytes: that of a walk through the folder, and the fastest to compare.
_COLLATION = 'ALTER TABLE jobs_libraryfile ALTER COLUMN path TYPE text COLLATE "C"'

_TRIGRAMS = """
CREATE FUNCTION jobs_trigrams(path text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array(SELECT substr(lower(path COLLATE "C"), place, 3)
                 FROM generate_series(1, length(path) - 2) AS place)
$$
"""
_FOLLOW = """
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
END $$
"""
_CALL = "EXECUTE FUNCTION jobs_filesearch_follow()"


class PostgreSQLSearchIndex(SearchIndex):
    create = (
        _COLLATION,
        _TRIGRAMS,
        _FOLLOW,
        'CREATE TABLE jobs_filesearch (file_id bigint PRIMARY KEY, path text COLLATE "C" NOT NULL)',
        "INSERT INTO jobs_filesearch SELECT id, path FROM jobs_libraryfile",
        "CREATE INDEX jobs_filesearch_trigrams ON jobs_filesearch USING gin (jobs_trigrams(path))",
    )
    triggers = {
        "add": "AFTER INSERT ON jobs_libraryfile REFERENCING NEW TABLE AS added "
        f"FOR EACH STATEMENT {_CALL}",
        "remove": "AFTER DELETE ON jobs_libraryfile REFERENCING OLD TABLE AS removed "
        f"FOR EACH STATEMENT {_CALL}",
        "rename": "AFTER UPDATE OF path ON jobs_libraryfile "
        f"FOR EACH ROW WHEN (OLD.path <> NEW.path) {_CALL}",
        "empty": f"AFTER TRUNCATE ON jobs_libraryfile FOR EACH STATEMENT {_CALL}",
    }
    drop = (
        "DROP FUNCTION IF EXISTS jobs_filesearch_follow CASCADE",  # with the triggers
        "DROP TABLE IF EXISTS jobs_filesearch",
        "DROP FUNCTION IF EXISTS jobs_trigrams",
    )
    count_triggers = (
        "SELECT count(*) FROM pg_trigger "
        "WHERE tgrelid = 'jobs_libraryfile'::regclass AND tgname LIKE 'jobs_filesearch_%'"
    )
    match = "SELECT file_id FROM jobs_filesearch WHERE jobs_trigrams(path) @> CAST(%s AS text[])"
    like = "ILIKE"  # for a column with the collation "C"

    def is_rare(self, text: str) -> bool:
        # From a sample: the index collects all candidates before it returns the first, and the
        # planner's statistics treat the trigrams of a frequent word as independent.
        rows = self._number(
            "SELECT reltuples FROM pg_class WHERE oid = 'jobs_filesearch'::regclass"
        )
        share = min(1.0, SAMPLE / max(rows, 1))
        found = self._number(
            "SELECT count(*) FROM jobs_filesearch TABLESAMPLE SYSTEM (%s) REPEATABLE (1) "
            "WHERE path ILIKE %s",
            100 * share,
            like_pattern(text),
        )
        return found / share < RARE

    def terms(self, text: str) -> list[str]:
        return trigrams(text)
