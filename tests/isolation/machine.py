"""Random lives of three tenants: documents come, change, are closed to groups and go, people's groups change, and everyone
searches, asks and reads. After each step the model knows to the last document what each person may see.

Everything that can be seen carries a mark of its own, so that an answer with something foreign in it is known by its text alone.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from typing import Any, ClassVar

from httpx2 import Response
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.isolation.system import System
from vernacular.tenancy import Tenant
from vernacular.text.analyze import encode_query
from vernacular.vectors.protocol import Query

TENANTS, SLOTS = 3, 4
QUESTION = "What does the ferry to the quay cost?"
SHORT_FORM = "ZQB"
MARK = re.compile(r"zk\d{7}|[ZQB]x[a-j]{7}")
GROUPS = st.lists(st.sampled_from(("board", "kitchen")), unique=True, max_size=2)
ROLES = st.sampled_from(("public", "member", "member", "editor", "admin"))
tenants, slots, people = (st.integers(0, most - 1) for most in (TENANTS, SLOTS, 2 * TENANTS))


@dataclass(frozen=True)
class Held:
    """A document as it is now. `marks`: those in its text and title; `long`: what its short form stands for."""

    id: str
    groups: frozenset[str]
    marks: frozenset[str]
    long: frozenset[str]


@dataclass
class Person:
    tenant: int
    key: str
    role: str
    groups: frozenset[str]
    conversations: dict[str, set[str]] = field(default_factory=dict)
    """Id → marks that its messages hold: what was seen once stays in one's own conversation."""

    @property
    def sees_all(self) -> bool:
        return self.role in ("editor", "admin")


