"""What a tenant's assistant may be asked and may say: a pack's rules with the tenant's own changes, as one frozen value."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from vernacular.safety.verdict import Action, Stage

Quotes: TypeAlias = Literal["keep_contact", "keep_all", "redact"]
Links: TypeAlias = Literal["published", "listed", "any"]
GuardMode: TypeAlias = Literal["off", "rules", "closed"]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Category(Part):
    """`action` is what its rules do; `text` names what is said where that is a refusal; `clause`: what it comes from."""

    id: str
    title: str
    action: Action = "decline"
    text: str = "decline"
    clause: str = ""


class Rule(Part):
    """Lists of words that must all stand in one sentence, in any order, at most `within` characters apart.

    Each of `all` is a list's name, several joined by `|`, or two joined by `~` which must be neighbours. One of `unless`
    near by and the rule does not hold. `action` and `text` take the place of the category's. `weight`: of signs of an
    injection, whose sum is the score, instead of an action.
    """

    id: str
    category: str
    all: tuple[str, ...] = Field(min_length=1)
    unless: tuple[str, ...] = ()
    within: int = Field(default=80, ge=1, le=400)
    on: tuple[Stage, ...] = ("prompt",)
    action: Action | None = None
    text: str | None = None
    weight: float = Field(default=0.0, ge=0, le=1)


class Pattern(Part):
    """A regular expression over the folded text (lower case, without accents, Simplified characters, ASCII digits)."""

    id: str
    category: str
    pattern: str
    on: tuple[Stage, ...] = ("prompt", "answer")
    action: Action | None = None


class PiiPolicy(Part):
    """What is done about personal data, by the kinds in `types`.

    `quotes`: in text that stands in the tenant's documents, `keep_contact` leaves telephone numbers, e-mail addresses and
    IBANs as they are and masks the numbers of persons and cards, `keep_all` leaves everything, `redact` nothing. `allow`:
    values that are never personal data, such as the office's own numbers and specimens.
    """

    prompt: Action = "log"
    answer: Action = "redact"
    quotes: Quotes = "keep_contact"
    types: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()


class LinkPolicy(Part):
    """Which addresses an answer may show: those on the list, and unless `listed` those in the tenant's documents; or any."""

    mode: Links = "published"
    allow: tuple[str, ...] = ()


class GuardPolicy(Part):
    """`mode`: without a judgement of the guard model go on by the rules alone (`rules`), or refuse (`closed`)."""

    mode: GuardMode = "rules"
    prompts: bool = True
    answers: bool = False


class Policy(Part):
    """Everything that decides, in force for one tenant. `version` changes whenever any of it does.

    `quotes`: whether rules for answers also judge what stands verbatim in the tenant's documents. `search`: whether what
    the rules refuse in a chat is declined in a search too, or logged. `slots`: the word lists that rules name.
    """

    pack: str
    title: str = ""
    categories: tuple[Category, ...] = ()
    disabled: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    slots: Mapping[str, tuple[str, ...]] = {}
    allow_words: tuple[str, ...] = ()
    pii: PiiPolicy = PiiPolicy()
    links: LinkPolicy = LinkPolicy()
    guard: GuardPolicy = GuardPolicy()
    quotes: Literal["trust", "check"] = "trust"
    search: Literal["log", "decline"] = "log"
    emergency: str = ""
    texts: Mapping[str, Mapping[str, str]] = {}

    def changed(self, **changes: Any) -> Policy:
        """The same but for these fields. (`model_copy` would keep the version.)"""
        return Policy(**{**{name: getattr(self, name) for name in type(self).model_fields}, **changes})

    @functools.cached_property
    def version(self) -> str:
        """16 hexadecimal digits of the SHA-256 of all fields."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    @functools.cached_property
    def by_category(self) -> Mapping[str, Category]:
        return {each.id: each for each in self.categories}

    def action_of(self, category: str, own: Action | None = None) -> Action:
        """`allow` for a category that is switched off."""
        if category in self.disabled:
            return "allow"
        found = self.by_category.get(category)
        return own or (found.action if found else "log")

    def text_of(self, category: str) -> str:
        found = self.by_category.get(category)
        return found.text if found else "decline"

    def summary(self) -> dict[str, Any]:
        """For administrators: everything but the word lists."""
        counts: dict[str, int] = {}
        for category in [*(rule.category for rule in self.rules), *(each.category for each in self.patterns)]:
            counts[category] = counts.get(category, 0) + 1
        return {
            "pack": self.pack,
            "title": self.title,
            "version": self.version,
            "categories": [
                {
                    **each.model_dump(mode="json"),
                    "action": self.action_of(each.id),
                    "enabled": each.id not in self.disabled,
                    "rules": counts.get(each.id, 0),
                }
                for each in self.categories
            ],
            "pii": self.pii.model_dump(mode="json"),
            "links": self.links.model_dump(mode="json"),
            "guard": self.guard.model_dump(mode="json"),
            "quotes": self.quotes,
            "search": self.search,
            "emergency": self.emergency,
            "terms": sum(map(len, self.slots.values())),
        }
