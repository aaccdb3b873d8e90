"""The number words, money slang and hours of Spanish, Portuguese, English and French, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Slang:
    """What a word for money is worth. `tags`: the varieties that say so (none: all); `anywhere`: also where none is known."""

    worth: float
    currency: str
    tags: tuple[str, ...] = ()
    anywhere: bool = True


@dataclass(frozen=True)
class Language:
    """One language. `names`: number → its word; `others`: further words; `minutes`: what follows an hour, in minutes."""

    code: str
    names: Mapping[int, str]
    others: Mapping[str, int]
    factors: Mapping[str, int]
    joiners: frozenset[str]
    articles: Mapping[str, int]
    thousand: str
    millions: tuple[str, str]
    after_tens: str
    after_hundreds: str
    before_hours: tuple[str, ...]
    minutes: Mapping[str, int]
    afternoons: tuple[str, ...]
    mornings: tuple[str, ...]
    phrases: Mapping[str, tuple[str, ...]]
    slang: Mapping[str, tuple[Slang, ...]] = field(default_factory=dict)
    halves: Mapping[str, float] = field(default_factory=dict)
    before_years: tuple[str, ...] = ()
    not_years: frozenset[str] = frozenset()
    hundred_before_more: str = ""
    bare_thousand: bool = False
    vigesimal: bool = False
    values: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        single = {name: value for value, name in self.names.items() if name.isalpha()}
        object.__setattr__(self, "values", {**single, **self.others})


def _numbered(words: str, start: int = 0, step: int = 1) -> dict[int, str]:
    return {start + step * place: word for place, word in enumerate(words.split())}


def _meaning(words: str, *meanings: Slang) -> dict[str, tuple[Slang, ...]]:
    return dict.fromkeys(words.split(), meanings)


def _french_tens() -> dict[int, str]:
    """Seventeen to nineteen, those with `et`, and those that French counts on from sixty and eighty."""
    ones = [
        "un",
        "deux",
        "trois",
        "quatre",
        "cinq",
        "six",
        "sept",
        "huit",
        "neuf",
        "dix",
        "onze",
        "douze",
        "treize",
        "quatorze",
        "quinze",
        "seize",
    ]
    ones += ["dix-sept", "dix-huit", "dix-neuf"]
    found = {17: "dix-sept", 18: "dix-huit", 19: "dix-neuf", 71: "soixante et onze", 80: "quatre-vingts"}
    found |= {60 + value: f"soixante-{ones[value - 1]}" for value in range(10, 20) if value != 11}
    found |= {80 + value: f"quatre-vingt-{ones[value - 1]}" for value in range(1, 20)}
    tens = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante"}
    return found | {ten + 1: f"{name} et un" for ten, name in tens.items()}


_RIVER_PLATE: Final = ("es-AR",)
_ANDES: Final = ("es-AR", "es-x-andes")
_MEXICO: Final = ("es-MX",)
_CARIBBEAN: Final = ("es-x-caribe",)
_SPAIN: Final = ("es-ES",)

SPANISH: Final = Language(
    code="es",
    names=_numbered(
        "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho "
        "diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve treinta"
    )
    | _numbered("cuarenta cincuenta sesenta setenta ochenta noventa cien", 40, 10)
    | _numbered(
        "doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos", 200, 100
    ),
    others={
        "un": 1,
        "una": 1,
        "dieciseis": 16,
        "veintiun": 21,
        "veintiún": 21,
        "veintiuna": 21,
        "veintidos": 22,
        "veintitres": 23,
        "veintiseis": 26,
        "ciento": 100,
        "doscientas": 200,
        "trescientas": 300,
        "cuatrocientas": 400,
        "quinientas": 500,
        "seiscientas": 600,
        "setecientas": 700,
        "ochocientas": 800,
        "novecientas": 900,
    },
    factors={"mil": 1000, "miles": 1000, "millón": 10**6, "millon": 10**6, "millones": 10**6},
    joiners=frozenset({"y"}),
    articles={"un": 1, "una": 1, "uno": 1},
    thousand="mil",
    millions=("millón", "millones"),
    after_tens=" y ",
    after_hundreds=" ",
    hundred_before_more="ciento",
    bare_thousand=True,
    before_hours=("a las", "a la", "son las", "las", "desde las", "hasta las", "tipo"),
    minutes={
        "y media": 30,
        "y cuarto": 15,
        "y pico": 0,
        "en punto": 0,
        "y diez": 10,
        "y cinco": 5,
        "y veinte": 20,
        "y veinticinco": 25,
        "menos cuarto": -15,
        "menos diez": -10,
        "menos cinco": -5,
        "menos veinte": -20,
        "treinta": 30,
    },
    afternoons=("de la tarde", "de la noche", "pm", "p m", "de la tardecita"),
    mornings=("de la mañana", "de la madrugada", "am", "a m", "del mediodía"),
    phrases={
        "media docena": ("6", "seis"),
        "una docena": ("12", "doce"),
        "docena y media": ("18",),
        "dos docenas": ("24",),
        "tres cuartos": ("3/4", "0.75", "75%"),
        "la mitad": ("50%", "1/2", "medio"),
        "un cuarto": ("1/4", "25%"),
        "un tercio": ("1/3",),
        "dos tercios": ("2/3",),
        "la cuarta parte": ("1/4", "25%"),
        "la tercera parte": ("1/3",),
        "el doble": ("2 veces", "200%"),
        "medio millón": ("500000", "500 mil"),
        "medio millon": ("500000", "500 mil"),
        "millón y medio": ("1500000", "1.5 millones"),
        "un millón y medio": ("1500000", "1.5 millones"),
        "año y medio": ("18 meses", "1.5 años"),
        "un año y medio": ("18 meses", "1.5 años"),
        "medio año": ("6 meses", "seis meses"),
        "mes y medio": ("45 días", "1.5 meses"),
        "un mes y medio": ("45 días", "1.5 meses"),
        "hora y media": ("90 minutos", "1.5 horas"),
        "una hora y media": ("90 minutos", "1.5 horas"),
        "media hora": ("30 minutos",),
        "medio día": ("12 horas", "media jornada"),
        "una quincena": ("15 días", "quince días"),
        "la quincena": ("15 días", "quincena"),
        "quince días": ("15 días", "dos semanas"),
        "un cuarto de hora": ("15 minutos",),
        "tres cuartos de hora": ("45 minutos",),
        "un par de": ("2", "dos"),
        "un siglo": ("100 años",),
        "medio kilo": ("500 gramos", "0.5 kg"),
        "cuarto de kilo": ("250 gramos",),
        "kilo y medio": ("1.5 kg",),
        "una década": ("10 años",),
        "un semestre": ("6 meses", "seis meses"),
        "un trimestre": ("3 meses", "tres meses"),
        "un bimestre": ("2 meses", "dos meses"),
        "un lustro": ("5 años",),
        "por ciento": ("%",),
    },
    slang=_meaning(
        "luca lucas lukas luka", Slang(1000, "pesos", _ANDES), Slang(1, "soles", ("es-x-andes",), anywhere=False)
    )
    | _meaning("palo palos", Slang(10**6, "pesos", _ANDES), Slang(10**6, "pesos", _MEXICO, anywhere=False))
    | _meaning("melón melones", Slang(10**6, ""))
    | _meaning(
        "gamba gambas",
        Slang(100, "pesos", _ANDES),
    )
    | _meaning("quina quinas", Slang(500, "pesos", ("es-x-andes",)))
    | _meaning(
        "mango mangos",
        Slang(1, "pesos", _RIVER_PLATE, anywhere=False),
        Slang(1, "soles", ("es-x-andes",), anywhere=False),
    )
    | _meaning("varo varos baro baros bolas", Slang(1, "pesos", (*_MEXICO, *_CARIBBEAN)))
    | _meaning("tostón toston tostones", Slang(0.5, "pesos", _MEXICO))
    | _meaning("pavo pavos", Slang(1, "euros", _SPAIN), Slang(1, "dólares", _CARIBBEAN, anywhere=False))
    | _meaning("pelas", Slang(1, "pesetas", _SPAIN))
    | _meaning("duros", Slang(5, "pesetas", _SPAIN))
    | _meaning("talego talegos", Slang(1000, "pesetas", _SPAIN))
    | _meaning("lereles eurillos eurazos leuros", Slang(1, "euros", _SPAIN))
    | _meaning("fula fulas", Slang(1, "dólares", _CARIBBEAN))
    | _meaning("cañas", Slang(1, "pesos", _CARIBBEAN, anywhere=False))
    | _meaning("bolos", Slang(1, "bolívares", _CARIBBEAN))
    | _meaning("verdes", Slang(1, "dólares"))
    | _meaning("pesitos", Slang(1, "pesos"))
    | _meaning("milanesas", Slang(1000, "pesos", _RIVER_PLATE, anywhere=False))
    | _meaning("diego diegos", Slang(10, "pesos", _RIVER_PLATE, anywhere=False)),
    halves={"media": 0.5, "medio": 0.5},
    before_years=("del", "en el", "desde el", "hasta el", "año"),
    not_years=frozenset(["por", "por%", "porciento", "años", "días", "meses", "pesos", "euros", "kilos"]),
)

PORTUGUESE: Final = Language(
    code="pt",
    names=_numbered(
        "zero um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezesseis dezessete dezoito dezenove vinte"
    )
    | _numbered("trinta quarenta cinquenta sessenta setenta oitenta noventa cem", 30, 10)
    | _numbered("duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos", 200, 100),
    others={
        "uma": 1,
        "duas": 2,
        "tres": 3,
        "quatorze": 14,
        "dezasseis": 16,
        "dezassete": 17,
        "dezanove": 19,
        "cento": 100,
        "meia": 6,
        "duzentas": 200,
        "trezentas": 300,
        "quatrocentas": 400,
        "quinhentas": 500,
    },
    factors={"mil": 1000, "milhão": 10**6, "milhao": 10**6, "milhões": 10**6, "milhoes": 10**6},
    joiners=frozenset({"e"}),
    articles={"um": 1, "uma": 1, "meia": 6},
    thousand="mil",
    millions=("milhão", "milhões"),
    after_tens=" e ",
    after_hundreds=" e ",
    hundred_before_more="cento",
    bare_thousand=True,
    before_hours=("às", "as", "das", "até as", "até às", "umas"),
    minutes={"e meia": 30, "e quinze": 15, "e pouco": 0, "em ponto": 0, "e dez": 10, "e vinte": 20, "e quarenta": 40},
    afternoons=("da tarde", "da noite"),
    mornings=("da manhã", "da madrugada"),
    phrases={
        "meia dúzia": ("6", "seis"),
        "uma dúzia": ("12", "doze"),
        "meia hora": ("30 minutos",),
        "uma hora e meia": ("90 minutos", "1,5 hora"),
        "um ano e meio": ("18 meses",),
        "meio ano": ("6 meses", "seis meses"),
        "a metade": ("50%", "1/2"),
        "três quartos": ("3/4", "75%"),
        "um terço": ("1/3",),
        "uma quinzena": ("15 dias",),
        "um semestre": ("6 meses",),
        "um par de": ("2", "dois"),
    },
    slang=_meaning("conto contos pila pilas pau paus mango mangos pratas", Slang(1, "reais"))
    | _meaning("barão barões", Slang(1000, "reais")),
    halves={"meio": 0.5},
    before_years=("de", "em", "desde"),
    not_years=frozenset({"anos", "dias", "meses", "reais", "por"}),
)

ENGLISH: Final = Language(
    code="en",
    names=_numbered(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
    )
    | _numbered("twenty thirty forty fifty sixty seventy eighty ninety", 20, 10)
    | {
        count * 100: f"{word} hundred"
        for count, word in enumerate(_numbered("one two three four five six seven eight nine", 1).values(), 1)
    },
    others={"fourty": 40, "ninty": 90, "hundred": 100},
    factors={"hundred": 100, "thousand": 1000, "grand": 1000, "million": 10**6},
    joiners=frozenset({"and"}),
    articles={"a": 1, "an": 1, "one": 1},
    thousand="thousand",
    millions=("million", "million"),
    after_tens="-",
    after_hundreds=" and ",
    before_hours=("at", "until", "till", "by", "from", "after", "before"),
    minutes={"thirty": 30, "fifteen": 15, "o clock": 0, "ish": 0, "forty five": 45},
    afternoons=("pm", "p m", "in the afternoon", "in the evening", "at night"),
    mornings=("am", "a m", "in the morning"),
    phrases={
        "half a dozen": ("6", "six"),
        "a dozen": ("12", "twelve"),
        "half an hour": ("30 minutes",),
        "an hour and a half": ("90 minutes",),
        "a year and a half": ("18 months",),
        "half a year": ("six months", "6 months"),
        "a fortnight": ("two weeks", "14 days"),
        "three quarters": ("3/4", "75%"),
        "a quarter": ("1/4", "25%"),
        "a third": ("1/3",),
        "two thirds": ("2/3",),
        "a couple of": ("2", "two"),
        "a decade": ("10 years", "ten years"),
        "half a million": ("500000",),
        "a score": ("20",),
    },
    slang=_meaning("bucks buck", Slang(1, "dollars"))
    | _meaning("quid", Slang(1, "pounds"))
    | _meaning("grand", Slang(1000, ""))
    | _meaning("fiver", Slang(5, ""))
    | _meaning("tenner tenners", Slang(10, "")),
    halves={"half": 0.5},
    before_years=(),
)

FRENCH: Final = Language(
    code="fr",
    names=_numbered("zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize")
    | _french_tens()
    | _numbered("vingt trente quarante cinquante soixante", 20, 10)
    | {100: "cent"}
    | {count * 100: f"{word} cents" for count, word in enumerate(_numbered("deux trois quatre cinq six sept huit neuf", 2).values(), 2)},
    others={"une": 1, "zero": 0, "septante": 70, "huitante": 80, "octante": 80, "nonante": 90, "cents": 100, "vingts": 20},
    factors={"cent": 100, "cents": 100, "mille": 1000, "million": 10**6, "millions": 10**6},
    joiners=frozenset({"et"}),
    articles={"un": 1, "une": 1},
    thousand="mille", millions=("million", "millions"), after_tens="-", after_hundreds=" ", bare_thousand=True, vigesimal=True,
    before_hours=(),
    minutes={},
    afternoons=(),
    mornings=(),
    phrases={
        "une douzaine": ("12", "douze"), "une quinzaine": ("15", "quinze", "quinze jours"), "une vingtaine": ("20",), "une trentaine": ("30",),
        "une centaine": ("100",), "une demi heure": ("30 minutes",), "une heure et demie": ("90 minutes",), "un an et demi": ("18 mois",),
        "six mois": ("6 mois", "un semestre"), "un trimestre": ("3 mois",), "trois quarts": ("3/4", "75 %"), "un quart": ("1/4", "25 %"),
        "un tiers": ("1/3",), "la moitié": ("50 %", "1/2"),
    },
    slang=_meaning("balles", Slang(1, "euros")) | _meaning("briques", Slang(10_000, "euros")),
)  # fmt: skip
