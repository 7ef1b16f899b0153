"""Forecasts of the demonstration: worked out once everything else has happened, so that the first page has them."""

from giatja_kit import clock
from giatja_kit.auth import SERVICE, Principal
from giatja_ops.demo.story import Story
from giatja_production.planning.handlers import RefreshForecasts, refresh_forecasts


def play_planning(story: Story) -> None:
    """Let production look at its open orders; forecasts that are known already are not told again."""
    principal = Principal(
        subject="production", role=SERVICE, lapas=story.place.code, issuer="production", permissions=frozenset()
    )
    with story.deployment["production"].transaction(principal, at=clock.now()) as store:
        refresh_forecasts(RefreshForecasts(), store)
