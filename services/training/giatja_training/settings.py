"""The settings of the training service."""

from typing import ClassVar

from giatja_kit.settings import Settings


class TrainingSettings(Settings):
    """What the training service needs to know: only what every service does."""

    service: ClassVar[str] = "training"
