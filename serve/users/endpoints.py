from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool

from serve.deps import PeopleAccess
from serve.users import service
from serve.users.schemas import NewPassword, UserChange, UserDeleted, UserForm, UserList, UserView
from vernacular.access import passwords

router = APIRouter(tags=["people"], prefix="/v1/admin/users")


@router.get("")
def list_users(
    access: PeopleAccess,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    search: Annotated[str, Query(max_length=200, description="In user names, display names and addresses.")] = "",
) -> UserList:
    """The accounts of your tenant, by user name."""
    return service.list_page(access, limit, offset, search)


@router.post("", status_code=201)
async def create_user(access: PeopleAccess, asked: UserForm) -> NewPassword:
    """Make an account. Its random first password is in this answer and nowhere else."""
    password = service.new_password(asked)
    hashed = None if password is None else await access.services.sign_ins.hash(password)
    user = await run_in_threadpool(service.create, access, asked, hashed)
    return NewPassword(user=user, password=password)


@router.get("/{user}")
def show_user(access: PeopleAccess, user: str) -> UserView:
    """One account, by its id or user name."""
    return service.show(access, user)


@router.patch("/{user}")
def change_user(access: PeopleAccess, user: str, asked: UserChange) -> UserView:
    """Change an account, suspend or resume it; in effect within seconds, also for answers under way."""
    return service.change(access, user, asked)


@router.post("/{user}/password")
async def reset_password(access: PeopleAccess, user: str) -> NewPassword:
    """Give an account a new random password, and end its sign-ins."""
    password = passwords.random_password()
    hashed = await access.services.sign_ins.hash(password)
    found = await run_in_threadpool(service.reset_password, access, user, hashed)
    return NewPassword(user=found, password=password)


@router.delete("/{user}")
def delete_user(access: PeopleAccess, user: str) -> UserDeleted:
    """Remove an account. What its owner wrote is erased by `DELETE /v1/admin/subjects/{id}`."""
    return UserDeleted(id=service.delete(access, user))
