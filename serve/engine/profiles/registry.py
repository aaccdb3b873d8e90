"""Which profiles there are: Vernacular's own, those of plugins, and an operator's file.

A plugin is a package with an entry point in the group `vernacular.models`. It names a package that holds TOML files, or a
callable that gives profiles (or mappings of their fields). A plugin's profile takes the place of one of Vernacular's of
the same name; two plugins may not give the same name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from importlib import import_module, metadata, resources
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import ValidationError

from serve.engine.profiles.profile import ModelProfile
from vernacular.errors import InvalidSetting, UnknownProfile

GROUP = "vernacular.models"
BUILT_IN = "serve.engine.profiles.data"


def profiles() -> list[ModelProfile]:
    """All, by name.

    Raises:
        InvalidSetting: a plugin cannot be loaded, or what it gives is no profile.
    """
    found = {profile.name: profile for profile in _of_package(import_module(BUILT_IN))}
    given_by: dict[str, str] = {}
    for entry_point in metadata.entry_points(group=GROUP):
        for profile in _of_plugin(entry_point):
            if profile.name in given_by:
                raise InvalidSetting(
                    f"The plugins {given_by[profile.name]} and {entry_point.name} both give a profile {profile.name}.",
                    "Uninstall one of them.",
                )
            given_by[profile.name] = entry_point.name
            found[profile.name] = profile
    return [found[name] for name in sorted(found)]


def find(name: str) -> ModelProfile:
    """The profile of that name, or the one in the file when `name` is the path of a `.toml` file.

    Raises:
        UnknownProfile: there is none.
        InvalidSetting: the file or a plugin is damaged.
    """
    if name.endswith(".toml"):
        return _of_file(Path(name).expanduser())
    known = {profile.name: profile for profile in profiles()}
    if name not in known:
        raise UnknownProfile(f"There is no model profile {name!r}.", f"There are: {', '.join(known)}.")
    return known[name]


def _of_file(path: Path) -> ModelProfile:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnknownProfile(f"The profile {path} cannot be read: {error}.", "Give the path of a TOML file.") from None
    return _of_text(text, str(path))


def _of_text(text: str, source: str) -> ModelProfile:
    try:
        return ModelProfile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InvalidSetting(f"The profile {source} is not TOML: {error}.", "Correct it.") from None
    except ValidationError as error:
        raise InvalidSetting(*_complaint(source, error)) from None


def _of_package(package: ModuleType) -> Iterable[ModelProfile]:
    folder = resources.files(package)
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            yield _of_text(file.read_text(encoding="utf-8"), file.name)


def _of_plugin(entry_point: metadata.EntryPoint) -> list[ModelProfile]:
    try:
        loaded = entry_point.load()
        if isinstance(loaded, ModuleType):
            return list(_of_package(loaded))
        return [_of_fields(entry_point.name, fields) for fields in loaded()]
    except (ImportError, AttributeError, TypeError, OSError) as error:
        raise InvalidSetting(
            f"The model plugin {entry_point.name} ({entry_point.value}) does not work: {error}.",
            "Uninstall or correct it; docs/models.md says what it should be.",
        ) from None


def _of_fields(plugin: str, fields: ModelProfile | Mapping[str, Any]) -> ModelProfile:
    if isinstance(fields, ModelProfile):
        return fields
    try:
        return ModelProfile.model_validate(fields)
    except ValidationError as error:
        raise InvalidSetting(*_complaint(f"of the plugin {plugin}", error)) from None


def _complaint(source: str, error: ValidationError) -> tuple[str, str]:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"]) or "the whole"
    return (
        f"The profile {source} is not valid: {place}: {first['msg']}.",
        "Correct it; docs/models.md lists the fields.",
    )
