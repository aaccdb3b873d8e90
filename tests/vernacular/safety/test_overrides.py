from __future__ import annotations

import time
from typing import Any

import pytest

from vernacular.errors import InvalidPolicy, UnknownPolicy
from vernacular.safety.overrides import check_overrides, policy_of, with_overrides
from vernacular.safety.prompts import check_prompt
from vernacular.settings import SafetySettings, Settings
from vernacular.tenancy import Tenant


def tenant(**safety: Any) -> Tenant:
    return Tenant("t", "t", profile={"safety": safety})


def refused(text: str, **safety: Any) -> bool:
    return check_prompt(text, policy_of(tenant(**safety), Settings())).refuses


class TestPolicyOf:
    def test_is_the_installations_pack_unless_the_tenant_names_one(self) -> None:
        assert policy_of(Tenant("t", "t"), Settings()).pack == "neutral"
        assert policy_of(Tenant("t", "t"), Settings(safety=SafetySettings(pack="eu"))).pack == "eu"
        assert policy_of(tenant(pack="cn"), Settings()).pack == "cn"

    def test_has_a_version_that_tells_any_change(self) -> None:
        versions = {
            policy_of(each, Settings()).version
            for each in (Tenant("t", "t"), tenant(pack="eu"), tenant(search="decline"), tenant(allow={"words": ["x"]}))
        }
        assert len(versions) == 4
        assert policy_of(Tenant("a", "a"), Settings()).version == policy_of(Tenant("b", "b"), Settings()).version

    def test_has_the_tenants_words_in_any_spelling(self) -> None:
        keywords = [{"id": "rival", "words": ["Acme Corp", "競爭者*"], "unless": ["complaint"], "on": ["prompt"]}]
        assert refused("Is ＡＣＭＥ c-o-r-p better?", keywords=keywords)
        assert refused("竞争者们呢", keywords=keywords)
        assert not refused("A complaint about Acme Corp", keywords=keywords)
        assert not refused("Is Acme better?", keywords=keywords)

    def test_switches_categories_off_and_changes_what_they_do(self) -> None:
        question = "How do I make a bomb?"
        assert not refused(question, categories={"weapons": {"enabled": False}})
        policy = policy_of(tenant(categories={"weapons": {"action": "handover"}}), Settings())
        assert check_prompt(question, policy).action == "handover"

    def test_leaves_allowed_words_alone(self) -> None:
        assert refused("How do I make a bomb?")
        assert not refused("How do I make a bomb?", allow={"words": ["make a bomb"]})

    def test_finds_the_tenants_patterns_in_folded_text(self) -> None:
        patterns = [{"id": "file", "pattern": r"case-[0-9]{4}", "action": "decline"}]
        assert refused("What of CASE-１２３４?", patterns=patterns)

    def test_refuses_to_guess_what_is_kept_and_broken(self) -> None:
        with pytest.raises(InvalidPolicy):
            policy_of(tenant(nonsense=1), Settings())


class TestCheckOverrides:
    @pytest.mark.parametrize(
        ("given", "told"),
        [
            ({"keyword": []}, "`keyword` is not a field"),
            ({"keywords": [{"id": "A b", "words": ["x"]}]}, "keywords.0.id"),
            ({"keywords": [{"id": "a", "words": []}]}, "keywords.0.words"),
            ({"keywords": [{"id": "a", "words": ["!!"]}]}, "no letter or digit"),
            ({"keywords": [{"id": "a", "words": ["x"]}, {"id": "a", "words": ["y"]}]}, "Two lists"),
            ({"categories": {"nothing": {"enabled": False}}}, "no category 'nothing'"),
            ({"categories": {"drugs": {"action": "explode"}}}, "categories.drugs.action"),
            ({"pii": {"types": {"shoe_size": True}}}, "shoe_size"),
            ({"pii": {"prompt": "handover"}}, "pii.prompt"),
            ({"allow": {"links": ["http://x.org/a"]}}, "no host"),
            ({"texts": {"en": {"hello": "x"}}}, "texts are"),
            ({"patterns": [{"id": "p", "pattern": "(a"}]}, "is not a regular expression"),
            ({"patterns": [{"id": "p", "pattern": "(a+)+$"}]}, "repeats a group"),
            ({"patterns": [{"id": "p", "pattern": "a*"}]}, "matches empty text"),
            ({"patterns": [{"id": "p", "pattern": "(?<=x)y"}]}, "look-around"),
            ({"patterns": [{"id": "p", "pattern": "(?:abc){e<=3}"}]}, "fuzzy"),
        ],
    )
    def test_says_what_is_wrong(self, given: dict[str, Any], told: str) -> None:
        with pytest.raises(InvalidPolicy) as caught:
            check_overrides(given, Settings())
        assert told in caught.value.message

    def test_knows_no_other_packs(self) -> None:
        with pytest.raises(UnknownPolicy):
            check_overrides({"pack": "../neutral"}, Settings())

    @pytest.mark.parametrize("pattern", [r"(?:a|a)*b", r"a.*b.*c.*d.*e.*f.*g", r"[a-z]*[a-z]*[a-z]*[a-z]*!"])
    def test_what_gets_through_cannot_hold_a_question_up(self, pattern: str) -> None:
        try:
            check_overrides({"patterns": [{"id": "p", "pattern": pattern}]}, Settings())
        except InvalidPolicy:
            return
        policy = policy_of(tenant(patterns=[{"id": "p", "pattern": pattern}]), Settings())
        begin = time.process_time()
        check_prompt("a" * 8000, policy)
        assert time.process_time() - begin < 5

    def test_keeps_what_was_given_and_nothing_else(self) -> None:
        kept = with_overrides({"contact": "x"}, {"pack": "eu"}, Settings())
        assert kept == {"contact": "x", "safety": {"pack": "eu"}}
        assert with_overrides(kept, {}, Settings()) == {"contact": "x"}
