"""A model profile: everything about a model that sizing and serving it need to know."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from serve.engine.profiles.architecture import Architecture

Precision = Literal["bf16", "fp8", "int4"]


class WeightForm(BaseModel):
    """One form in which a model's weights can be had.

    `repository` empty: none is known. `quantization` is vLLM's `--quantization`, which makes this form while loading
    weights of 16 bits; empty where the published `config.json` says it. `size_bytes` 0: counted from the architecture.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    precision: Precision
    size_bytes: int = Field(default=0, ge=0)
    repository: str = ""
    quantization: str = ""


class ModelProfile(BaseModel):
    """What is known of a model.

    `forms[0]` is the form its maker publishes and the one that is served unless a plan says otherwise. `repository` None:
    no public address could be verified, and the operator gives one or a folder. `context_tokens`: prompt and answer
    together. `lora`: vLLM takes adapters for it. `flags`: further arguments of `vllm serve` that it is known to need or
    to run well with. `figures`: whether `architecture` was compared with a published `config.json`, or with what a note
    says. `llama_cpp`: the arguments of `llama-server`, for a profile that it serves as well. `notes`: what an operator
    should know.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,62}$")
    title: str
    licence: str
    languages: tuple[str, ...]
    modalities: tuple[Literal["text", "image", "video"], ...] = ("text",)
    architecture: Architecture
    figures: Literal["verified", "unverified"]
    forms: tuple[WeightForm, ...] = Field(min_length=1)
    context_tokens: int = Field(ge=1)
    lora: bool
    dtype: str = "auto"
    tool_parser: str = ""
    reasoning_parser: str = ""
    trust_remote_code: bool = False
    flags: tuple[str, ...] = ()
    llama_cpp: tuple[str, ...] = ()
    edge: bool = False
    same_size: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def repository(self) -> str | None:
        return self.forms[0].repository or None

    @property
    def quantization(self) -> str:
        return self.forms[0].quantization

    @property
    def vision(self) -> bool:
        return "image" in self.modalities
