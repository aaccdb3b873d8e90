"""What the product asks of a model that makes vectors of texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Vector: TypeAlias = npt.NDArray[np.float32]


class Embedder(Protocol):
    """Sync and thread-safe. The model is loaded, or its server first asked, by the first call that needs it.

    Every method and `dimension` may raise ModelUnavailable (it may work again later), WeightsMissing or InvalidSetting
    (it will not until someone changes something).
    """

    @property
    def fingerprint(self) -> str:
        """Names what the vectors of passages depend on; known without the model. Never longer than 120 characters."""
        ...

    @property
    def dimension(self) -> int:
        """Of every vector it makes."""
        ...

    def knows(self, language: str) -> bool:
        """Whether the model was trained on that language (a BCP 47 tag): on others its nearest passages mean nothing."""
        ...

    def encode_documents(self, texts: Sequence[str]) -> Vector:
        """The vectors of passages, (texts, dimension), float32, in the order of `texts`."""
        ...

    def encode_query(self, text: str) -> Vector:
        """The vector of a question, (dimension,), float32."""
        ...

    def close(self) -> None: ...
