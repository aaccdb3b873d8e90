"""The model servers as a LangChain chat model, so that any chain, tool or test made for one works with them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import InputTokenDetails, UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field, SkipValidation

from serve.engine.messages import as_openai
from serve.engine.pool.pool import ChatRequest, Pool
from serve.engine.pool.sse import Usage
from vernacular.errors import BadRequest

PARAMETERS = frozenset(
    {
        "max_tokens",
        "temperature",
        "top_p",
        "seed",
        "response_format",
        "presence_penalty",
        "frequency_penalty",
        "logit_bias",
    }
)
"""What any OpenAI-compatible server takes."""
VLLM_PARAMETERS = frozenset(
    {
        "structured_outputs",
        "top_k",
        "min_p",
        "repetition_penalty",
        "min_tokens",
        "ignore_eos",
        "chat_template_kwargs",
        "priority",
    }
)
"""What is sent to vLLM and kept from others, which may refuse what they do not know."""
OnUsage = Callable[[int, int], None]
LANGCHAIN_OWN = frozenset({"stream", "run_manager"})


class PooledChatModel(BaseChatModel):
    """One model behind the gateway's pool, with whichever replica is free.

    `astream` and `ainvoke` belong to the event loop in which the pool was opened; `invoke` may be called from any other
    thread. Parameters of a call: those of `PARAMETERS` and `VLLM_PARAMETERS`, and `stop`. The errors are those of
    `Pool.stream`. Cancelling the task or closing the iterator hangs up, and the server stops generating.
    """

    pool: SkipValidation[Pool] = Field(exclude=True, repr=False)
    model: str
    adapter: str | None = None
    cache_salt: str = Field(default="", exclude=True, repr=False)
    tenant: str = Field(default="", exclude=True, repr=False)
    on_usage: SkipValidation[OnUsage | None] = Field(default=None, exclude=True, repr=False)
    max_tokens: int = 700
    temperature: float = 0.2

    @property
    def _llm_type(self) -> str:
        return "vernacular"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model": self.model, "adapter": self.adapter}

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        request = self._request(messages, stop, kwargs)
        async with aclosing(self.pool.stream(request)) as pieces:
            async for piece in pieces:
                self._note(piece.usage)
                if piece.finish_reason is None:
                    message = AIMessageChunk(content=piece.text)
                else:
                    message = AIMessageChunk(
                        content=piece.text,
                        response_metadata=self._about(piece.finish_reason),
                        usage_metadata=_usage(piece.usage),
                        chunk_position="last",
                    )
                yield ChatGenerationChunk(message=message)

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        texts: list[str] = []
        finish_reason, usage = "", None
        async with aclosing(self.pool.stream(self._request(messages, stop, kwargs))) as pieces:
            async for piece in pieces:
                self._note(piece.usage)
                texts.append(piece.text)
                finish_reason, usage = piece.finish_reason or finish_reason, piece.usage or usage
        message = AIMessage(
            content="".join(texts), response_metadata=self._about(finish_reason), usage_metadata=_usage(usage)
        )
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return self.pool.run(lambda: self._agenerate(messages, stop, **kwargs))

    def _request(self, messages: Sequence[BaseMessage], stop: list[str] | None, given: dict[str, Any]) -> ChatRequest:
        unknown = given.keys() - PARAMETERS - VLLM_PARAMETERS - LANGCHAIN_OWN
        if unknown:
            raise BadRequest(f"The model takes no parameter {min(unknown)!r}.", "Leave it out.")
        params: dict[str, Any] = {"max_tokens": self.max_tokens, "temperature": self.temperature}
        params.update((name, given[name]) for name in PARAMETERS & given.keys() if given[name] is not None)
        if stop:
            params["stop"] = stop
        vllm_params = {name: given[name] for name in VLLM_PARAMETERS & given.keys() if given[name] is not None}
        if self.cache_salt:
            vllm_params["cache_salt"] = self.cache_salt
        return ChatRequest(self.model, as_openai(messages), self.adapter, params, vllm_params, self.tenant)

    def _note(self, usage: Usage | None) -> None:
        if usage is not None and self.on_usage is not None:
            self.on_usage(usage.prompt, usage.completion)

    def _about(self, finish_reason: str) -> dict[str, Any]:
        return {"finish_reason": finish_reason, "model_name": self.model}


def _usage(usage: Usage | None) -> UsageMetadata | None:
    if usage is None:
        return None
    return UsageMetadata(
        input_tokens=usage.prompt,
        output_tokens=usage.completion,
        total_tokens=usage.prompt + usage.completion,
        input_token_details=InputTokenDetails(cache_read=usage.cached),
    )
