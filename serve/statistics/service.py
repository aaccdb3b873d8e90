"""What a tenant's people ask and what comes of it, counted from their conversations: no counter is kept beside them, so what is
deleted or erased is in no figure."""

from __future__ import annotations

from contextlib import closing
from typing import Final

from serve.deps import Access
from serve.statistics.period import Period
from serve.statistics.repository import answers
from serve.statistics.schemas import Point, Statistics
from serve.statistics.tally import Kinds, Tally, counts, languages
from vernacular.errors import BadRequest
from vernacular.pace import breathe
from vernacular.retention import terms_of

MOST_ANSWERS: Final = 500_000
"""In one request: a few seconds' work."""
_BREATH: Final = 200


def statistics(access: Access, period: Period) -> Statistics:
    """
    Raises:
        BadRequest: the period holds more answers than are counted at once.
    """
    series = {bucket: Tally() for bucket in period.buckets()}
    total, kinds = Tally(), Kinds()
    begin, end = period.begin, period.end
    with access.read() as scope, closing(answers(scope, begin, end, MOST_ANSWERS + 1)) as found:
        for number, answer in enumerate(found):
            if number == MOST_ANSWERS:
                raise BadRequest(
                    f"These days hold more than {MOST_ANSWERS} answers, too many to count at once.",
                    "Choose a shorter period.",
                )
            if number % _BREATH == 0:
                breathe()
            for tally in (series.setdefault(period.bucket(answer.at), Tally()), total):
                tally.add(answer)
            kinds.add(answer)
        kept_days = terms_of(scope.tenant, access.services.settings).conversations_days
    return Statistics(
        since=period.since,
        until=period.until,
        by=period.by,
        tz=period.zone.key,
        series=[Point(at=period.shown(at), **series[at].figures().model_dump()) for at in sorted(series)],
        total=total.figures(),
        languages=languages(kinds.languages, kinds.in_languages),
        dialects=languages(kinds.dialects, kinds.in_dialects),
        reasons=counts(kinds.reasons),
        modes=counts(kinds.modes),
        kept_days=kept_days,
    )
