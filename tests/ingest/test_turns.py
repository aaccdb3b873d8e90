from __future__ import annotations

import threading
import time

import pytest

from ingest import turns
from ingest.turns import Handing, Turns

PATIENCE_S = 10.0


def in_thread(work: object) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)  # type: ignore[arg-type]
    thread.start()
    return thread


class TestTurns:
    def test_go_to_the_tenant_that_had_least(self) -> None:
        fair, order, gate = Turns(1), list[str](), threading.Event()
        fair._spent["flooder"] = 9.0, time.monotonic()

        def hold() -> None:
            with fair.take("holder"):
                gate.wait(PATIENCE_S)

        def batch(tenant: str) -> None:
            with fair.take(tenant):
                order.append(tenant)

        threads = [in_thread(hold)]
        while fair._places:
            time.sleep(0.001)
        for number, tenant in enumerate(["flooder", "flooder", "neighbour"], 1):
            threads.append(in_thread(lambda tenant=tenant: batch(tenant)))
            while fair._waiting.total() < number:
                time.sleep(0.001)
        gate.set()
        for thread in threads:
            thread.join(PATIENCE_S)
        assert order == ["neighbour", "flooder", "flooder"]

    def test_are_not_waited_for_for_ever(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(turns, "PATIENCE_S", 0.02)
        fair, inside = Turns(1), list[str]()
        with fair.take("one"), fair.take("other"):
            inside.append("both")
        assert inside == ["both"]
        assert fair._places == 1


class TestHanding:
    def chosen(self, handing: Handing, *waiting: str) -> list[str]:
        """Jobs are named `tenant/number`."""
        return [job for job, _tenant in handing.choose([(job, job.partition("/")[0]) for job in waiting])]

    def test_takes_as_many_as_there_are_places_those_with_least_first(self) -> None:
        fair = Turns(2)
        fair._spent["flooder"] = 9.0, time.monotonic()
        handing = Handing(2, fair)
        assert self.chosen(handing, "flooder/1", "a/1", "b/1") == ["a/1", "b/1"]
        assert self.chosen(handing, "flooder/1", "a/1", "b/1") == []

    def test_takes_one_more_of_another_tenant_beside_those_that_take_long(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        handing = Handing(1, Turns(1))
        assert self.chosen(handing, "flooder/1") == ["flooder/1"]
        handing.begin("flooder", "flooder/1")
        assert self.chosen(handing, "neighbour/1") == []
        monkeypatch.setattr(turns, "LONG_S", 0.0)
        assert self.chosen(handing, "neighbour/1", "third/1") == ["neighbour/1"]
        assert self.chosen(handing, "third/1") == []
        handing.begin("neighbour", "neighbour/1")
        assert self.chosen(handing, "third/1") == ["third/1"]
        assert len(handing) == 2

    def test_never_has_more_under_way_than_is_good(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(turns, "LONG_S", 0.0)
        monkeypatch.setattr(turns, "MOST_JOBS", 3)
        handing = Handing(1, Turns(1))
        for number in range(9):
            for job in self.chosen(handing, *(f"t{each}/1" for each in range(number, 9))):
                handing.begin(job.partition("/")[0], job)
        assert len(handing) == 3

    def test_has_the_next_job_of_a_tenant_ready_if_nobody_else_waits(self) -> None:
        handing = Handing(1, Turns(1))
        self.chosen(handing, "one/1")
        handing.begin("one", "one/1")
        assert self.chosen(handing, "one/2", "other/1") == []
        assert self.chosen(handing, "one/2") == ["one/2"]

    def test_forgets_what_another_worker_began(self, monkeypatch: pytest.MonkeyPatch) -> None:
        handing = Handing(1, Turns(1))
        self.chosen(handing, "one/1")
        monkeypatch.setattr(turns, "HANDED_S", -1.0)
        assert self.chosen(handing, "other/1") == ["other/1"]
