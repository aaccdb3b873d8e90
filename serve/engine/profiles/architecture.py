"""The figures of a model's architecture that its memory depends on."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Architecture(BaseModel):
    """A decoder-only transformer, dense or with experts; attention is GQA, or MLA where `kv_lora_rank` is set.

    `model_type` is the one of `config.json`. With MLA, `head_dim` is the value heads'. `dense_layers`: the first layers
    of a model with experts that have an ordinary MLP of width `intermediate`. `vision_parameters`: encoder and
    projector, which tensor parallelism does not always divide.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model_type: str
    layers: int = Field(ge=1)
    hidden: int = Field(ge=1)
    heads: int = Field(ge=1)
    kv_heads: int = Field(ge=1)
    head_dim: int = Field(ge=1)
    intermediate: int = Field(ge=1)
    vocab: int = Field(ge=1)
    tied_embeddings: bool = False
    attention_bias: bool = False
    max_position: int = Field(ge=1)

    kv_lora_rank: int = Field(default=0, ge=0)
    q_lora_rank: int = Field(default=0, ge=0)
    rope_head_dim: int = Field(default=0, ge=0)
    nope_head_dim: int = Field(default=0, ge=0)

    experts: int = Field(default=0, ge=0)
    experts_active: int = Field(default=0, ge=0)
    shared_experts: int = Field(default=0, ge=0)
    expert_intermediate: int = Field(default=0, ge=0)
    dense_layers: int = Field(default=0, ge=0)

    vision_parameters: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _whole(self) -> Architecture:
        if self.experts and not (self.experts_active and self.expert_intermediate):
            raise ValueError("a model with experts needs experts_active and expert_intermediate")
        if self.kv_lora_rank and not (self.rope_head_dim and self.nope_head_dim):
            raise ValueError("a model with MLA needs rope_head_dim and nope_head_dim")
        if self.heads % self.kv_heads:
            raise ValueError("heads must be a multiple of kv_heads")
        return self

    @property
    def mla(self) -> bool:
        return self.kv_lora_rank > 0

    @property
    def moe_layers(self) -> int:
        return self.layers - self.dense_layers if self.experts else 0

    @property
    def expert_parameters(self) -> int:
        """Those of all routed experts."""
        return self.moe_layers * self.experts * 3 * self.hidden * self.expert_intermediate

    @property
    def parameters(self) -> int:
        """All, counted from the shapes of the weight matrices; within a thousandth of what the makers publish."""
        embeddings = self.vocab * self.hidden * (1 if self.tied_embeddings else 2)
        dense = (self.layers - self.moe_layers) * 3 * self.hidden * self.intermediate
        shared = self.moe_layers * self.shared_experts * 3 * self.hidden * self.expert_intermediate
        router = self.moe_layers * self.hidden * self.experts
        norms = (2 * self.layers + 1) * self.hidden
        attention = self.layers * self._attention_parameters
        return (
            embeddings + dense + shared + router + norms + attention + self.expert_parameters + self.vision_parameters
        )

    @property
    def active_parameters(self) -> int:
        """Those that a token passes through: `experts_active` of the experts."""
        if not self.experts:
            return self.parameters
        return self.parameters - self.expert_parameters * (self.experts - self.experts_active) // self.experts

    @property
    def _attention_parameters(self) -> int:
        """Of one layer."""
        if not self.mla:
            width, kv_width = self.heads * self.head_dim, self.kv_heads * self.head_dim
            bias = width + 2 * kv_width if self.attention_bias else 0
            return self.hidden * (2 * width + 2 * kv_width) + bias
        query = self.heads * (self.nope_head_dim + self.rope_head_dim)
        queries = self.q_lora_rank * (self.hidden + query) if self.q_lora_rank else self.hidden * query
        down = self.hidden * (self.kv_lora_rank + self.rope_head_dim)
        up = self.kv_lora_rank * self.heads * (self.nope_head_dim + self.head_dim)
        return queries + down + up + self.heads * self.head_dim * self.hidden
