"""Settings: one typed class per service, read once; a missing value stops the start by its name."""

import os
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy import URL


class SettingsMissing(SystemExit):
    """A setting is missing or wrong; says which, never its value."""


class Settings(BaseSettings):
    """What every process of a service needs to know.

    Each field is the environment variable ``GIATJA_<FIELD>``, or a file ``giatja_<field>`` in the
    folder ``GIATJA_SECRETS_DIR``.
    """

    model_config = SettingsConfigDict(env_prefix="GIATJA_", extra="ignore", frozen=True)
    service: ClassVar[str]

    database_host: str
    database_port: int = 5432
    database_password: SecretStr
    redis_host: str
    redis_port: int = 6379
    redis_password: SecretStr
    internal_url: str
    public_url: str
    signing_key: SecretStr
    trusted_keys_file: Path
    log_level: str = "INFO"
    heartbeat_file: Path = Path("/tmp/giatja-worker.beat")  # noqa: S108 - a tmpfs of its own in containers
    web_threads: int = 8

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read what is given in code, then the environment, then the files of secrets."""
        return init_settings, env_settings, file_secret_settings

    @cached_property
    def database_url(self) -> URL:
        """The address of the service's own database, as the role that does not own it."""
        return URL.create(
            "postgresql+psycopg",
            username=f"giatja_{self.service}_app",
            password=self.database_password.get_secret_value(),
            host=self.database_host,
            port=self.database_port,
            database=f"giatja_{self.service}",
        )

    @cached_property
    def broker_url(self) -> str:
        """The address of Redis for Celery."""
        return f"redis://:{self.redis_password.get_secret_value()}@{self.redis_host}:{self.redis_port}/0"


S = TypeVar("S", bound=Settings)


def read_settings(settings: type[S], environment: dict[str, str] | None = None) -> S:
    """Read the settings of a service from the environment and the files of secrets.

    :raises SettingsMissing: naming each setting that is missing or malformed, never a value.
    """
    folder = (environment or os.environ).get("GIATJA_SECRETS_DIR")
    given: dict[str, Any] = {}
    if environment is not None:
        given = {k.removeprefix("GIATJA_").lower(): v for k, v in environment.items() if k.startswith("GIATJA_")}
        given = {k: v for k, v in given.items() if k in settings.model_fields}
    try:
        return settings(_secrets_dir=folder, **given)
    except ValidationError as error:
        problems = "\n".join(
            f"  GIATJA_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors(include_input=False)
        )
        raise SettingsMissing(f"{settings.__name__}: settings are missing or wrong\n{problems}") from None
