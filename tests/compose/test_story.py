"""The main story over HTTPS, from an order to the region's figures, told on containers."""

from typing import Any

from tests.compose.composed import Composed
from tests.story import Story


class TestStory:
    def test_goes_from_an_order_to_the_figures_of_the_region(self, story: Story) -> None:
        assert story.tell()["order"]["state"] == "completed"

    def test_leaves_every_fact_acted_on_exactly_once(self, system: Composed, story: Story) -> None:
        assert story.people
        system.giatja("facts", "verify", "--wait", "30")
        system.giatja("audit", "verify")

    def test_keeps_what_was_told_when_everything_is_stopped_and_started(self, system: Composed, story: Story) -> None:
        before = self.orders(story)
        system.compose("stop")
        system.up()
        assert before
        assert self.orders(story) == before

    def orders(self, story: Story) -> list[tuple[Any, ...]]:
        """Return what was told of each order, and not its forecast, which moves on by itself."""
        told = ("number", "partner_id", "state", "due_date", "quantity", "passed", "accepted_on", "completed_on")
        return [tuple(o[k] for k in told) for o in story.person("kasi").get("orders", "/orders")["items"]]
