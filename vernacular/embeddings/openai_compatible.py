"""An embedding model on a server that speaks OpenAI's API: vLLM, text-embeddings-inference, a hosted one."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import httpx
import numpy as np
import numpy.typing as npt

from vernacular.embeddings.presets import EmbeddingModel
from vernacular.embeddings.protocol import Vector
from vernacular.embeddings.vectors import finished
from vernacular.errors import InvalidSetting, ModelUnavailable

QUERY_S: Final = 3.0
"""How long a question waits; then it is searched for without."""
_DOCUMENTS_S: Final = 120.0
_CONNECT_S: Final = 2.0
_TRIES: Final = 4
_FIRST_WAIT_S: Final = 0.25
_AT_ONCE: Final = 4
_PASSING: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504})


class OpenAIEmbedder:
    """`POST {url}/embeddings`; batches of `batch` texts, a few at once.

    Passages are tried again when the server fails, for some seconds; questions are not. Texts longer than the model
    reads are cut by the server where it can (vLLM). `transport`: instead of the network, for tests.
    """

    def __init__(
        self,
        model: EmbeddingModel,
        url: str,
        *,
        api_key: str = "",
        batch: int = 32,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._model = model
        self._url = f"{url.rstrip('/')}/embeddings"
        self._batch = batch
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        timeout = httpx.Timeout(_DOCUMENTS_S, connect=_CONNECT_S)
        self._client = httpx.Client(headers=headers, timeout=timeout, transport=transport, trust_env=False)
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="embed")
        self._extra: dict[str, Any] = {}
        self._dimension = 0

    @property
    def fingerprint(self) -> str:
        return self._model.fingerprint

    @property
    def dimension(self) -> int:
        if not self._dimension:
            self._dimension = self._encode(["dimension"], _TRIES, _DOCUMENTS_S).shape[1]
        return self._dimension

    def knows(self, language: str) -> bool:
        return self._model.knows(language)

    def encode_documents(self, texts: Sequence[str]) -> Vector:
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        batches = [
            [self._model.document_prefix + text for text in texts[start : start + self._batch]]
            for start in range(0, len(texts), self._batch)
        ]
        if len(batches) == 1:
            return self._encode(batches[0], _TRIES, _DOCUMENTS_S)
        return np.concatenate(list(self._threads.map(lambda part: self._encode(part, _TRIES, _DOCUMENTS_S), batches)))

    def encode_query(self, text: str) -> Vector:
        vector: Vector = self._encode([self._model.query_prefix + text], 1, QUERY_S)[0]
        return vector

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)
        self._client.close()

    def _encode(self, texts: list[str], tries: int, timeout_s: float) -> Vector:
        wait = _FIRST_WAIT_S
        for left in range(tries - 1, -1, -1):
            try:
                raw = self._ask(texts, timeout_s)
                break
            except ModelUnavailable:
                if not left:
                    raise
            time.sleep(wait)
            wait *= 2
        return finished(raw, self._model)

    def _ask(self, texts: list[str], timeout_s: float) -> npt.NDArray[np.float32]:
        response = self._post(texts, timeout_s)
        if response.status_code == httpx.codes.BAD_REQUEST and not self._extra:
            # A text was longer than the model reads, it may be: vLLM cuts it if asked, which others may not understand.
            extra = {"truncate_prompt_tokens": -1}
            second = self._post(texts, timeout_s, extra)
            if second.is_success:
                self._extra, response = extra, second
        if response.status_code in _PASSING:
            raise ModelUnavailable(f"The embedding server answered with status {response.status_code}.")
        if not response.is_success:
            raise InvalidSetting(
                f"The embedding server refused {self._model.name}: {_reason(response)}.",
                "Check VERNACULAR_EMBEDDINGS__URL, __MODEL and __API_KEY.",
            )
        try:
            return _vectors(response.json(), len(texts))
        except (ValueError, KeyError, TypeError, binascii.Error) as error:
            raise ModelUnavailable(f"The embedding server's answer is none: {error}.") from None

    def _post(self, texts: list[str], timeout_s: float, extra: dict[str, Any] | None = None) -> httpx.Response:
        body = {
            "model": self._model.name,
            "input": [text or " " for text in texts],
            "encoding_format": "base64",  # a third of the size, and read in no time
            **(self._extra if extra is None else extra),
        }
        try:
            return self._client.post(self._url, json=body, timeout=httpx.Timeout(timeout_s, connect=_CONNECT_S))
        except httpx.HTTPError as error:
            raise ModelUnavailable(f"The embedding server cannot be reached: {error}.") from None


def _vectors(answer: Any, wanted: int) -> npt.NDArray[np.float32]:
    data = sorted(answer["data"], key=lambda item: int(item["index"]))
    if len(data) != wanted:
        raise ValueError(f"{len(data)} vectors for {wanted} texts")
    return np.stack([_vector(item["embedding"]) for item in data])


def _vector(stored: Any) -> npt.NDArray[np.float32]:
    vector = (
        np.frombuffer(base64.b64decode(stored, validate=True), "<f4")
        if isinstance(stored, str)
        else np.asarray(stored, dtype=np.float32)
    )
    if vector.ndim != 1 or not len(vector):
        raise ValueError("a vector without numbers")
    return vector


def _reason(response: httpx.Response) -> str:
    try:
        body = response.json()
        message = body.get("message") or body["error"]["message"]
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"status {response.status_code}"
    return str(message).rstrip(".")
