"""What the assistant could not answer of late: like questions together, those asked most first, with the documents that come nearest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final, cast

from serve.deps import Access
from serve.quality import reviews
from serve.quality.clusters import Wanted, grouped
from serve.quality.reviews import Unanswered
from serve.quality.schemas import Cluster, Clusters, NearDocument, Outcome, Reviewed, ReviewForm, UnansweredQuestion
from serve.rag.asks import asked
from serve.rag.matching import pad
from serve.rag.sameness import folded
from vernacular.db.base import now
from vernacular.tenancy import Platform, TenantScope

MOST: Final = 2000
"""Questions that are looked at, the newest ones."""
SHOWN: Final = 50
"""Wordings of a cluster that are told."""
NEAR: Final = 3


def clusters(access: Access, days: int, handled: bool, limit: int) -> Clusters:
    since = now() - timedelta(days=days)
    with access.read() as scope:
        found = reviews.latest(scope, since, MOST + 1, handled=handled)
        questions = found[-MOST:]
        groups = sorted(together(questions), key=lambda group: (-len(group), -group[-1].created_at.timestamp()))
        shown = [_cluster(access, scope, group) for group in groups[:limit]]
    access.note("question.listed", facts={"questions": len(questions), "days": days})
    return Clusters(since=since, total=len(questions), groups=len(groups), more=len(found) > MOST, clusters=shown)


def review(access: Access, form: ReviewForm) -> Reviewed:
    """
    Raises:
        NotFound: one of the questions, or the approved answer, is not there.
    """
    with access.write() as scope:
        # One editor after the other: two who deal with the same question at once would both find that nobody has, and both insert.
        Platform(scope.session).tenant_row(access.principal.tenant.slug, lock=True)
        found = reviews.unanswered(scope, form.message_ids)
        ids = [each.message_id for each in found]
        reviews.review(scope, ids, form.outcome, by=access.principal.id, approved_id=form.approved_id)
        facts = {"messages": ids, "outcome": form.outcome or "", "approved_answer": form.approved_id or ""}
        access.record(scope, "question.reviewed", facts=facts)
    return Reviewed(reviewed=len(ids), outcome=form.outcome)


def together(questions: Sequence[Unanswered]) -> list[list[Unanswered]]:
    """By what they are about; those that editors did different things about apart."""
    padded = pad([each.text for each in questions]) if questions else []
    wanted = [_wanted(each, own) for each, own in zip(questions, padded, strict=True)]
    groups: list[list[Unanswered]] = []
    outcomes = dict.fromkeys((each.outcome, each.approved_id) for each in questions)
    for outcome in outcomes:
        places = [at for at, each in enumerate(questions) if (each.outcome, each.approved_id) == outcome]
        groups += [[questions[places[at]] for at in group] for group in grouped([wanted[at] for at in places])]
    return groups


def _wanted(question: Unanswered, padded: str) -> Wanted:
    """Its words as they were searched for, of other varieties too; answers of earlier versions do not tell them."""
    kinds = asked(padded, question.dialect or question.language or "en").kinds
    return Wanted(" ".join(question.words) or question.text, " ".join(sorted(kinds)))


def _cluster(access: Access, scope: TenantScope, group: Sequence[Unanswered]) -> Cluster:
    speaks = _most_usual(group)
    last = group[-1]
    return Cluster(
        id=group[0].message_id,
        question=speaks.text,
        language=speaks.language,
        dialect=speaks.dialect or None,
        count=len(group),
        first_at=group[0].created_at,
        last_at=last.created_at,
        dialects=[tag for tag, _ in Counter(each.dialect for each in group if each.dialect).most_common()],
        questions=[_view(each) for each in reversed(group[-SHOWN:])],
        message_ids=[each.message_id for each in group],
        near=_near(access, scope, speaks.text),
        outcome=cast("Outcome", last.outcome) if last.outcome else None,
        approved_id=last.approved_id,
    )


def _most_usual(group: Iterable[Unanswered]) -> Unanswered:
    """The wording used most, the newest of those as usual as it."""
    found = list(group)
    plain = folded([each.text for each in found])
    often = Counter(plain)
    return max(zip(found, plain, strict=True), key=lambda pair: (often[pair[1]], pair[0].created_at))[0]


def _view(question: Unanswered) -> UnansweredQuestion:
    return UnansweredQuestion(
        message_id=question.message_id,
        conversation_id=question.conversation_id,
        text=question.text,
        language=question.language,
        dialect=question.dialect or None,
        reason=question.reason,
        created_at=question.created_at,
    )


def _near(access: Access, scope: TenantScope, text: str) -> list[NearDocument]:
    found = access.services.rag.search(scope, text, top_k=NEAR * 2).hits
    titles = {hit.document_id: hit.title or hit.source_id for hit in reversed(found)}
    return [NearDocument(document_id=each, title=title) for each, title in list(titles.items())[::-1][:NEAR]]
