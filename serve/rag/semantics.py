"""What models add to lexical search: vectors of questions, and scores of passages. While one is away, there is nothing.

A question never waits for a model that is being loaded or whose server does not answer: it is searched for without.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from time import monotonic
from typing import Final, Protocol

from vernacular.embeddings.protocol import Embedder, Vector
from vernacular.errors import ModelUnavailable, VernacularError
from vernacular.types import Understanding

logger = logging.getLogger(__name__)

REST_S: Final = 15.0
"""How long a model that failed is left alone."""
_REMEMBERED: Final = 512


class Scorer(Protocol):
    """A cross-encoder: reads the question and a passage together. Sync and thread-safe."""

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        """How well each passage answers, higher is better; comparable within one call only.

        Raises:
            VernacularError: the model cannot be asked.
        """
        ...

    def close(self) -> None: ...


class Semantics:
    """Thread-safe. `embedder`, `scorer` None: that model is not configured.

    `scored`: passages that the scorer reads. `on_failure` is called with `embedding` or `rerank` whenever one fails.
    Nothing is asked of either model before `warm_up`.
    """

    def __init__(
        self,
        embedder: Embedder | None = None,
        scorer: Scorer | None = None,
        *,
        dense_weight: float = 0.5,
        scored: int = 20,
        on_failure: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._embedder = embedder
        self._scorer = scorer
        self.dense_weight = dense_weight
        self.scored = scored
        self._embedding = _Availability("embedding", on_failure)
        self._scoring = _Availability("rerank", on_failure)
        self._vectors: OrderedDict[str, Vector] = OrderedDict()
        self._lock = threading.Lock()
        self._warmed = threading.Event()
        if embedder is None and scorer is None:
            self._warmed.set()

    @property
    def finds(self) -> bool:
        """Whether there is a model to find passages with."""
        return self._embedder is not None

    @property
    def judges(self) -> bool:
        """Whether there is a model to order them with."""
        return self._scorer is not None

    def warm_up(self) -> None:
        """Load what is configured, and let it be asked from then on. Takes as long as loading does."""
        if self._embedder is not None:
            self._try_first(self._embedding, partial(self._embedder.encode_query, "ready"))
        if self._scorer is not None:
            self._try_first(self._scoring, partial(self._scorer.score, "ready", ["ready"]))
        self._warmed.set()

    def wait(self, timeout_s: float) -> None:
        """Return once `warm_up` is done elsewhere, or after that time; for one who has a single question."""
        self._warmed.wait(timeout_s)

    def vector(self, understanding: Understanding, embedding: str, dimension: int) -> Vector | None:
        """The question's vector for an index of `dimension` and of the model with the fingerprint `embedding`.

        None: that is not the model configured, it does not know the question's language, or it does not answer now.
        """
        embedder = self._embedder
        if embedder is None or embedding != embedder.fingerprint or not embedder.knows(understanding.language):
            return None
        known = self._remembered(understanding.query)
        if known is not None or not self._embedding.now():
            return known
        try:
            vector = embedder.encode_query(understanding.query)
            if len(vector) != dimension:
                raise ModelUnavailable(
                    f"The model makes vectors of {len(vector)} dimensions, and the index has {dimension}."
                )
        except VernacularError as error:
            self._embedding.failed(error)
            return None
        self._remember(understanding.query, vector)
        return vector

    def scores(self, query: str, passages: Sequence[str]) -> list[float] | None:
        """The scorer's judgement of each passage; None: there is no scorer, or it does not answer now."""
        if self._scorer is None or not passages or not self._scoring.now():
            return None
        try:
            return self._scorer.score(query, passages)
        except VernacularError as error:
            self._scoring.failed(error)
            return None

    def close(self) -> None:
        for model in (self._embedder, self._scorer):
            if model is not None:
                model.close()

    def _try_first(self, availability: _Availability, call: Callable[[], object]) -> None:
        try:
            call()
        except VernacularError as error:
            availability.failed(error)
        availability.begin()

    def _remembered(self, query: str) -> Vector | None:
        with self._lock:
            if query in self._vectors:
                self._vectors.move_to_end(query)
                return self._vectors[query]
        return None

    def _remember(self, query: str, vector: Vector) -> None:
        with self._lock:
            self._vectors[query] = vector
            while len(self._vectors) > _REMEMBERED:
                self._vectors.popitem(last=False)


class _Availability:
    """Whether a model may be asked now: after it was warmed up, and not shortly after it failed."""

    def __init__(self, name: str, on_failure: Callable[[str], None]) -> None:
        self._name = name
        self._on_failure = on_failure
        self._begun = False
        self._rests_until = 0.0

    def begin(self) -> None:
        self._begun = True

    def now(self) -> bool:
        return self._begun and monotonic() >= self._rests_until

    def failed(self, error: VernacularError) -> None:
        self._rests_until = monotonic() + REST_S
        logger.warning("search goes on without the %s model for %.0f s: %s", self._name, REST_S, error)
        self._on_failure(self._name)
