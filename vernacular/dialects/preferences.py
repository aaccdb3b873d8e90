"""What a tenant, an assistant of its and a conversation wish for as to varieties: understood how, answered in what.

`Tenant.profile["dialect"]` holds a tenant's preferences, `Tenant.profile["assistants"][name]["dialect"]` those of an assistant;
the tenant's register stays where it always was, in `Tenant.profile["register"]`. Later ones win field by field: tenant,
assistant, conversation. What is kept in another form than it should have is as if absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from vernacular.errors import BadRequest
from vernacular.tenancy import Tenant

QUESTION: Final = "question"
STANDARD: Final = "standard"
ANY_TAG: Final = r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"
"""BCP 47 in any case, as people write it; packs are found all the same. `question` and `standard` are of this form."""
MAX_SYNONYMS: Final = 2000
MAX_DOMAINS: Final = 50

Register = Literal["", "formal", "plain", "colloquial"]
Script = Literal["as_written", "Hans", "Hant"]
Term = Annotated[str, AfterValidator(str.strip), Field(min_length=1, max_length=100)]


class DialectPreferences(BaseModel):
    """All have defaults, so that what nobody set is what the product does by itself.

    `answer_in`: `question`: the variety asked in, if the tenant declares it or declares none; `standard`: the standard
    language of the variety; else the tag of a variety. `script`: what Chinese answers are shown in; quotes are
    still checked as they are written. `register_` is `register` outside Python (pydantic's models have one already);
    empty: not chosen. `expansion`: whether a question's words are added to. `detect`: whether a variety is told
    from the question; if not, only one that a person chose counts. `domains`: those whose everyday words are looked up;
    None: all. `synonyms`: the tenant's own words → what its documents call the same.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True)

    answer_in: str = Field(default=QUESTION, pattern=ANY_TAG, max_length=35)
    script: Script = "as_written"
    register_: Register = Field(default="", alias="register")
    expansion: bool = True
    domains: tuple[Term, ...] | None = Field(default=None, max_length=MAX_DOMAINS)
    synonyms: dict[Term, Annotated[tuple[Term, ...], Field(min_length=1, max_length=20)]] = Field(
        default_factory=dict, max_length=MAX_SYNONYMS
    )
    detect: bool = True


def preferences_of(
    tenant: Tenant, assistant: str | None = None, conversation: Mapping[str, Any] | None = None
) -> DialectPreferences:
    """What holds for a question to `assistant` in a conversation with the preferences `conversation`.

    A field that a later one leaves out falls through to the one before; synonyms are put together, the later winning.
    """
    profile = tenant.profile
    layers = [
        profile.get("dialect"),
        {"register": profile.get("register")},
        _of_assistant(profile, assistant),
        conversation,
    ]
    merged: dict[str, Any] = {}
    for layer in layers:
        given = _sound(layer)
        if synonyms := given.get("synonyms"):
            given["synonyms"] = {**merged.get("synonyms", {}), **synonyms}
        merged.update(given)
    return DialectPreferences(**merged)


def check_preferences(given: Mapping[str, Any]) -> dict[str, Any]:
    """`given` as JSON that can be kept; only the fields that are in it.

    Raises:
        BadRequest: a field is not one, or its value not one that it takes.
    """
    try:
        return DialectPreferences.model_validate(given).model_dump(mode="json", by_alias=True, exclude_unset=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        wrong = "it is written otherwise" if first["type"] == "string_pattern_mismatch" else first["msg"]
        raise BadRequest(f"The dialect preference `{where}` is not valid: {wrong}.", _hint(where)) from None


def with_preferences(
    profile: Mapping[str, Any], given: Mapping[str, Any], assistant: str | None = None
) -> dict[str, Any]:
    """The profile of a tenant with these fields of its preferences, or those of its `assistant`; None takes a field away.

    Raises:
        BadRequest: a field is not one, or its value not one that it takes.
    """
    removed = {name for name, value in given.items() if value is None}
    checked = check_preferences({name: value for name, value in given.items() if value is not None})
    changed = dict(profile)
    if assistant is None:
        register = {"register": checked.pop("register", None)} if "register" in given else {}
        changed = {name: value for name, value in {**changed, **register}.items() if name not in register or value}
        kept = _sound(profile.get("dialect"))
        return _put(changed, "dialect", _changed(kept, checked, removed))
    assistants = dict(found) if isinstance(found := profile.get("assistants"), Mapping) else {}
    one = dict(known) if isinstance(known := assistants.get(assistant), Mapping) else {}
    one = _put(one, "dialect", _changed(_sound(one.get("dialect")), checked, removed))
    return _put(changed, "assistants", _put(assistants, assistant, one))


def chosen_variety(conversation: Mapping[str, Any]) -> str | None:
    """The tag of the variety that a person chose in a conversation with these preferences; None: none by name."""
    chosen = _sound(conversation).get("answer_in")
    return None if chosen in {None, QUESTION, STANDARD} else str(chosen)


def kept_preferences(profile: Mapping[str, Any], assistant: str | None = None) -> dict[str, Any]:
    """The fields that are set for the tenant, or for its `assistant`, as JSON."""
    if assistant is not None:
        return _sound(_of_assistant(profile, assistant))
    return {**_sound(profile.get("dialect")), **_sound({"register": profile.get("register")})}


def replaced_preferences(
    profile: Mapping[str, Any], given: Mapping[str, Any], assistant: str | None = None
) -> dict[str, Any]:
    """The profile with just these fields set for the tenant, or for its `assistant`.

    Raises:
        BadRequest: a field is not one, or its value not one that it takes.
    """
    before = dict.fromkeys(kept_preferences(profile, assistant))
    return with_preferences(profile, {**before, **given}, assistant)


def _changed(kept: Mapping[str, Any], given: Mapping[str, Any], removed: set[str]) -> dict[str, Any]:
    return {name: value for name, value in {**kept, **given}.items() if name not in removed}


def _put(holder: Mapping[str, Any], name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """`holder` with `value` under `name`, or without that name where the value is empty."""
    changed = {**holder, name: dict(value)}
    if not value:
        del changed[name]
    return changed


def _of_assistant(profile: Mapping[str, Any], assistant: str | None) -> Any:
    assistants = profile.get("assistants")
    found = assistants.get(assistant) if isinstance(assistants, Mapping) and assistant else None
    return found.get("dialect") if isinstance(found, Mapping) else None


def _sound(layer: Any) -> dict[str, Any]:
    """The fields of a layer that are what they should be, each judged by itself."""
    if not isinstance(layer, Mapping):
        return {}
    found: dict[str, Any] = {}
    for name, value in layer.items():
        try:
            found.update(check_preferences({str(name): value}))
        except BadRequest:
            continue
    return found


def _hint(field: str) -> str:
    hints = {
        "answer_in": "Write `question`, `standard` or a BCP 47 tag such as yue-Hant-HK.",
        "script": "Write `as_written`, `Hans` or `Hant`.",
        "register": "Write `formal`, `plain` or `colloquial`.",
    }
    known = ", ".join(field.alias or name for name, field in DialectPreferences.model_fields.items())
    return hints.get(field, f"Preferences are {known}.")
