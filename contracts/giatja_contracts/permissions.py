"""Which role may do what. One table for the whole house, read by every service.

Approvals follow the duties of the roles: whoever records output does not alone approve what is
paid for it.
"""

from collections.abc import Mapping

_READ_WORK = ("partners.read", "products.read", "orders.read", "work_orders.read", "output.read", "workshops.read",
    "bundles.read", "quality.read", "batches.read", "materials.read", "tools.read", "duty.read")  # fmt: skip
_READ_PEOPLE = ("inmates.read", "inmates.names", "passports.read")
_READ_DAY = ("attendance.read", "assignments.read", "planning.read", "safety.read")
# What is done on the floor, by whoever stands there.
_FLOOR = ("output.record", "attendance.mark", "bundles.write", "quality.inspect", "batches.write", "duty.log",
    "tools.issue", "safety.report", "board.call", "machines.report")  # fmt: skip

# What everybody who signs in may do, whatever their role.
_EVERY_PERSON = frozenset({"account.own", "lapas.read"})

_DUTIES: Mapping[str, frozenset[str]] = {
    "kalapas": frozenset({*_READ_WORK, *_READ_PEOPLE, *_READ_DAY, "home.read", "orders.cancel", "permits.grant", "permits.end",
         "region.read", "premi.read", "premi.approve", "premi.schemes", "safety.follow", "tools.resolve", "days.read"}),
    "kasi_giatja": frozenset(
        {*_READ_WORK, *_READ_PEOPLE, *_READ_DAY, *_FLOOR, "home.read", "partners.write", "products.write", "orders.write",
         "orders.accept", "orders.hold", "orders.cancel", "orders.close", "workshops.write", "output.correct", "inmates.write",
         "inmates.depart", "permits.propose", "competences.award", "tracking.share", "region.read", "assignments.write",
         "days.read", "days.close", "materials.settle", "materials.write", "duty.write", "tools.resolve", "safety.follow",
         "premi.read", "premi.propose", "premi.request", "board.share"}
    ),
    "kasubsi_bimker": frozenset(
        {*_READ_WORK, *_READ_PEOPLE, *_READ_DAY, *_FLOOR, "home.read", "partners.write", "products.write", "orders.write",
         "output.correct", "inmates.write", "inmates.depart", "permits.propose", "competences.award", "tracking.share",
         "assignments.write", "days.read", "materials.settle", "duty.write", "safety.follow", "premi.read",
         "premi.request", "board.share"}
    ),
    "kasubsi_sarana": frozenset({*_READ_WORK, *_READ_DAY, "inmates.names", "home.read", "workshops.write", "materials.write",
         "materials.count", "materials.settle", "tools.write", "tools.issue", "tools.resolve", "safety.report", "days.read",
         "board.call", "machines.report"}),
    "petugas": frozenset({*_READ_WORK, *_FLOOR, "attendance.read", "assignments.read", "safety.read", "inmates.read",
         "inmates.names", "home.read", "days.read"}),
    "bendahara": frozenset({*_READ_WORK, "inmates.names", "home.read", "premi.read", "premi.pay"}),
    "wali": frozenset({*_READ_PEOPLE, "home.read", "premi.read", "premi.request"}),
    "binadik": frozenset({*_READ_PEOPLE, "home.read", "permits.grant", "permits.end"}),
    "kanwil": frozenset({"region.read", "orders.read"}),
    "ops": frozenset({"facts.operate", "audit.verify", "lapas.write", "people.write"}),
    "service": frozenset({"facts.read", "inmates.names", "tracking.read", "board.read", "facts.operate", "audit.verify"}),
}  # fmt: skip

ROLES: Mapping[str, frozenset[str]] = {
    role: duties if role == "service" else duties | _EVERY_PERSON for role, duties in _DUTIES.items()
}

ALL: frozenset[str] = frozenset().union(*ROLES.values())
