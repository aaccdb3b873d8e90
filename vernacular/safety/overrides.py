"""A tenant's own changes to its pack: `profile["safety"]`, checked before it is kept, and the policy that comes of it."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any, Final, Literal

import regex
from pydantic import Field, ValidationError, field_validator

from vernacular.errors import InvalidPolicy
from vernacular.safety.folding import fold_term
from vernacular.safety.patterns import check_pattern
from vernacular.safety.pii.kinds import titles
from vernacular.safety.policy import Category, GuardPolicy, Links, Part, Pattern, PiiPolicy, Policy, Quotes, Rule
from vernacular.safety.registry import pack
from vernacular.safety.texts import TEXTS
from vernacular.safety.verdict import Action, Stage
from vernacular.settings import Settings
from vernacular.tenancy import Tenant

KEY: Final = "safety"
MAX_LISTS, MAX_WORDS, MAX_PATTERNS, MAX_CHARS = 100, 5000, 50, 200
_HOST: Final = regex.compile(r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9-]{1,63}")
_URL: Final = regex.compile(r"https?://[^\s/]+", regex.IGNORECASE)


class CategoryChange(Part):
    enabled: bool = True
    action: Action | None = None


class KeywordList(Part):
    """Words and phrases of the tenant's, in any spelling; `word*` also finds longer words. A new `category` comes to be."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,59}$")
    category: str = Field(default="own", pattern=r"^[a-z0-9][a-z0-9._-]{0,59}$")
    words: tuple[str, ...] = Field(min_length=1, max_length=MAX_WORDS)
    unless: tuple[str, ...] = Field(default=(), max_length=MAX_WORDS)
    on: tuple[Stage, ...] = Field(default=("prompt", "answer"), min_length=1)
    action: Action = "decline"

    @field_validator("words", "unless")
    @classmethod
    def _say_something(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        for word in words:
            if len(word) > MAX_CHARS:
                raise ValueError(f"has a word of more than {MAX_CHARS} characters")
            if not fold_term(word.rstrip("*")):
                raise ValueError(f"has the word {word[:40]!r}, which holds no letter or digit")
        return words


class PatternChange(Part):
    """A regular expression over the folded text; what can take long is refused."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,59}$")
    category: str = Field(default="own", pattern=r"^[a-z0-9][a-z0-9._-]{0,59}$")
    pattern: str = Field(min_length=2, max_length=MAX_CHARS)
    on: tuple[Stage, ...] = Field(default=("prompt", "answer"), min_length=1)
    action: Action = "decline"

    @field_validator("pattern")
    @classmethod
    def _is_safe(cls, pattern: str) -> str:
        check_pattern(pattern)
        return pattern


class Allowed(Part):
    """`words`: phrases that are never taken for something else; `pii`: numbers and addresses that are the office's own;
    `links`: hosts that answers may name, `*.example.org` with all below it."""

    words: tuple[str, ...] = Field(default=(), max_length=MAX_WORDS)
    pii: tuple[str, ...] = Field(default=(), max_length=MAX_WORDS)
    links: tuple[str, ...] = Field(default=(), max_length=1000)

    @field_validator("links")
    @classmethod
    def _are_hosts(cls, links: tuple[str, ...]) -> tuple[str, ...]:
        for link in links:
            if not _HOST.fullmatch(link.lower()):
                raise ValueError(f"has {link[:80]!r}, which is no host such as example.org or *.example.org")
        return tuple(link.lower() for link in links)


class PiiChange(Part):
    prompt: Action | None = None
    answer: Action | None = None
    quotes: Quotes | None = None
    types: dict[str, bool] = Field(default={}, description="Kinds of personal data → whether they are looked for.")

    @field_validator("types")
    @classmethod
    def _are_kinds(cls, types: dict[str, bool]) -> dict[str, bool]:
        for name in types:
            if name not in titles():
                raise ValueError(f"has {name[:40]!r}; kinds are {', '.join(sorted(titles()))}")
        return types

    @field_validator("prompt", "answer")
    @classmethod
    def _is_possible(cls, action: Action | None) -> Action | None:
        if action == "handover":
            raise ValueError("takes allow, log, redact or decline")
        return action


class SafetyOverrides(Part):
    """What a tenant changes. Everything may be left out."""

    pack: str = ""
    categories: dict[str, CategoryChange] = Field(default={})
    keywords: tuple[KeywordList, ...] = Field(default=(), max_length=MAX_LISTS)
    patterns: tuple[PatternChange, ...] = Field(default=(), max_length=MAX_PATTERNS)
    allow: Allowed = Allowed()
    pii: PiiChange = PiiChange()
    links: Links | None = None
    quotes: Literal["trust", "check"] | None = None
    search: Literal["log", "decline"] | None = None
    guard: GuardPolicy | None = None
    emergency: str | None = Field(default=None, max_length=MAX_CHARS)
    texts: dict[str, dict[str, str]] = Field(default={}, description="Language → name → what is said instead.")

    @field_validator("texts")
    @classmethod
    def _are_texts(cls, texts: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        for language, said in texts.items():
            for name, text in said.items():
                if name not in TEXTS:
                    raise ValueError(f"has {name[:40]!r} under {language[:40]}; texts are {', '.join(TEXTS)}")
                if not text.strip() or len(text) > 2000:
                    raise ValueError(f"has a text {name!r} that is empty or longer than 2,000 characters")
        return texts


def check_overrides(given: Mapping[str, Any], settings: Settings) -> SafetyOverrides:
    """
    Raises:
        InvalidPolicy: a field is not one, or its value is not one that it takes; the message names it.
        UnknownPolicy: the pack is not there.
    """
    try:
        found = SafetyOverrides.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        wrong = str(first.get("ctx", {}).get("error") or first["msg"]).rstrip(".")
        if first["type"] == "extra_forbidden":
            wrong = "is not a field of a safety policy"
        elif first["type"] != "value_error":
            wrong = f"is not valid ({wrong[:1].lower()}{wrong[1:]})"
        raise InvalidPolicy(f"`{where}` {wrong}.", "docs/safety.md describes every field.") from None
    base = pack(found.pack or settings.safety.pack)
    if unknown := sorted(set(found.categories) - set(base.by_category) - {each.category for each in _own(found)}):
        raise InvalidPolicy(
            f"The pack {base.pack} has no category {unknown[0][:80]!r}.",
            f"Categories are {', '.join(base.by_category)}.",
        )
    ids = [each.id for each in _own(found)]
    if twice := next((each for each in ids if ids.count(each) > 1), None):
        raise InvalidPolicy(f"Two lists or patterns are named {twice!r}.", "Give each an `id` of its own.")
    return found


def policy_of(tenant: Tenant, settings: Settings) -> Policy:
    """The policy in force for a tenant: its pack, its own changes, and its contact, which is never personal data.

    Raises:
        UnknownPolicy, InvalidPolicy: what is kept for the tenant names a pack that is not installed any more.
    """
    kept = tenant.profile.get(KEY)
    given = kept if isinstance(kept, Mapping) else {}
    contact = contact_values(tenant.profile.get("contact"))
    return _policy(json.dumps(given, sort_keys=True, ensure_ascii=False), contact, settings.safety.pack)


def preview(given: Mapping[str, Any], tenant: Tenant, settings: Settings) -> Policy:
    """The policy that the tenant would have with these changes instead of its own.

    Raises:
        InvalidPolicy, UnknownPolicy: as `check_overrides`.
    """
    return _applied(
        check_overrides(given, settings), contact_values(tenant.profile.get("contact")), settings.safety.pack
    )


def contact_values(contact: Any) -> tuple[str, ...]:
    """The parts of a tenant's contact: a text, or a table of name, phone, e-mail …"""
    if isinstance(contact, Mapping):
        return tuple(part for value in contact.values() for part in contact_values(value))
    if isinstance(contact, list | tuple):
        return tuple(part for value in contact for part in contact_values(value))
    return (str(contact),) if contact else ()


@functools.lru_cache(maxsize=256)
def _policy(given: str, contact: tuple[str, ...], default: str) -> Policy:
    return _applied(_kept(json.loads(given)), contact, default)


def _kept(given: Mapping[str, Any]) -> SafetyOverrides:
    try:
        return SafetyOverrides.model_validate(given)
    except ValidationError:
        raise InvalidPolicy(
            "The safety policy that is kept for this tenant is not valid.", "Set it anew: `vernacular safety set`."
        ) from None


def _applied(changes: SafetyOverrides, contact: tuple[str, ...], default: str) -> Policy:
    base = pack(changes.pack or default)
    own = _own(changes)
    categories = {each.id: each for each in base.categories}
    for each in own:
        categories.setdefault(each.category, Category(id=each.category, title=each.category))
    for name, change in changes.categories.items():
        if name in categories and change.action:
            categories[name] = categories[name].model_copy(update={"action": change.action})
    actions = {name: change.action for name, change in changes.categories.items() if change.action}
    rules = [
        rule.model_copy(update={"action": actions[rule.category], "text": None}) if rule.category in actions else rule
        for rule in base.rules
    ]
    slots = dict(base.slots)
    for listed in changes.keywords:
        slots[f"own.{listed.id}"] = listed.words
        slots[f"own.{listed.id}.unless"] = listed.unless
        rules.append(
            Rule(
                id=f"own.{listed.id}",
                category=listed.category,
                all=(f"own.{listed.id}",),
                unless=(f"own.{listed.id}.unless",),
                on=listed.on,
                action=listed.action,
            )
        )
    return base.changed(
        categories=tuple(categories.values()),
        disabled=tuple(sorted(name for name, change in changes.categories.items() if not change.enabled)),
        rules=tuple(rules),
        slots=slots,
        patterns=(*base.patterns, *(_pattern(each) for each in changes.patterns)),
        allow_words=(*base.allow_words, *changes.allow.words),
        pii=_pii(base.pii, changes, contact),
        links=base.links.model_copy(
            update={
                "mode": changes.links or base.links.mode,
                "allow": (*base.links.allow, *changes.allow.links, *_hosts(contact)),
            }
        ),
        quotes=changes.quotes or base.quotes,
        search=changes.search or base.search,
        guard=changes.guard or base.guard,
        emergency=base.emergency if changes.emergency is None else changes.emergency,
        texts=changes.texts,
    )


def _own(changes: SafetyOverrides) -> tuple[KeywordList | PatternChange, ...]:
    return (*changes.keywords, *changes.patterns)


def _pattern(change: PatternChange) -> Pattern:
    return Pattern(
        id=f"own.{change.id}", category=change.category, pattern=change.pattern, on=change.on, action=change.action
    )


def _pii(base: PiiPolicy, changes: SafetyOverrides, contact: tuple[str, ...]) -> PiiPolicy:
    given = changes.pii
    types = [each for each in base.types if given.types.get(each, True)]
    types += [name for name, wanted in given.types.items() if wanted and name not in types]
    return PiiPolicy(
        prompt=given.prompt or base.prompt,
        answer=given.answer or base.answer,
        quotes=given.quotes or base.quotes,
        types=tuple(types),
        allow=(*base.allow, *changes.allow.pii, *contact),
    )


def _hosts(contact: tuple[str, ...]) -> tuple[str, ...]:
    """The hosts that a contact names: those of its web addresses and e-mail addresses."""
    found = [each.group().partition("//")[2].rpartition("@")[2] for part in contact for each in _URL.finditer(part)]
    found += [word.rpartition("@")[2] for part in contact for word in part.split() if "@" in word]
    return tuple(dict.fromkeys(host.lower().strip(".,;:()") for host in found if host))


def kept_overrides(profile: Mapping[str, Any]) -> dict[str, Any]:
    """What is set for a tenant, as JSON."""
    kept = profile.get(KEY)
    return dict(kept) if isinstance(kept, Mapping) else {}


def with_overrides(profile: Mapping[str, Any], given: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """The profile with these changes in place of those that it has; none: the pack as it comes.

    Raises:
        InvalidPolicy, UnknownPolicy: as `check_overrides`.
    """
    checked = check_overrides(given, settings).model_dump(mode="json", exclude_unset=True, exclude_defaults=True)
    changed = {**profile, KEY: checked}
    if not checked:
        del changed[KEY]
    return changed
