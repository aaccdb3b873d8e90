"""llama.cpp's server, for profiles that it serves as well: small quantised models on machines without a GPU."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from serve.engine.launch.server import HOST
from serve.engine.launch.wishes import Wishes
from serve.engine.profiles.profile import ModelProfile
from vernacular.errors import BadRequest, WeightsMissing
from vernacular.settings import ModelServerSettings

PROGRAM = "llama-server"
_SOURCES = ("-hf", "-hfr", "--hf-repo", "-m", "--model")


def wanted(profile: ModelProfile, wishes: Wishes, settings: ModelServerSettings) -> bool:
    """Whether llama.cpp is to serve it: asked for, or the weights or the program that was named are llama.cpp's.

    Raises:
        BadRequest: the profile has no way for llama.cpp.
    """
    named = Path(settings.command).name.startswith(PROGRAM) or wishes.weights.endswith(".gguf")
    if wishes.engine == "vllm" or not (wishes.engine == "llama.cpp" or named):
        return False
    if not profile.llama_cpp:
        raise BadRequest(
            f"{profile.title} has no way for llama.cpp.", "`vernacular model list` shows the edge profiles that have."
        )
    return True


def arguments(profile: ModelProfile, wishes: Wishes, model: str, port: int) -> list[str]:
    """The words after `llama-server`; of an argument given twice it takes the last.

    Raises:
        WeightsMissing: the file or folder of weights holds no GGUF.
    """
    found = [*_source(profile.llama_cpp, wishes.weights), "--alias", model, "--host", HOST, "--port", str(port)]
    if wishes.context_tokens:
        slots = int(_value(found, "--parallel") or 1)
        found += ["--ctx-size", str(wishes.context_tokens * slots)]  # divided among the slots
    return [*found, "--metrics", "--no-webui", *wishes.extra]


def _source(given: Sequence[str], weights: str) -> list[str]:
    if not weights:
        return list(given)
    path = Path(weights).expanduser()
    source = ["-m", str(_gguf(path))] if path.exists() or weights.endswith(".gguf") else ["-hf", weights]
    return [*source, *_without(given, _SOURCES)]


def _gguf(path: Path) -> Path:
    found = sorted(path.glob("*.gguf"))[:1] if path.is_dir() else [path] if path.is_file() else []
    if not found:
        raise WeightsMissing(f"There is no GGUF file at {path}.", "Give a .gguf file, or OWNER/NAME:QUANTISATION.")
    return found[0]


def _without(words: Sequence[str], flags: Sequence[str]) -> list[str]:
    kept, skip = [], False
    for word in words:
        if not skip and word not in flags:
            kept.append(word)
        skip = word in flags
    return kept


def _value(words: Sequence[str], flag: str) -> str:
    return words[words.index(flag) + 1] if flag in words[:-1] else ""
