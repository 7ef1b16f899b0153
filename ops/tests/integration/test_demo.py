"""The demonstration in a running system, as somebody meets it who signs in."""

import os
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
import requests

from giatja_kit import clock
from giatja_ops import demo
from giatja_ops.demo.cast import LONG_NAME
from giatja_ops.demo.deployment import DemoFailed
from giatja_ops.demo.small import NO_SIGN_IN
from giatja_ops.local import LocalSystem
from giatja_ops.names import SERVICES


class Visitor:
    """Somebody who signed in with an account of the demonstration."""

    def __init__(self, system: LocalSystem, username: str, password: str) -> None:
        self._address = f"{system.public_url}/api"
        answer = requests.post(
            f"{self._address}/gateway/v1/tokens", json={"username": username, "password": password}, timeout=20
        )
        assert answer.status_code == 200, answer.text
        self._headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def get(self, service: str, path: str, **query: Any) -> Any:
        answer = requests.get(f"{self._address}/{service}/v1{path}", params=query, headers=self._headers, timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def order(self, **wanted: Any) -> Any:
        """Return the one order whose fields are as wanted, in full."""
        items = self.get("orders", "/orders", limit=100)["items"]
        found = [i for i in items if all(i[name] == value for name, value in wanted.items())]
        assert len(found) == 1, [(i["number"], i["partner_name"], i["state"]) for i in items]
        return self.get("orders", f"/orders/{found[0]['id']}")


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    """Start every process."""
    with LocalSystem(tmp_path_factory.mktemp("demo"), durable=False, demo=True) as running:
        yield running


@pytest.fixture(scope="module")
def settings(system: LocalSystem) -> Mapping[str, str]:
    return {**os.environ, **system.settings_env("ops")}


@pytest.fixture(scope="module")
def rows(system: LocalSystem, settings: Mapping[str, str]) -> list[demo.Row]:
    """Load the demonstration."""
    return list(demo.load(settings))


@pytest.fixture(scope="module")
def passwords(rows: list[demo.Row]) -> Mapping[str, str]:
    return {username: password for _, username, password in rows if username != NO_SIGN_IN}


@pytest.fixture(scope="module")
def kasi(system: LocalSystem, passwords: Mapping[str, str]) -> Visitor:
    return Visitor(system, "kasi.pkl", passwords["kasi.pkl"])


@pytest.fixture(scope="module")
def kanwil(system: LocalSystem, passwords: Mapping[str, str]) -> Visitor:
    return Visitor(system, "kanwil", passwords["kanwil"])


class TestPekalongan:
    def test_finished_400_koko_shirts_at_two_rates_before_the_day(self, kasi: Visitor) -> None:
        koko = kasi.order(partner_name="DMA Collection", state="completed")

        assert (koko["quantity"], koko["passed"]) == (400, 400)
        assert {line["product_name"]: (line["quantity"], line["rate"]) for line in koko["lines"]} == {
            "Koko lengan panjang": (200, 7000),
            "Koko lengan pendek": (200, 6000),
        }
        assert all(len(line["cells"]) == 8 for line in koko["lines"])
        assert koko["completed_on"] < koko["due_date"]
        assert koko["material_owner"] == "partner"

    def test_let_16_inmates_work_on_them_a_few_pieces_were_lost_and_made_again(self, kasi: Visitor) -> None:
        koko = kasi.order(partner_name="DMA Collection", state="completed")
        people: set[str] = set()
        rejected = rework = 0
        for line in koko["lines"]:
            work_order = kasi.get("production", f"/work-orders/{line['work_order_id']}")
            rejected += work_order["rejected"]
            cursor = ""
            while cursor is not None:
                page = kasi.get(
                    "production", "/output", work_order_id=work_order["id"], limit=200,
                    **({"cursor": cursor} if cursor else {}),
                )  # fmt: skip
                people |= {entry["inmate_id"] for entry in page["items"]}
                rework += sum(entry["rework"] for entry in page["items"])
                cursor = page["next"]
        assert len(people) == 16
        assert 0 < rejected < 20
        assert 0 < rework < 60

    def test_never_made_more_than_3_kodi_a_day(self, kasi: Visitor) -> None:
        koko = kasi.order(partner_name="DMA Collection", state="completed")
        days: dict[str, int] = {}
        for line in koko["lines"]:
            page = kasi.get("production", "/output", work_order_id=line["work_order_id"], limit=200)
            for entry in page["items"]:
                if entry["stage_key"] == "qc":
                    days[entry["work_date"]] = days.get(entry["work_date"], 0) + entry["good"]
        assert len(days) > 3
        assert max(days.values()) <= 60

    def test_prints_5_to_6_kodi_of_batik_a_week_by_6_inmates_colour_by_colour(self, kasi: Visitor) -> None:
        batik = kasi.order(partner_name="H. Palal")
        (line,) = batik["lines"]
        entries = kasi.get("production", "/output", work_order_id=line["work_order_id"], limit=200)["items"]

        assert batik["state"] == "in_production"
        assert 0 < batik["passed"] < batik["quantity"] == 24 * 20
        assert len({cell["colour"] for cell in line["cells"]}) == 4
        assert len({entry["inmate_id"] for entry in entries}) == 6
        by_day: dict[str, int] = {}
        for entry in entries:
            if entry["stage_key"] == "qc":
                by_day[entry["work_date"]] = by_day.get(entry["work_date"], 0) + entry["good"]
        assert 5 * 20 / 6 * 0.8 < sum(by_day.values()) / len(by_day) < 6 * 20 / 6 * 1.2

    def test_grows_a_batch_of_450_pots_for_itself_with_losses(self, kasi: Visitor) -> None:
        plants = kasi.order(internal=True)
        (line,) = plants["lines"]

        assert (plants["quantity"], plants["state"], plants["partner_name"]) == (450, "in_production", None)
        assert kasi.get("production", f"/work-orders/{line['work_order_id']}")["rejected"] > 5

    def test_has_an_order_in_every_state_and_a_late_one(self, kasi: Visitor) -> None:
        items = kasi.get("orders", "/orders", limit=100)["items"]

        assert {i["state"] for i in items} == {
            "draft", "quoted", "accepted", "in_production", "completed", "on_hold", "cancelled",
        }  # fmt: skip
        assert [i["partner_name"] for i in items if i["late"]] == ["DMA Collection"]
        held = kasi.order(state="on_hold")
        assert "Banjir" in next(e for e in held["timeline"] if e["kind"] == "held")["detail"]["reason"]

    def test_grows_plants_sells_them_in_parts_and_sold_a_batch_out(self, kasi: Visitor) -> None:
        batches = kasi.get("production", "/batches", state="all")["items"]

        assert {b["state"] for b in batches} == {"growing", "ready", "sold_out"}
        assert all(b["started"] == b["living"] + b["lost"] + b["harvested"] for b in batches)
        assert all(b["lost"] for b in batches)
        (ready,) = [b for b in batches if b["state"] == "ready"]
        assert ready["reserved"] and ready["sold"] and ready["free"]  # noqa: PT018 - one sentence
        # Its order got 18 of 30 pots out of the stock, and the batch before it of the same plant stands beside it.
        assert kasi.order(quantity=30)["passed"] == 18
        assert len(kasi.get("production", f"/batches/{ready['id']}")["curves"]) == 2

    def test_foresees_every_running_order(self, kasi: Visitor) -> None:
        running = kasi.get("orders", "/orders", state=["accepted", "in_production", "on_hold"])["items"]

        assert all(order["likely_on"] for order in running)
        assert any(order["at_risk"] for order in running)
        assert not all(order["at_risk"] or order["late"] for order in running)

    def test_is_alive_today_somebody_is_recorded_and_somebody_not_yet(self, kasi: Visitor) -> None:
        summary = kasi.get("production", "/production/summary")

        assert summary["workers_active"] > 5
        assert sum(workshop["not_recorded"] for workshop in summary["workshops"]) > 5
        assert all(workshop["month_target"] for workshop in summary["workshops"])

    def test_knows_38_inmates_of_whom_some_may_not_work(self, kasi: Visitor) -> None:
        found = kasi.get("training", "/inmates", limit=100)["items"]

        assert len(found) == 38
        assert LONG_NAME in {i["name"] for i in found}
        assert {i["fitness"] for i in found} == {"fit", "limited", "not_fit"}
        summary = kasi.get("training", "/training/summary")
        # One of the 38 moved away last week; two from Batang are on the way.
        assert (summary["present"], summary["may_work"], summary["waiting_sk"]) == (37, 26, 1)
        assert (summary["expiring"], summary["arriving"]) == (1, 2)

    def test_has_turns_of_last_week_and_next_a_swap_to_decide_and_a_closed_log(self, kasi: Visitor) -> None:
        today = clock.today("Asia/Jakarta", clock.now())
        monday = today - timedelta(days=today.weekday() + 7)
        weeks = [(monday + timedelta(days=7 * n), monday + timedelta(days=7 * n + 6)) for n in (0, 1, 2)]
        rosters = [kasi.get("production", "/duty/roster", first=str(a), last=str(b)) for a, b in weeks]
        # Three workshops, six mornings a week.
        assert [len(roster["turns"]) for roster in rosters] == [18, 18, 18]
        assert all(turn["state"] == "published" for turn in rosters[0]["turns"])
        assert [swap["reason"] for roster in rosters for swap in roster["swaps"]][:1] == ["Mengantar anak ke dokter"]
        logs = kasi.get("production", "/duty/logs")["items"]
        assert {log["state"] for log in logs} == {"open", "closed"}
        machines = kasi.get("production", "/machines")["items"]
        assert (len(machines), [m["down"]["reason"] for m in machines if m["down"]]) == (10, ["Dinamo terbakar"])

    def test_lets_two_leave_of_whom_one_is_back_and_awaits_two(self, kasi: Visitor) -> None:
        (left,) = kasi.get("training", "/departures")["items"]
        assert (left["people"], left["returned"], left["destination"]) == (2, 1, "Lapas Kelas IIB Tegal")
        awaited = kasi.get("training", "/arrivals")["items"]
        assert {one["from_name"] for one in awaited} == {"Lapas Kelas IIB Batang"}

    def test_gives_a_sewer_a_passport_with_practice_and_evidence(self, kasi: Visitor) -> None:
        koko = kasi.order(partner_name="DMA Collection", state="completed")
        entries = kasi.get("production", "/output", work_order_id=koko["lines"][0]["work_order_id"], limit=200)["items"]
        sewer = next(e["inmate_id"] for e in entries if e["stage_key"] == "jahit")
        passport = kasi.get("training", f"/passports/{sewer}")

        assert koko["number"] in [e["number"] for e in passport["evidence"]]
        assert {p["competence_name"] for p in passport["practice"]} == {"Menjahit"}
        assert passport["totals"]["minutes"] > 600

    def test_lets_the_partner_follow_by_a_link(self, system: LocalSystem, rows: list[demo.Row]) -> None:
        link = next(link for _, username, link in rows if username == NO_SIGN_IN)
        page = requests.get(link, timeout=20)

        assert link.startswith(system.public_url)
        assert page.status_code == 200
        assert "400" in page.text

    def test_hangs_a_board_on_the_wall_where_somebody_waits_for_help(
        self, system: LocalSystem, rows: list[demo.Row]
    ) -> None:
        link = next(link for _, username, link in rows if username == NO_SIGN_IN and "/papan/" in link)
        page = requests.get(link, timeout=20)

        assert link.startswith(system.public_url)
        assert page.status_code == 200
        assert "Bahan habis" in page.text
        assert "Garmen" in page.text
        assert LONG_NAME not in page.text


class TestPremi:
    def test_shares_what_the_partner_paid_for_the_koko_shirts(self, kasi: Visitor) -> None:
        orders = kasi.get("production", "/premi/orders", search="Koko", unpaid="false")["items"]
        assert [(o["base"], o["premi"], o["passed"]) for o in orders] == [(2_600_000, 1_300_000, 400)]

    def test_has_a_credited_list_a_draft_and_a_withdrawal_that_waits(self, kasi: Visitor) -> None:
        lists = kasi.get("production", "/premi/lists")["items"]
        assert [one["state"] for one in lists] == ["draft", "credited"]
        waiting = kasi.get("production", "/premi/withdrawals", state="requested")["items"]
        assert [(one["amount"], one["balance"] >= one["amount"]) for one in waiting] == [(20_000, True)]
        assert kasi.get("production", "/premi/summary")["schemes_proposed"] == 1

    def test_paid_somebody_out_at_release(self, system: LocalSystem, passwords: Mapping[str, str]) -> None:
        kasi = Visitor(system, "kasi.btg", passwords["kasi.btg"])
        gone = [one for one in kasi.get("production", "/premi/cards", limit=100)["items"] if one["left_reason"]]
        assert [(one["left_reason"], one["balance"]) for one in gone] == [("release", 0)]
        card = kasi.get("production", f"/premi/cards/{gone[0]['inmate_id']}")
        assert card["total"] > 0
        assert [entry["kind"] for entry in card["movements"]] == ["list", "credit", "leaving", "handover"]


class TestBooks:
    def test_add_up_after_everything_that_was_played(self, system: LocalSystem, passwords: Mapping[str, str]) -> None:
        books = Visitor(system, "ops", passwords["ops"]).get("production", "/books")
        assert {one["name"]: one["lapas"] for one in books["items"] if one["differences"]} == {}
        assert books["sound"] is True


class TestRegion:
    def test_sees_three_lapas_and_no_small_group(self, kanwil: Visitor, kasi: Visitor) -> None:
        overview = kanwil.get("gateway", "/region")
        lapas = {row["lapas_id"]: row for row in overview["lapas"]}

        assert set(lapas) == {"PKL", "BTG", "SMG"}
        assert lapas["PKL"]["inmates"]["count"] == 37
        running = kasi.get("orders", "/orders", state=["accepted", "in_production", "on_hold"], limit=100)["items"]
        assert lapas["PKL"]["open"] == len(running)
        assert lapas["SMG"]["overdue"] == 1
        assert any(row["competences"]["few"] for row in lapas.values())

    def test_counts_the_1000_bags_of_batang_delivered_in_three_days(
        self, system: LocalSystem, passwords: Mapping[str, str]
    ) -> None:
        batang = Visitor(system, "kasi.btg", passwords["kasi.btg"])
        bags = batang.order(state="completed", quantity=1000)

        assert (bags["quantity"], bags["passed"]) == (1000, 1000)
        assert sorted(line["rate"] for line in bags["lines"]) == [400, 550, 700]
        assert bags["completed_on"] <= bags["due_date"]
        days, people = set(), set()
        for line in bags["lines"]:
            for entry in batang.get("production", "/output", work_order_id=line["work_order_id"], limit=200)["items"]:
                days.add(entry["work_date"])
                people.add((entry["stage_key"] == "jahit", entry["inmate_id"]))
        assert len(days) == 3
        assert sum(sews for sews, _ in people) == 15
        assert sum(not sews for sews, _ in people) == 3


class TestLoading:
    def test_twice_changes_nothing(
        self, system: LocalSystem, settings: Mapping[str, str], rows: list[demo.Row]
    ) -> None:
        before = _counts(settings)

        again = demo.load(settings)

        assert _counts(settings) == before
        assert [row for row in rows if row[1] != NO_SIGN_IN] == list(again)

    def test_is_refused_where_there_is_data_of_somebody_else(
        self, settings: Mapping[str, str], rows: list[demo.Row]
    ) -> None:
        from giatja_ops.demo.deployment import Deployment

        other = Deployment.reached_by(settings, say=print)
        from giatja_gateway.lapas.handlers import RegisterLapas, register_lapas
        from giatja_kit import clock

        with other["gateway"].transaction(at=clock.now()) as store:
            command = RegisterLapas(lapas_id="TGL", name="Lapas Tegal", lapas_class="IIB", zone="Asia/Jakarta")
            register_lapas(command, store)
        other.close()

        with pytest.raises(DemoFailed, match="data of its own"):
            demo.load(settings)


def _counts(settings: Mapping[str, str]) -> Mapping[str, Any]:
    from giatja_ops.demo.deployment import Deployment

    deployment = Deployment.reached_by(settings, say=print)
    try:
        told = {service: deployment.ask(service, "SELECT count(*) FROM event_log") for service in SERVICES}
        return told | {"output": deployment.ask("production", "SELECT sum(good) || '/' || count(*) FROM output")}
    finally:
        deployment.close()
