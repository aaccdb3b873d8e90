"""A model that judges prompts and answers, behind an OpenAI-style endpoint: Llama Guard and its kin, or any that says so in JSON."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx
import regex

from vernacular.safety.policy import Policy
from vernacular.safety.verdict import Finding
from vernacular.settings import GuardModelSettings

GUARD: Final = "guard"
UNAVAILABLE: Final = "guard.unavailable"
_MOST_CHARS: Final = 16_000
_MOST_REPLY: Final = 64_000
_CODES: Final[Mapping[str, str]] = {
    "s1": "violence", "s2": "crime", "s3": "sexual", "s4": "minors", "s5": "hate", "s6": "guard", "s7": "privacy", "s8": "guard",
    "s9": "weapons", "s10": "hate", "s11": "self_harm", "s12": "sexual", "s13": "guard", "s14": "cybercrime",
    "violent": "violence", "violent crimes": "violence", "violence": "violence", "non-violent illegal acts": "crime",
    "non-violent crimes": "crime", "sexual content or sexual acts": "sexual", "sexual content": "sexual", "sexual": "sexual",
    "sex-related crimes": "sexual", "child sexual exploitation": "minors", "sexual/minors": "minors", "pii": "privacy",
    "privacy": "privacy", "indiscriminate weapons": "weapons", "weapons": "weapons", "hate": "hate", "suicide": "self_harm",
    "suicide & self-harm": "self_harm", "suicide & self harm": "self_harm", "self-harm": "self_harm", "self_harm": "self_harm",
    "jailbreak": "guard", "code interpreter abuse": "cybercrime",
}  # fmt: skip
"""Categories of Llama Guard 3 (MLCommons' hazards), Qwen3Guard and OpenAI's moderation, as those of a policy."""
_QWEN: Final = regex.compile(r"safety:\s*(safe|unsafe|controversial)(?:.*?categor(?:y|ies):\s*([^\n]*))?", regex.DOTALL)
_LLAMA: Final = regex.compile(r"\s*(safe|unsafe|yes|no)\b[\s:,.]*([^\n]*)")


@dataclass(frozen=True, slots=True)
class Judgement:
    """`categories`: the model's own names, in lower case."""

    safe: bool
    categories: tuple[str, ...] = ()


class GuardUnavailable(Exception):
    """The guard model did not judge: it is out of reach, too slow, or what it says cannot be read."""


class GuardModel:
    """One a process. Nothing is opened before the first judgement."""

    def __init__(self, settings: GuardModelSettings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._settings = settings
        self._transport = transport
        self._client: httpx.AsyncClient | None = None

    @property
    def configured(self) -> bool:
        return bool(self._settings.url)

    async def judge(self, prompt: str, answer: str | None = None) -> Judgement:
        """What it says of a prompt, or of the answer to it, within the setting's seconds.

        Raises:
            GuardUnavailable: it says nothing that can be read in that time.
        """
        messages = [{"role": "user", "content": prompt[:_MOST_CHARS]}]
        if answer is not None:
            messages.append({"role": "assistant", "content": answer[:_MOST_CHARS]})
        body = {"model": self._settings.model, "messages": messages, "temperature": 0, "max_tokens": 64}
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                response = await self._open().post("/chat/completions", json=body)
                response.raise_for_status()
                said = response.json()["choices"][0]["message"]["content"]
        except (TimeoutError, httpx.HTTPError, ValueError, KeyError, IndexError, TypeError) as error:
            raise GuardUnavailable(type(error).__name__) from error
        judgement = read_judgement(str(said)[:_MOST_REPLY])
        if judgement is None:
            raise GuardUnavailable("unreadable")
        return judgement

    async def finding(self, policy: Policy, prompt: str, answer: str | None = None) -> Finding | None:
        """What the policy makes of its judgement; None: nothing. Without one the tenant's choice holds: go on by the rules, or
        refuse."""
        wanted = policy.guard.prompts if answer is None else policy.guard.answers
        if not self.configured or policy.guard.mode == "off" or not wanted or GUARD in policy.disabled:
            return None
        try:
            judgement = await self.judge(prompt, answer)
        except GuardUnavailable:
            action = policy.action_of(GUARD) if policy.guard.mode == "closed" else "log"
            return Finding(GUARD, UNAVAILABLE, action, (), policy.text_of(GUARD))
        return None if judgement.safe else _finding(policy, judgement.categories)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            key = self._settings.api_key.get_secret_value() if self._settings.api_key else ""
            self._client = httpx.AsyncClient(
                base_url=self._settings.url.rstrip("/"),
                headers={"Authorization": f"Bearer {key}"} if key else {},
                timeout=self._settings.timeout_s,
                transport=self._transport,
                trust_env=False,
            )
        return self._client


def read_judgement(said: str) -> Judgement | None:
    """`safe` or `unsafe` with codes below it, `Safety: …`, or a JSON object; None: none of these."""
    text = said.strip().lower()
    begin, end = text.find("{"), text.rfind("}")
    if 0 <= begin < end:
        try:
            found = json.loads(text[begin : end + 1])
        except ValueError:
            return None
        return _from_json(found) if isinstance(found, dict) else None
    if stated := _QWEN.search(text):
        return Judgement(stated[1] != "unsafe", _names((stated[2] or "").replace("none", "").split(",")))
    if told := _LLAMA.match(text):
        rest = text[told.end(1) :]
        return Judgement(told[1] in {"safe", "no"}, _names(regex.split(r"[\s,;]+", rest)))
    return None


def _from_json(found: Mapping[str, Any]) -> Judgement | None:
    listed: Any = found.get("categories", found.get("category", found.get("violated_policies", ())))
    if isinstance(listed, Mapping):
        listed = [name for name, holds in listed.items() if holds is True]
    names = _names([listed] if isinstance(listed, str) else listed if isinstance(listed, Sequence) else ())
    for key, unsafe in (("flagged", True), ("unsafe", True), ("violation", True), ("is_safe", False), ("safe", False)):
        if isinstance(found.get(key), bool):
            return Judgement(found[key] is not unsafe, names)
    told = str(found.get("verdict", found.get("result", found.get("label", found.get("safety", "")))))
    if told in {"safe", "unsafe", "allow", "block"}:
        return Judgement(told in {"safe", "allow"}, names)
    return None


def _names(parts: Sequence[Any]) -> tuple[str, ...]:
    return tuple(name for part in parts if (name := str(part).strip(" .\t")))


def _finding(policy: Policy, categories: Sequence[str]) -> Finding:
    """By the first category that the policy has too and that is switched on; else as the guard's own."""
    rule = f"guard.{categories[0] if categories else 'unsafe'}"[:60]
    for name in categories:
        category = _CODES.get(name, GUARD)
        if category in policy.by_category and category != GUARD:
            return Finding(category, rule, policy.action_of(category), (), policy.text_of(category))
    return Finding(GUARD, rule, policy.action_of(GUARD), (), policy.text_of(GUARD))
