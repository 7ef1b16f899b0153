"""The settings of the orders service."""

from typing import ClassVar

from giatja_kit.settings import Settings


class OrdersSettings(Settings):
    """What the orders service needs to know: only what every service does."""

    service: ClassVar[str] = "orders"
