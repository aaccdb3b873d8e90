"""How people can sign in, told before they have: what a sign-in page needs to know."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from serve.deps import ServicesDep
from vernacular.tenancy import Platform

router = APIRouter(tags=["accounts"])


class SignInWays(BaseModel):
    """`passwords`: somebody here has one. Which tenants there are, and who is in them, is not told."""

    passwords: bool


@router.get("/v1/sign-in")
def show_sign_in_ways(services: ServicesDep) -> SignInWays:
    """Whether anyone can sign in with a password. Identity providers are the front end's to know, by its settings."""
    with services.database.read() as session:
        return SignInWays(passwords=Platform(session).has_passwords())
