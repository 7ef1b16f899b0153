"""The settings of the production service."""

from typing import ClassVar

from giatja_kit.settings import Settings


class ProductionSettings(Settings):
    """What the production service needs to know: only what every service does."""

    service: ClassVar[str] = "production"
