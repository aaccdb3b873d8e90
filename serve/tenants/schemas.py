from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from vernacular.dialects.pack import Pack


class VarietyView(BaseModel):
    """A variety of a language: its BCP 47 tag, its name in English and in itself."""

    tag: str
    name: str
    native: str

    @classmethod
    def of(cls, pack: Pack) -> VarietyView:
        return cls(tag=pack.tag, name=pack.manifest.name, native=pack.manifest.native)


class TenantBranding(BaseModel):
    """`color`: `#rrggbb`, on which white text can be read; null: the front end's own. `logo`: where it is to be had; null: none."""

    color: str | None
    logo: str | None


class TenantView(BaseModel):
    """What a front end shows of the tenant it serves. `ai_notice`: by language, what people are to be told before they ask.

    `sign_in`: it has people who sign in. `vision`: its assistant reads images, so many a message and so large.

    `varieties`: those that a person can choose among, of the declared `dialects`; `answer_in`: what holds until she does.
    """

    name: str
    display_name: str
    languages: list[str]
    dialects: list[str]
    varieties: list[VarietyView]
    answer_in: str
    greeting: str
    ai_notice: dict[str, str]
    contact: dict[str, Any]
    suggested_questions: list[str]
    assistants: list[str]
    role: str
    sign_in: bool
    vision: bool
    max_images: int
    max_image_mb: float
    branding: TenantBranding
