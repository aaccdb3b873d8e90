from __future__ import annotations

import unicodedata
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field

from serve.operator.schemas import Language
from serve.validation import RequestModel
from vernacular.colours import HEX, READABLE, WHITE, contrast, readable_under

MAX_LANGUAGES, MAX_QUESTIONS, MAX_TERMS = 100, 12, 2000
REGISTERS = ("formal", "plain", "colloquial")


def _one_line(text: str) -> str:
    found = unicodedata.normalize("NFC", " ".join(text.split()))
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in found):
        raise ValueError("holds characters that cannot be seen")
    return found


def _lines(text: str) -> str:
    return "\n".join(_one_line(line) for line in text.strip().splitlines())


def _email(text: str) -> str:
    user, at, host = text.rpartition("@")
    if text and not (user and at and "." in host.strip(".") and " " not in text):
        raise ValueError("must be an e-mail address such as office@example.org")
    return text


def _web_address(text: str) -> str:
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        host = None
    if text and (host is None or parts.scheme not in {"http", "https"} or " " in text):
        raise ValueError("must be a web address that begins with https:// or http://")
    return text


def _brand_colour(text: str) -> str:
    if not HEX.fullmatch(text):
        raise ValueError("must be a colour such as #0b6b5d")
    found, reached = text.lower(), contrast(WHITE, text)
    if reached < READABLE:
        # Cut off rather than rounded: 4.497 is not 4.5.
        raise ValueError(
            f"is too light for white text on it: its contrast is {int(reached * 10) / 10}:1, and {READABLE}:1 is needed; "
            f"the nearest colour that has it is {readable_under(WHITE, found)}"
        )
    return found


Line = Annotated[str, AfterValidator(_one_line)]
Question = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_one_line)]
Term = Annotated[str, AfterValidator(_one_line), Field(min_length=1, max_length=100)]
Meaning = Annotated[str, Field(max_length=500), AfterValidator(_one_line)]
Colour = Annotated[str, Field(max_length=20), AfterValidator(_brand_colour)]


class Contact(RequestModel):
    """Whom people turn to where the assistant does not know. What is empty is not shown."""

    name: Line = Field(default="", max_length=200)
    phone: Line = Field(default="", max_length=100)
    email: Annotated[Line, AfterValidator(_email)] = Field(default="", max_length=254)
    hours: Line = Field(default="", max_length=300)
    uri: Annotated[Line, AfterValidator(_web_address)] = Field(default="", max_length=2000)
    text: Line = Field(default="", max_length=500)

    @property
    def kept(self) -> dict[str, str]:
        return {name: value for name, value in self.model_dump().items() if value}


class BrandingChange(RequestModel):
    """`color` null: the product's own. The logo has a route of its own."""

    color: Colour | None = None


class SettingsChange(RequestModel):
    """What is given is replaced as a whole, the rest stays; an empty value takes one away."""

    display_name: Line | None = Field(default=None, max_length=200)
    languages: list[Language] | None = Field(default=None, max_length=MAX_LANGUAGES)
    greeting: Annotated[str, Field(max_length=1000), AfterValidator(_lines)] | None = None
    suggested_questions: list[Question] | None = Field(default=None, max_length=MAX_QUESTIONS)
    contact: Contact | None = None
    register_: Literal["", "formal", "plain", "colloquial"] | None = Field(default=None, alias="register")
    glossary: dict[Term, Meaning] | None = Field(default=None, max_length=MAX_TERMS)
    branding: BrandingChange | None = None


class BrandingView(BaseModel):
    color: str | None
    logo: bool


class SettingsView(BaseModel):
    """`name`: what the tenant is called in addresses; only the operator makes one. `glossary`: term → meaning."""

    name: str
    display_name: str
    languages: list[str]
    greeting: str
    suggested_questions: list[str]
    contact: dict[str, Any]
    register_: str = Field(alias="register")
    glossary: dict[str, str]
    branding: BrandingView


class LogoView(BaseModel):
    """`logo`: whether there is one. `width`, `height`: of what is kept; 0 without."""

    logo: bool
    width: int = 0
    height: int = 0
