"""Made-up facts about made-up places, in three languages: what the tiny model is trained and asked on.

Names come from a fixed list, so that each is a token of its own; the figures are drawn anew every time, so that nothing can be
known by heart. A place's document is two sentences, and what is asked is answered by one of them, by both, or by neither.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

NAMES: Final = 480
_STARTS: Final = (
    "Bal",
    "Cor",
    "Dav",
    "Fen",
    "Gil",
    "Hul",
    "Jor",
    "Kam",
    "Lem",
    "Mir",
    "Nol",
    "Pel",
    "Ros",
    "Sev",
    "Tam",
    "Vur",
)
_MIDDLES: Final = ("o", "a", "e", "i", "u")
_ENDS: Final = ("drin", "fex", "gast", "lune", "mora", "neth", "pock", "rix", "stow", "vale", "wick", "zorn")
_HAN_STARTS: Final = "柏崇鼎枫谷荷锦岚梅宁浦清瑞松桐湾"
_HAN_ENDS: Final = "坊亭渡坡巷塘埠寨岭桥圩闸"


@dataclass(frozen=True, slots=True)
class Wording:
    """A language's sentences and questions; `{name}` and `{value}` are put in."""

    language: str
    sentences: dict[str, str]
    questions: dict[str, str]


FEE, ROOM, BOTH, NEITHER = "fee", "room", "both", "neither"
WORDINGS: Final = (
    Wording(
        "en",
        {FEE: "The fee for {name} is {value} dollars.", ROOM: "The counter for {name} is in room {value}."},
        {
            FEE: "What is the fee for {name}?",
            ROOM: "Which room is the counter for {name} in?",
            BOTH: "What are the fee and the counter for {name}?",
            NEITHER: "Who built {name}?",
        },
    ),
    Wording(
        "es",
        {FEE: "La tasa de {name} es de {value} pesos.", ROOM: "La ventanilla de {name} está en la sala {value}."},
        {
            FEE: "¿Cuál es la tasa de {name}?",
            ROOM: "¿En qué sala está la ventanilla de {name}?",
            BOTH: "¿Cuáles son la tasa y la ventanilla de {name}?",
            NEITHER: "¿Quién construyó {name}?",
        },
    ),
    Wording(
        "zh",
        {FEE: "{name}的费用是{value}元。", ROOM: "{name}的窗口在{value}室。"},
        {
            FEE: "{name}的费用是多少？",
            ROOM: "{name}的窗口在哪个室？",
            BOTH: "{name}的费用和窗口是什么？",
            NEITHER: "{name}是谁建造的？",
        },
    ),
)
IN_VARIETIES: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "es-MX": {
        FEE: ("Oye güey, ¿ahorita cuánto cuesta lo de {name}?", "¿Cuánta lana piden por {name}, güey?"),
        ROOM: ("Mande, ¿dónde checo lo de {name} ahorita?", "Órale, ¿me platicas en qué sala atienden lo de {name}?"),
    },
    "es-AR": {
        FEE: ("Che, ¿vos sabés cuánto sale lo de {name}?", "¿Me podés decir cuánta guita piden por {name}?"),
        ROOM: ("Decime en qué sala atienden lo de {name}, dale", "Che, ¿adónde tenés que ir por lo de {name}?"),
    },
}
"""Questions as people write them in a variety, by its tag."""
BY_LANGUAGE: Final = {wording.language: wording for wording in WORDINGS}


@dataclass(frozen=True, slots=True)
class Place:
    """A document: what there is to know about a name."""

    language: str
    name: str
    values: dict[str, str]

    @property
    def title(self) -> str:
        return self.name

    @property
    def text(self) -> str:
        between = "" if self.language == "zh" else " "
        return between.join(self.sentence(kind) for kind in (FEE, ROOM))

    def sentence(self, kind: str) -> str:
        return BY_LANGUAGE[self.language].sentences[kind].format(name=self.name, value=self.values[kind])

    def question(self, kind: str) -> str:
        return BY_LANGUAGE[self.language].questions[kind].format(name=self.name)

    def questions_in(self, variety: str, kind: str) -> list[str]:
        """Those in a variety that ask for the same; none where it has none of its own."""
        return [each.format(name=self.name) for each in IN_VARIETIES.get(variety, {}).get(kind, ())]

    def sentences(self, kind: str) -> list[str]:
        """Those that answer a question of that kind."""
        return [self.sentence(each) for each in (FEE, ROOM) if kind in {each, BOTH}]


def names(language: str) -> list[str]:
    """Every name that a place may have: `NAMES` of them, or fewer in Chinese."""
    if language == "zh":
        return [start + end for start in _HAN_STARTS for end in _HAN_ENDS]
    made = [start + middle + end for start in _STARTS for middle in _MIDDLES for end in _ENDS]
    return random.Random(3).sample(made, NAMES)


def places(count: int, language: str, chance: random.Random) -> list[Place]:
    """`count` places of different names with figures drawn now."""
    return [
        Place(language, name, {FEE: str(chance.randint(100, 999)), ROOM: str(chance.randint(100, 999))})
        for name in chance.sample(names(language), count)
    ]
