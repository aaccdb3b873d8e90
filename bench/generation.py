"""Answers through the gateway beside the same prompts sent to vLLM itself: tokens/s and time to the first token.

    python -m bench.generation [--large] [--rounds 5] [--vllm .venv-vllm/bin/vllm]

One vLLM (the tiny model, taught to talk on), and before it two gateways, one for each mode of `generation.stream`. In each round the
three are asked in turn: vLLM gets the messages that the gateway makes of the same questions, passages included, each with a
fence of its own as in the gateway, so that neither side's prompts are in the prefix cache beyond what all have in common.
Temperature 0; as many tokens on each side. `--large` puts a model in vLLM's place that takes a CPU as long as a large one takes a GPU.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from bench.chat_load import Round, Target, p50, run
from bench.memory import tree_cpu_s
from bench.nano.__main__ import make
from bench.nano.facts import FEE, WORDINGS, Place, places
from bench.nano.prompts import as_dicts
from serve.rag.pipeline import RagPipeline
from serve.rag.prompting import Passage, build_messages, new_fence
from serve.rag.voice import voice_of
from tests.vllm.processes import MODEL, GatewayServer, ModelServer, Tenant
from vernacular.db.session import open_database
from vernacular.settings import Settings
from vernacular.tenancy import Platform, TenantScope
from vernacular.vectors.factory import open_store

ROOT: Final = Path(__file__).parent.parent
KEPT: Final = ROOT / ".bench" / "nano"
DOCUMENTS: Final = 120
TOKENS: Final = 128
RAW, TOKENS_MODE, SENTENCES = "vLLM itself", "gateway, tokens", "gateway, sentences"
REQUESTS: Final = {1: 10, 8: 40, 32: 128}
LARGE: Final = ("--layers", "9", "--width", "4096")


@dataclass(slots=True)
class Side:
    """`bodies(n)`: as many requests, none of them sent before. `pids`: whose processor time is counted."""

    name: str
    target: Target
    programs: list[int]
    rounds: dict[int, list[Round]] = field(default_factory=dict)
    cpu_s: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Questions:
    """What is asked, and what the gateway's steps make of it: the messages, and the seconds that this takes."""

    tenant: Tenant
    settings: Settings

    def asked(self, count: int, chance: random.Random) -> list[str]:
        return [chance.choice(self.tenant.places).question(FEE) for _ in range(count)]

    def gateway(self, questions: Sequence[str]) -> list[dict[str, Any]]:
        return [
            {"model": "default", "messages": [{"role": "user", "content": each}], **_STREAMED} for each in questions
        ]

    def raw(self, questions: Sequence[str]) -> tuple[list[dict[str, Any]], list[float]]:
        """The bodies for vLLM, and the seconds of understanding and retrieval for each."""
        database, vectors = open_database(self.settings), open_store(self.settings, own=False)
        rag = RagPipeline(self.settings.answers)
        bodies, seconds = [], []
        with closing(vectors), closing(database), database.read() as session:
            scope = TenantScope(session, Platform(session).tenant(self.tenant.slug), vectors)
            for question in questions:
                begin = time.perf_counter()
                understanding = rag.understand(scope, question)
                prepared = rag.prepare(scope, understanding)
                seconds.append(time.perf_counter() - begin)
                messages = build_messages(
                    understanding.question,
                    [Passage.of(hit) for hit in prepared.passages],
                    voice_of(scope.tenant, understanding.dialect or understanding.language),
                    fence=new_fence(),
                    today=date.today(),  # noqa: DTZ011
                )
                sampling = {"max_tokens": TOKENS, "temperature": 0.0}
                bodies.append({"model": MODEL, "messages": as_dicts(messages), **sampling, **_STREAMED})
        return bodies, seconds


_STREAMED: Final = {"stream": True, "stream_options": {"include_usage": True}}


def options(vllm: Path, mode: str) -> dict[str, str]:
    return {
        "VERNACULAR_MODEL_SERVER__COMMAND": str(vllm),
        "VERNACULAR_GENERATION__TEMPERATURE": "0",
        "VERNACULAR_GENERATION__MAX_TOKENS": str(TOKENS),
        "VERNACULAR_GENERATION__STREAM": mode,
        "VERNACULAR_SERVE__WORKER": "true",
    }


def talker(vllm: Path, large: bool) -> Path:
    """The model of this benchmark, made the first time."""
    python, folder = vllm.with_name("python"), KEPT / ("large" if large else "talker") / MODEL
    if not (KEPT / MODEL / "config.json").exists():
        make(KEPT, python, 120.0)
    if not (folder / "config.json").exists():
        command = [str(python), "-m", "bench.nano.talker", str(KEPT / MODEL), str(KEPT / "adapters" / "endless")]
        subprocess.run([*command, str(folder), *(LARGE if large else ())], cwd=ROOT, check=True, capture_output=True)
    return folder


