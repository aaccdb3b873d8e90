"""What a question must be before any work is done for it."""

from __future__ import annotations

from vernacular.errors import EmptyQuestion, TooLong
from vernacular.settings import Settings


def check_question(question: str, settings: Settings) -> str:
    """The question without the space around it.

    Raises:
        EmptyQuestion: there is nothing in it.
        TooLong: it is past the limit.
    """
    limit = settings.serve.max_question_chars
    if len(question) > limit:
        raise TooLong(
            f"The question has {len(question):,} characters, and the limit is {limit:,}.",
            "Ask in fewer words; send long texts as documents instead.",
        )
    if not question.strip():
        raise EmptyQuestion("The question is empty.")
    return question.strip()
