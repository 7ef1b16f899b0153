"""Premi: schemes, lists and the ledger of each inmate."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from giatja_kit.schema import secure

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

APP = "giatja_production_app"
TABLES = (
    "premi_scheme",
    "premi_reference",
    "premi_proceeds",
    "premi_list",
    "premi_progress",
    "premi_line",
    "premi_part",
    "premi_counter",
    "premi_account",
    "premi_leaver",
    "premi_withdrawal",
    "premi_arrival",
    "premi_entry",
    "premi_posting",
)
GRANTS = {
    "premi_entry": "SELECT, INSERT",
    "premi_posting": "SELECT, INSERT",
    "premi_proceeds": "SELECT, INSERT",
    "premi_part": "SELECT, INSERT, DELETE",
    "premi_line": "SELECT, INSERT, DELETE, UPDATE (way, document, credited_at)",
}


def upgrade() -> None:
    op.create_table(
        "premi_scheme",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("workshop_id", sa.Uuid, nullable=False),
        sa.Column("product_name", sa.Text),
        sa.Column("terms", postgresql.JSONB, nullable=False),
        sa.Column("saved_percent", sa.SmallInteger, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("proposed_by", sa.Text, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
        sa.CheckConstraint("state IN ('proposed', 'approved', 'refused')", name="premi_scheme_state"),
        sa.CheckConstraint("(state = 'proposed') = (decided_by IS NULL)", name="premi_scheme_decided"),
        sa.CheckConstraint("saved_percent BETWEEN 0 AND 100", name="premi_scheme_saved"),
    )
    op.create_table(
        "premi_reference",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("valid_from", sa.Date, primary_key=True),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("set_by", sa.Text, nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('floor', 'umk')", name="premi_reference_kind"),
        sa.CheckConstraint("amount > 0", name="premi_reference_amount"),
    )
    op.create_table(
        "premi_proceeds",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("order_id", sa.Uuid, nullable=False),
        sa.Column("base", sa.BigInteger, nullable=False),
        sa.Column("premi", sa.BigInteger, nullable=False),
        sa.Column("capital", sa.BigInteger, nullable=False),
        sa.Column("pnbp", sa.BigInteger, nullable=False),
        sa.Column("other", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("split_on", sa.Date, nullable=False),
        sa.Column("reverses", sa.Uuid),
        sa.Column("reason", sa.Text),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text, nullable=False),
        sa.UniqueConstraint("lapas_id", "document", name="premi_proceeds_document"),
        sa.UniqueConstraint("lapas_id", "reverses", name="premi_proceeds_reversed_once"),
        sa.ForeignKeyConstraint(["lapas_id", "reverses"], ["premi_proceeds.lapas_id", "premi_proceeds.id"]),
        sa.CheckConstraint("premi + capital + pnbp + other = base", name="premi_proceeds_whole"),
        sa.CheckConstraint(
            "CASE WHEN reverses IS NULL THEN base > 0 AND least(premi, capital, pnbp, other) >= 0"
            " ELSE base < 0 AND greatest(premi, capital, pnbp, other) <= 0 AND reason IS NOT NULL END",
            name="premi_proceeds_sign",
        ),
    )
    op.create_table(
        "premi_list",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("period", sa.Date, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("requested_by", sa.Text, nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True)),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("gross", sa.BigInteger, nullable=False),
        sa.Column("saved", sa.BigInteger, nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("unpriced_pieces", sa.Integer, nullable=False),
        sa.Column("unpriced_people", sa.Integer, nullable=False),
        sa.Column("proposed_by", sa.Text),
        sa.Column("proposed_at", sa.DateTime(timezone=True)),
        sa.Column("approved_by", sa.Text),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.Column("returned_reason", sa.Text),
        sa.Column("credited_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("lapas_id", "period", name="premi_list_period"),
        sa.CheckConstraint("extract(day FROM period) = 1 AND until >= period", name="premi_list_month"),
        sa.CheckConstraint(
            "state IN ('computing', 'draft', 'proposed', 'locked', 'credited')", name="premi_list_state"
        ),
        sa.CheckConstraint("(state IN ('locked', 'credited')) = (approved_by IS NOT NULL)", name="premi_list_approved"),
        sa.CheckConstraint("approved_by IS NULL OR approved_by <> proposed_by", name="premi_list_two_persons"),
        sa.CheckConstraint("gross = saved + received AND least(saved, received) >= 0", name="premi_list_sums"),
    )
    op.create_table(
        "premi_progress",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("list_id", sa.Uuid, primary_key=True),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "list_id"], ["premi_list.lapas_id", "premi_list.id"]),
    )
    op.create_table(
        "premi_line",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("list_id", sa.Uuid, primary_key=True),
        sa.Column("inmate_id", sa.Uuid, primary_key=True),
        sa.Column("workshop_id", sa.Uuid, nullable=False),
        sa.Column("pieces", sa.Integer, nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("earned", sa.BigInteger, nullable=False),
        sa.Column("carried_in", sa.BigInteger, nullable=False),
        sa.Column("gross", sa.BigInteger, nullable=False),
        sa.Column("saved", sa.BigInteger, nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("carried_out", sa.BigInteger, nullable=False),
        sa.Column("way", sa.Text),
        sa.Column("document", sa.Text),
        sa.Column("credited_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["lapas_id", "list_id"], ["premi_list.lapas_id", "premi_list.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "inmate_id"], ["worker.lapas_id", "worker.inmate_id"]),
        sa.ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
        sa.CheckConstraint(
            "carried_in <= 0 AND gross = greatest(earned + carried_in, 0) AND carried_out = least(earned + carried_in, 0)",
            name="premi_line_carried",
        ),
        sa.CheckConstraint("gross = saved + received AND least(saved, received) >= 0", name="premi_line_sums"),
        sa.CheckConstraint("way IN ('bank_book', 'card', 'custody', 'handover')", name="premi_line_way"),
        sa.CheckConstraint(
            "(way IS NULL) = (credited_at IS NULL) AND (way IS NULL) = (document IS NULL)", name="premi_line_credited"
        ),
    )
    op.create_table(
        "premi_part",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("list_id", sa.Uuid, primary_key=True),
        sa.Column("inmate_id", sa.Uuid, primary_key=True),
        sa.Column("nth", sa.SmallInteger, primary_key=True),
        sa.Column("workshop_id", sa.Uuid, nullable=False),
        sa.Column("order_id", sa.Uuid),
        sa.Column("month", sa.Date),
        sa.Column("pieces", sa.Integer, nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("before", sa.BigInteger, nullable=False),
        sa.Column("did", postgresql.JSONB, nullable=False),
        sa.ForeignKeyConstraint(
            ["lapas_id", "list_id", "inmate_id"], ["premi_line.lapas_id", "premi_line.list_id", "premi_line.inmate_id"]
        ),
        sa.CheckConstraint("num_nonnulls(order_id, month) = 1", name="premi_part_source"),
        sa.CheckConstraint("amount <> 0", name="premi_part_amount"),
    )
    op.create_table(
        "premi_counter",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("year", sa.SmallInteger, primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
    )
    op.create_table(
        "premi_account",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("inmate_id", sa.Uuid, primary_key=True),
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("balance", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "inmate_id"], ["worker.lapas_id", "worker.inmate_id"]),
        sa.CheckConstraint("balance >= 0", name="premi_account_balance"),
        sa.CheckConstraint(
            "account IN ('payable', 'bank_book', 'card', 'custody', 'savings', 'handover')", name="premi_account_known"
        ),
    )
    op.create_table(
        "premi_leaver",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("inmate_id", sa.Uuid, primary_key=True),
        sa.Column("left_on", sa.Date, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "inmate_id"], ["worker.lapas_id", "worker.inmate_id"]),
        sa.CheckConstraint("reason IN ('transfer', 'release')", name="premi_leaver_reason"),
    )
    op.create_table(
        "premi_withdrawal",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("inmate_id", sa.Uuid, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("requested_by", sa.Text, nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Text),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.Column("paid_by", sa.Text),
        sa.Column("paid_at", sa.DateTime(timezone=True)),
        sa.Column("document", sa.Text),
        sa.Column("refused_by", sa.Text),
        sa.Column("refused_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "inmate_id"], ["worker.lapas_id", "worker.inmate_id"]),
        sa.CheckConstraint("account IN ('bank_book', 'card', 'custody')", name="premi_withdrawal_account"),
        sa.CheckConstraint("amount > 0", name="premi_withdrawal_amount"),
        sa.CheckConstraint("state IN ('requested', 'approved', 'paid', 'refused')", name="premi_withdrawal_state"),
        sa.CheckConstraint(
            "CASE state WHEN 'requested' THEN num_nonnulls(approved_by, paid_by, refused_by) = 0"
            " WHEN 'approved' THEN approved_by IS NOT NULL AND num_nonnulls(paid_by, refused_by) = 0"
            " WHEN 'paid' THEN num_nonnulls(approved_by, paid_by, document) = 3 AND refused_by IS NULL"
            " ELSE refused_by IS NOT NULL AND reason IS NOT NULL AND paid_by IS NULL END",
            name="premi_withdrawal_decided",
        ),
        sa.CheckConstraint(
            "approved_by IS DISTINCT FROM requested_by AND paid_by IS DISTINCT FROM requested_by"
            " AND (paid_by IS NULL OR paid_by <> approved_by)",
            name="premi_withdrawal_three_persons",
        ),
    )
    op.create_table(
        "premi_arrival",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("inmate_id", sa.Uuid, nullable=False),
        sa.Column("from_lapas", sa.Text, nullable=False),
        sa.Column("from_name", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("receipt", sa.Text),
        sa.Column("settled_by", sa.Text),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("amount > 0", name="premi_arrival_amount"),
        sa.CheckConstraint("from_lapas <> lapas_id", name="premi_arrival_elsewhere"),
        sa.CheckConstraint("state IN ('waiting', 'accepted', 'recalled')", name="premi_arrival_state"),
        sa.CheckConstraint("(state = 'waiting') = (settled_by IS NULL)", name="premi_arrival_settled"),
    )
    op.create_table(
        "premi_entry",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("inmate_id", sa.Uuid, nullable=False),
        sa.Column("year", sa.SmallInteger, nullable=False),
        sa.Column("nth", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("list_id", sa.Uuid),
        sa.Column("withdrawal_id", sa.Uuid),
        sa.Column("place", sa.Text),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "inmate_id"], ["worker.lapas_id", "worker.inmate_id"]),
        sa.ForeignKeyConstraint(["lapas_id", "list_id"], ["premi_list.lapas_id", "premi_list.id"]),
        sa.ForeignKeyConstraint(["lapas_id", "withdrawal_id"], ["premi_withdrawal.lapas_id", "premi_withdrawal.id"]),
        sa.UniqueConstraint("lapas_id", "year", "nth", name="premi_entry_number"),
        sa.UniqueConstraint("lapas_id", "list_id", "inmate_id", "kind", name="premi_entry_once"),
        sa.UniqueConstraint("lapas_id", "withdrawal_id", name="premi_entry_withdrawal"),
        sa.CheckConstraint(
            "kind IN ('list', 'credit', 'withdrawal', 'leaving', 'handover', 'recall', 'arrival', 'return')",
            name="premi_entry_kind",
        ),
    )
    op.create_table(
        "premi_posting",
        sa.Column("lapas_id", sa.Text, primary_key=True),
        sa.Column("entry_id", sa.Uuid, primary_key=True),
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["lapas_id", "entry_id"], ["premi_entry.lapas_id", "premi_entry.id"]),
        sa.CheckConstraint("amount <> 0", name="premi_posting_amount"),
    )
    op.create_index(
        "premi_scheme_from",
        "premi_scheme",
        ["lapas_id", "workshop_id", sa.text("coalesce(product_name, '')"), "valid_from"],
        unique=True,
        postgresql_where=sa.text("state = 'approved'"),
    )
    op.create_index("premi_proceeds_order", "premi_proceeds", ["lapas_id", "order_id"])
    op.create_index(
        "premi_list_one_open",
        "premi_list",
        ["lapas_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('computing', 'draft', 'proposed')"),
    )
    op.create_index("premi_line_inmate", "premi_line", ["lapas_id", "inmate_id"])
    op.create_index(
        "premi_part_once",
        "premi_part",
        ["lapas_id", "list_id", "inmate_id", "workshop_id", "order_id", "month"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("premi_part_order", "premi_part", ["lapas_id", "order_id"])
    op.create_index("premi_entry_inmate", "premi_entry", ["lapas_id", "inmate_id", "year", "nth"])
    op.create_index("premi_withdrawal_inmate", "premi_withdrawal", ["lapas_id", "inmate_id"])
    op.create_index("credit_at", "credit", ["lapas_id", "at"])
    # The postings of an entry come in one statement, and sum to nothing.
    op.execute(
        """
        CREATE FUNCTION giatja_premi_balances() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT FROM added GROUP BY lapas_id, entry_id HAVING sum(amount) <> 0) THEN
                RAISE EXCEPTION 'a premi entry does not balance' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER premi_posting_balances AFTER INSERT ON premi_posting REFERENCING NEW TABLE AS added"
        " FOR EACH STATEMENT EXECUTE FUNCTION giatja_premi_balances()"
    )
    # What stands on an approved list stays: a correction is a line of a later one.
    op.execute(
        """
        CREATE FUNCTION giatja_premi_list_locked() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT FROM touched t JOIN premi_list p ON p.lapas_id = t.lapas_id AND p.id = t.list_id
                WHERE p.state IN ('locked', 'credited')) THEN
                RAISE EXCEPTION 'an approved premi list is not changed' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        END $$
        """
    )
    for table in ("premi_line", "premi_part"):
        for act, rows in (("INSERT", "NEW"), ("DELETE", "OLD")):
            op.execute(
                f"CREATE TRIGGER {table}_{act.lower()}_locked AFTER {act} ON {table} REFERENCING {rows} TABLE AS touched"
                " FOR EACH STATEMENT EXECUTE FUNCTION giatja_premi_list_locked()"
            )
    for table in TABLES:
        secure(table, app=APP, grants=GRANTS.get(table, "SELECT, INSERT, UPDATE, DELETE"))


def downgrade() -> None:
    op.drop_index("credit_at", "credit")
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("DROP FUNCTION giatja_premi_balances()")
    op.execute("DROP FUNCTION giatja_premi_list_locked()")
