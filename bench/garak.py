"""garak's families against a gateway whose model says back what it is told: how many of the attacks come through.

    python -m bench.garak [--garak .venv-security/bin/garak] [--families web_injection,ansiescape] [--prompts 2000]

Each of four gateways is attacked by all prompts of each probe: answers verified before they are sent (`sentences`) or flagged
after (`tokens`), with a model that says back the question or the whole prompt. Beside them stands what garak finds where
nothing is in between: its own model that repeats the prompt.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from itertools import product
from pathlib import Path
from typing import Final

from tests.security.scan import ALL, FAMILIES, hits, rate, scan
from tests.security.target import target

ROOT: Final = Path(__file__).parent.parent
MODES: Final = ("sentences", "tokens")
SAYS: Final = ("question", "prompt")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--garak", type=Path, default=ROOT / ".venv-security" / "bin" / "garak")
    parser.add_argument("--families", default=",".join(FAMILIES))
    parser.add_argument("--prompts", type=int, default=ALL, help="of each probe at most")
    parser.add_argument("--modes", default=",".join(MODES))
    parser.add_argument("--says", default=",".join(SAYS))
    parser.add_argument("--show", type=int, default=0, help="successful attacks to print of each gateway")
    given = parser.parse_args()
    families = given.families.split(",")
    print(f"{'mode':10} {'says':9} {'family':14} {'succeeded':>9} {'of':>7}  rate")
    for mode, says in product(given.modes.split(","), given.says.split(",")):
        with tempfile.TemporaryDirectory() as folder, target(Path(folder) / "home", says=says, mode=mode) as attacked:
            begin = time.monotonic()
            report = Path(folder) / "garak"
            results = scan(
                given.garak.absolute(),
                attacked.gateway.url,
                attacked.public_key,
                report,
                families,
                prompts=given.prompts,
                limit_s=3600,
            )
            for family in families:
                own = [each for each in results if each.family == family]
                succeeded, answers = sum(each.succeeded for each in own), sum(each.answers for each in own)
                print(f"{mode:10} {says:9} {family:14} {succeeded:9,} {answers:7,}  {rate(results, family):.2%}")
            print(f"{'':20} {attacked.model.asked:,} times the model was asked; {time.monotonic() - begin:.0f} s")
            for hit in hits(report / "scan.report.jsonl")[: given.show]:
                print(f"  {hit['detector']}\n    {hit['prompt']!r}\n    {hit['answer']!r}")


if __name__ == "__main__":
    main()
