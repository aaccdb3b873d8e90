"""Market packs: policies as data.

A pack is a folder:

    pack.toml         name, title, what it `extends`, categories, `remap`, personal data, links, …
    rules.toml        [[rule]] and [[pattern]]
    terms.<lang>.tsv  list <TAB> term | term | term*

A pack that extends another has its lists and rules as well; its categories take the place of those of the same name, and
`remap` puts the rules of a category of the other under one of its own. Vernacular's own are in `vernacular/safety/packs`; a
plugin gives folders of packs by the entry point group `vernacular.safety`.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module, metadata, resources
from importlib.resources.abc import Traversable
from typing import Any, Final

from pydantic import ValidationError

from vernacular.errors import InvalidPolicy, UnknownPolicy
from vernacular.safety.policy import Category, Pattern, Policy, Rule

GROUP: Final = "vernacular.safety"
_SETTINGS: Final = ("pii", "links", "guard", "quotes", "search", "emergency", "allow_words")


@dataclass(frozen=True, slots=True)
class _Source:
    """A pack as its files have it."""

    manifest: Mapping[str, Any]
    rules: tuple[Mapping[str, Any], ...]
    patterns: tuple[Mapping[str, Any], ...]
    slots: dict[str, tuple[str, ...]] = field(default_factory=dict)


def pack_names() -> list[str]:
    return sorted(_folders())


def title_of(name: str) -> str:
    return str(_read(name).manifest.get("title", name))


@functools.cache
def pack(name: str) -> Policy:
    """The policy of a pack as it comes.

    Raises:
        UnknownPolicy: there is no such pack.
        InvalidPolicy: its files are not what they should be.
    """
    source = _read(name)
    parent = str(source.manifest.get("extends", ""))
    base = pack(parent) if parent else Policy(pack=name)
    try:
        return _over(base, source, name)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidPolicy(f"The safety pack {name} is not valid: {where}: {first['msg']}.") from None


def _over(base: Policy, source: _Source, name: str) -> Policy:
    manifest = source.manifest
    own = [Category.model_validate(each) for each in manifest.get("category", ())]
    remap: Mapping[str, str] = manifest.get("remap", {})
    known = {each.id: each for each in base.categories}
    kept = {key: each for key, each in known.items() if key not in remap} | {each.id: each for each in own}
    slots = {key: tuple(terms) for key, terms in base.slots.items()}
    for key, terms in source.slots.items():
        slots[key] = (*slots.get(key, ()), *terms)
    inherited = [_remapped(rule, known, remap) for rule in base.rules]
    settings: dict[str, Any] = {key: getattr(base, key) for key in _SETTINGS}
    for key in _SETTINGS:
        if key in manifest:
            given, before = manifest[key], settings[key]
            settings[key] = {**before.model_dump(), **given} if isinstance(given, dict) else given
    found = Policy(
        pack=name,
        title=str(manifest.get("title", name)),
        categories=tuple(kept.values()),
        rules=(*inherited, *(Rule.model_validate(each) for each in source.rules)),
        patterns=(*base.patterns, *(Pattern.model_validate(each) for each in source.patterns)),
        slots=slots,
        **{key: value.model_dump() if hasattr(value, "model_dump") else value for key, value in settings.items()},
    )
    _check(found)
    return found


def _remapped(rule: Rule, known: Mapping[str, Category], remap: Mapping[str, str]) -> Rule:
    """A rule of another pack under the category that takes its own one's place; what it does stays."""
    if rule.category not in remap:
        return rule
    before = known[rule.category]
    changed = {
        "category": remap[rule.category],
        "action": rule.action or before.action,
        "text": rule.text or before.text,
    }
    return rule.model_copy(update=changed)


def _check(found: Policy) -> None:
    known = set(found.by_category)
    listed = [(each.id, each.category) for each in found.rules] + [(each.id, each.category) for each in found.patterns]
    for name, category in listed:
        if category not in known:
            raise InvalidPolicy(
                f"The rule {name} of the pack {found.pack} is of the category {category}, which is not there."
            )
    for rule in found.rules:
        for slot in (*slots_of(rule), *rule.unless):
            if slot not in found.slots:
                raise InvalidPolicy(
                    f"The rule {rule.id} of the pack {found.pack} names the list {slot}, which is not there."
                )


def slots_of(rule: Rule) -> list[str]:
    """The lists that a rule's `all` names."""
    return [slot for part in rule.all for pair in part.split("|") for slot in pair.split("~")]


def _read(name: str) -> _Source:
    folder = _folders().get(name)
    if folder is None:
        raise UnknownPolicy(f"There is no safety pack named {name[:80]!r}.")
    return _source(folder)


def _source(folder: Traversable) -> _Source:
    try:
        manifest = tomllib.loads(folder.joinpath("pack.toml").read_text(encoding="utf-8"))
        file = folder.joinpath("rules.toml")
        rules = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    except tomllib.TOMLDecodeError as error:
        raise InvalidPolicy(f"A file of the safety pack {folder.name} is not TOML: {error}.") from None
    slots: dict[str, tuple[str, ...]] = {}
    for terms in sorted(folder.iterdir(), key=lambda each: each.name):
        if terms.name.startswith("terms.") and terms.name.endswith(".tsv"):
            for slot, listed in _terms(terms):
                slots[slot] = (*slots.get(slot, ()), *listed)
    return _Source(manifest, tuple(rules.get("rule", ())), tuple(rules.get("pattern", ())), slots)


def _terms(file: Traversable) -> list[tuple[str, tuple[str, ...]]]:
    found: list[tuple[str, tuple[str, ...]]] = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        slot, tab, listed = line.partition("\t")
        if not tab:
            raise InvalidPolicy(f"Line {number} of {file.name} has no list and terms with a tab between them.")
        found.append((slot.strip(), tuple(term.strip() for term in listed.split("|") if term.strip())))
    return found


@functools.cache
def _folders() -> Mapping[str, Traversable]:
    places = [resources.files("vernacular.safety.packs")]
    for entry_point in metadata.entry_points(group=GROUP):
        try:
            places.append(resources.files(import_module(entry_point.value)))
        except (ImportError, TypeError) as error:
            raise InvalidPolicy(
                f"The plugin {entry_point.name} ({entry_point.value}) cannot be loaded: {error}.",
                "Uninstall it, or have its maker correct it.",
            ) from None
    return {
        folder.name: folder
        for place in places
        for folder in place.iterdir()
        if folder.is_dir() and folder.joinpath("pack.toml").is_file()
    }
