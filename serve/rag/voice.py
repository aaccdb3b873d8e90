"""How a tenant's assistant speaks: persona, register, its own terms, and the variety it answers in.

`Tenant.profile` holds them under `persona` (text), `register` (`formal`, `plain`, `colloquial`) and `glossary` (a table of
term → meaning); `models` names the model of each variety (see `model_for`).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

from vernacular.tenancy import Tenant
from vernacular.types import Understanding

REGISTERS: Final = ("formal", "plain", "colloquial")
_MOST_TERMS: Final = 40
"""Terms of a glossary that all go into every prompt; of a longer one only those that are spoken of do."""


@dataclass(frozen=True, slots=True)
class Voice:
    """`dialect` is the BCP 47 tag of the answer; `name` is whose assistant it is. `glossary`: (term, meaning)."""

    dialect: str
    name: str = ""
    persona: str = ""
    register: str = ""
    glossary: tuple[tuple[str, str], ...] = ()


def voice_of(tenant: Tenant, dialect: str) -> Voice:
    """The tenant's voice in the variety `dialect`; what the profile holds in another form is as if absent."""
    profile = tenant.profile
    register = profile.get("register")
    return Voice(
        dialect,
        tenant.display_name or tenant.slug,
        persona if isinstance(persona := profile.get("persona"), str) else "",
        register if register in REGISTERS else "",
        _terms(profile.get("glossary")),
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
    parts = dialect.split("-")
    table = _table()
    for length in range(len(parts), 0, -1):
        if name := table["names"].get("-".join(parts[:length])):
            break
    else:
        return "Answer in the language of the question."
    script = next((table["scripts"][part] for part in parts[1:] if part in table["scripts"]), "")
    if script and script not in name:
        name = f"{name}, in {script}"
    return f"Answer in {name}."


def register_instruction(register: str) -> str:
    return _table()["registers"].get(register, "")


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


def _terms(glossary: Any) -> tuple[tuple[str, str], ...]:
    if isinstance(glossary, Mapping):
        return tuple((str(term), str(meaning or "")) for term, meaning in glossary.items())
    return ()


@functools.cache
def _table() -> dict[str, dict[str, str]]:
    text = resources.files("serve.prompts").joinpath("dialects.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = json.loads(text)
    return found
