"""Loads the small demonstration, step by step, waiting wherever a step needs what another service heard."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from giatja_kit import clock
from giatja_ops.demo import Row
from giatja_ops.demo.assignments import play_assignments
from giatja_ops.demo.attendance import play_attendance
from giatja_ops.demo.batches import play_batches
from giatja_ops.demo.board import play_board, share_board
from giatja_ops.demo.bundles import play_bundles
from giatja_ops.demo.cast import OPS, PASSWORD, PLACES, accounts
from giatja_ops.demo.days import Calendar
from giatja_ops.demo.departures import play_departures
from giatja_ops.demo.deployment import DemoFailed, Deployment, Say
from giatja_ops.demo.duty import play_duty
from giatja_ops.demo.materials import play_materials, stock_up
from giatja_ops.demo.planning import play_planning
from giatja_ops.demo.premi import play_premi
from giatja_ops.demo.scenes import SCENES
from giatja_ops.demo.story import SINCE, Story, add_people, register_places
from giatja_ops.demo.tools import play_tools

NO_SIGN_IN: Final = "-"
PLAYS: Final[Sequence[Callable[[Story], None]]] = (
    play_assignments,
    play_bundles,
    play_batches,
    play_board,
    play_premi,
    play_attendance,
    play_tools,
    play_materials,
    play_duty,
    play_departures,
)
"""What belongs to the work beside orders and output, in the order it is played in."""
_ZONE: Final = ZoneInfo("Asia/Jakarta")


def load_small(settings: Mapping[str, str], *, seed: int, say: Say) -> list[Row]:
    """Load the small demonstration and return the sign-ins.

    :raises DemoFailed:
    """
    deployment = Deployment.reached_by(settings, say=say)
    try:
        links = _play(deployment, seed, say)
    finally:
        deployment.close()
    rows = [(one.who, one.username, PASSWORD) for one in accounts()]
    return [*rows, *((what, NO_SIGN_IN, link) for what, link in links)]


def _play(deployment: Deployment, seed: int, say: Say) -> list[tuple[str, str]]:
    calendar = _calendar(deployment)
    say("Lapas and people")
    register_places(deployment, PLACES, calendar)
    add_people(deployment, accounts(), calendar)
    deployment.let_hear("gateway", what="Lapas and people")
    by_code = {place.code: place for place in PLACES}
    stories = [
        Story(deployment=deployment, scene=scene, place=by_code[scene.code], calendar=calendar, seed=seed)
        for scene in SCENES
    ]
    for story in stories:
        say(f"{story.place.name}: register, workshops, orders")
        story.furnish()
        story.fill_register()
        story.take_orders()
    deployment.let_hear("training", "orders", what="permissions and orders")
    for story in stories:
        say(f"{story.place.name}: material, and output shift by shift")
        stock_up(story)
        story.record_output()
        story.hold_orders()
    tokens = [story.share_link() for story in stories]
    deployment.let_hear(what="everything that was recorded")
    for play in PLAYS:
        for story in stories:
            play(story)
    deployment.let_hear(what="everything that belongs to it")
    for story in stories:
        play_planning(story)
    deployment.let_hear("production", what="the forecasts")
    boards = [share_board(story) for story in stories]
    shown = [
        *(("Tautan mitra untuk pesanan koko", f"/lacak/{token}") for token in tokens if token),
        *(("Papan televisi Pekalongan", f"/papan/{token}") for token in boards if token),
    ]
    return [(what, deployment.public_url + path) for what, path in shown]


def _calendar(deployment: Deployment) -> Calendar:
    """Return the days of the story: counted from today, or from the day on which it was loaded first.

    :raises DemoFailed: there is data, and none of it is the demonstration's.
    """
    now = clock.now()
    began: date | None = deployment.ask(
        "gateway", "SELECT min(starts_on) FROM assignment WHERE person_id = :id", id=OPS.id
    )
    known = deployment.ask("gateway", "SELECT count(*) FROM lapas WHERE NOT lapas_id = ANY (:ours)", ours=_ours())
    people = deployment.ask("gateway", "SELECT count(*) FROM person")
    if known or (began is None and people):
        raise DemoFailed("This deployment has data of its own; the demonstration is for an empty one.")
    today = clock.today(_ZONE.key, now)
    return Calendar(today=began + SINCE if began else today, now=now, zone=_ZONE)


def _ours() -> list[str]:
    return [place.code for place in PLACES]
