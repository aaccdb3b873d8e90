"""What a flooding tenant costs its neighbour: p50 and p95 of the neighbour's searches and answers, alone and beside the flood.

    python -m bench.fairness [--rounds 5] [--seconds 8] [--connections 16] [--documents 2000] [--kinds search chat]

A `vernacular serve` of its own with two tenants of so many documents each. The neighbour asks on one connection, a question every
`--pause` seconds; the flooder keeps `--connections` busy, each with the next question as soon as the last one is answered. Rounds of
three conditions take turns, so that whatever else the machine does meets all of them:

- `alone`: the neighbour and nobody else;
- `decoy`: beside the same generator at the pace that the flood had, against a server that only waits and answers as many bytes. The
  generator shares the processors with the gateway, and what it takes of them is not the gateway's doing;
- `flood`: beside the flood.

The figures are medians of the rounds' p50 and p95. The one to judge by is flood ÷ alone of p95; flood ÷ decoy beside it says how much of that
is the generator's doing. On a machine that others use as well, run it with `nice -n -15` and more rounds: noise moves a round's p95 by half.
"""

from __future__ import annotations

import argparse
import http.client
import json
import socket
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bench.corpus import write_corpus
from bench.flood import PATHS, Caller, Decoy, Flooded, decoy, generating
from bench.memory import tree_cpu_s
from bench.ours import run_job, settings_in, tenant_of
from bench.search import gateway, percentile
from ingest.worker import Worker
from vernacular.access.keys import KeyRing
from vernacular.cli.context import opened_database
from vernacular.settings import Settings
from vernacular.tenancy import Platform, TenantScope

NEIGHBOUR, FLOODER = "neighbour", "flooder"
ALONE, DECOY, FLOOD = "alone", "decoy", "flood"
BAR: Final = 1.2


@dataclass(slots=True)
class Kind:
    """The rounds of one kind of request: milliseconds of the neighbour's by condition, and the generator's figures."""

    ms: dict[str, list[list[float]]] = field(default_factory=lambda: {ALONE: [], DECOY: [], FLOOD: []})
    floods: list[Flooded] = field(default_factory=list)
    decoys: list[Flooded] = field(default_factory=list)
    gateway_cpu: dict[str, list[float]] = field(default_factory=lambda: {ALONE: [], DECOY: [], FLOOD: []})

    def of(self, condition: str, share: float) -> float:
        return statistics.median(percentile(sorted(each), share) for each in self.ms[condition])


# -- the neighbour -------------------------------------------------------------------------------------------------------


class Neighbour:
    def __init__(self, port: int, caller: Caller, pause_s: float) -> None:
        self._port, self._caller, self._pause_s = port, caller, pause_s
        self._headers = {"Authorization": f"Bearer {caller.key}", "Content-Type": "application/json"}

    def ask(self, kind: str, seconds: float) -> list[float]:
        """Milliseconds of each request. The same questions in every round, so that rounds differ by their condition alone."""
        found: list[float] = []
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._ask(connection, kind, 0)
        until = time.perf_counter() + seconds
        while (begin := time.perf_counter()) < until:
            self._ask(connection, kind, len(found))
            found.append((time.perf_counter() - begin) * 1000)
            time.sleep(max(0.0, self._pause_s - (time.perf_counter() - begin)))
        connection.close()
        return found

    def _ask(self, connection: http.client.HTTPConnection, kind: str, number: int) -> None:
        connection.request("POST", PATHS[kind], self._caller.body(kind, number), self._headers)
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            raise RuntimeError(f"the neighbour was answered {response.status}")


# -- rounds --------------------------------------------------------------------------------------------------------------


def prepare(settings: Settings, folder: Path, documents: int) -> dict[str, Caller]:
    corpus = write_corpus(folder / "corpus", documents)
    questions = tuple(each["question"] for each in json.loads(corpus.questions.read_text(encoding="utf-8")))
    tenants = {slug: tenant_of(settings, slug) for slug in (NEIGHBOUR, FLOODER)}
    with Worker(settings) as worker:
        for tenant in tenants.values():
            run_job(worker, settings, tenant, corpus.records)
    found = {}
    with opened_database(settings) as database, database.write() as session:
        for slug in tenants:
            scope = TenantScope(session, Platform(session).tenant(slug))
            found[slug] = Caller(KeyRing(settings.home).issue(scope, role="public", name="bench"), questions)
    return found


