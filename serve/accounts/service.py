from __future__ import annotations

from serve.deps import Access
from vernacular.access import sessions, users
from vernacular.errors import BadRequest


def log_out(access: Access, *, everywhere: bool) -> int:
    """How many sign-ins ended.

    Raises:
        BadRequest: the caller did not sign in here.
    """
    if not access.key.startswith(sessions.PREFIX):
        raise BadRequest("This request carries no sign-in that could end.", "Sign out where you signed in.")
    with access.write() as scope:
        ended = users.end_sessions(scope, access.principal.id) if everywhere else 1
        access.services.keys.sessions.end(scope, access.key)
        access.record(scope, "session.ended", facts={"sessions": ended})
    access.services.keys.forget()
    return ended