class IsolationMachine(RuleBasedStateMachine):
    """Set `system` on a subclass."""

    system: ClassVar[System]

    def __init__(self) -> None:
        super().__init__()
        self.numbers = 0
        self.documents: dict[tuple[int, int], Held] = {}
        self.people: list[Person] = []
        self.gone: list[tuple[int, str]] = []

    def teardown(self) -> None:
        self.system.clear()

    # -- what there is ---------------------------------------------------------------------------------------------

    @initialize(rights=st.lists(st.tuples(ROLES, GROUPS), min_size=TENANTS, max_size=TENANTS), closed=GROUPS)
    def people_come(self, rights: list[tuple[str, list[str]]], closed: list[str]) -> None:
        """An administrator and someone else in each tenant, with two documents, one of them maybe closed."""
        while len(self.system.tenants) < TENANTS:
            self.system.tenant(sealed=len(self.system.tenants) == TENANTS - 1)
        for number, tenant in enumerate(self.system.tenants):
            for role, groups in (("admin", []), rights[number]):
                self.people.append(Person(number, self.system.key(tenant, role, groups), role, frozenset(groups)))
            for slot, groups in enumerate(([], closed)):
                self.a_document_comes_or_changes(number, slot, groups)
        self.people = [*self.people[::2], *self.people[1::2]]

    @rule(tenant=tenants, slot=slots, groups=GROUPS)
    def someone_sends_a_document(self, tenant: int, slot: int, groups: list[str]) -> None:
        self.a_document_comes_or_changes(tenant, slot, groups)

    def a_document_comes_or_changes(self, tenant: int, slot: int, groups: list[str]) -> None:
        self.numbers += 1
        code = f"zk{self.numbers:07}"
        letters = "".join(chr(ord("a") + int(digit)) for digit in f"{self.numbers:07}")
        long = [f"{first}x{letters}" for first in SHORT_FORM]
        text = f"The ferry to the quay costs {self.numbers} dollars, code {code}. {' '.join(long)} ({SHORT_FORM}) sells it."
        if before := self.documents.get((tenant, slot)):
            self.gone.append((tenant, before.id))
        held = self.system.put(self._tenant(tenant), f"slot {slot}", text, f"Ferry {code}", groups)
        self.system.learn(self._tenant(tenant))
        self.documents[tenant, slot] = Held(held, frozenset(groups), frozenset({code, *long}), frozenset(long))

    @rule(person=people, tenant=tenants, slot=slots)
    def someone_deletes_a_document(self, person: int, tenant: int, slot: int) -> None:
        held, caller = self.documents.get((tenant, slot)), self.people[person]
        if held is None:
            return
        response = self._call(caller, "DELETE", f"/v1/documents/{held.id}")
        if not caller.sees_all:
            assert response.status_code == 403
        elif caller.tenant != tenant:
            assert response.status_code == 404
        else:
            assert response.status_code == 200
            del self.documents[tenant, slot]
            self.gone.append((tenant, held.id))
            self.system.learn(self._tenant(tenant))

    @rule(person=people, role=ROLES, groups=GROUPS)
    def someones_rights_change(self, person: int, role: str, groups: list[str]) -> None:
        if person < TENANTS:  # the administrators stay
            return
        changed = self.people[person]
        changed.role, changed.groups = role, frozenset(groups)
        self.system.regroup(self._tenant(changed.tenant), changed.key, role, groups)

    @rule(tenant=tenants, seldom=st.integers(0, 7))
    def an_index_is_built_anew(self, tenant: int, seldom: int) -> None:
        if not seldom and any(where == tenant for where, _slot in self.documents):
            self.system.reindex(self._tenant(tenant))

    # -- what is seen ----------------------------------------------------------------------------------------------

    @rule(asked=st.sampled_from((QUESTION, SHORT_FORM, "ferry")), marked=st.integers(0, 40))
    def everyone_searches(self, asked: str, marked: int) -> None:
        """For what all documents say, for a short form, and for marks, one's own and others'."""
        query = f"{asked} zk{marked:07}" if marked <= self.numbers else asked
        for caller in self.people:
            response = self._call(caller, "POST", "/v1/search", json={"query": query, "top_k": 50})
            self._shows_nothing_else(caller, response, query)
            found = {hit["document_id"] for hit in response.json()["hits"]}
            assert found == {held.id for held in self._visible(caller)}, "the wrong documents were found"

    @rule()
    def everyone_looks_into_the_index(self) -> None:
        """Below SQL, which would leave out what the index gave wrongly."""
        query = Query(sparse=encode_query(QUESTION), limit=100)
        for caller in self.people:
            groups = None if caller.sees_all else tuple(caller.groups)
            found = {point.document_id for point in self.system.points(self._tenant(caller.tenant), query, groups)}
            assert found == {held.id for held in self._visible(caller)}, "the index gave the wrong points"

    @rule()
    def everyone_lists_documents(self) -> None:
        for caller in self.people:
            response = self._call(caller, "GET", "/v1/documents", params={"limit": 500})
            self._shows_nothing_else(caller, response)
            listed = {document["document_id"] for document in response.json()["documents"]}
            assert listed == {held.id for held in self._visible(caller)}

    @rule(slot=slots)
    def everyone_reads_documents(self, slot: int) -> None:
        """One's own, and those of others, whose ids are known."""
        named = [held for (_tenant, where), held in self.documents.items() if where == slot]
        for caller, held in itertools.product(self.people, named):
            response = self._call(caller, "GET", f"/v1/documents/{held.id}/content")
            assert response.status_code == (200 if held in self._visible(caller) else 404)
            self._shows_nothing_else(caller, response)

    @rule(person=people, other=people, kept=st.integers(0, 3))
    def someone_asks(self, person: int, other: int, kept: int) -> None:
        """Also in a conversation, be it somebody else's."""
        caller, owner = self.people[person], self.people[other]
        named = sorted(owner.conversations)[kept : kept + 1]
        wish = {"conversation_id": named[0]} if named else {}
        message = {"role": "user", "content": QUESTION}
        body = {"model": "default", "messages": [message], "vernacular": wish}
        response = self._call(caller, "POST", "/v1/chat/completions", json=body)
        if named and not self._may_continue(caller, owner):
            assert response.status_code == 404
            return
        assert response.status_code == 200, response.text
        self._shows_nothing_else(caller, response)
        led = owner if named else caller
        led.conversations.setdefault(response.json()["vernacular"]["conversation_id"], set()).update(
            MARK.findall(response.text)
        )

    @rule()
    def everyone_reads_conversations(self) -> None:
        for caller, owner in itertools.product(self.people, self.people):
            if caller is owner and caller.role != "public":
                listed = self._call(caller, "GET", "/v1/conversations", params={"limit": 200})
                assert {each["id"] for each in listed.json()["conversations"]} == set(caller.conversations)
            may = self._may_continue(caller, owner)
            for named in sorted(owner.conversations)[:2]:
                response = self._call(caller, "GET", f"/v1/conversations/{named}")
                assert response.status_code == (200 if may else 404)
                assert set(MARK.findall(response.text)) <= (owner.conversations[named] if may else set())

    @rule(person=people, which=st.integers(0, 7))
    def someone_asks_for_what_is_gone(self, person: int, which: int) -> None:
        for tenant, identifier in self.gone[which : which + 1]:
            if all(held.id != identifier for held in self.documents.values()):
                caller = self.people[person]
                assert self._call(caller, "GET", f"/v1/documents/{identifier}").status_code == 404, tenant

    @invariant()
    def prompts_of_tenants_share_no_cache(self) -> None:
        keys = self.system.services.keys
        salts = [keys.cache_salt(tenant) for tenant in self.system.tenants]
        assert len(set(salts)) == len(salts)

    # -- the model -------------------------------------------------------------------------------------------------

    def _tenant(self, number: int) -> Tenant:
        return self.system.tenants[number]

    def _call(self, person: Person, method: str, path: str, **request: Any) -> Response:
        return self.system.call(method, path, person.key, **request)

    def _visible(self, person: Person) -> list[Held]:
        mine = [held for (tenant, _slot), held in self.documents.items() if tenant == person.tenant]
        return [held for held in mine if not held.groups or person.sees_all or held.groups & person.groups]

    def _may_continue(self, caller: Person, owner: Person) -> bool:
        return caller is owner or (caller.tenant == owner.tenant and caller.role == "admin")

    def _shows_nothing_else(self, caller: Person, response: Response, said: str = "") -> None:
        """Only marks of what the caller may read now, and of what it said itself."""
        allowed = {mark for held in self._visible(caller) for mark in held.marks} | set(MARK.findall(said))
        headers = "\n".join(map(str, response.headers.items()))
        shown = set(MARK.findall(f"{response.text}\n{headers}"))
        assert shown <= allowed, f"shows {sorted(shown - allowed)}"
