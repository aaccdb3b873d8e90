"""Cantonese and Hokkien told from Mandarin by the words that only they write.

Function words weigh most: names and quotations bring single characters of one variety into another's text.
"""

from __future__ import annotations

from typing import Final

import regex

_CANTONESE: Final = regex.compile(
    r"[嘅咗喺哋唔冇嚟啲咁乜嘢佢諗瞓睇攞咩畀啱揾搵噉喎啩嗰咪吖唞嬲攰𠻹揸踎閪嘥掂谂𡃉㗎囉喇嚿嗌晒]"
    r"|(?<![關联聯干體体联关])係(?![數数列指由以屬为為])|俾(?![利便使資])|邊[年隻種间間]|點解|邊度|邊個|而家|依家|幾時|點樣|點先|點算|有冇|係咪|得閒|尋日|聽日|琴日|呢[個度啲間隻]|等陣"
    r"|返[工學嚟去]|屋企|鍾意|傾偈|幾[多錢]|幾大張|有幾[大長厚高重闊]|同埋|仲[有未係]|梗係|边间|边度|边个|点解|点样|呢个|系咪|钟意|几多|几时|返工|返学"
)
_MANDARIN: Final = regex.compile(r"[是的他她它們们這这那沒没哪吗嗎]|什麼|什么")
_FORMAL: Final = regex.compile(r"[之於其與为為者及或以所應应得該该]")
_HOKKIEN: Final = regex.compile(
    r"[𪜶𣍐]|偌[濟久大]|啥[物貨款米]|按[怎呢]|這馬|敢[有是會愛欲](?=.*[？?])|佗[位一]|欲[買去問食看換辦按照共予創]|予[我你伊人]|真濟|上[濟久]"
    r"|食飽|今仔日|明仔載|昨昏|查某|查埔|毋[知是通捌去服]|代誌|囡仔|歹勢|彼[个擺款場]|這[个擺款]|幾[个擺工趴]|逐[家工]|佮意|時陣|家己|仝款|遮爾|袂[使當曉記]"
    r"|甘有|頭路"
)
_HOKKIEN_HINT: Final = regex.compile(
    r"佇(?![立足候])|(?<![拉靠收合])攏(?!絡)|[阮恁](?!\p{Lu})|啥|伊(?![拉朗斯莉麗甸利藤莎頓登比始])|毋(?![須庸寧])|[遐袂个佮猶𤆬啉矣ㄟ]|上起頭"
)
_TYPICAL_SPACING: Final = 60
"""A text in Hokkien has a marker at least this often, in characters; Mandarin ones that quote it do not."""


def is_cantonese(text: str, *, likely: bool) -> bool:
    """Whether Chinese `text` is written Cantonese; `likely`: a model that knows no markers thinks so."""
    markers = len(_CANTONESE.findall(text))
    mandarin = len(_MANDARIN.findall(text))
    if markers:
        return 3 * markers >= mandarin
    return likely and not mandarin and not _FORMAL.search(text)


def is_hokkien(text: str) -> bool:
    """Whether Chinese `text` in Traditional characters is written Taiwanese Hokkien."""
    score = 2 * len(_HOKKIEN.findall(text)) + len(set(_HOKKIEN_HINT.findall(text)))
    return score >= 2 and score * _TYPICAL_SPACING >= len(text)
