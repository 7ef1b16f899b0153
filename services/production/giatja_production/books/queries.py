"""The sums that production keeps, each against what it is the sum of; asked over every Lapas the caller sees."""

from typing import Any, Final

from giatja_kit.database import Store

# name -> what makes a row for each difference, with the Lapas it is of. None of them may ever make one.
CHECKS: Final = {
    "premi_accounts": (
        "SELECT lapas_id FROM premi_account a FULL JOIN (SELECT e.lapas_id, e.inmate_id, p.account, sum(p.amount) AS posted"
        "  FROM premi_posting p JOIN premi_entry e ON e.lapas_id = p.lapas_id AND e.id = p.entry_id"
        "  WHERE p.account IN ('payable', 'bank_book', 'card', 'custody', 'savings', 'handover') GROUP BY 1, 2, 3) s"
        " USING (lapas_id, inmate_id, account) WHERE coalesce(a.balance, 0) <> coalesce(s.posted, 0)"
    ),
    "premi_entries": "SELECT lapas_id FROM premi_posting GROUP BY lapas_id, entry_id HAVING sum(amount) <> 0",
    "premi_lists": (
        "SELECT l.lapas_id FROM premi_list l LEFT JOIN (SELECT lapas_id, list_id, count(*) AS people, sum(gross) AS gross,"
        "   sum(saved) AS saved, sum(received) AS received FROM premi_line GROUP BY 1, 2) n"
        "  ON n.lapas_id = l.lapas_id AND n.list_id = l.id WHERE l.state <> 'computing'"
        " AND (l.people, l.gross, l.saved, l.received)"
        "  <> (coalesce(n.people, 0), coalesce(n.gross, 0), coalesce(n.saved, 0), coalesce(n.received, 0))"
    ),
    "piece_credits": (
        "SELECT o.lapas_id FROM output o LEFT JOIN (SELECT lapas_id, output_id, cell_no, sum(pieces) AS pieces FROM credit"
        "  GROUP BY 1, 2, 3) c ON c.lapas_id = o.lapas_id AND c.output_id = o.id AND c.cell_no = o.cell_no"
        " WHERE o.credited <> coalesce(c.pieces, 0) AND (o.credited > 0 OR c.pieces > 0)"
    ),
    "bundles": (
        "SELECT b.lapas_id FROM (SELECT lapas_id, work_order_id, stage_no, cell_no,"
        "   sum(pieces) FILTER (WHERE NOT in_rework) AS waiting, sum(pieces) FILTER (WHERE in_rework) AS rework"
        "  FROM bundle WHERE state = 'open' GROUP BY 1, 2, 3, 4) b"
        " LEFT JOIN stage_balance s USING (lapas_id, work_order_id, stage_no, cell_no)"
        " WHERE coalesce(b.waiting, 0) > coalesce(s.waiting, 0) OR coalesce(b.rework, 0) > coalesce(s.rework, 0)"
    ),
    "material_in_store": (
        "SELECT l.lapas_id FROM material_lot l LEFT JOIN (SELECT lapas_id, lot_id, sum(store) AS moved FROM material_movement"
        "  GROUP BY 1, 2) m ON m.lapas_id = l.lapas_id AND m.lot_id = l.id WHERE l.in_store <> coalesce(m.moved, 0)"
    ),
    "material_at_work": (
        "SELECT lapas_id FROM material_custody c FULL JOIN (SELECT lapas_id, lot_id, work_order_id, sum(floor) AS moved"
        "  FROM material_movement WHERE work_order_id IS NOT NULL GROUP BY 1, 2, 3) m"
        " USING (lapas_id, lot_id, work_order_id) WHERE coalesce(c.quantity, 0) <> coalesce(m.moved, 0)"
    ),
}


def reckon(store: Store) -> list[dict[str, Any]]:
    """Return each check with how many differences it finds, and at which Lapas."""
    found = []
    for name, sql in CHECKS.items():
        rows = store.rows(f"SELECT lapas_id, count(*) AS differences FROM ({sql}) d GROUP BY 1 ORDER BY 1")  # noqa: S608
        found.append(
            {"name": name, "differences": sum(r["differences"] for r in rows), "lapas": [dict(r) for r in rows]}
        )
    return found
