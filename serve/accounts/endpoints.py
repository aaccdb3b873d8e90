"""A person's own account: signing in with a password and out, choosing another one, and who one is."""

from __future__ import annotations

from fastapi import APIRouter, Request

from serve.accounts import service
from serve.accounts.schemas import LoggedOut, Login, Logout, Me, PasswordChange, Session
from serve.accounts.sign_ins import SignedIn
from serve.deps import AccountAccess, ServicesDep

router = APIRouter(tags=["accounts"])


@router.post("/v1/login")
async def login(services: ServicesDep, asked: Login, request: Request) -> Session:
    """Sign in with the name and password of a local account. Wrong names, tenants and passwords are answered alike; too many
    in a row lock the name for a while."""
    found = await services.sign_ins.sign_in(asked.tenant, asked.username, asked.password, address_of(request))
    return _session(found)


@router.post("/v1/logout")
def logout(access: AccountAccess, asked: Logout | None = None) -> LoggedOut:
    """End the sign-in whose token this request carries."""
    return LoggedOut(sessions=service.log_out(access, everywhere=bool(asked and asked.everywhere)))


@router.post("/v1/password")
async def change_password(access: AccountAccess, asked: PasswordChange, request: Request) -> Session:
    """Choose another password. Every sign-in of the account ends; the answer holds a new one."""
    sign_ins = access.services.sign_ins
    found = await sign_ins.change_password(access.principal, asked.current, asked.new, address_of(request))
    access.services.keys.forget()
    return _session(found)


@router.get("/v1/me")
async def show_me(access: AccountAccess) -> Me:
    """Who is calling, as this credential says."""
    return Me.of(access.principal)


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""


def _session(found: SignedIn) -> Session:
    return Session(token=found.token, expires_at=found.expires_at, me=Me.of(found.principal))
