"""Who left together and who is on the way: two moved out of the region, one of them back; two awaited at another Lapas."""

from typing import Final

from giatja_ops.demo.cast import staff
from giatja_ops.demo.days import identifier
from giatja_ops.demo.story import Story
from giatja_training.departures import handlers as departures

# From where, on which working day and when, who, to which Lapas here or where else, and who is back since.
_MOVES: Final = (
    ("PKL", -6, "09:30", ("baru1", "baru2"), None, "Lapas Kelas IIB Tegal", "Layanan kesehatan", ("baru2",)),
    ("BTG", 0, "07:30", ("baru3", "baru4"), "PKL", "", "Pemerataan hunian", ()),
)


def play_departures(story: Story) -> None:
    """Let some leave together, each departure once."""
    for code, day, clock, keys, lapas, place, note, back in _MOVES:
        if code != story.place.code:
            continue
        at = story.calendar.on(day, clock)
        id_ = identifier(at, story.seed, code, "departure", *keys)
        ids = {key: story.inmate_id(key) for key in keys}
        with story.deployment["training"].transaction(staff(story.place)["kasi"].principal, at=at) as store:
            if store.value("SELECT true FROM departure WHERE lapas_id = :code AND id = :id", code=code, id=id_):
                continue
            command = departures.LetManyLeave(
                id=id_,
                inmate_ids=list(ids.values()),
                left_on=at.astimezone(story.calendar.zone).date(),
                reason="transfer",
                destination_lapas=lapas,
                destination=place,
                note=note,
            )
            departures.let_many_leave(command, store)
        if back:
            with story.deployment["training"].transaction(
                staff(story.place)["kasi"].principal, at=story.calendar.on(day + 4, "10:15")
            ) as store:
                departures.bring_back(departures.BringBack(id=id_, inmate_ids=[ids[key] for key in back]), store)
