"""An embedding model in this process, by way of sentence-transformers (extra `models`)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from vernacular.embeddings.presets import EmbeddingModel
from vernacular.embeddings.protocol import Vector
from vernacular.embeddings.vectors import finished
from vernacular.errors import InvalidSetting, ModelUnavailable, VernacularError, WeightsMissing

logger = logging.getLogger(__name__)

EXTRA_HINT = "Install it: pip install 'vernacular[models]'."


class SentenceTransformersEmbedder:
    """Loads the model with the first text. On a GPU it runs in half precision.

    Texts are encoded in batches of `batch`, those of like length together. `download`: whether weights that are not on
    this machine may be fetched; otherwise nothing is ever asked of the network.
    """

    def __init__(self, model: EmbeddingModel, *, batch: int = 32, device: str = "", download: bool = False) -> None:
        self._model = model
        self._batch = batch
        self._device = device
        self._download = download
        self._lock = threading.Lock()
        self._loaded: Any = None
        self._dimension = 0
        self._failed: VernacularError | None = None

    @property
    def fingerprint(self) -> str:
        return self._model.fingerprint

    @property
    def dimension(self) -> int:
        if not self._dimension:
            self._dimension = self._encode(["dimension"]).shape[1]
        return self._dimension

    def knows(self, language: str) -> bool:
        return self._model.knows(language)

    def encode_documents(self, texts: Sequence[str]) -> Vector:
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]), reverse=True)
        batches = [order[start : start + self._batch] for start in range(0, len(order), self._batch)]
        parts = [self._encode([self._model.document_prefix + texts[at] for at in batch]) for batch in batches]
        found = np.empty((len(texts), parts[0].shape[1]), np.float32)
        for batch, part in zip(batches, parts, strict=True):
            found[batch] = part
        return found

    def encode_query(self, text: str) -> Vector:
        vector: Vector = self._encode([self._model.query_prefix + text])[0]
        return vector

    def close(self) -> None:
        with self._lock:
            self._loaded = None

    def _encode(self, texts: list[str]) -> Vector:
        # A batch at a time, so that a question waits for no more than that; tokenizers are not safe with threads.
        with self._lock:
            model = self._get()
            try:
                raw = model.encode(
                    texts, batch_size=len(texts), prompt="", convert_to_numpy=False, show_progress_bar=False
                )
                vectors = np.stack([each.float().cpu().numpy() for each in raw])
            except RuntimeError as error:  # torch's, for a device whose memory is full or that is gone
                raise failed(self._model.name, error) from error
        return finished(vectors, self._model)

    def _get(self) -> Any:
        if self._failed is not None:
            raise self._failed
        if self._loaded is None:
            try:
                self._loaded = self._load()
            except VernacularError as error:
                self._failed = error  # looking again takes seconds, and finds the same
                raise
        return self._loaded

    def _load(self) -> Any:
        if self._model.own_code:
            raise InvalidSetting(
                f"{self._model.name} loads code from its repository, which is not run in this process.",
                "Serve it with vLLM and set VERNACULAR_EMBEDDINGS__BACKEND=openai, or choose another model.",
            )
        try:
            from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - takes seconds and 400 MB
        except ImportError as error:
            raise InvalidSetting(f"sentence-transformers cannot be loaded: {error}.", EXTRA_HINT) from None
        without_progress_bars()
        try:
            model = SentenceTransformer(
                self._model.name,
                device=self._device or None,
                local_files_only=not self._download,
                trust_remote_code=False,
            )
        except (OSError, ValueError) as error:
            raise missing(self._model.name, "VERNACULAR_EMBEDDINGS", error) from error
        if self._model.tokens:
            model.max_seq_length = min(model.max_seq_length or self._model.tokens, self._model.tokens)
        to_half_precision(model)
        logger.info("%s is loaded on %s", self._model.name, model.device)
        return model


def without_progress_bars() -> None:
    """Keep transformers from drawing them into the log of a service."""
    from transformers.utils import logging as transformers_logging  # noqa: PLC0415

    transformers_logging.disable_progress_bar()


def to_half_precision(model: Any) -> None:
    """On a GPU: bfloat16 where it has it, else float16. On a CPU both are slower than float32."""
    if model.device.type != "cuda":
        return
    import torch  # noqa: PLC0415

    model.to(torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16)


def failed(name: str, error: RuntimeError) -> ModelUnavailable:
    """The error for a model that was loaded and could not be run, as when a GPU's memory is full."""
    reason = str(error).strip().partition("\n")[0].rstrip(".")
    return ModelUnavailable(f"The model {name} failed: {reason}.")


def missing(name: str, variables: str, error: Exception) -> WeightsMissing:
    """The error for weights that are not there; `variables` begin the names of the settings that would help."""
    reason = str(error).strip().partition("\n")[0].rstrip(".")
    return WeightsMissing(
        f"The model {name} cannot be loaded: {reason}.",
        f"Put its files into a folder and set {variables}__MODEL to it, or allow fetching them with "
        f"{variables}__DOWNLOAD=true.",
    )
