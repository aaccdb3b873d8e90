"""What is done to vectors after the model, whichever way it runs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vernacular.embeddings.presets import EmbeddingModel
from vernacular.embeddings.protocol import Vector
from vernacular.errors import InvalidSetting, ModelUnavailable


def finished(raw: npt.NDArray[np.floating], model: EmbeddingModel) -> Vector:
    """`raw`, (texts, dimensions of the model), shortened and normalised as `model` says.

    Raises:
        InvalidSetting: more dimensions are to be kept than there are.
        ModelUnavailable: a number is not finite.
    """
    if model.dimension > raw.shape[1]:
        raise InvalidSetting(
            f"{model.name} makes vectors of {raw.shape[1]} dimensions, not of {model.dimension}.",
            "Lower VERNACULAR_EMBEDDINGS__DIMENSION, or unset it.",
        )
    kept = np.ascontiguousarray(raw[:, : model.dimension or None], dtype=np.float32)
    if not np.isfinite(kept).all():
        raise ModelUnavailable(f"{model.name} made a vector with a number that is not finite.")
    if model.normalize:
        kept /= np.maximum(np.linalg.norm(kept, axis=1, keepdims=True), 1e-12)
    return kept