@contextmanager
def serving(vllm: Path, weights: Path, folder: Path) -> Iterator[tuple[list[Side], Questions]]:
    """vLLM and both gateways, with the same documents."""
    with ExitStack() as stack:
        homes = {mode: folder / mode for mode in ("tokens", "sentences")}
        model = ModelServer(homes["tokens"], weights, options(vllm, "tokens"))
        stack.callback(model.stop)
        model.wait()
        endpoint = model.endpoint
        sides = [Side(RAW, Target(endpoint["url"], endpoint["api_key"]), [model.process.pid])]
        known = [place for wording in WORDINGS for place in places(DOCUMENTS // 3, wording.language, random.Random(1))]
        tenants = {}
        for mode, home in homes.items():
            own = json.dumps([{"url": endpoint["url"], "api_key": endpoint["api_key"], "profile": MODEL}])
            more = {} if mode == "tokens" else {"VERNACULAR_GENERATION__ENDPOINTS": own}
            gateway = GatewayServer(home, {**options(vllm, mode), **more})
            stack.callback(gateway.stop)
            gateway.wait()
            tenants[mode] = taught(gateway, known)
            name = TOKENS_MODE if mode == "tokens" else SENTENCES
            sides.append(Side(name, Target(f"{gateway.url}/v1", tenants[mode].key), [gateway.process.pid]))
        yield sides, Questions(tenants["tokens"], Settings(home=homes["tokens"]))


def taught(gateway: GatewayServer, known: Sequence[Place]) -> Tenant:
    tenant = gateway.tenant("bench")
    tenant.learn(known)
    return tenant


def measure(sides: list[Side], questions: Questions, rounds: int, most: int) -> float:
    """Fill in each side's rounds; the median of the seconds that understanding and retrieval take."""
    chance, looked = random.Random(7), []
    for number in range(rounds + 1):  # the first is to warm up
        for concurrency, requests in REQUESTS.items():
            asked = questions.asked(min(requests, most), chance)
            raw, seconds = questions.raw(asked)
            looked += seconds
            for side in chance.sample(sides, len(sides)):
                bodies = raw if side.name == RAW else questions.gateway(asked)
                before = sum(map(tree_cpu_s, side.programs))
                done = asyncio.run(run(side.target, bodies, concurrency))
                spent = sum(map(tree_cpu_s, side.programs)) - before
                if number:
                    side.rounds.setdefault(concurrency, []).append(done)
                    side.cpu_s[concurrency] = side.cpu_s.get(concurrency, 0.0) + spent
    return p50(looked)


def rows(sides: list[Side], looked_s: float) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for concurrency in REQUESTS:
        raw = sides[0].rounds[concurrency]
        for side in sides:
            own = side.rounds[concurrency]
            seen = [one for each in own for one in each.seen]
            ratios = [mine.tokens_per_s / other.tokens_per_s for mine, other in zip(own, raw, strict=True)]
            first = 1000 * p50([one.first_s for one in seen if one.first_s])
            base = 1000 * p50([one.first_s for each in raw for one in each.seen if one.first_s])
            tokens = sum(one.tokens for one in seen)
            found.append(
                {
                    "concurrency": concurrency,
                    "side": side.name,
                    "tokens_per_s": p50([each.tokens_per_s for each in own]),
                    "ratio": p50(ratios),
                    "ttft_ms": first,
                    "added_ms": first - base - (0 if side is sides[0] else 1000 * looked_s),
                    "cited_ms": 1000 * p50([one.cited_s for one in seen if one.cited_s]),
                    "tokens": tokens / len(seen),
                    "cpu_us_per_token": 1e6 * side.cpu_s[concurrency] / max(tokens, 1),
                }
            )
    return found


def table(found: Sequence[dict[str, Any]]) -> str:
    lines = [
        "| concurrency | | tokens/s | of vLLM's | TTFT p50 ms | added beyond retrieval, ms | first citation p50 ms | tokens an answer | own CPU µs a token |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in found:
        raw = row["side"] == RAW
        ratio, added = ("", "") if raw else (f"{row['ratio']:.2f}", f"{row['added_ms']:.1f}")
        lines.append(
            f"| {row['concurrency']} | {row['side']} | {row['tokens_per_s']:,.0f} | {ratio} | {row['ttft_ms']:.1f} | {added} "
            f"| {row['cited_ms']:.1f} | {row['tokens']:.0f} | {row['cpu_us_per_token']:.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", action="store_true", help="A model that takes its time.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--most", type=int, default=1000, help="Requests of a round at most.")
    parser.add_argument("--vllm", type=Path, default=ROOT / ".venv-vllm" / "bin" / "vllm", metavar="PROGRAM")
    given = parser.parse_args()
    vllm = given.vllm.absolute()
    weights = talker(vllm, given.large)
    RagPipeline(Settings().answers).warm_up()
    with (
        tempfile.TemporaryDirectory(prefix="bench-generation-") as folder,
        serving(vllm, weights, Path(folder)) as (sides, questions),
    ):
        looked = measure(sides, questions, given.rounds, given.most)
        found = rows(sides, looked)
    print(f"understanding and retrieval: p50 {1000 * looked:.1f} ms\n\n{table(found)}\n")
    print(json.dumps({"large": given.large, "retrieval_ms": 1000 * looked, "rows": found}))


if __name__ == "__main__":
    main()
