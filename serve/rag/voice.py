"""How a tenant's assistant speaks: persona, register, its own terms, and the variety it answers in by its dialect pack.

`Tenant.profile` holds them under `persona` and `instructions` (texts, whose versions `vernacular.prompt_versions` keeps), `register`
(`formal`, `plain`, `colloquial`) and `glossary` (a table of term → meaning); `models` names the model of each variety (see
`model_for`).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

from serve.rag.tokens import estimate
from vernacular.dialects.registry import built_in
from vernacular.tenancy import Tenant
from vernacular.types import Understanding

REGISTERS: Final = ("formal", "plain", "colloquial")
_MOST_EXAMPLES: Final = 5
_MOST_TERMS: Final = 40
"""Terms of a glossary that all go into every prompt; of a longer one only those that are spoken of do."""

_OWN: Final = "The organisation asks this of your answers. Where it goes against the rules below, they hold:"


@dataclass(frozen=True, slots=True)
class Voice:
    """`dialect` is the BCP 47 tag of the answer; `name` is whose assistant it is. `glossary`: (term, meaning).

    `instructions`: what else the tenant asks of written answers.
    """

    dialect: str
    name: str = ""
    persona: str = ""
    register: str = ""
    glossary: tuple[tuple[str, str], ...] = ()
    instructions: str = ""


def voice_of(tenant: Tenant, dialect: str, register: str = "") -> Voice:
    """The tenant's voice in the variety `dialect`; what the profile holds in another form is as if absent.

    `register`: that of the assistant or the conversation, instead of the tenant's.
    """
    profile = tenant.profile
    register = register or str(profile.get("register") or "")
    return Voice(
        dialect,
        tenant.display_name or tenant.slug,
        _text(profile.get("persona")),
        register if register in REGISTERS else "",
        _terms(profile.get("glossary")),
        _text(profile.get("instructions")),
    )


def answer_dialect(tenant: Tenant, understanding: Understanding) -> str:
    """The variety to answer in: the one asked for or detected, else the tenant's own variety of the question's language."""
    if understanding.dialect:
        return understanding.dialect
    code, _, script = understanding.language.partition("-")
    own = (tag for tag in tenant.dialects if tag.partition("-")[0] == code and (not script or script in tag.split("-")))
    return next(own, understanding.language)


def model_for(tenant: Tenant, dialect: str) -> str | None:
    """The model that answers in `dialect`: the profile's `models`, by the longest prefix of the tag, else `default`."""
    models = tenant.profile.get("models")
    if isinstance(models, str):
        return models or None
    if not isinstance(models, Mapping):
        return None
    parts = dialect.split("-")
    tags = ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]
    found = next((models[tag] for tag in (*tags, "default") if models.get(tag)), None)
    return str(found) if found else None


def language_instruction(dialect: str) -> str:
    """One sentence that tells a model which language, variety and script to answer in."""
    if name := language_name(dialect):
        return f"Answer in {name}."
    return "Answer in the language of the question."


def language_name(dialect: str) -> str:
    """What a model knows a variety by, with its script; empty where we have no name for it."""
    pack = built_in().find(dialect)
    if pack is not None and pack.style.name and pack.manifest.standard:
        return pack.style.name
    parts = dialect.split("-")
    table = _table()
    names = (table["names"].get("-".join(parts[:length])) for length in range(len(parts), 0, -1))
    name = next((name for name in names if name), pack.style.name if pack else "")
    script = next((table["scripts"][part] for part in parts[1:] if part in table["scripts"]), "")
    return f"{name}, in {script}" if name and script and script not in name else name


def variety_instruction(dialect: str, room: int | None = None) -> str:
    """How the variety is written, by its pack: a guide, what stays in official wording, and examples; empty for others.

    `room`: tokens that it may take; the examples are left out where they go past it, and all of it where that is not enough.
    """
    pack = built_in().find(dialect)
    if pack is None or not pack.manifest.standard or not pack.style.guide:
        return ""
    style = pack.style
    lines = [f"- Write {style.name}:", *_indented(style.guide)]
    if style.keep:
        lines += ["- Leave in official wording:", *_indented(style.keep)]
    pairs = [(each.get("standard", ""), each.get("variety", "")) for each in style.examples[:_MOST_EXAMPLES]]
    examples = [f"  {standard} → {variety}" for standard, variety in pairs if standard and variety]
    texts = ("\n".join(part) for part in ([*lines, *examples], lines))
    return next((text for text in texts if room is None or estimate(text) <= room), "")


def register_instruction(register: str, dialect: str = "") -> str:
    """How formal an answer is to be, in the words of the variety's pack where it has some."""
    general = _table()["registers"].get(register, "")
    pack = built_in().find(dialect) if general and dialect else None
    own = pack.style.registers.get(register, "") if pack and pack.manifest.standard else ""
    return f"{general} {own}" if own else general


def _indented(text: str) -> list[str]:
    return [f"  {line.strip()}" for line in text.splitlines() if line.strip()]


def glossary_instruction(voice: Voice, texts: str) -> str:
    """The tenant's own terms as lines of a prompt; of a long glossary those that stand in `texts`."""
    terms = voice.glossary
    if len(terms) > _MOST_TERMS:
        folded = texts.casefold()
        terms = tuple(entry for entry in terms if entry[0].casefold() in folded)[:_MOST_TERMS]
    if not terms:
        return ""
    lines = [f"  {term}: {meaning}" if meaning else f"  {term}" for term, meaning in terms]
    return "\n".join(("- Use these terms:", *lines))


def own_instructions(text: str, room: int | None = None) -> str:
    """What the tenant asks of written answers, below the product's own rules; `room`: tokens, past which lines are left out."""
    lines: list[str] = []
    for line in _indented(text):
        if room is not None and estimate("\n".join([_OWN, *lines, line])) > room:
            break
        lines.append(line)
    return "\n".join([_OWN, *lines]) if lines else ""


def _text(kept: Any) -> str:
    return kept if isinstance(kept, str) else ""


def _terms(glossary: Any) -> tuple[tuple[str, str], ...]:
    if isinstance(glossary, Mapping):
        return tuple((str(term), str(meaning or "")) for term, meaning in glossary.items())
    return ()


@functools.cache
def _table() -> dict[str, dict[str, str]]:
    text = resources.files("serve.prompts").joinpath("dialects.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = json.loads(text)
    return found
