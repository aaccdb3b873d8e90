"""Where a profile's weights are."""

from __future__ import annotations

from pathlib import Path

from serve.engine.profiles.profile import ModelProfile
from serve.engine.profiles.registry import profiles
from vernacular.errors import WeightsMissing


def locate(profile: ModelProfile, given: str = "", folder: Path | None = None, repository: str = "") -> str:
    """What `vllm serve` is to load: a folder, or the name of a repository.

    `given`: what the operator said, a folder or a repository. `folder`: holds a folder for each profile (the setting
    `VERNACULAR_MODEL_SERVER__WEIGHTS`). `repository`: that of the form which a plan chose; otherwise the profile's own.

    Raises:
        WeightsMissing: the folder holds no model, or nobody knows where the weights are.
    """
    if given:
        return _given(given)
    if folder is not None and (folder / profile.name / "config.json").is_file():
        return str(folder / profile.name)
    found = repository or profile.repository
    if found:
        return found
    raise WeightsMissing(
        f"No public address is known for the weights of {profile.title}.",
        "Say where they are with --weights (a folder, or a repository your machine can reach)" + _alternatives(profile),
    )


def _given(given: str) -> str:
    path = Path(given).expanduser()
    if (path / "config.json").is_file():
        return str(path)
    if path.exists() or path.is_absolute() or given.startswith((".", "~")) or given.count("/") != 1:
        raise WeightsMissing(
            f"There is no model in {given}.", "Give a folder that holds config.json and the weights, or OWNER/NAME."
        )
    return given


def _alternatives(profile: ModelProfile) -> str:
    known = {other.name: other.title for other in profiles()}
    named = [f"{name} ({known[name]})" for name in profile.same_size if name in known]
    return f", or use an open model of the same size: {', '.join(named)}." if named else "."
