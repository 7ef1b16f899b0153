"""Who tries board links that nobody made has to wait; screens that work go on."""

from giatja_gateway.pages.board.guesses import MOST_WRONG, WAIT_SECONDS, Guesses

HERE, THERE = "10.0.0.7", "10.0.0.8"


def tried(guesses: Guesses, count: int, *, address: str = HERE) -> None:
    for nth in range(count):
        guesses.was_wrong(address, f"guess-{nth}", 0.0)


class TestGuesses:
    def test_let_an_address_wait_after_many_different_wrong_links(self) -> None:
        guesses = Guesses()
        tried(guesses, MOST_WRONG - 1)
        assert guesses.wait(HERE, "next", 1.0) == 0
        guesses.was_wrong(HERE, "one more", 1.0)
        assert 0 < guesses.wait(HERE, "next", 1.0) <= WAIT_SECONDS + 1
        assert guesses.wait(THERE, "next", 1.0) == 0

    def test_are_forgiven_after_a_while(self) -> None:
        guesses = Guesses()
        tried(guesses, MOST_WRONG)
        assert guesses.wait(HERE, "next", WAIT_SECONDS) == 0
        guesses.was_wrong(HERE, "again", WAIT_SECONDS)
        assert guesses.wait(HERE, "next", WAIT_SECONDS) == 0

    def test_count_a_revoked_screen_that_asks_all_day_once(self) -> None:
        guesses = Guesses()
        for _ in range(10 * MOST_WRONG):
            guesses.was_wrong(HERE, "revoked", 1.0)
        assert guesses.wait(HERE, "revoked", 1.0) == 0

    def test_do_not_stop_a_screen_behind_the_same_address(self) -> None:
        guesses = Guesses()
        guesses.was_right("television")
        tried(guesses, MOST_WRONG)
        assert guesses.wait(HERE, "television", 1.0) == 0
        guesses.was_wrong(HERE, "television", 1.0)
        assert guesses.wait(HERE, "television", 1.0) > 0
