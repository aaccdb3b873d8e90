"""The one settings tree. Nothing else in the project reads the environment.

Every field can be set as `VERNACULAR_<SECTION>__<FIELD>`, e.g. `VERNACULAR_SERVE__PORT=9000`; `docs/settings.md` lists
them all. Secrets are read from the environment, from files (in the folder that `VERNACULAR_SECRETS_DIR` names, each called as the variable
is), or made at random on first use and kept under `home`, mode 0600. Well-known defaults are refused.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from vernacular.access.issuers import OidcIssuer
from vernacular.default_secrets import refuse_default_secrets
from vernacular.errors import InvalidSetting

SECRETS_DIR: Final = "VERNACULAR_SECRETS_DIR"


class Section(BaseModel):
    """A part of the tree; a name that it does not have is refused, so that a typing error never passes in silence."""

    model_config = ConfigDict(extra="forbid")


class SqlSettings(Section):
    url: str = Field(default="", description="SQLAlchemy URL; empty: SQLite in WAL mode under `home`.")
    busy_timeout_s: float = Field(default=30.0, gt=0, description="How long a writer waits for SQLite's lock.")


class VectorSettings(Section):
    mode: Literal["edge", "server"] = Field(
        default="edge",
        description="`edge`: embedded Qdrant Edge in an owner process; `server`: a Qdrant server or cluster.",
    )
    url: str = Field(default="", description="Address of the Qdrant server, for mode `server`.")
    api_key: SecretStr | None = Field(default=None, description="Key of the Qdrant server.")
    collection: str = Field(default="vernacular", description="Prefix of the collections on a Qdrant server.")
    open_shards: int = Field(
        default=64, ge=1, description="Tenants whose shards stay open at once in the owner process."
    )


class IngestSettings(Section):
    batch_documents: int = Field(default=2000, ge=1, le=10_000, description="Documents a durable step stores together.")
    batch_bytes: int = Field(default=4_000_000, ge=1000, description="Text a durable step reads at most, in bytes.")
    chunk_target: int = Field(default=1000, ge=100, description="Characters a chunk aims at (Han and Thai count more).")
    chunk_maximum: int = Field(
        default=1600, ge=200, description="Characters a chunk never exceeds, sentences permitting."
    )
    parser_memory_mb: int = Field(default=1024, ge=128, description="Memory a parser process may take.")
    parser_timeout_s: float = Field(default=30.0, gt=0, description="Seconds a single file may take to parse.")
    concurrency: int = Field(default=1, ge=1, description="Jobs that one worker runs at once.")
    uploads_kept_days: int = Field(
        default=7,
        ge=0,
        description="Days for which what was sent for a job that did not end well is kept, to run it again.",
    )
    pictures: bool = Field(default=True, description="Whether pictures that product feeds name are fetched and kept.")
    picture_mb: float = Field(default=8.0, gt=0, description="Largest picture of a product, in MB.")


class ServeSettings(Section):
    host: str = Field(default="127.0.0.1", description="Address the gateway listens on.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port of the gateway.")
    public_url: str = Field(
        default="",
        pattern=r"^(https?://[^/\s]+(/\S*)?)?$",
        description="Address that browsers reach the gateway at, for widgets; empty: the one that a request names (`Host`).",
    )
    max_body_mb: int = Field(default=512, ge=1, description="Largest upload, in MB.")
    max_question_chars: int = Field(default=8000, ge=100, description="Longest question, in characters.")
    metrics: Literal["open", "operator", "tenants"] = Field(
        default="open",
        description="Who reads `/metrics`: `open`: anyone, and operators' keys with figures by tenant; `operator`: those alone; "
        "`tenants`: anyone, with figures by tenant.",
    )
    threads: int = Field(default=16, ge=1, le=200, description="Requests that the gateway works on at once.")
    worker: bool = Field(
        default=True, description="Whether `vernacular serve` starts an ingest worker beside the gateway."
    )


class AnswerSettings(Section):
    passages: int = Field(default=8, ge=1, le=50, description="Passages the answer is composed from.")
    candidates: int = Field(default=50, ge=1, le=500, description="Hits fetched from the index before reranking.")
    quotes: int = Field(default=3, ge=1, le=10, description="Quotes an extractive answer shows at most.")
    decline_below: float = Field(
        default=0.5, ge=0, le=1, description="Confidence under which an answer is declined; 0.5 is what was calibrated."
    )
    ask_model_from: float = Field(
        default=0.15,
        ge=0,
        le=1,
        description="Confidence from which a model is asked; what it writes is verified, and it may find no answer too.",
    )


class EndpointSettings(Section):
    """A server that speaks OpenAI's API: vLLM, llama.cpp's server, or a hosted one."""

    url: str = Field(description="Base address, ending in `/v1`.")
    model: str = Field(default="", description="The model's name there; empty: the first that it lists.")
    api_key: SecretStr | None = Field(default=None, description="Its key.")
    profile: str = Field(default="", description="The profile that says what the model can do; see `model list`.")
    vision: bool = Field(default=False, description="Whether the model reads images.")


class GenerationSettings(Section):
    endpoints: list[EndpointSettings] = Field(
        default=[],
        description="Model servers as a JSON list; those of the same model are replicas. What `vernacular model serve` "
        "started on this `home` is found without it.",
    )
    model: str = Field(
        default="", description="The model that answers unless a tenant names another; empty: the first."
    )
    max_tokens: int = Field(default=700, ge=16, le=16_384, description="Longest answer, in tokens.")
    context_tokens: int = Field(default=0, ge=0, description="Tokens a prompt may have; 0: what the model takes.")
    temperature: float = Field(default=0.2, ge=0, le=2, description="Sampling temperature.")
    stream: Literal["sentences", "tokens"] = Field(
        default="sentences",
        description="`sentences`: text is sent once its sentence is verified; `tokens`: at once, and flagged at the end.",
    )
    rewrite: bool = Field(default=True, description="Whether the model rewrites follow-up questions before searching.")
    fallback: bool = Field(
        default=True, description="Whether a question gets an extractive answer when no model can take it, or an error."
    )
    max_running: int = Field(default=64, ge=1, description="Requests that one replica gets at once.")
    max_waiting: int = Field(default=64, ge=0, description="Requests that wait for a replica; more are turned away.")
    wait_s: float = Field(default=10.0, ge=0, description="Seconds a request waits for a replica at most.")
    first_token_s: float = Field(default=20.0, gt=0, description="Seconds until the first token, before another try.")
    total_s: float = Field(default=120.0, gt=0, description="Seconds an answer may take.")
    health_every_s: float = Field(default=2.0, gt=0, description="Seconds between looks at each replica.")


class ModelServerSettings(Section):
    """How `vernacular model serve` starts vLLM."""

    command: str = Field(
        default="", description="The `vllm` program; empty: the one beside this Python, or on the path."
    )
    weights: Path | None = Field(default=None, description="Folder that holds a folder of weights for each profile.")
    ready_s: float = Field(default=900.0, gt=0, description="Seconds that loading a model may take.")


class AdapterSettings(Section):
    max_rank: int = Field(default=16, ge=1, le=512, description="Largest rank of a LoRA adapter that is taken in.")


class EmbeddingSettings(Section):
    backend: Literal["none", "sentence_transformers", "openai"] = Field(
        default="none",
        description="`none`: lexical only; `sentence_transformers`: in process (extra `models`); `openai`: a server.",
    )
    model: str = Field(default="", description="Name or folder of the model, e.g. `BAAI/bge-m3`.")
    url: str = Field(default="", description="Base address of the server, ending in `/v1`, for backend `openai`.")
    api_key: SecretStr | None = Field(default=None, description="Key of that server.")
    dimension: int = Field(default=0, ge=0, description="Dimensions kept (Matryoshka); 0: all the model has.")
    query_prefix: str | None = Field(
        default=None, description="Put before questions; unset: as the model's maker says."
    )
    document_prefix: str | None = Field(default=None, description="Put before passages; unset: as its maker says.")
    normalize: bool = Field(default=True, description="Whether vectors are scaled to length 1.")
    languages: list[str] = Field(
        default=[],
        description="Languages the model knows, as a JSON list; others are searched without it. Empty: as its maker says.",
    )
    batch: int = Field(default=32, ge=1, le=4096, description="Texts that are encoded together.")
    device: str = Field(
        default="", description="`cpu`, `cuda` …; empty: a GPU if there is one. Half precision on GPUs."
    )
    weight: float = Field(
        default=0.5, ge=0, description="Weight of the dense ranking beside the lexical one's 1, in RRF."
    )
    download: bool = Field(
        default=False, description="Whether weights that are not on this machine may be fetched (in process)."
    )


class RerankSettings(Section):
    backend: Literal["none", "sentence_transformers", "vllm"] = Field(
        default="none",
        description="`none`: lexical; `sentence_transformers`: in process; `vllm`: a server's `/rerank`.",
    )
    model: str = Field(default="", description="Name or folder of the cross-encoder, e.g. `BAAI/bge-reranker-v2-m3`.")
    url: str = Field(default="", description="Base address of the server, ending in `/v1`, for backend `vllm`.")
    api_key: SecretStr | None = Field(default=None, description="Key of that server.")
    passages: int = Field(default=20, ge=1, le=200, description="Passages that are reranked.")
    device: str = Field(default="", description="`cpu`, `cuda` …; empty: a GPU if there is one.")
    download: bool = Field(
        default=False, description="Whether weights that are not on this machine may be fetched (in process)."
    )


class DialectSettings(Section):
    """What questions, and documents in a variety, are expanded with, to find each other; each part can be left out."""

    lexicon: bool = Field(default=True, description="Words of the variety → standard words.")
    numerals: bool = Field(default=True, description="Numbers and dates as the variety says them.")
    romanised: bool = Field(default=True, description="Latin letters (Arabizi, Tâi-lô, Jyutping) → script.")
    spelling: bool = Field(default=True, description="Typing errors → words of the tenant's documents.")
    domains: bool = Field(default=True, description="Everyday words → official ones, by domain.")
    corpus: bool = Field(
        default=True, description="Short forms that follow from the tenant's documents: acronyms, shortened names."
    )
    feedback: bool = Field(
        default=True,
        description="In a search, passages rank higher whose document, or series of documents, holds others that match.",
    )
    documents: bool = Field(
        default=True,
        description="Documents written in a variety are found by standard words too; for those there are, reindex.",
    )
    hypothetical: bool = Field(
        default=False,
        description="Whether a model, if there is one, puts a chat's question as documents would, to search for that too.",
    )


class VisionSettings(Section):
    max_images: int = Field(default=4, ge=0, le=32, description="Images a message may carry.")
    max_mb: float = Field(default=8.0, gt=0, description="Largest image, in MB.")
    max_megapixels: float = Field(default=24.0, gt=0, description="Largest image, in millions of pixels.")
    longest_side: int = Field(default=2048, ge=64, description="Pixels that an image is scaled down to for the model.")
    describe_documents: bool = Field(
        default=True, description="Whether images in documents are described by the vision model, if there is one."
    )
    images_per_document: int = Field(
        default=20,
        ge=0,
        le=1000,
        description="Images inside a document that are read by OCR and described, the first ones; 0: none.",
    )
    describe_s: float = Field(default=60.0, gt=0, description="Seconds that describing one image may take.")
    describe_tokens: int = Field(default=400, ge=16, le=4096, description="Longest description, in tokens.")

    @property
    def max_body_bytes(self) -> int:
        """What the images of one message take at most, as base64 in JSON."""
        return int(self.max_images * self.max_mb * 1_000_000 * 4 / 3)


class AccessSettings(Section):
    oidc: list[OidcIssuer] = Field(default=[], description="Identity providers, as a JSON list; see docs/access.md.")
    recheck_s: float = Field(
        default=2.0, gt=0, le=5, description="Seconds until a revoked key, account or session is refused everywhere."
    )
    session_hours: float = Field(default=12.0, gt=0, description="Hours that a sign-in with a password holds.")
    lock_after: int = Field(default=5, ge=1, description="Wrong passwords in a row that lock an account.")
    lock_s: float = Field(default=900.0, gt=0, description="Seconds that it stays locked.")
    address_failures: int = Field(
        default=30, ge=1, description="Wrong passwords from one address in five minutes, after which it has to wait."
    )
    password_chars: int = Field(default=12, ge=8, description="Shortest password that is taken.")

    @field_validator("oidc")
    @classmethod
    def _are_distinct(cls, issuers: list[OidcIssuer]) -> list[OidcIssuer]:
        if len({(one.issuer, one.audience) for one in issuers}) < len(issuers):
            raise ValueError("two identity providers have the same issuer and audience")
        return issuers


class QuotaSettings(Section):
    """Limits that hold unless a tenant, an account or a key has its own; 0: none. See docs/quotas.md."""

    storage: Literal["memory", "redis"] = Field(
        default="memory", description="Where requests are counted: in each gateway, or in Redis for all of them."
    )
    redis_url: SecretStr | None = Field(default=None, description="Address of Redis, for storage `redis`.")
    tenant_requests_per_minute: int = Field(default=0, ge=0, description="Requests of a tenant in a minute.")
    tenant_tokens_per_day: int = Field(default=0, ge=0, description="Tokens, read and written, of a tenant in a day.")
    principal_requests_per_minute: int = Field(
        default=0, ge=0, description="Requests of an account or a key in a minute."
    )
    principal_tokens_per_day: int = Field(default=0, ge=0, description="Tokens of an account or a key in a day.")
    visitor_requests_per_minute: int = Field(
        default=0,
        ge=0,
        description="Requests of a person in a minute, where many share a key and the caller names her.",
    )
    documents: int = Field(default=0, ge=0, description="Documents of a tenant.")
    megabytes: int = Field(default=0, ge=0, description="Text and files of a tenant, in MB.")
    running_per_tenant: int = Field(
        default=0, ge=0, description="Requests of one tenant that are worked on at once; 0: its fair share."
    )


class AuditSettings(Section):
    checkpoint_entries: int = Field(default=1000, ge=1, description="Entries after which a tree head is signed.")
    checkpoint_s: float = Field(default=300.0, gt=0, description="Seconds after which it is, if there are new entries.")
    checkpoints: Path | None = Field(
        default=None, description="Folder that signed tree heads are copied to: on another machine, or write-once."
    )
    syslog: str = Field(
        default="", description="`udp://HOST:PORT` or `tcp://HOST:PORT` that entries are sent to (RFC 5424)."
    )
    jsonl: Path | None = Field(
        default=None, description="File that entries are appended to, as JSON lines, for a SIEM."
    )
    retention_days: int = Field(
        default=400, ge=0, description="Days that entries are kept unless a tenant says; 0: for ever."
    )


class RetentionSettings(Section):
    conversations_days: int = Field(
        default=0, ge=0, description="Days that conversations are kept unless a tenant says; 0: for ever."
    )


class GuardModelSettings(Section):
    """A model that judges prompts and answers, behind an OpenAI-style endpoint."""

    url: str = Field(default="", description="Base address, ending in `/v1`; empty: rules alone.")
    model: str = Field(default="", description="The model's name there.")
    api_key: SecretStr | None = Field(default=None, description="Its key.")
    timeout_s: float = Field(default=5.0, gt=0, description="Seconds that a judgement may take.")


class SafetySettings(Section):
    pack: str = Field(default="neutral", description="Safety policy of tenants that name none; see docs/safety.md.")
    guard: GuardModelSettings = GuardModelSettings()


class FetchSettings(Section):
    """How documents are fetched from the web."""

    allow_hosts: list[str] = Field(
        default=[],
        description="Hosts (`wiki.internal`, `10.0.0.7:8080`) inside your network that may be fetched from, as a JSON list.",
    )
    ports: list[int] = Field(default=[80, 443], description="Ports that are fetched from, as a JSON list.")
    ca_file: Path | None = Field(
        default=None, description="Certificates (PEM) of an authority of your own, for hosts inside your network."
    )
    max_mb: float = Field(default=50.0, gt=0, description="Largest document fetched, in MB.")
    timeout_s: float = Field(default=30.0, gt=0, description="Seconds that fetching one may take.")
    redirects: int = Field(default=5, ge=0, description="Redirects that are followed.")


class UiSettings(Section):
    host: str = Field(default="127.0.0.1", description="Address the front end listens on.")
    port: int = Field(default=8501, ge=0, le=65535, description="Port of the front end.")
    gateway_url: str = Field(default="", description="Address of the gateway; empty: the one running on `home`.")
    public_url: str = Field(
        default="", description="Address that browsers reach it at, for sign-in; empty: the one that it listens on."
    )


class Settings(BaseSettings):
    """All settings. `home` holds every byte the product keeps: databases, index, blobs, keys, logs."""

    model_config = SettingsConfigDict(env_prefix="VERNACULAR_", env_nested_delimiter="__", extra="forbid")

    home: Path = Field(default=Path("~/.vernacular"), description="Folder of all data, on a local disk.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="How much is logged.")
    sql: SqlSettings = SqlSettings()
    vectors: VectorSettings = VectorSettings()
    ingest: IngestSettings = IngestSettings()
    serve: ServeSettings = ServeSettings()
    answers: AnswerSettings = AnswerSettings()
    generation: GenerationSettings = GenerationSettings()
    model_server: ModelServerSettings = ModelServerSettings()
    adapters: AdapterSettings = AdapterSettings()
    embeddings: EmbeddingSettings = EmbeddingSettings()
    rerank: RerankSettings = RerankSettings()
    vision: VisionSettings = VisionSettings()
    dialects: DialectSettings = DialectSettings()
    access: AccessSettings = AccessSettings()
    quotas: QuotaSettings = QuotaSettings()
    audit: AuditSettings = AuditSettings()
    retention: RetentionSettings = RetentionSettings()
    safety: SafetySettings = SafetySettings()
    fetch: FetchSettings = FetchSettings()
    ui: UiSettings = UiSettings()

    def model_post_init(self, _context: object) -> None:
        self.home = self.home.expanduser().absolute()
        refuse_default_secrets(self)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments before the environment before files of secrets; there is no `.env`."""
        folder = os.environ.get(SECRETS_DIR)
        files = NestedSecretsSettingsSource(file_secret_settings, secrets_dir=folder, secrets_nested_delimiter="__")
        return (init_settings, env_settings, files) if folder else (init_settings, env_settings)

    @property
    def sql_url(self) -> str:
        return self.sql.url or f"sqlite:///{self.home / 'vernacular.sqlite'}"

    @property
    def jobs_url(self) -> str:
        """Where durable workflows keep their state: a file of its own beside SQLite, the same server on PostgreSQL."""
        return self.sql.url or f"sqlite:///{self.home / 'jobs.sqlite'}"

    @property
    def vectors_path(self) -> Path:
        return self.home / "vectors"

    @property
    def blobs_path(self) -> Path:
        return self.home / "blobs"

    @property
    def uploads_path(self) -> Path:
        """A folder a job, holding what was sent until the job has ended."""
        return self.home / "uploads"

    @property
    def models_path(self) -> Path:
        """A file for each model server that runs on this home; see `vernacular.endpoints`."""
        return self.home / "models"

    @property
    def adapters_path(self) -> Path:
        """LoRA adapters, each in a folder that never changes."""
        return self.home / "adapters"

    @property
    def dialects_path(self) -> Path:
        """Dictionaries that an operator imported: `<tag>/<name>.tsv`."""
        return self.home / "dialects"

    @property
    def gateway_file(self) -> Path:
        """Written by a running gateway: its address and process id."""
        return self.home / "gateway.json"


@functools.cache
def get_settings() -> Settings:
    """The process's settings, read from the environment at the first call.

    Raises:
        InvalidSetting: a value is not what the field takes; the message names the variable.
    """
    try:
        return Settings()
    except SettingsError as error:  # a list or a table that cannot be read; the error names its section alone
        section = str(error).partition('"')[2].partition('"')[0]
        if not section:
            raise InvalidSetting(
                f"The files of {SECRETS_DIR} cannot be read: {error}.",
                "It names a folder that holds secrets alone, each in a file called as its variable is.",
            ) from None
        raise InvalidSetting(
            f"A variable of VERNACULAR_{section.upper()} is not valid JSON.",
            "Lists and tables are written as JSON, e.g. "
            """VERNACULAR_GENERATION__ENDPOINTS='[{"url": "http://gpu1:8000/v1"}]'; see docs/settings.md.""",
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        variable = "VERNACULAR_" + "__".join(str(part).upper() for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise InvalidSetting(
                f"There is no setting {variable}.", "Correct or unset it; see docs/settings.md."
            ) from None
        raise InvalidSetting(
            f"{variable} is not valid: {first['msg'].removeprefix('Value error, ')}.",
            "Correct or unset it; see docs/settings.md.",
        ) from None
