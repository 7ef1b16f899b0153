"""The feed other services read, and what operators see and do; the edge never publishes these."""

from typing import Any, Literal

from pydantic import Field

from giatja_kit import audit, clock
from giatja_kit.database import Store
from giatja_kit.events import log as event_log
from giatja_kit.events import operate
from giatja_kit.web import ById, Input, Routes, kit

READ = "facts.read"
OPERATE = "facts.operate"
AUDIT = "audit.verify"


class FeedQuery(Input):
    """Where to read on from."""

    after: int = Field(0, ge=0, description="the last position already heard")
    limit: int = Field(event_log.MOST, ge=1, le=event_log.MOST)


class Reason(Input):
    """Why it is done; kept in the audit trail."""

    reason: str = Field(min_length=5, max_length=500)


class BySource(Input):
    """The path of one source."""

    source: str = Field(max_length=40)


class VerifyQuery(Input):
    """What to compute a digest of."""

    of: Literal["told", "heard"] = "told"
    source: str | None = Field(None, max_length=40)
    upto: int = Field(ge=0)
    after: int | None = Field(None, ge=0, description="where to begin; by default as far back as is kept")


def routes() -> Routes:  # noqa: C901 - a list of routes, each simple
    """Return the routes every service has for facts."""
    routes = Routes("facts", tag="Facts")

    @routes.get("/facts", permission=READ)
    def feed(store: Store, query: FeedQuery) -> dict[str, Any]:
        """Read the facts this service has told, in order of position."""
        head, facts = event_log.read(store, kit().service.name, after=query.after, limit=query.limit)
        return {"epoch": head.epoch, "epoch_from": head.epoch_from, "head": head.position, "facts": facts}

    @routes.get("/facts/status", permission=OPERATE)
    def status(store: Store) -> dict[str, Any]:
        """Say where this service's log and cursors stand."""
        return {**operate.status(store), "service": kit().service.name, "at": clock.now()}

    @routes.get("/facts/parked", permission=OPERATE)
    def parked(store: Store) -> dict[str, Any]:
        """List the facts that were set aside."""
        return {"items": operate.parked_facts(store)}

    @routes.post("/facts/parked/<id>/retry", permission=OPERATE)
    def retry(store: Store, path: ById) -> dict[str, Any]:
        """Try a parked fact again now."""
        went_through = operate.retry(store, kit().service.receiver(kit().database), path.id)
        return {"applied": went_through}

    @routes.post("/facts/parked/<id>/discard", permission=OPERATE)
    def discard(store: Store, path: ById, body: Reason) -> dict[str, Any]:
        """Give a parked fact up."""
        operate.discard(store, path.id, reason=body.reason)
        return {"discarded": path.id}

    @routes.post("/facts/replay", permission=OPERATE)
    def replay(store: Store) -> dict[str, Any]:
        """Rebuild this service's read model from the beginning of all facts."""
        operate.replay(store, kit().service.subscriptions)
        return {"replaying": True}

    @routes.get("/facts/vanished/<source>", permission=OPERATE)
    def vanished(store: Store, path: BySource) -> dict[str, Any]:
        """List what was heard and a restored source no longer has."""
        return {"items": operate.vanished(store, path.source)}

    @routes.post("/facts/vanished/<source>/accept", permission=OPERATE)
    def accept_restore(store: Store, path: BySource, body: Reason) -> dict[str, Any]:
        """Go on with a restored source."""
        operate.accept_restore(store, path.source, reason=body.reason)
        return {"following": path.source}

    @routes.post("/facts/epoch", permission=OPERATE)
    def new_epoch(store: Store) -> dict[str, Any]:
        """Begin a new epoch, after this service's database was restored."""
        head = event_log.new_epoch(store)
        return {"epoch": head.epoch, "from": head.epoch_from}

    @routes.get("/facts/digest", permission=OPERATE)
    def digest(store: Store, query: VerifyQuery) -> dict[str, Any]:
        """Count and digest the facts told here, or heard here from a source, up to a position."""
        if query.of == "heard":
            return operate.digest_heard(store, query.source or "", upto=query.upto, after=query.after or 0)
        return operate.digest_of_log(store, upto=query.upto, after=query.after)

    @routes.get("/audit/verify", permission=AUDIT)
    def verify_audit(store: Store) -> dict[str, Any]:
        """Walk the chain of the audit trail and say whether it is whole."""
        verdict = audit.verify(store)
        return {"whole": verdict.whole, "checked": verdict.checked, "unsealed": verdict.unsealed,
                "broken_at": verdict.broken_at, "reason": verdict.reason}  # fmt: skip

    return routes
