"""What the makers of embedding models say about their use, and what the settings change of it."""

from __future__ import annotations

import functools
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import PurePath
from typing import Any, Final

from vernacular.errors import InvalidSetting
from vernacular.settings import EmbeddingSettings

_MEMBERS: Final = {
    **dict.fromkeys(("yue", "wuu", "nan", "hak", "cmn", "gan", "hsn"), "zh"),
    **dict.fromkeys(("arz", "ary", "apc", "ajp", "afb", "acm", "aeb", "arb"), "ar"),
    **dict.fromkeys(("nb", "nn"), "no"),
}
"""Languages counted to the one that models are said to be trained on."""
_LONGEST_NAME: Final = 100


@dataclass(frozen=True, slots=True)
class Preset:
    """A model as its maker describes it. `languages` empty: all; `own_code`: its repository's code must be run to load it.

    `tokens`: how much of a text it reads. `matryoshka`: whether the first dimensions of a vector are a vector too.
    """

    name: str
    dimension: int
    tokens: int
    licence: str
    query_prefix: str = ""
    document_prefix: str = ""
    languages: frozenset[str] = frozenset()
    matryoshka: bool = False
    own_code: bool = False


@dataclass(frozen=True, slots=True)
class EmbeddingModel:
    """A model as it is to be used. `dimension` 0: all that it has; `tokens` 0: what it says itself."""

    name: str
    query_prefix: str = ""
    document_prefix: str = ""
    dimension: int = 0
    normalize: bool = True
    tokens: int = 0
    languages: frozenset[str] = frozenset()
    own_code: bool = False

    @property
    def fingerprint(self) -> str:
        """The model's name and a digest of what else the vectors of passages depend on.

        The prefix of questions is no part of it: changing it asks for no new index.
        """
        rest = (self.name, self.document_prefix, self.dimension, self.normalize)
        digest = hashlib.sha256(repr(rest).encode()).hexdigest()[:8]
        return f"{self.name[-_LONGEST_NAME:]}#{digest}"

    def knows(self, language: str) -> bool:
        primary = language.partition("-")[0]
        return not self.languages or not self.languages.isdisjoint({primary, _MEMBERS.get(primary, primary)})


@functools.cache
def presets() -> Mapping[str, Preset]:
    """All that are known, by name."""
    stored = tomllib.loads(resources.files("vernacular.embeddings").joinpath("presets.toml").read_text("utf-8"))
    return {name: _preset(name, values, stored["languages"]) for name, values in stored["models"].items()}


def _preset(name: str, values: dict[str, Any], languages: Mapping[str, str]) -> Preset:
    known = languages[values.pop("languages")].split() if "languages" in values else ()
    return Preset(name=name, languages=frozenset(known), **values)


def find_preset(name: str) -> Preset | None:
    """The preset of that name, or whose name's last part is that of the folder `name`."""
    if name in presets():
        return presets()[name]
    last = PurePath(name).name.casefold()
    return next((found for known, found in presets().items() if PurePath(known).name.casefold() == last), None)


def resolve(settings: EmbeddingSettings) -> EmbeddingModel:
    """The model that `settings` ask for, with its maker's instructions wherever they say nothing.

    Raises:
        InvalidSetting: no model is named, or more or fewer dimensions are asked for than it can have.
    """
    if not settings.model:
        raise InvalidSetting(
            "VERNACULAR_EMBEDDINGS__MODEL is empty, and dense search needs a model.",
            f"Set it to a name or a folder, e.g. {next(iter(presets()))}, or the backend to `none`.",
        )
    preset = find_preset(settings.model) or Preset(settings.model, 0, 0, "", matryoshka=True)
    if settings.dimension and preset.dimension:
        _check_dimension(settings.dimension, preset)
    return EmbeddingModel(
        settings.model,
        preset.query_prefix if settings.query_prefix is None else settings.query_prefix,
        preset.document_prefix if settings.document_prefix is None else settings.document_prefix,
        0 if settings.dimension == preset.dimension else settings.dimension,
        settings.normalize,
        preset.tokens,
        frozenset(settings.languages) or preset.languages,
        preset.own_code,
    )


def _check_dimension(wanted: int, preset: Preset) -> None:
    if wanted > preset.dimension:
        raise InvalidSetting(
            f"{preset.name} makes vectors of {preset.dimension} dimensions, not of {wanted}.",
            "Lower VERNACULAR_EMBEDDINGS__DIMENSION, or unset it.",
        )
    if wanted < preset.dimension and not preset.matryoshka:
        raise InvalidSetting(
            f"The vectors of {preset.name} cannot be shortened: it was not trained so (Matryoshka).",
            "Unset VERNACULAR_EMBEDDINGS__DIMENSION, or choose a model that was, e.g. Qwen/Qwen3-Embedding-0.6B.",
        )
