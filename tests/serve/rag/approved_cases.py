"""Approved questions, what people ask who mean them, and what people ask who mean something else. All written for this test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Case:
    """`same` are to get the approved answer, `other` are not."""

    question: str
    same: tuple[str, ...]
    other: tuple[str, ...]
    variants: tuple[str, ...] = ()


CHINESE: Final = (
    Case(
        "補領身份證的費用是多少？",
        (
            "補領身份證要幾錢呀？",
            "补领身份证多少钱",
            "請問補領身份證收費幾多？",
            "唔該，補領身份證幾多錢？",
            "身份证补领要多少费用？",
            "補領身份証價錢",
        ),
        (
            "補領護照的費用是多少？",
            "點樣補領身份證？",
            "補領身份證要幾耐？",
            "喺邊度補領身份證？",
            "換領身份證要幾錢？",
            "補領身份證唔使錢？",
            "補領兩張身份證幾錢？",
        ),
    ),
    Case(
        "如何申請泊車許可證？",
        (
            "點樣申請泊車許可證？",
            "怎么申请泊车许可证",
            "我想申請泊車許可證，點做？",
            "泊車許可證點申請㗎？",
            "申请泊车许可证",
        ),
        (
            "如何取消泊車許可證？",
            "點樣續領泊車許可證？",
            "泊車許可證幾錢？",
            "泊車許可證幾時到期？",
            "如何申請殘疾人士泊車許可證？",
            "什麼是泊車許可證？",
        ),
    ),
    Case(
        "图书馆星期六几点开门？",
        (
            "圖書館星期六幾點開門？",
            "圖書館禮拜六幾點開門呀",
            "礼拜六图书馆啥时候开门？",
            "星期六图书馆什么时候开门",
        ),
        (
            "图书馆星期天几点开门？",
            "圖書館禮拜六幾點閂門？",
            "游泳池星期六几点开门？",
            "图书馆在哪里？",
            "星期六图书馆有没有活动？",
        ),
    ),
    Case(
        "小孩可以免费坐公交车吗？",
        ("小朋友可唔可以免費搭巴士？", "小孩坐公交车能不能免费", "小孩坐公交车是否免费？"),
        ("老人可以免费坐公交车吗？", "小孩可以免费坐地铁吗？", "小孩坐公交车要多少钱？", "小孩可以自己坐公交车吗？"),
        ("細路搭巴士使唔使錢？", "小朋友搭巴士免费吗？"),
    ),
    Case(
        "垃圾几天收一次？",
        ("垃圾幾日收一次？", "垃圾几日收一次呀"),
        ("垃圾费几钱？", "哪天收大件垃圾？", "回收垃圾放在哪里？"),
    ),
)

ARABIC: Final = (
    Case(
        "كم رسوم تجديد بطاقة الهوية؟",
        (
            "بكام تجديد البطاقة؟",
            "تجديد البطاقة بكام لو سمحت",
            "كم تكلفة تجديد بطاقة الهوية؟",
            "رسوم تجديد بطاقه الهويه كام؟",
            "عايز اعرف سعر تجديد البطاقة",
            "tagdeed betaqet el haweya bekam?",
        ),
        (
            "كم رسوم تجديد جواز السفر؟",
            "ازاي أجدد البطاقة؟",
            "فين تجديد البطاقة؟",
            "تجديد البطاقة بياخد كام يوم؟",
            "كم رسوم إلغاء بطاقة الهوية؟",
            "كم رسوم تجديد بطاقة الهوية لشخصين؟",
        ),
    ),
    Case(
        "كيف أسجل ابني في المدرسة؟",
        (
            "ازاي اسجل ابني في المدرسة؟",
            "شلون أسجل ابني بالمدرسة؟",
            "كيف يمكنني تسجيل ابني في المدرسة؟",
            "إزاى أسجل ابنى فى المدرسه",
        ),
        (
            "متى أسجل ابني في المدرسة؟",
            "كيف أسجل ابني في النادي؟",
            "كيف أنقل ابني من المدرسة؟",
            "كم رسوم المدرسة؟",
            "كيف أسجل سيارتي؟",
        ),
    ),
    Case(
        "متى تفتح المكتبة العامة؟",
        (
            "المكتبة العامة بتفتح امتى؟",
            "امتى المكتبة العامة بتفتح",
            "متي تفتح المكتبه العامه",
            "وينتا تفتح المكتبة العامة؟",
        ),
        ("متى تغلق المكتبة العامة؟", "أين المكتبة العامة؟", "متى يفتح المسبح العام؟", "المكتبة العامة بكام الاشتراك؟"),
    ),
)

SPANISH: Final = (
    Case(
        "¿Cuánto cuesta renovar la licencia de conducir?",
        (
            "¿Cuánto sale renovar la licencia de conducir?",
            "oye cuánto cobran por renovar la licencia de conducir",
            "precio de renovar licencia de conducir",
            "¿A cómo está la renovación de la licencia de conducir?",
            "cuanto cuesta renobar la licencia de conducir",
            "¿Qué costo tiene renovar mi licencia de conducir?",
        ),
        (
            "¿Cuánto cuesta renovar el pasaporte?",
            "¿Cómo renuevo la licencia de conducir?",
            "¿Dónde renuevo la licencia de conducir?",
            "¿Cuánto tarda renovar la licencia de conducir?",
            "¿Cuánto cuesta cancelar la licencia de conducir?",
            "¿Cuánto cuesta renovar la licencia de conducir por 5 años?",
            "¿Cuánto cuesta renovar la licencia de construcción?",
        ),
    ),
    Case(
        "¿Dónde puedo tirar muebles viejos?",
        (
            "¿En dónde tiro los muebles viejos?",
            "dónde se pueden tirar muebles viejos",
            "oiga, ¿dónde puedo tirar un mueble viejo?",
        ),
        (
            "¿Dónde puedo comprar muebles viejos?",
            "¿Cuándo puedo tirar muebles viejos?",
            "¿Dónde puedo tirar pilas viejas?",
            "¿Cuánto cuesta tirar muebles viejos?",
        ),
    ),
    Case(
        "¿A qué hora abre la alberca municipal?",
        (
            "¿A qué horas abre la alberca municipal?",
            "¿Cuándo abre la alberca municipal?",
            "¿A qué hora abren la piscina municipal?",
        ),
        (
            "¿A qué hora cierra la alberca municipal?",
            "¿Cuánto cuesta la alberca municipal?",
            "¿A qué hora abre la biblioteca municipal?",
            "¿Dónde está la alberca municipal?",
        ),
    ),
)

ENGLISH: Final = (
    Case(
        "How much does a new identity card cost?",
        (
            "What is the fee for a new identity card?",
            "how much is a new ID card",
            "what's the price of a new identity card please",
            "How much do you charge for a new identity card?",
            "how much does a new idenity card cost",
            "cost of a new identity card?",
        ),
        (
            "How much does a passport cost?",
            "How much is a new passport?",
            "How do I get a new identity card?",
            "Where do I get a new identity card?",
            "How long does a new identity card take?",
            "How much does a new library card cost?",
            "How much do 2 new identity cards cost?",
            "Who needs a new identity card?",
        ),
    ),
    Case(
        "How do I register my dog?",
        (
            "how can I register a dog?",
            "I want to register my dog, how?",
            "How do I get my dog registered?",
            "register dog",
        ),
        (
            "How do I register my cat?",
            "Where do I register my dog?",
            "How much is it to register my dog?",
            "Do I have to register my dog?",
            "How do I register my dog in Elmsford?",
            "What happens if I do not register my dog?",
            "How do I deregister my dog?",
            "When must I register my dog?",
        ),
    ),
    Case(
        "Can I enter the park without a ticket?",
        ("May I enter the park without a ticket?", "Is it possible to enter the park without any ticket?"),
        (
            "Can I enter the park with a ticket?",
            "Can I enter the museum without a ticket?",
            "How much is a ticket for the park?",
            "Can I leave the park without a ticket?",
        ),
    ),
    Case(
        "What documents do I need for a building permit?",
        ("Which documents are needed for a building permit?", "What documents are required for a building permit?"),
        (
            "What is a building permit?",
            "How do I get a building permit?",
            "What documents do I need for a parking permit?",
            "What documents do I need for a building?",
            "How long is a building permit valid?",
        ),
    ),
    Case(
        "Can I pay the fine in 3 instalments?",
        ("May I pay the fine in three instalments?", "is it possible to pay the fine in 3 instalments"),
        ("Can I pay the fine in 6 instalments?", "Can I pay the tax in 3 instalments?", "Where can I pay the fine?"),
    ),
)

CASES: Final = {"Chinese": CHINESE, "Arabic": ARABIC, "Spanish": SPANISH, "English": ENGLISH}
