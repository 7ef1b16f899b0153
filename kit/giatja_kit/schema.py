"""The tables every service has, and what every table gets: row-level security and narrow grants.

Called by migrations only, on the connection of the role that owns the tables. The service itself
connects as another role that owns nothing.
"""

from alembic import op

KIT_TABLES = frozenset(
    {
        "event_log",
        "event_head",
        "event_epoch",
        "event_cursor",
        "heard_fact",
        "parked_fact",
        "idempotency_key",
        "audit_log",
        "audit_seal",
        "alembic_version",
    }
)

# One look at the setting a query, not one a row: a scalar sub-select becomes an InitPlan.
_SCOPE = "(SELECT current_setting('giatja.lapas', true))"
_MINE = (
    f"lapas_id = ANY ((SELECT string_to_array(current_setting('giatja.lapas', true), ','))::text[]) OR {_SCOPE} = '*'"
)
_SYSTEM = f"{_SCOPE} = '*'"


def secure(table: str, *, app: str, grants: str = "SELECT, INSERT, UPDATE, DELETE") -> None:
    """Give a table with a ``lapas_id`` its row-level security and the service its grants."""
    _secure(table, app=app, grants=grants, rule=_MINE)


def secure_system(table: str, *, app: str, grants: str = "SELECT, INSERT, UPDATE, DELETE") -> None:
    """Give a table of the whole service, not of one Lapas, to transactions without a Lapas only."""
    _secure(table, app=app, grants=grants, rule=_SYSTEM)


