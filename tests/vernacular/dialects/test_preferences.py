from __future__ import annotations

from typing import Any

import pytest

from vernacular.dialects.preferences import (
    DialectPreferences,
    check_preferences,
    preferences_of,
    with_preferences,
)
from vernacular.errors import BadRequest
from vernacular.tenancy import Tenant


def tenant(**profile: Any) -> Tenant:
    return Tenant("t1", "acme", profile=profile)


class TestPreferencesOf:
    def test_are_the_defaults_where_nobody_set_any(self) -> None:
        found = preferences_of(tenant())
        assert found == DialectPreferences()
        assert (found.answer_in, found.script, found.domains) == ("question", "as_written", None)

    def test_let_the_assistant_win_over_the_tenant_and_the_conversation_over_both(self) -> None:
        kept = tenant(
            dialect={"answer_in": "yue-Hant-HK", "script": "Hant", "detect": False},
            assistants={"shop": {"dialect": {"answer_in": "standard", "script": "Hans"}}},
        )
        assert preferences_of(kept).answer_in == "yue-Hant-HK"
        found = preferences_of(kept, "shop", {"answer_in": "nan-Hant-TW"})
        assert (found.answer_in, found.script, found.detect) == ("nan-Hant-TW", "Hans", False)

    def test_let_a_later_one_set_a_field_back_to_its_default(self) -> None:
        assert preferences_of(tenant(dialect={"expansion": False}), None, {"expansion": True}).expansion

    def test_know_nothing_of_another_assistant(self) -> None:
        kept = tenant(assistants={"shop": {"dialect": {"script": "Hans"}}})
        assert preferences_of(kept, "office").script == "as_written"

    def test_take_the_register_of_the_profile(self) -> None:
        kept = tenant(register="formal", assistants={"shop": {"dialect": {"register": "plain"}}})
        assert preferences_of(kept).register_ == "formal"
        assert preferences_of(kept, "shop").register_ == "plain"

    def test_put_synonyms_together(self) -> None:
        kept = tenant(
            dialect={"synonyms": {"the slip": ["payslip"], "HQ": ["head office"]}},
            assistants={"shop": {"dialect": {"synonyms": {"HQ": ["warehouse"]}}}},
        )
        assert preferences_of(kept, "shop").synonyms == {"the slip": ("payslip",), "HQ": ("warehouse",)}

    @pytest.mark.parametrize("damaged", ["text", 7, [1], {"script": 3}, {"unheard_of": True}, {"domains": "tax"}])
    def test_treat_what_is_damaged_as_absent(self, damaged: Any) -> None:
        assert preferences_of(tenant(dialect=damaged, assistants=damaged, register=damaged)) == DialectPreferences()

    def test_keep_the_sound_fields_beside_a_damaged_one(self) -> None:
        found = preferences_of(tenant(dialect={"script": "Cyrl", "domains": ["tax"]}))
        assert (found.script, found.domains) == ("as_written", ("tax",))


class TestCheckPreferences:
    def test_gives_back_only_what_was_given(self) -> None:
        assert check_preferences({"register": "plain", "domains": ["tax"]}) == {"register": "plain", "domains": ["tax"]}

    @pytest.mark.parametrize(
        "given",
        [
            {"answer_in": "not a tag"},
            {"script": "Latn"},
            {"synonyms": {"a": []}},
            {"synonyms": {" ": ["b"]}},
            {"tone": 1},
        ],
    )
    def test_names_the_field_that_is_wrong(self, given: dict[str, Any]) -> None:
        with pytest.raises(BadRequest, match=f"`{next(iter(given))}"):
            check_preferences(given)


class TestWithPreferences:
    def test_changes_what_is_given_and_leaves_the_rest(self) -> None:
        kept = {"persona": "Rita", "dialect": {"script": "Hans", "detect": False}}
        assert with_preferences(kept, {"script": "Hant"}) == {
            "persona": "Rita",
            "dialect": {"script": "Hant", "detect": False},
        }

    def test_takes_a_field_away(self) -> None:
        assert (
            with_preferences({"dialect": {"script": "Hans"}, "register": "plain"}, {"script": None, "register": None})
            == {}
        )

    def test_keeps_the_tenants_register_in_its_own_place(self) -> None:
        assert with_preferences({}, {"register": "formal"}) == {"register": "formal"}

    def test_keeps_an_assistants_register_with_the_assistant(self) -> None:
        changed = with_preferences({"register": "formal"}, {"register": "plain"}, "shop")
        assert changed == {"register": "formal", "assistants": {"shop": {"dialect": {"register": "plain"}}}}
        assert with_preferences(changed, {"register": None}, "shop") == {"register": "formal"}

    def test_does_not_touch_the_profile_it_was_given(self) -> None:
        kept: dict[str, Any] = {"dialect": {"script": "Hans"}}
        with_preferences(kept, {"script": "Hant"})
        assert kept == {"dialect": {"script": "Hans"}}
