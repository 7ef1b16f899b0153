"""The rules of passwords, of guessing them, of roles and their days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giatja_gateway.identity import domain
from giatja_gateway.identity.domain import Assignment, Attempts
from giatja_gateway.lapas.domain import MINISTRY_RENAMED, usual_titles
from giatja_gateway.pages.account.door import safe_next
from giatja_kit.ids import new_id

AT = datetime(2025, 3, 20, 3, 0, tzinfo=UTC)


def a_role(
    role: str = "kasi_giatja", lapas: str = "PKL", starts: str = "2025-01-01", ends: str | None = None
) -> Assignment:
    last = date.fromisoformat(ends) if ends else None
    return Assignment(
        lapas_id=lapas, id=new_id(), person_id=new_id(), role=role, starts_on=date.fromisoformat(starts), ends_on=last
    )


class TestPassword:
    @pytest.mark.parametrize(
        ("password", "refusal"),
        [
            ("pendek", domain.PasswordTooShort),
            ("x" * 129, domain.PasswordTooLong),
            ("aaaaaaaaaaaa", domain.PasswordTooPlain),
            ("abababababab", domain.PasswordTooPlain),
            ("123456789012", domain.PasswordTooPlain),
            ("qwertyuiopasdf", domain.PasswordTooPlain),
            ("abcdefghijklm", domain.PasswordTooPlain),
            ("password1234!", domain.PasswordTooPlain),
            ("KataSandi2025", domain.PasswordTooPlain),
            ("Kasi.Pkl-2025", domain.PasswordTooPlain),
            ("kasipkl kasipkl", domain.PasswordTooPlain),
        ],
    )
    def test_refuses_what_is_easily_guessed(self, password: str, refusal: type[Exception]) -> None:
        with pytest.raises(refusal):
            domain.check_password(password, username="kasi.pkl")

    @pytest.mark.parametrize(
        "password", ["kain mori dan malam", "payung hujan sore ini", "Zq8vT2nLw0Ks", "ede5-6690-b008-ac00"]
    )
    def test_takes_words_and_random_signs(self, password: str) -> None:
        domain.check_password(password, username="kasi.pkl")


class TestGuessing:
    def test_is_free_a_few_times_then_waits_twice_as_long_each_time(self) -> None:
        waits = [Attempts(failures=n, last_at=AT, free=5).seconds_to_wait(AT) for n in range(9)]
        assert waits == [0, 0, 0, 0, 0, 15, 30, 60, 120]

    @given(st.integers(0, 10_000), st.integers(0, 4000))
    def test_never_waits_longer_than_its_limit_and_is_forgotten_after_an_hour(self, failures: int, later: int) -> None:
        moment = AT + timedelta(seconds=later)
        wait = Attempts(failures=failures, last_at=AT, free=5).at(moment).seconds_to_wait(moment)
        assert 0 <= wait <= 900
        assert later <= 3600 or wait == 0


class TestRole:
    def test_of_the_region_is_not_held_at_one_lapas(self) -> None:
        with pytest.raises(domain.RoleIsOfRegion):
            a_role("kanwil", "PKL").check()

    def test_of_a_lapas_is_not_held_everywhere(self) -> None:
        with pytest.raises(domain.RoleNeedsLapas):
            a_role("kalapas", "*").check()

    def test_does_not_end_before_it_starts(self) -> None:
        with pytest.raises(domain.AssignmentEndsBeforeItStarts):
            a_role(starts="2025-02-01", ends="2025-01-31").check()

    def test_ends_earlier_but_not_later(self) -> None:
        role = a_role(ends="2025-06-30")
        role.end(last_day=date(2025, 3, 1))
        assert role.ends_on == date(2025, 3, 1)
        with pytest.raises(domain.AssignmentEndedAlready):
            role.end(last_day=date(2025, 5, 1))

    def test_taken_back_before_its_first_day_is_never_held(self) -> None:
        role = a_role(starts="2025-02-01")
        role.end(last_day=date(2024, 12, 1))
        assert role.ends_on == date(2025, 1, 31)


class TestTitles:
    def test_of_a_class_change_with_the_ministry(self) -> None:
        before, after = usual_titles("Lapas Kelas IIA Pekalongan", "IIA")
        assert "Hukum dan Hak Asasi" in before.letterhead[0]
        assert (after.valid_from, "Imigrasi dan Pemasyarakatan" in after.letterhead[0]) == (MINISTRY_RENAMED, True)
        assert after.titles["kasi_giatja"] == "Kepala Seksi Kegiatan Kerja"

    @pytest.mark.parametrize("lapas_class", ["I", "IIA", "IIB", "III"])
    def test_are_known_for_every_role_of_every_class(self, lapas_class: str) -> None:
        for titles in usual_titles("Lapas", lapas_class):
            assert set(titles.titles) == set(domain.LAPAS_ROLES)


class TestWayBack:
    @pytest.mark.parametrize(
        "target",
        [
            "//jahat.example",
            "/\\jahat.example",
            "\\/jahat.example",
            "https://jahat.example/",
            "javascript:alert(1)",
            "/%09/jahat.example",
            "/%5cjahat.example",
            "/%2fjahat.example",
            "/\tjahat",
            "/pesanan\r\nX: 1",
            "jahat.example",
            "/masuk?next=/masuk",
            "/keluar",
            "/api/gateway/v1/people",
            "/" + "a" * 2000,
            "",
            None,
        ],
    )
    def test_leads_nowhere_but_to_our_own_pages(self, target: str | None) -> None:
        assert safe_next(target) is None

    @pytest.mark.parametrize("target", ["/", "/pesanan?state=late&q=a%20b", "/orang/abc#peran"])
    def test_leads_back_to_a_page(self, target: str) -> None:
        assert safe_next(target) == target
