"""The tables of premi: schemes, references, proceeds, lists and the ledger."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from giatja_production.output.tables import credit
from giatja_production.premi.domain import (
    Account,
    Arrival,
    ArrivalState,
    ListState,
    PremiList,
    Scheme,
    SchemeState,
    Terms,
    Withdrawal,
    WithdrawalState,
    read_terms,
    terms_document,
)
from giatja_production.tables import mapper, metadata


class TermsColumn(TypeDecorator[Terms]):
    """The terms of a scheme kept whole, as JSON."""

    impl = JSONB
    cache_ok = True

    def process_bind_param(self, value: Terms | None, dialect: Any) -> dict[str, Any] | None:
        """Write terms."""
        return terms_document(value) if value is not None else None

    def process_result_value(self, value: Any, dialect: Any) -> Terms | None:
        """Read terms."""
        return read_terms(value) if value is not None else None


class SchemeStateColumn(TypeDecorator[SchemeState]):
    """A scheme's state as text."""

    impl = Text
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Any) -> SchemeState | None:
        """Read a state."""
        return SchemeState(value) if value is not None else None


class ListStateColumn(TypeDecorator[ListState]):
    """A list's state as text."""

    impl = Text
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Any) -> ListState | None:
        """Read a state."""
        return ListState(value) if value is not None else None


class WithdrawalStateColumn(TypeDecorator[WithdrawalState]):
    """A withdrawal's state as text."""

    impl = Text
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Any) -> WithdrawalState | None:
        """Read a state."""
        return WithdrawalState(value) if value is not None else None


class ArrivalStateColumn(TypeDecorator[ArrivalState]):
    """An arrival's state as text."""

    impl = Text
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Any) -> ArrivalState | None:
        """Read a state."""
        return ArrivalState(value) if value is not None else None


class AccountColumn(TypeDecorator[Account]):
    """An account as text."""

    impl = Text
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Any) -> Account | None:
        """Read an account."""
        return Account(value) if value is not None else None


