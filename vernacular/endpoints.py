"""Model servers that run on this home: each says so in a file, and gateway, worker and command line look there.

`vernacular model serve` writes the file once the server answers and removes it on leaving; a file whose process is gone
is passed over. The key in it is the server's own, so the file is readable by its owner alone (mode 0600).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vernacular.errors import InvalidSetting
from vernacular.settings import EndpointSettings, Settings

CHAT, EMBEDDING, RERANK = "chat", "embedding", "rerank"


@dataclass(frozen=True, slots=True)
class ModelEndpoint:
    """One server, and what it serves. Endpoints of the same `model` are replicas of each other.

    `url` ends in `/v1`. `model` empty: the first that the server lists. `name` tells servers apart (a file's stem, or the
    address). `loras`: adapters can be loaded at run time. `context_tokens` 0: not known.
    """

    name: str
    url: str
    model: str = ""
    api_key: str = ""
    profile: str = ""
    kind: str = CHAT
    vision: bool = False
    loras: bool = False
    context_tokens: int = 0
    pid: int = 0


def announce(settings: Settings, endpoint: ModelEndpoint) -> None:
    """Write `endpoint` to `home/models/<name>.json`."""
    settings.models_path.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = settings.models_path / f"{endpoint.name}.json"
    temporary = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(endpoint), file)
    temporary.replace(path)


def withdraw(settings: Settings, name: str) -> None:
    (settings.models_path / f"{name}.json").unlink(missing_ok=True)


def announced(settings: Settings) -> list[ModelEndpoint]:
    """Those on this home whose process lives, by name."""
    found = (_read(path) for path in sorted(settings.models_path.glob("*.json")))
    return [endpoint for endpoint in found if endpoint is not None and _lives(endpoint.pid)]


def configured(endpoint: EndpointSettings) -> ModelEndpoint:
    """
    Raises:
        InvalidSetting: its address is none of an OpenAI-compatible server's.
    """
    key = endpoint.api_key.get_secret_value() if endpoint.api_key else ""
    url = endpoint.url.rstrip("/")
    if not url.startswith(("http://", "https://")) or not url.endswith("/v1"):
        raise InvalidSetting(
            f"The address of a model server in VERNACULAR_GENERATION__ENDPOINTS is {url.rpartition('@')[2][:200]!r}.",
            "It begins with http:// or https:// and ends in /v1, e.g. http://127.0.0.1:8000/v1.",
        )
    return ModelEndpoint(endpoint.url, url, endpoint.model, key, endpoint.profile, vision=endpoint.vision)


def _read(path: Path) -> ModelEndpoint | None:
    try:
        found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return ModelEndpoint(**found)
    except (OSError, ValueError, TypeError):  # half written, or another version's
        return None


def _lives(pid: int) -> bool:
    if pid <= 0:
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
