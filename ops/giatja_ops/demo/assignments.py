"""Who works where in the demonstration: every crew is placed in its workshop, those found competent at their stage."""

from collections.abc import Mapping
from typing import Final

from giatja_ops.demo.cast import staff
from giatja_ops.demo.story import Story
from giatja_production.assignments import handlers as assignments

_DAY, _CLOCK = -12, "08:00"
# How many people a workshop of each kind has places for: one is full, and one has room.
_PLACES: Final[Mapping[str, int]] = {"garmen": 20, "batik_cap": 8, "tanaman_hias": 4}
_KINDS = "SELECT kind, id, route -> 'stages' AS stages FROM workshop WHERE lapas_id = :code ORDER BY id"


def play_assignments(story: Story) -> None:
    """Place the crews once, each person where they are first named."""
    at = story.calendar.on(_DAY, _CLOCK)
    with story.deployment["production"].transaction(staff(story.place)["kasi"].principal, at=at) as store:
        if store.value("SELECT true FROM placement WHERE lapas_id = :code LIMIT 1", code=story.place.code):
            return
        shops = {row["kind"]: row for row in reversed(store.rows(_KINDS, code=story.place.code))}
        able = {(award.inmate, award.competence) for award in story.scene.awards if award.day <= _DAY}
        placed: set[str] = set()
        for plan in story.scene.plans:
            shop = shops[story.kind_of(plan)]
            needed = {stage["key"]: stage["competence"] for stage in shop["stages"]}
            places: dict[str | None, list[str]] = {}
            for stage, crew in plan.crew.items():
                for key in crew:
                    if key not in placed:
                        placed.add(key)
                        places.setdefault(stage if (key, needed.get(stage)) in able else None, []).append(key)
            for stage_key, keys in places.items():
                assignments.place_people(
                    assignments.PlacePeople(
                        workshop_id=shop["id"],
                        stage_key=stage_key,
                        inmate_ids=[story.inmate_id(key) for key in keys],
                        starts_on=at.date(),
                    ),
                    store,
                )
        for kind, places_ in _PLACES.items():
            if kind in shops:
                command = assignments.SetPlaces(workshop_id=shops[kind]["id"], version=None, places=places_)
                assignments.set_places(command, store)
