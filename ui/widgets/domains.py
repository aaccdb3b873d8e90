"""The fields whose everyday words are looked up, and where a word that is added to a question was found."""

from __future__ import annotations

from typing import Final

from ui.i18n import N_, Strings
from ui.widgets.language_choice import native_name

DOMAINS: Final = {
    "animals_food": N_("Animals and food"),
    "business": N_("Business"),
    "consumer": N_("Consumers"),
    "delivery": N_("Delivery"),
    "disaster": N_("Disasters"),
    "education": N_("Education"),
    "elections": N_("Elections"),
    "environment": N_("Environment"),
    "family": N_("Family"),
    "finance": N_("Finance"),
    "general": N_("General"),
    "government": N_("Government"),
    "health": N_("Health"),
    "housing": N_("Housing"),
    "immigration": N_("Immigration"),
    "information": N_("Information"),
    "justice": N_("Justice"),
    "labour": N_("Labour"),
    "land": N_("Land"),
    "military": N_("Military"),
    "payment": N_("Payment"),
    "procedure": N_("Procedures"),
    "products": N_("Products"),
    "public_order": N_("Public order"),
    "returns": N_("Returns"),
    "sizes": N_("Sizes"),
    "tax": N_("Taxes"),
    "traffic": N_("Traffic"),
    "welfare": N_("Welfare"),
}
_KINDS: Final = {
    "lexicon": N_("Dialect dictionary"),
    "domain": N_("Everyday words"),
    "glossary": N_("Your own words"),
    "numeral": N_("Numbers"),
    "romanised": N_("Written in Latin letters"),
    "spelling": N_("Spelling"),
    "model": N_("Proposed by a model"),
}
_SOURCES: Final = {
    "documents": N_("words of your documents"),
    "names": N_("names"),
    "readings": N_("sound"),
    "sound": N_("sound"),
    "letters": N_("letters"),
    "transliteration": N_("letters"),
    "french": N_("French spelling"),
}


def domain_name(strings: Strings, domain: str) -> str:
    """The gateway's own name where there are no words for it: a pack of an operator's may have any."""
    return strings.text(DOMAINS[domain]) if domain in DOMAINS else domain


def source_name(strings: Strings, kind: str, source: str) -> str:
    """`kind` and `source` as the gateway tells them of an expansion: the source may be a tag, or a tag and a field."""
    tag, _, domain = source.partition("/")
    named = strings.text(_SOURCES[source]) if source in _SOURCES else native_name(tag)
    said = [strings.text(_KINDS[kind]) if kind in _KINDS else kind, named]
    return " · ".join(part for part in (*said, domain_name(strings, domain)) if part)
