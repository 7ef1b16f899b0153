"""The names that every command shares: services, their databases and roles, and the processes that run them."""

SERVICES = ("gateway", "orders", "production", "training")
STORES = ("postgres", "valkey")
WORKERS = tuple(f"{service}-worker" for service in SERVICES)
PROCESSES = (*STORES, *SERVICES, *WORKERS, "edge")


def database(service: str) -> str:
    """Return the name of a service's database."""
    return f"giatja_{service}"


def owner_role(service: str) -> str:
    """Return the role that owns a service's tables and runs its migrations."""
    return f"giatja_{service}"


def app_role(service: str) -> str:
    """Return the role a service connects as; it owns nothing."""
    return f"giatja_{service}_app"
