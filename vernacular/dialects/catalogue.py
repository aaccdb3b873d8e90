"""What is told of packs: a line of each, one in full, and what they know of a word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from vernacular.dialects.fold import fold, fold_all
from vernacular.dialects.pack import DomainEntry, Entry, Pack
from vernacular.dialects.registry import Registry, built_in

MOST_FOUND: Final = 100


def summary(registry: Registry, pack: Pack) -> dict[str, Any]:
    """A line of a list. `entries` are the pack's own, `inherited` those of what it builds on, `imported` an operator's."""
    manifest = pack.manifest
    own = built_in().find(pack.tag)
    entries = len(own.lexicon) if own is not None and own.tag == pack.tag else len(pack.lexicon)
    return {
        "tag": pack.tag,
        "name": manifest.name,
        "native": manifest.native,
        "version": manifest.version,
        "family": manifest.family,
        "standard": manifest.standard,
        "entries": entries,
        "inherited": sum(len(base.lexicon) for base in registry.chain(pack)[1:]),
        "imported": len(pack.lexicon) - entries,
        "markers": len(pack.markers),
        "domains": dict(sorted(Counter(entry.domain for entry in pack.domains).items())),
    }


def details(registry: Registry, pack: Pack) -> dict[str, Any]:
    """All that is in a pack, counted."""
    manifest, style = pack.manifest, pack.style
    return {
        **summary(registry, pack),
        "extends": manifest.extends,
        "builds_on": [base.tag for base in registry.chain(pack)[1:]],
        "scripts": list(manifest.scripts),
        "aliases": list(manifest.aliases),
        "romanisations": list(manifest.romanisations),
        "variants": len(manifest.variants),
        "licence": manifest.licence,
        "parts_of_speech": dict(Counter(entry.pos or "-" for entry in pack.lexicon).most_common()),
        "ambiguous": sum(entry.sense < 1 for entry in pack.lexicon),
        "romanised": sum(bool(entry.romanised) for entry in pack.lexicon),
        "words": {name: len(_words(value)) for name, value in pack.words.model_dump().items() if value},
        "phrases": len(pack.phrases),
        "style": style.name,
        "registers": sorted(style.registers),
        "examples": len(style.examples),
        "questions": len(pack.evaluation),
    }


def look_up(registry: Registry, pack: Pack, word: str) -> list[dict[str, Any]]:
    """What the pack and those it builds on say of a word: as one of the variety, a standard term, or in Latin letters."""
    wanted = " ".join(fold(word).text.split())
    found: list[dict[str, Any]] = []
    for base in registry.chain(pack) if wanted else ():
        lexicon = _holding(wanted, [(*each.forms, *each.terms, *each.romanised) for each in base.lexicon])
        domains = _holding(wanted, [(*each.forms, *each.terms) for each in base.domains])
        found += [_in_lexicon(base, base.lexicon[at]) for at in lexicon]
        found += [_in_domain(base, base.domains[at]) for at in domains]
    return found[:MOST_FOUND]


def _holding(wanted: str, entries: Sequence[Sequence[str]]) -> list[int]:
    """Which entries have a text that folds to `wanted`. All are folded at once: one by one takes seconds."""
    folded = iter(fold_all([text for texts in entries for text in texts]))
    found = [wanted in [next(folded).strip() for _ in texts] for texts in entries]
    return [at for at, holds in enumerate(found) if holds]


def _in_lexicon(pack: Pack, entry: Entry) -> dict[str, Any]:
    told = {"dialect": list(entry.forms), "standard": list(entry.terms), "sense": entry.sense}
    return {"tag": pack.tag, "domain": "", **told, "pos": entry.pos, "romanised": list(entry.romanised)}


def _in_domain(pack: Pack, entry: DomainEntry) -> dict[str, Any]:
    told = {"dialect": list(entry.forms), "standard": list(entry.terms), "sense": entry.sense}
    return {"tag": pack.tag, "domain": entry.domain, **told, "pos": "", "romanised": []}


def _words(value: str) -> list[str]:
    return [part for part in (value.split(";") if ";" in value else value.split()) if part.strip()]
