"""The settings of the gateway."""

from typing import ClassVar

from pydantic import SecretStr

from giatja_kit.settings import Settings


class GatewaySettings(Settings):
    """What the gateway needs to know beyond what every service does.

    ``session_secret`` keys what the gateway gives browsers to hold; ``demo`` says that the
    demonstration's accounts may exist and are shown at the door.
    """

    service: ClassVar[str] = "gateway"

    session_secret: SecretStr
    demo: bool = False
