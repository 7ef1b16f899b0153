"""Which role may do what. One table for the whole house, read by every service.

Approvals follow the duties of the roles: whoever records output does not alone approve what is
paid for it.
"""

from collections.abc import Mapping

_READ_WORK = ("partners.read", "products.read", "orders.read", "work_orders.read", "output.read", "workshops.read")
_READ_PEOPLE = ("inmates.read", "inmates.names", "passports.read")

# What everybody who signs in may do, whatever their role.
_EVERY_PERSON = frozenset({"account.own", "lapas.read"})

_DUTIES: Mapping[str, frozenset[str]] = {
    "kalapas": frozenset({*_READ_WORK, *_READ_PEOPLE, "home.read", "orders.cancel", "permits.grant", "permits.end",
         "region.read"}),
    "kasi_giatja": frozenset(
        {*_READ_WORK, *_READ_PEOPLE, "home.read", "partners.write", "products.write", "orders.write", "orders.accept", "orders.hold",
         "orders.cancel", "workshops.write", "output.record", "output.correct", "inmates.write", "permits.propose",
         "competences.award", "tracking.share", "region.read"}
    ),
    "kasubsi_bimker": frozenset(
        {*_READ_WORK, *_READ_PEOPLE, "home.read", "partners.write", "products.write", "orders.write", "output.record",
         "output.correct", "inmates.write", "permits.propose", "competences.award", "tracking.share"}
    ),
    "kasubsi_sarana": frozenset({*_READ_WORK, "inmates.names", "home.read", "workshops.write"}),
    "petugas": frozenset({*_READ_WORK, "inmates.read", "inmates.names", "home.read", "output.record"}),
    "bendahara": frozenset({*_READ_WORK, "home.read"}),
    "wali": frozenset({*_READ_PEOPLE, "home.read"}),
    "binadik": frozenset({*_READ_PEOPLE, "home.read", "permits.grant", "permits.end"}),
    "kanwil": frozenset({"region.read", "orders.read"}),
    "ops": frozenset({"facts.operate", "audit.verify", "lapas.write", "people.write"}),
    "service": frozenset({"facts.read", "inmates.names", "tracking.read", "facts.operate", "audit.verify"}),
}  # fmt: skip

ROLES: Mapping[str, frozenset[str]] = {
    role: duties if role == "service" else duties | _EVERY_PERSON for role, duties in _DUTIES.items()
}

ALL: frozenset[str] = frozenset().union(*ROLES.values())
