"""Documents written in a variety, asked for in the standard language and in another variety."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ingest.bootstrap import opened_parts
from serve.rag.pipeline import RagPipeline
from tests.ingest.conftest import Home, record
from tests.ingest.test_reindex import reindex
from vernacular.db.models import ChunkRow, DocumentTextRow
from vernacular.settings import AnswerSettings, DialectSettings, Settings
from vernacular.tenancy import TenantScope
from vernacular.types import Answer

LOST_CARD = "唔見咗張卡點算好？即刻打嚟客務中心，我哋會幫你停咗張卡，再寄返張新嘅畀你。"
REPAIR = "لو الموبايل باظ هنصلحهولك ببلاش، بس لازم تجيب الفاتورة معاك عشان نعرف اشتريته امتى."
TYRE = "Órale, si se te ponchó la llanta, háblanos ahorita y te mandamos la grúa de volada, wey."
FAQ = [
    record(1, LOST_CARD),
    record(2, "我哋幾點收工？平日夜晚七點收工，禮拜日唔開門嘅，唔好白行一趟呀。"),
    record(3, "想退貨點做？唔啱心水嘅話七日之內攞返嚟舖頭，帶埋張單就得㗎喇。"),
    record(4, REPAIR),
    record(5, "احنا بنفتح من الساعة تمانية الصبح لحد عشرة بالليل، ويوم الجمعة مش بنشتغل خالص."),
    record(6, TYRE),
    record(7, "Híjole, ahorita no abrimos los domingos, güey; mejor date una vuelta entre semana."),
]


@pytest.fixture(scope="module")
def rag() -> RagPipeline:
    return RagPipeline(AnswerSettings())


@contextmanager
def searched(home: Home) -> Iterator[TenantScope]:
    with home.parts.database.read() as session:
        yield TenantScope(session, home.tenant, home.vectors)


def ask(home: Home, rag: RagPipeline, question: str) -> Answer:
    with searched(home) as scope:
        return rag.answer(scope, question)


class TestDocumentsInAVariety:
    @pytest.mark.parametrize(
        ("question", "source_id", "text"),
        [
            ("遺失怎麼辦", "r1", LOST_CARD),
            ("هل تصليح الهاتف المعيب مجاني؟", "r4", REPAIR),
            ("¿Qué hago si tengo un pinchazo en un neumático?", "r6", TYRE),
        ],
    )
    def test_answer_questions_in_standard_words_verbatim(
        self, home: Home, rag: RagPipeline, question: str, source_id: str, text: str
    ) -> None:
        home.ingest(FAQ)
        answer = ask(home, rag, question)
        assert answer.answered
        cited = answer.citations[0]
        assert cited.source_id == source_id
        assert cited.quote == text[cited.start : cited.end]

    def test_are_found_from_another_variety(self, home: Home, rag: RagPipeline) -> None:
        home.ingest(FAQ)
        with searched(home) as scope:
            assert rag.search(scope, "拍無去欲按怎").hits[0].source_id == "r1"

    def test_are_stored_as_they_were_written(self, home: Home) -> None:
        home.ingest(FAQ)
        with searched(home) as scope:
            stored = set(scope.execute(scope.select(DocumentTextRow.text)).scalars())
            chunks = set(scope.execute(scope.select(ChunkRow.text)).scalars())
        assert stored == chunks == {each["text"] for each in FAQ}

    def test_decline_what_they_do_not_say(self, home: Home, rag: RagPipeline) -> None:
        home.ingest(FAQ)
        assert not ask(home, rag, "如何申請建築執照？").answered


class TestIndex:
    def test_finds_by_standard_words_only_with_the_setting(self, home: Home) -> None:
        home.ingest(FAQ)
        assert home.found("遺失") == ["r1"]
        settings = Settings(home=home.parts.settings.home, dialects=DialectSettings(documents=False))
        with opened_parts(settings, home.vectors) as plain:
            Home(plain, home.tenant, home.vectors).run(home.queue.enqueue(plain.database, home.tenant, "reindex", {}))
        assert home.found("遺失") == []
        assert home.found("唔見咗")[0] == "r1"

    def test_built_anew_finds_by_standard_words_again(self, home: Home) -> None:
        home.ingest(FAQ)
        before = next(iter(home.vectors._points.values()))
        kept = {name: list(point.sparse.indices) for name, point in before.items()}
        assert reindex(home)["state"] == "succeeded"
        (after,) = home.vectors._points.values()
        assert {name: list(point.sparse.indices) for name, point in after.items()} == kept
        assert home.found("遺失") == ["r1"]