def _secure(table: str, *, app: str, grants: str, rule: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY scope ON {table} USING ({rule}) WITH CHECK ({rule})")
    op.execute(f"GRANT {grants} ON {table} TO {app}")


def create_kit_tables(app: str) -> None:
    """Create the event log, cursors, parked facts, idempotency keys and the audit trail.

    :param app: the role the service connects as.
    """
    for statement in _STATEMENTS:
        op.execute(statement.replace(":app", app))
    secure("event_log", app=app, grants="SELECT, INSERT, UPDATE (position)")
    secure_system("event_head", app=app, grants="SELECT, UPDATE")
    secure_system("event_epoch", app=app, grants="SELECT, INSERT")
    secure_system("event_cursor", app=app)
    secure_system("heard_fact", app=app)
    secure_system("parked_fact", app=app)
    secure("idempotency_key", app=app)
    secure("audit_log", app=app, grants="SELECT, INSERT")
    secure_system("audit_seal", app=app, grants="SELECT, INSERT")
    op.execute("INSERT INTO event_head (epoch) VALUES (gen_random_uuid()) ON CONFLICT DO NOTHING")
    op.execute("INSERT INTO event_epoch (epoch, from_position) SELECT epoch, 0 FROM event_head")
    op.execute("SELECT giatja_log_partitions()")


def drop_kit_tables() -> None:
    """Undo :func:`create_kit_tables`."""
    for table in sorted(KIT_TABLES - {"alembic_version", "audit_seal"}):
        op.execute(f"DROP TABLE {table} CASCADE")
    op.execute("DROP TABLE IF EXISTS audit_seal")
    op.execute("DROP FUNCTION giatja_log_partitions(), giatja_facts_waiting()")


_STATEMENTS = (
    """
    CREATE TABLE event_log (
        id uuid NOT NULL,
        seq bigint GENERATED ALWAYS AS IDENTITY,
        recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        position bigint,
        lapas_id text NOT NULL,
        type text NOT NULL,
        subject text NOT NULL,
        occurred_at timestamptz NOT NULL,
        actor text NOT NULL,
        traceparent text NOT NULL,
        causation uuid,
        data jsonb NOT NULL,
        PRIMARY KEY (recorded_at, id)
    ) PARTITION BY RANGE (recorded_at)
    """,
    """
    CREATE FUNCTION giatja_facts_waiting() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_notify('giatja_facts', ''); RETURN NULL; END $$
    """,
    """
    CREATE TRIGGER facts_waiting AFTER INSERT ON event_log
    FOR EACH STATEMENT EXECUTE FUNCTION giatja_facts_waiting()
    """,
    "CREATE INDEX event_log_position ON event_log (position)",
    "CREATE INDEX event_log_waiting ON event_log (seq) WHERE position IS NULL",
    "CREATE INDEX event_log_subject ON event_log (lapas_id, subject)",
    """
    CREATE TABLE event_head (
        single boolean PRIMARY KEY DEFAULT true CHECK (single),
        epoch uuid NOT NULL,
        position bigint NOT NULL DEFAULT 0
    )
    """,
    """
    CREATE TABLE event_epoch (
        epoch uuid PRIMARY KEY,
        from_position bigint NOT NULL,
        began_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    """
    CREATE TABLE event_cursor (
        source text PRIMARY KEY,
        epoch uuid,
        position bigint NOT NULL DEFAULT 0,
        head bigint NOT NULL DEFAULT 0,
        state text NOT NULL DEFAULT 'following' CHECK (state IN ('following', 'ahead')),
        vanished_from bigint,
        looked_at timestamptz
    )
    """,
    """
    CREATE TABLE heard_fact (
        source text NOT NULL,
        epoch uuid NOT NULL,
        position bigint NOT NULL,
        event_id uuid NOT NULL,
        lapas_id text NOT NULL,
        type text NOT NULL,
        subject text NOT NULL,
        outcome text NOT NULL CHECK (outcome IN ('applied', 'passed_over', 'held', 'discarded', 'vanished')),
        heard_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        nth bigint GENERATED ALWAYS AS IDENTITY,
        PRIMARY KEY (source, position, epoch)
    )
    """,
    "CREATE INDEX heard_fact_at ON heard_fact (heard_at)",
    """
    CREATE TABLE parked_fact (
        id uuid PRIMARY KEY,
        source text NOT NULL,
        position bigint NOT NULL,
        lapas_id text NOT NULL,
        type text NOT NULL,
        subject text NOT NULL,
        envelope jsonb NOT NULL,
        state text NOT NULL CHECK (state IN ('retrying', 'waiting', 'parked')),
        attempts int NOT NULL DEFAULT 0,
        error text,
        next_try_at timestamptz,
        parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        UNIQUE (source, position)
    )
    """,
    "CREATE INDEX parked_fact_subject ON parked_fact (source, subject, position)",
    """
    CREATE TABLE idempotency_key (
        lapas_id text NOT NULL,
        subject text NOT NULL,
        key text NOT NULL,
        fingerprint text NOT NULL,
        status int,
        body text,
        headers jsonb,
        made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (lapas_id, subject, key)
    )
    """,
    "CREATE INDEX idempotency_key_made ON idempotency_key (made_at)",
    """
    CREATE TABLE audit_log (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        lapas_id text NOT NULL,
        at timestamptz NOT NULL,
        actor text NOT NULL,
        role text NOT NULL,
        action text NOT NULL,
        subject text NOT NULL,
        outcome text NOT NULL CHECK (outcome IN ('done', 'refused')),
        trace text NOT NULL,
        detail jsonb NOT NULL DEFAULT '{}'
    )
    """,
    "CREATE INDEX audit_log_lapas ON audit_log (lapas_id, at)",
    "CREATE INDEX audit_log_subject ON audit_log (lapas_id, subject)",
    """
    CREATE TABLE audit_seal (
        position bigint PRIMARY KEY,
        audit_id bigint NOT NULL UNIQUE REFERENCES audit_log (id),
        hash bytea NOT NULL
    )
    """,
    # The service's role may not create tables, so the owner lends it this one act.
    """
    CREATE FUNCTION giatja_log_partitions() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public AS $$
    DECLARE
        month date := date_trunc('month', now() AT TIME ZONE 'UTC')::date;
        nth int;
        part record;
    BEGIN
        PERFORM pg_advisory_xact_lock(71);
        FOR nth IN -1 .. 3 LOOP
            IF to_regclass(format('event_log_%s', to_char(month + (nth || ' months')::interval, 'YYYYMM'))) IS NULL THEN
                EXECUTE format(
                    'CREATE TABLE event_log_%s PARTITION OF event_log FOR VALUES FROM (%L) TO (%L)',
                    to_char(month + (nth || ' months')::interval, 'YYYYMM'),
                    to_char(month + (nth || ' months')::interval, 'YYYY-MM-01 00:00:00+00'),
                    to_char(month + ((nth + 1) || ' months')::interval, 'YYYY-MM-01 00:00:00+00'));
            END IF;
        END LOOP;
        FOR part IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'event_log'::regclass
              AND to_date(right(c.relname, 6), 'YYYYMM') < (now() - interval '400 days' - interval '1 month')::date
        LOOP
            EXECUTE format('DROP TABLE %I', part.relname);
        END LOOP;
    END $$
    """,
    "REVOKE ALL ON FUNCTION giatja_log_partitions() FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION giatja_log_partitions() TO :app",
)
