"""How long it takes to put unanswered questions together: made up from a seed, as a chat of a town hall may have them.

python -m bench.questions [--questions 2000]
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from datetime import UTC, datetime
from typing import Final

from serve.quality.questions import together
from serve.quality.reviews import Unanswered

_ASKS: Final = (
    "How much is {0} {1}",
    "Where do I get {0} {1}",
    "When does {0} {1} open",
    "幾錢{2}{3}",
    "點樣申請{2}{3}",
)
_WHAT: Final = ("a permit for", "a refund for", "the lost property of", "a place in", "insurance for", "the noise of")
_OF: Final = ("kayaks", "the market", "night buses", "allotments", "the choir", "bee hives", "scooters", "the archive")
_HAN: Final = ("許可證", "登記", "退款", "名額", "保險", "失物")
_OF_HAN: Final = ("獨木舟", "市集", "夜班巴士", "菜園", "合唱團", "蜂箱", "滑板車", "檔案館")
ROUNDS: Final = 5


def questions(count: int, seed: int = 7) -> list[Unanswered]:
    """As many; some tens of kinds, each in several wordings, and a third that nobody else asks."""
    rng = random.Random(seed)
    found = []
    for number in range(count):
        at, of = rng.randrange(len(_WHAT)), rng.randrange(len(_OF))
        text = rng.choice(_ASKS).format(_WHAT[at], _OF[of], _OF_HAN[of], _HAN[at])
        if rng.random() < 1 / 3:
            text += f" {''.join(rng.choices('bcdfglmnprst', k=3))}{''.join(rng.choices('aeiou', k=3))}ston"
        words = tuple(text.split())
        moment = datetime.fromtimestamp(1_780_000_000 + number * 60, UTC)
        found.append(Unanswered(str(number), str(number), text, "en", "", "no_match", "", words, moment))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=2000)
    asked = questions(parser.parse_args().questions)
    together(asked[:50])
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        groups = together(asked)
        taken.append(time.perf_counter() - began)
    figures = {"questions": len(asked), "groups": len(groups), "median_s": round(statistics.median(taken), 3)}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
