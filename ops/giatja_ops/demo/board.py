"""The board on the wall of the first Lapas, and somebody who waits for help there."""

from typing import Final

from giatja_ops.demo.cast import staff
from giatja_ops.demo.days import identifier
from giatja_ops.demo.story import Story
from giatja_production.board import handlers as board
from giatja_production.board.domain import CallKind

_WITH_A_SCREEN: Final = "PKL"
_NAME: Final = "Televisi bengkel"


def share_board(story: Story) -> str | None:
    """Make the link of the television and return its token; nothing where there is no screen, or it has one."""
    if story.place.code != _WITH_A_SCREEN:
        return None
    at = story.calendar.on(-20, "10:10")
    with story.deployment["production"].transaction(staff(story.place)["kasi"].principal, at=at) as store:
        if store.value("SELECT true FROM board_link WHERE lapas_id = :lapas_id", lapas_id=story.place.code):
            return None
        id_ = identifier(at, story.seed, story.place.code, "board")
        return board.share_board(board.ShareBoard(id=id_, name=_NAME, workshop_id=None), store)


def play_board(story: Story) -> None:
    """Let somebody in the garment workshop call for material, this morning."""
    if story.place.code != _WITH_A_SCREEN:
        return
    at = story.calendar.on(0, "09:40")
    with story.deployment["production"].transaction(staff(story.place)["petugas"].principal, at=at) as store:
        if store.value("SELECT true FROM board_call WHERE lapas_id = :lapas_id", lapas_id=story.place.code):
            return
        workshop = store.value(
            "SELECT id FROM workshop WHERE lapas_id = :lapas_id AND kind = 'garmen'", lapas_id=story.place.code
        )
        id_ = identifier(at, story.seed, story.place.code, "call")
        board.call_for_help(board.CallForHelp(id=id_, workshop_id=workshop, kind=CallKind.MATERIAL), store)
