"""What audit logs cost: writing and verifying 100,000 entries, and what each adds to a search.

python -m bench.audit [--entries 100000] [--searches 400]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.serve.gateway import Gateway, running_gateway
from vernacular.audit.events import Actor, Event
from vernacular.audit.export import export_log
from vernacular.audit.reading import prover, verify_log
from vernacular.audit.verify_audit import verify_export
from vernacular.tenancy import Tenant, TenantScope

KEY = Actor("key", "bench", "member")
PEOPLE = 500
DOCUMENTS = 400


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--searches", type=int, default=400)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_gateway(Path(folder)) as gateway:
        tenant = gateway.tenant("bench")
        write(gateway, tenant, options.entries)
        verified(gateway, tenant, Path(folder))
        searches(gateway, options.searches)


def write(gateway: Gateway, tenant: Tenant, count: int) -> None:
    """As a gateway does: gathered, encrypted, chained, a checkpoint every thousand."""
    audit = gateway.services.audit
    with timed(f"written: {count} entries", count):
        for start in range(0, count, 1000):
            for number in range(start, min(count, start + 1000)):
                audit.later(tenant, event(number))
            audit.flush()


def event(number: int) -> Event:
    return Event(
        "search.answered",
        KEY,
        subject=f"{number % PEOPLE:032x}",
        facts={"retrieved": [f"chunk-{number}-{rank}" for rank in range(8)], "language": "en"},
        content={"query": f"How do I renew the parking permit number {number}?"},
    )


def verified(gateway: Gateway, tenant: Tenant, folder: Path) -> None:
    audit, database = gateway.services.audit, gateway.services.database
    audit.checkpoint(tenant)
    with database.read() as session:
        scope = TenantScope(session, tenant)
        with timed("verified in the database"):
            assert verify_log(scope, audit.keys.public_pem).whole
        with timed("exported"):
            export_log(scope, audit.keys, folder / "log")
        with timed("one inclusion proof"):
            made = prover(scope, 1000)
            made.inclusion(17)
    with timed("verified by the stand-alone verifier"):
        report = verify_export(folder / "log", audit.keys.public_pem)
    assert report.whole
    print(f"  {report.entries} entries, {report.checkpoints} checkpoints; aimed at: at most 5 s")


def searches(gateway: Gateway, count: int) -> None:
    """p50 of `/v1/search` with the log and without, by turns, so that both see the same machine."""
    words = ["harbour", "ferry", "library", "permit", "tram", "market", "school", "garden"]
    for number in range(DOCUMENTS):
        one, two = words[number % 8], words[(number // 8) % 8]
        gateway.put("bench", f"d{number}", f"The {one} office of quarter {number} also runs the {two} desk on Mondays.")
    key = gateway.key("bench")
    audit = gateway.services.audit
    real, none = audit.later, _nothing
    took: dict[bool, list[float]] = {True: [], False: []}
    for number in range(count):
        for logged in (True, False):
            setattr(audit, "later", real if logged else none)  # noqa: B010
            query = f"{words[number % 8]} desk {number}"
            begin = time.perf_counter()
            assert gateway.call("POST", "/v1/search", key, json={"query": query}).status_code == 200
            took[logged].append(time.perf_counter() - begin)
    setattr(audit, "later", real)  # noqa: B010
    audit.flush()
    with_log, without = (statistics.median(took[logged]) * 1000 for logged in (True, False))
    print(f"/v1/search, p50 of {count}: {without:.2f} ms without the log, {with_log:.2f} ms with it")


def _nothing(_tenant: Tenant, _event: Event) -> None:
    return None


@contextmanager
def timed(what: str, count: int = 0) -> Iterator[None]:
    begin, busy = time.perf_counter(), time.process_time()
    yield
    took, worked = time.perf_counter() - begin, time.process_time() - busy
    print(f"{what}: {took:.2f} s, {worked:.2f} s of them at work" + (f" ({count / took:,.0f}/s)" if count else ""))


if __name__ == "__main__":
    main()
