"""Sentences as models write them, over the documents of the example tenants: what is true passes, what is not falls."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import pytest

from ingest.chunk import chunk
from serve.rag.ground import Grounds
from tests.serve.rag.library import hit
from vernacular.types import Document, Hit

EXAMPLES = Path(__file__).parent.parent.parent.parent / "examples"
PAYMENT, EXPENSES = "shuguo/documents/payment.md", "cenital/documents/gastos-2026.md"
DOGS, BIRTHS = "harbour/documents/dog-licence.md", "delta/documents/birth-certificate.md"


@functools.cache
def passages(path: str) -> tuple[Hit, ...]:
    text = (EXAMPLES / path).read_text(encoding="utf-8").split("---\n", 2)[2]
    found = re.search(r"^# (.*)$", text, re.MULTILINE)
    title = found[1] if found else ""
    return tuple(hit(each.text, title=title, headings=each.headings) for each in chunk(Document("x", text, title)))


def holds(language: str, path: str, sentence: str) -> bool:
    hits = passages(path)
    return Grounds(hits, language).judge(sentence, range(len(hits))).holds


@pytest.mark.parametrize(
    ("language", "path", "sentence"),
    [
        ("zh-Hans", PAYMENT, "普通订单需要在下单后30分钟内完成付款，否则订单会自动关闭。"),
        ("zh-Hans", PAYMENT, "蜀锅不支持货到付款。"),
        ("zh-Hans", PAYMENT, "一笔订单最多可以用三张礼品卡。"),
        ("zh-Hans", PAYMENT, "礼品卡丢了的话，可以凭购卡订单号挂失一次，手续费是5元。"),
        ("zh-Hans", PAYMENT, "没发货的订单可以直接取消，钱会马上原路退回。"),
        ("zh-Hans", PAYMENT, "银行卡单笔限额是50,000元，没有手续费。"),
        ("zh-Hans", PAYMENT, "礼品卡的有效期是激活之日起三年。"),
        ("cmn-Hans-x-sichuan", PAYMENT, "没发货的单子可以直接取消，钱马上就退给你咯。"),
        ("es-MX", EXPENSES, "El tope para comida con clientes es de 600 pesos por persona, incluyendo la propina."),
        ("es-MX", EXPENSES, "La propina no puede pasar del 15 %."),
        (
            "es-MX",
            EXPENSES,
            "Tienes 20 días naturales para comprobar el gasto con factura a nombre de Cenital Soluciones.",
        ),
        ("es-MX", EXPENSES, "Los gastos de 2,001 a 15,000 pesos los autoriza tu jefe directo."),
        ("es-MX", EXPENSES, "Los reembolsos se pagan los viernes."),
        ("es-MX", EXPENSES, "No se reembolsan las multas de tránsito."),
        (
            "es-MX",
            EXPENSES,
            "Para más de 15,000 pesos también necesitas que autorice la gerencia de Finanzas antes de gastar.",
        ),
        (
            "es-MX",
            EXPENSES,
            "Si pierdes la tarjeta corporativa, bloquéala en la app del banco y avisa a Finanzas el mismo día.",
        ),
        ("es-MX", EXPENSES, "El tope de Internet en casa es de 450 pesos por mes."),
        ("yue-Hant-HK", DOGS, "狗牌要港幣95蚊，有效期係三年。"),
        ("yue-Hant-HK", DOGS, "隻狗滿五個月就一定要有牌照、植入晶片同打瘋狗症針。"),
        ("yue-Hant-HK", DOGS, "養冇牌嘅狗係犯法㗎，最高罰一萬蚊。"),
        ("yue-Hant-HK", DOGS, "導盲犬唔使畀錢。"),
        ("yue-Hant-HK", DOGS, "絕育咗嘅狗可以減30蚊，要有獸醫證明。"),
        ("yue-Hant-HK", DOGS, "大過20公斤嘅狗出街要用唔超過2米嘅狗帶拖住。"),
        ("yue-Hant-HK", DOGS, "改地址要喺5日內用表格AN-3通知動物護理處。"),
        ("zh-Hant", DOGS, "狗隻牌照的費用是港幣 95 元，有效期為三年，費用包括疫苗注射和晶片植入。"),
        ("en", DOGS, "A dog licence costs HK$95 and is valid for three years."),
        ("ar", BIRTHS, "يجب تسجيل المولود خلال 15 يومًا من ولادته."),
        ("arz-Arab-EG", BIRTHS, "لازم تسجل المولود في خلال 15 يوم من الولادة في مكتب الصحة."),
        ("arz-Arab-EG", BIRTHS, "التسجيل في المدة دي ببلاش."),
        ("arz-Arab-EG", BIRTHS, "النسخة الإضافية من شهادة الميلاد بـ 35 جنيه."),
        ("ar", BIRTHS, "المستندات المطلوبة هي إخطار الولادة وبطاقة الرقم القومي للأب والأم ووثيقة الزواج."),
    ],
)
def test_true_sentences_pass(language: str, path: str, sentence: str) -> None:
    assert holds(language, path, sentence)


@pytest.mark.parametrize(
    ("language", "path", "sentence"),
    [
        ("zh-Hans", PAYMENT, "可以货到付款。"),
        ("zh-Hans", PAYMENT, "一笔订单最多可以用五张礼品卡。"),
        ("zh-Hans", PAYMENT, "已经出库的订单也可以取消。"),
        ("zh-Hans", PAYMENT, "扫码支付单笔限额是50,000元。"),
        ("zh-Hans", PAYMENT, "礼品卡激活后两年内有效。"),
        ("es-MX", EXPENSES, "Los tickets sin factura se aceptan hasta por 450 pesos al mes."),
        ("es-MX", EXPENSES, "Los reembolsos se pagan los lunes."),
        ("es-MX", EXPENSES, "Las multas de tránsito sí se reembolsan."),
        ("es-MX", EXPENSES, "Los comprobantes se pueden mandar por correo."),
        ("yue-Hant-HK", DOGS, "狗牌要港幣150蚊，有效期係三年。"),
        ("yue-Hant-HK", DOGS, "改地址要喺5日內用表格AN-9通知動物護理處。"),
        ("yue-Hant-HK", DOGS, "狗狗唔使打瘋狗症針。"),
        ("en", DOGS, "A dog licence costs HK$195 and is valid for three years."),
        ("ar", BIRTHS, "يجب تسجيل المولود خلال 25 يومًا من ولادته."),
        ("arz-Arab-EG", BIRTHS, "النسخة الإضافية من شهادة الميلاد بـ 60 جنيه."),
        ("arz-Arab-EG", BIRTHS, "الأم ما تقدرش تسجل المولود لوحدها."),
        ("ar", BIRTHS, "لا يحق للأم تسجيل المولود وحدها."),
    ],
)
def test_false_sentences_fall(language: str, path: str, sentence: str) -> None:
    assert not holds(language, path, sentence)
