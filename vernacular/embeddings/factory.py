"""The embedder that the settings ask for."""

from __future__ import annotations

from vernacular.embeddings.presets import resolve
from vernacular.embeddings.protocol import Embedder
from vernacular.errors import InvalidSetting
from vernacular.settings import EmbeddingSettings


def open_embedder(settings: EmbeddingSettings) -> Embedder | None:
    """None: no model is configured, and search is lexical. Nothing is loaded or sent before the embedder's first use.

    Raises:
        InvalidSetting: the settings lack something, or contradict the model's preset.
    """
    if settings.backend == "none":
        return None
    model = resolve(settings)
    if settings.backend == "sentence_transformers":
        from vernacular.embeddings.sentence_transformers import SentenceTransformersEmbedder  # noqa: PLC0415

        return SentenceTransformersEmbedder(
            model, batch=settings.batch, device=settings.device, download=settings.download
        )
    if not settings.url:
        raise InvalidSetting(
            "VERNACULAR_EMBEDDINGS__URL is empty, and backend `openai` needs the address of a server.",
            "Set it, e.g. http://127.0.0.1:8001/v1, or use backend `sentence_transformers`.",
        )
    from vernacular.embeddings.openai_compatible import OpenAIEmbedder  # noqa: PLC0415 - its client takes 20 MB

    key = settings.api_key.get_secret_value() if settings.api_key else ""
    return OpenAIEmbedder(model, settings.url, api_key=key, batch=settings.batch)