premi_scheme = Table(
    "premi_scheme",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("workshop_id", Uuid, nullable=False),
    Column("product_name", Text),
    Column("terms", TermsColumn, nullable=False),
    Column("saved_percent", SmallInteger, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("document", Text, nullable=False),
    Column("state", SchemeStateColumn, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", DateTime(timezone=True), nullable=False),
    Column("decided_by", Text),
    Column("decided_at", DateTime(timezone=True)),
    Column("reason", Text),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
    CheckConstraint("state IN ('proposed', 'approved', 'refused')", name="premi_scheme_state"),
    CheckConstraint("(state = 'proposed') = (decided_by IS NULL)", name="premi_scheme_decided"),
    CheckConstraint("saved_percent BETWEEN 0 AND 100", name="premi_scheme_saved"),
    Index(
        "premi_scheme_from",
        "lapas_id",
        "workshop_id",
        text("coalesce(product_name, '')"),
        "valid_from",
        unique=True,
        postgresql_where=text("state = 'approved'"),
    ),
)

premi_reference = Table(
    "premi_reference",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("amount", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("set_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("kind IN ('floor', 'umk')", name="premi_reference_kind"),
    CheckConstraint("amount > 0", name="premi_reference_amount"),
)

# A payment is never changed: what was entered wrongly is taken back by its opposite.
premi_proceeds = Table(
    "premi_proceeds",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, nullable=False),
    Column("base", BigInteger, nullable=False),
    Column("premi", BigInteger, nullable=False),
    Column("capital", BigInteger, nullable=False),
    Column("pnbp", BigInteger, nullable=False),
    Column("other", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Column("split_on", Date, nullable=False),
    Column("reverses", Uuid),
    Column("reason", Text),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("recorded_by", Text, nullable=False),
    UniqueConstraint("lapas_id", "document", name="premi_proceeds_document"),
    UniqueConstraint("lapas_id", "reverses", name="premi_proceeds_reversed_once"),
    ForeignKeyConstraint(["lapas_id", "reverses"], ["premi_proceeds.lapas_id", "premi_proceeds.id"]),
    CheckConstraint("premi + capital + pnbp + other = base", name="premi_proceeds_whole"),
    CheckConstraint(
        "CASE WHEN reverses IS NULL THEN base > 0 AND least(premi, capital, pnbp, other) >= 0"
        " ELSE base < 0 AND greatest(premi, capital, pnbp, other) <= 0 AND reason IS NOT NULL END",
        name="premi_proceeds_sign",
    ),
    Index("premi_proceeds_order", "lapas_id", "order_id"),
)

premi_list = Table(
    "premi_list",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("period", Date, nullable=False),
    Column("until", Date, nullable=False),
    Column("state", ListStateColumn, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("computed_at", DateTime(timezone=True)),
    Column("people", Integer, nullable=False),
    Column("gross", BigInteger, nullable=False),
    Column("saved", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("unpriced_pieces", Integer, nullable=False),
    Column("unpriced_people", Integer, nullable=False),
    Column("proposed_by", Text),
    Column("proposed_at", DateTime(timezone=True)),
    Column("approved_by", Text),
    Column("approved_at", DateTime(timezone=True)),
    Column("returned_reason", Text),
    Column("credited_at", DateTime(timezone=True)),
    Column("version", Integer, nullable=False),
    UniqueConstraint("lapas_id", "period", name="premi_list_period"),
    CheckConstraint("extract(day FROM period) = 1 AND until >= period", name="premi_list_month"),
    CheckConstraint("state IN ('computing', 'draft', 'proposed', 'locked', 'credited')", name="premi_list_state"),
    CheckConstraint("(state IN ('locked', 'credited')) = (approved_by IS NOT NULL)", name="premi_list_approved"),
    CheckConstraint("approved_by IS NULL OR approved_by <> proposed_by", name="premi_list_two_persons"),
    CheckConstraint("gross = saved + received AND least(saved, received) >= 0", name="premi_list_sums"),
    Index(
        "premi_list_one_open",
        "lapas_id",
        unique=True,
        postgresql_where=text("state IN ('computing', 'draft', 'proposed')"),
    ),
)

# How far the worker is with a list; a table of its own, since the list itself is locked meanwhile.
premi_progress = Table(
    "premi_progress",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("list_id", Uuid, primary_key=True),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    ForeignKeyConstraint(["lapas_id", "list_id"], ["premi_list.lapas_id", "premi_list.id"]),
)

premi_line = Table(
    "premi_line",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("list_id", Uuid, primary_key=True),
    Column("inmate_id", Uuid, primary_key=True),
    Column("workshop_id", Uuid, nullable=False),
    Column("pieces", Integer, nullable=False),
    Column("days", Integer, nullable=False),
    Column("earned", BigInteger, nullable=False),
    Column("carried_in", BigInteger, nullable=False),
    Column("gross", BigInteger, nullable=False),
    Column("saved", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("carried_out", BigInteger, nullable=False),
    Column("way", Text),
    Column("document", Text),
    Column("credited_at", DateTime(timezone=True)),
    ForeignKeyConstraint(["lapas_id", "list_id"], ["premi_list.lapas_id", "premi_list.id"]),
    ForeignKeyConstraint(["lapas_id", "inmate_id"], ["worker.lapas_id", "worker.inmate_id"]),
    ForeignKeyConstraint(["lapas_id", "workshop_id"], ["workshop.lapas_id", "workshop.id"]),
    CheckConstraint(
        "carried_in <= 0 AND gross = greatest(earned + carried_in, 0) AND carried_out = least(earned + carried_in, 0)",
        name="premi_line_carried",
    ),
    CheckConstraint("gross = saved + received AND least(saved, received) >= 0", name="premi_line_sums"),
    CheckConstraint("way IN ('bank_book', 'card', 'custody', 'handover')", name="premi_line_way"),
    CheckConstraint(
        "(way IS NULL) = (credited_at IS NULL) AND (way IS NULL) = (document IS NULL)", name="premi_line_credited"
    ),
    Index("premi_line_inmate", "lapas_id", "inmate_id"),
)

# What a line is made of, and what no other list takes again.
premi_part = Table(
    "premi_part",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("list_id", Uuid, primary_key=True),
    Column("inmate_id", Uuid, primary_key=True),
    Column("nth", SmallInteger, primary_key=True),
    Column("workshop_id", Uuid, nullable=False),
    Column("order_id", Uuid),
    Column("month", Date),
    Column("pieces", Integer, nullable=False),
    Column("days", Integer, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("before", BigInteger, nullable=False),
    Column("did", JSONB, nullable=False),
    ForeignKeyConstraint(
        ["lapas_id", "list_id", "inmate_id"], ["premi_line.lapas_id", "premi_line.list_id", "premi_line.inmate_id"]
    ),
    CheckConstraint("num_nonnulls(order_id, month) = 1", name="premi_part_source"),
    CheckConstraint("amount <> 0", name="premi_part_amount"),
    Index(
        "premi_part_once",
        "lapas_id",
        "list_id",
        "inmate_id",
        "workshop_id",
        "order_id",
        "month",
        unique=True,
        postgresql_nulls_not_distinct=True,
    ),
    Index("premi_part_order", "lapas_id", "order_id"),
)

# The last number given in a year; taken under a lock, so that the numbers have no gap.
premi_counter = Table(
    "premi_counter",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("last", Integer, nullable=False),
)

# The journal; the service may add to it, not change it.
premi_entry = Table(
    "premi_entry",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("inmate_id", Uuid, nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("nth", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("list_id", Uuid),
    Column("withdrawal_id", Uuid),
    Column("place", Text),
    Column("document", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("by", Text, nullable=False),
    ForeignKeyConstraint(["lapas_id", "inmate_id"], ["worker.lapas_id", "worker.inmate_id"]),
    ForeignKeyConstraint(["lapas_id", "list_id"], ["premi_list.lapas_id", "premi_list.id"]),
    ForeignKeyConstraint(["lapas_id", "withdrawal_id"], ["premi_withdrawal.lapas_id", "premi_withdrawal.id"]),
    UniqueConstraint("lapas_id", "year", "nth", name="premi_entry_number"),
    UniqueConstraint("lapas_id", "list_id", "inmate_id", "kind", name="premi_entry_once"),
    UniqueConstraint("lapas_id", "withdrawal_id", name="premi_entry_withdrawal"),
    CheckConstraint(
        "kind IN ('list', 'credit', 'withdrawal', 'leaving', 'handover', 'recall', 'arrival', 'return')",
        name="premi_entry_kind",
    ),
    Index("premi_entry_inmate", "lapas_id", "inmate_id", "year", "nth"),
)

premi_posting = Table(
    "premi_posting",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("entry_id", Uuid, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("amount", BigInteger, nullable=False),
    ForeignKeyConstraint(["lapas_id", "entry_id"], ["premi_entry.lapas_id", "premi_entry.id"]),
    CheckConstraint("amount <> 0", name="premi_posting_amount"),
)

# What stands in each account of an inmate: the sum of its postings, never below nothing.
premi_account = Table(
    "premi_account",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("inmate_id", Uuid, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("balance", BigInteger, nullable=False),
    ForeignKeyConstraint(["lapas_id", "inmate_id"], ["worker.lapas_id", "worker.inmate_id"]),
    CheckConstraint("balance >= 0", name="premi_account_balance"),
    CheckConstraint(
        "account IN ('payable', 'bank_book', 'card', 'custody', 'savings', 'handover')", name="premi_account_known"
    ),
)

premi_leaver = Table(
    "premi_leaver",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("inmate_id", Uuid, primary_key=True),
    Column("left_on", Date, nullable=False),
    Column("reason", Text, nullable=False),
    ForeignKeyConstraint(["lapas_id", "inmate_id"], ["worker.lapas_id", "worker.inmate_id"]),
    CheckConstraint("reason IN ('transfer', 'release')", name="premi_leaver_reason"),
)

premi_withdrawal = Table(
    "premi_withdrawal",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("inmate_id", Uuid, nullable=False),
    Column("account", AccountColumn, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("state", WithdrawalStateColumn, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("approved_by", Text),
    Column("approved_at", DateTime(timezone=True)),
    Column("paid_by", Text),
    Column("paid_at", DateTime(timezone=True)),
    Column("document", Text),
    Column("refused_by", Text),
    Column("refused_at", DateTime(timezone=True)),
    Column("reason", Text),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["lapas_id", "inmate_id"], ["worker.lapas_id", "worker.inmate_id"]),
    CheckConstraint("account IN ('bank_book', 'card', 'custody')", name="premi_withdrawal_account"),
    CheckConstraint("amount > 0", name="premi_withdrawal_amount"),
    CheckConstraint("state IN ('requested', 'approved', 'paid', 'refused')", name="premi_withdrawal_state"),
    CheckConstraint(
        "CASE state WHEN 'requested' THEN num_nonnulls(approved_by, paid_by, refused_by) = 0"
        " WHEN 'approved' THEN approved_by IS NOT NULL AND num_nonnulls(paid_by, refused_by) = 0"
        " WHEN 'paid' THEN num_nonnulls(approved_by, paid_by, document) = 3 AND refused_by IS NULL"
        " ELSE refused_by IS NOT NULL AND reason IS NOT NULL AND paid_by IS NULL END",
        name="premi_withdrawal_decided",
    ),
    CheckConstraint(
        "approved_by IS DISTINCT FROM requested_by AND paid_by IS DISTINCT FROM requested_by"
        " AND (paid_by IS NULL OR paid_by <> approved_by)",
        name="premi_withdrawal_three_persons",
    ),
    Index("premi_withdrawal_inmate", "lapas_id", "inmate_id"),
)

# What another Lapas of this deployment sent, written there and settled here; its sender may look it up by its id.
premi_arrival = Table(
    "premi_arrival",
    metadata,
    Column("lapas_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("inmate_id", Uuid, nullable=False),
    Column("from_lapas", Text, nullable=False),
    Column("from_name", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Column("sent_at", DateTime(timezone=True), nullable=False),
    Column("sent_by", Text, nullable=False),
    Column("state", ArrivalStateColumn, nullable=False),
    Column("receipt", Text),
    Column("settled_by", Text),
    Column("settled_at", DateTime(timezone=True)),
    Column("version", Integer, nullable=False),
    CheckConstraint("amount > 0", name="premi_arrival_amount"),
    CheckConstraint("from_lapas <> lapas_id", name="premi_arrival_elsewhere"),
    CheckConstraint("state IN ('waiting', 'accepted', 'recalled')", name="premi_arrival_state"),
    CheckConstraint("(state = 'waiting') = (settled_by IS NULL)", name="premi_arrival_settled"),
)

# By what was credited since the last list, the next one knows which orders to look at again.
Index("credit_at", credit.c.lapas_id, credit.c.at)


def map_tables() -> None:
    """Tie the classes to their tables."""
    mapper.map_imperatively(Scheme, premi_scheme, version_id_col=premi_scheme.c.version)
    mapper.map_imperatively(PremiList, premi_list, version_id_col=premi_list.c.version)
    mapper.map_imperatively(Withdrawal, premi_withdrawal, version_id_col=premi_withdrawal.c.version)
    mapper.map_imperatively(Arrival, premi_arrival, version_id_col=premi_arrival.c.version)
