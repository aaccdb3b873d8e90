"""The one settings tree. Nothing else in the project reads the environment.

Every field can be set as `VERNACULAR_<SECTION>__<FIELD>`, e.g. `VERNACULAR_SERVE__PORT=9000`; `docs/settings.md` lists
them all. Secrets are read from the environment or made at random on first use and kept under `home`, mode 0600.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from vernacular.errors import InvalidSetting


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
    dense_size: int = Field(default=0, ge=0, description="Dimension of the dense vectors; 0: lexical only.")


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


class ServeSettings(Section):
    host: str = Field(default="127.0.0.1", description="Address the gateway listens on.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port of the gateway.")
    max_body_mb: int = Field(default=512, ge=1, description="Largest upload, in MB.")
    max_question_chars: int = Field(default=8000, ge=100, description="Longest question, in characters.")
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


class UiSettings(Section):
    host: str = Field(default="127.0.0.1", description="Address the front end listens on.")
    port: int = Field(default=8501, ge=0, le=65535, description="Port of the front end.")
    gateway_url: str = Field(default="", description="Address of the gateway; empty: the one running on `home`.")


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
    ui: UiSettings = UiSettings()

    def model_post_init(self, _context: object) -> None:
        self.home = self.home.expanduser().absolute()

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
    except ValidationError as error:
        first = error.errors()[0]
        variable = "VERNACULAR_" + "__".join(str(part).upper() for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise InvalidSetting(
                f"There is no setting {variable}.", "Correct or unset it; see docs/settings.md."
            ) from None
        raise InvalidSetting(
            f"{variable} is not valid: {first['msg']}.", "Correct or unset it; see docs/settings.md."
        ) from None
