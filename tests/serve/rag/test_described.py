"""What a model saw in a document's image is quoted as that, and never as the document's own words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ingest.describing import with_description
from ingest.illustrations import Illustration, illustrated
from ingest.parse.images.embedded import Place
from serve.rag.pipeline import RagPipeline
from tests.serve.rag.library import TODAY, TOWN, document, library
from vernacular.settings import AnswerSettings
from vernacular.tenancy import TenantScope
from vernacular.vision import MARK, Description

OWN = "Ferry tickets are sold at pier three for 7 crowns."
SEEN = "A photo of the lighthouse keeper's garden with red tulips. A wooden bench stands beside the gate."


@pytest.fixture
def harbour() -> Iterator[TenantScope]:
    poster = with_description(document("poster.png", OWN, "Harbour poster"), Description(SEEN, "qwen-vl"))
    with library([*TOWN, poster]) as scope:
        yield scope


@pytest.fixture
def pipeline() -> RagPipeline:
    return RagPipeline(AnswerSettings())


class TestDescribedImages:
    def test_are_found_by_what_they_show_and_said_to_be_a_models_words(
        self, harbour: TenantScope, pipeline: RagPipeline
    ) -> None:
        answer = pipeline.answer(harbour, "Where is the photo of the lighthouse keeper's garden with tulips?", on=TODAY)
        assert answer.answered
        [first, *_] = answer.citations
        assert first.source_id == "poster.png"
        assert "tulips" in first.quote
        assert first.described
        assert "Description of an image, made by a model: “A photo of the lighthouse" in answer.text

    def test_leave_the_documents_own_words_its_own(self, harbour: TenantScope, pipeline: RagPipeline) -> None:
        answer = pipeline.answer(harbour, "Where are ferry tickets sold?", on=TODAY)
        [first, *_] = answer.citations
        assert first.quote == OWN
        assert not first.described
        assert "made by a model" not in answer.text.partition("[1]")[0]

    def test_are_never_quoted_by_their_mark(self, harbour: TenantScope, pipeline: RagPipeline) -> None:
        answer = pipeline.answer(harbour, "Is there a description of the image made by a model?", on=TODAY)
        assert all(MARK not in citation.quote for citation in answer.citations)


class TestImagesInsideDocuments:
    @pytest.fixture
    def harbour(self) -> Iterator[TenantScope]:
        guide = document("guide.docx", f"{OWN}\n\nThe harbour office opens at nine.", "Harbour guide")
        seen = Illustration("d", Place(behind=((OWN, 0),)), "", Description(SEEN, "qwen-vl"))
        with library([*TOWN, illustrated(guide, [seen])]) as scope:
            yield scope

    def test_are_told_from_the_words_around_them(self, harbour: TenantScope, pipeline: RagPipeline) -> None:
        asked = {
            "Where is the photo of the lighthouse keeper's garden with tulips?": ("tulips", True),
            "Where are ferry tickets sold?": ("pier three", False),
            "When does the harbour office open?": ("nine", False),
        }
        for question, (words, described) in asked.items():
            answer = pipeline.answer(harbour, question, on=TODAY)
            [first, *_] = answer.citations
            assert (first.source_id, first.described) == ("guide.docx", described), question
            assert words in first.quote
            assert ("made by a model" in answer.text.partition("[1]")[0]) is described