def measure(
    port: int, pid: int, callers: dict[str, Caller], stand_in: Decoy, options: argparse.Namespace
) -> dict[str, Kind]:
    neighbour = Neighbour(port, callers[NEIGHBOUR], options.pause)
    flooder, kinds = callers[FLOODER], {name: Kind() for name in options.kinds}
    for name in kinds:  # nothing is loaded for the first time in a round
        neighbour.ask(name, 2.0)
        with generating(port, flooder, name, options.connections) as told:
            time.sleep(1.0)
        stand_in.imitate(told[0], options.connections)
    for number in range(options.rounds):
        for name, kind in kinds.items():

            def ask(condition: str, name: str = name, kind: Kind = kind) -> None:
                cpu, began = tree_cpu_s(pid), time.perf_counter()
                kind.ms[condition].append(neighbour.ask(name, options.seconds))
                kind.gateway_cpu[condition].append((tree_cpu_s(pid) - cpu) / (time.perf_counter() - began))

            ask(ALONE)
            with generating(port, flooder, name, options.connections) as told:
                ask(FLOOD)
            kind.floods += told
            stand_in.imitate(told[0], options.connections)
            with generating(stand_in.port.value, flooder, name, options.connections) as told:
                ask(DECOY)
            kind.decoys += told
            last = {condition: percentile(sorted(kind.ms[condition][-1]), 0.95) for condition in kind.ms}
            print(
                f"# round {number + 1} {name}: p95 ms " + ", ".join(f"{c} {v:.1f}" for c, v in last.items()), flush=True
            )
    return kinds


def report(name: str, kind: Kind) -> dict[str, Any]:
    told: dict[str, Any] = {"kind": name}
    for condition in (ALONE, DECOY, FLOOD):
        told[condition] = {"p50_ms": kind.of(condition, 0.5), "p95_ms": kind.of(condition, 0.95)}
    told["p95_ratio"] = told[FLOOD]["p95_ms"] / told[DECOY]["p95_ms"]
    told["p95_ratio_alone"] = told[FLOOD]["p95_ms"] / told[ALONE]["p95_ms"]
    told["p50_ratio"] = told[FLOOD]["p50_ms"] / told[DECOY]["p50_ms"]
    told["flood_per_s"] = statistics.median(each.rate for each in kind.floods)
    told["generator_cpu"] = statistics.median(each.cpu_s / each.seconds for each in kind.floods)
    told["decoy_generator_cpu"] = statistics.median(each.cpu_s / each.seconds for each in kind.decoys)
    told["gateway_cpu"] = {condition: statistics.median(each) for condition, each in kind.gateway_cpu.items()}
    cells = " | ".join(
        f"{told[condition][figure]:.1f}" for figure in ("p50_ms", "p95_ms") for condition in (ALONE, DECOY, FLOOD)
    )
    print(
        f"| {name} | {cells} | {told['p95_ratio_alone']:.2f} | {told['p95_ratio']:.2f} | {told['flood_per_s']:.0f} "
        f"| {100 * told['generator_cpu']:.0f} % |"
    )
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=8.0, help="of each condition of a round")
    parser.add_argument("--connections", type=int, default=16, help="of the flooder")
    parser.add_argument("--documents", type=int, default=2000, help="of each tenant")
    parser.add_argument(
        "--pause", type=float, default=0.1, help="seconds from one of the neighbour's requests to the next"
    )
    parser.add_argument("--kinds", nargs="+", choices=sorted(PATHS), default=["search", "chat"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-fairness-") as name:
        settings = settings_in(Path(name))
        callers = prepare(settings, Path(name), options.documents)
        with gateway(settings) as port, decoy() as stand_in:
            kinds = measure(port, json.loads(settings.gateway_file.read_text())["pid"], callers, stand_in, options)
    print(
        "\n| | p50 ms alone | decoy | flood | p95 ms alone | decoy | flood | p95 flood ÷ alone | flood ÷ decoy | flood, answers/s "
        "| its generator's CPU |\n|---|---|---|---|---|---|---|---|---|---|---|"
    )
    rows = [report(name, kind) for name, kind in kinds.items()]
    met = all(row["p95_ratio_alone"] <= BAR for row in rows)
    print(f"\np95 raised by at most {100 * (BAR - 1):.0f} %: {'met' if met else 'NOT met'}")
    print(json.dumps({"bench": "fairness", "connections": options.connections, "rows": rows, "bar": BAR, "met": met}))


if __name__ == "__main__":
    main()
