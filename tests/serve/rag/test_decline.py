from __future__ import annotations

import pytest

from serve.rag.pipeline import RagPipeline
from tests.serve.rag.library import TODAY, document, library
from vernacular.settings import AnswerSettings

SUBJECTS = {
    "en": [
        "The library lends books for four weeks.",
        "The swimming pool opens in May.",
        "A taxi licence for a driver is renewed each March.",
        "Dogs are registered at the town hall for 30 dollars.",
        "Waste is collected on Mondays.",
        "A permit for a market stall costs 90 dollars a week.",
        "The museum is free for children.",
        "Buses run every ten minutes.",
        "Building permits are issued within twenty days.",
        "The park closes at night.",
    ],
    "zh": [
        "图书馆的书可以借四周。",
        "游泳池五月开放。",
        "出租车司机的牌照每年三月更新。",
        "狗在市政厅登记，收费三十元。",
        "垃圾每周一收集。",
        "摊位许可证每周收费九十元。",
        "博物馆对儿童免费。",
        "公共汽车每十分钟一班。",
        "建筑许可证二十天内签发。",
        "公园晚上关闭。",
    ],
    "ar": [
        "تعير المكتبة الكتب أربعة أسابيع.",
        "يفتح المسبح في مايو.",
        "تجدد رخصة سائق التاكسي في مارس.",
        "تسجل الكلاب في البلدية مقابل 30 دولارا.",
        "تجمع النفايات يوم الاثنين.",
        "تكلف رخصة كشك السوق 90 دولارا في الأسبوع.",
        "المتحف مجاني للأطفال.",
        "تمر الحافلات كل عشر دقائق.",
        "تصدر رخصة البناء خلال عشرين يوما.",
        "تغلق الحديقة ليلا.",
    ],
    "es": [
        "La biblioteca presta libros durante cuatro semanas.",
        "La piscina abre en mayo.",
        "La licencia de taxi se renueva en marzo.",
        "Los perros se registran en el ayuntamiento por 30 dólares.",
        "La basura se recoge los lunes.",
        "El permiso para un puesto del mercado cuesta 90 dólares.",
        "El museo es gratis para niños.",
        "Los autobuses pasan cada diez minutos.",
        "El permiso de obras se expide en veinte días.",
        "El parque cierra de noche.",
    ],
}
ASKED = [
    (
        "en",
        "How much does a parking permit for a private car cost?",
        "A parking permit for a private car costs 450 dollars a month.",
    ),
    ("zh", "私家车的停车许可证多少钱？", "私家车的停车许可证每月收费450元。"),
    ("zh", "私家車嘅停車許可證幾錢呀？", "私家車的停車許可證每月收費450元。"),
    ("ar", "بكام تصريح وقوف السيارة الخاصة؟", "رسم تصريح وقوف السيارة الخاصة 450 دولارا في الشهر."),
    (
        "es",
        "¿A cómo está el permiso de estacionamiento para un coche particular?",
        "El permiso de estacionamiento para un coche particular cuesta 450 dólares al mes.",
    ),
]


class TestDecline:
    @pytest.mark.parametrize(("subject", "question", "sentence"), ASKED)
    def test_a_question_whose_content_stands_in_one_sentence_is_answered_with_it(
        self, subject: str, question: str, sentence: str
    ) -> None:
        documents = [document(str(at), text) for at, text in enumerate([*SUBJECTS[subject], sentence])]
        with library(documents) as scope:
            answer = RagPipeline(AnswerSettings()).answer(scope, question, on=TODAY)
        assert answer.answered
        assert answer.citations[0].quote == sentence

    @pytest.mark.parametrize(("subject", "question", "sentence"), ASKED)
    def test_the_same_question_is_declined_where_nothing_answers_it(
        self, subject: str, question: str, sentence: str
    ) -> None:
        documents = [document(str(at), text) for at, text in enumerate(SUBJECTS[subject])]
        with library(documents) as scope:
            answer = RagPipeline(AnswerSettings()).answer(scope, question, on=TODAY)
        assert sentence not in [citation.quote for citation in answer.citations]
        assert not answer.answered
