"""What makes a service: its name, its settings, what it answers and what it hears."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from giatja_kit.auth import Signer, Verifier
from giatja_kit.client import ServiceClient
from giatja_kit.database import Database
from giatja_kit.events.receive import Receiver, http_feed
from giatja_kit.events.subscriptions import Subscriptions
from giatja_kit.settings import Settings

if TYPE_CHECKING:
    from giatja_kit.web import Routes


@dataclass(frozen=True, kw_only=True)
class Service:
    """One service, put together by its ``bootstrap.py``; everything else is reached from here.

    :param heard_by: type of fact -> the services that hear it, for announcing.
    :param grants: role -> the permissions it carries.
    """

    name: str
    package: str
    title: str
    settings: Settings
    heard_by: Mapping[str, tuple[str, ...]]
    grants: Mapping[str, frozenset[str]]
    routes: "Sequence[Routes]"
    subscriptions: Subscriptions = field(default_factory=Subscriptions)
    chores: Sequence[Callable[["Service"], None]] = ()

    @cached_property
    def signer(self) -> Signer:
        """Signs this service's own tokens."""
        return Signer(self.name, self.settings.signing_key.get_secret_value())

    @cached_property
    def verifier(self) -> Verifier:
        """Checks the tokens of others."""
        return Verifier(self.settings.trusted_keys_file, self.grants)

    @cached_property
    def client(self) -> ServiceClient:
        """Asks other services."""
        return ServiceClient(self.settings.internal_url, self.signer)

    def database(self, process: str, connections: int) -> Database:
        """Make this process's pool of database connections."""
        return Database.connect(self.settings.database_url, service=self.name, connections=connections, process=process)

    def receiver(self, database: Database) -> Receiver:
        """Make what brings this service up to date with others."""
        return Receiver(self.name, database, self.subscriptions, http_feed(self.client))
