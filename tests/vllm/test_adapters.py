"""LoRA adapters of several tenants on one vLLM, registered by each of the ways there are."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from bench.nano.facts import FEE, ROOM, Place, places
from tests.vllm.conftest import Stack
from tests.vllm.processes import MODEL, Answer, Tenant, until
from vernacular.db.session import open_database
from vernacular.settings import Settings

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(600)]
EACH = 20
LEAST_TOLD, MOST_CROSSED = EACH // 2, 2
"""So many answers show their adapter's style at least, and so few another's at most: how well the tiny model has learnt differs
from one training to the next, and is not what is asked here.
"""
FILES = ("adapter_config.json", "adapter_model.safetensors")
STYLES = {"es-MX": "thorough", "es-AR": "room-first"}
"""What is taught for which variety."""


def send(tenant: Tenant, folder: Path) -> httpx.Response:
    """Register the adapter over HTTP."""
    files = [("file", (name, (folder / name).read_bytes())) for name in FILES]
    return tenant.call("POST", "/v1/admin/adapters", data={"base_model": MODEL}, files=files)


def change(tenant: Tenant, name: str, **to: object) -> None:
    assert tenant.call("PATCH", f"/v1/admin/adapters/{name}", json=to).status_code == 200


@pytest.fixture(scope="module")
def north(stack: Stack) -> Tenant:
    """Its adapter, registered on the command line, tells the fee and then the room."""
    tenant = stack.gateway.tenant("north")
    tenant.learn(places(EACH, "en", random.Random(1)))
    folder = str(stack.nano.adapters / "thorough")
    added = stack.gateway.command("adapter", "add", folder, "--tenant", "north", "--base", MODEL, "--json")
    assert added.returncode == 0, added.stderr
    loaded = stack.gateway.command("adapter", "load", json.loads(added.stdout)["name"], "--tenant", "north")
    assert loaded.returncode == 0, loaded.stderr
    return tenant


@pytest.fixture(scope="module")
def south(stack: Stack) -> Tenant:
    """The same places with other figures; its adapter, sent over HTTP, tells the room before the fee."""
    tenant = stack.gateway.tenant("south")
    others = [
        Place("en", place.name, {FEE: str(random.randint(100, 999)), ROOM: str(random.randint(100, 999))})
        for place in places(EACH, "en", random.Random(1))
    ]
    tenant.learn(others)
    sent = send(tenant, stack.nano.adapters / "room-first")
    assert sent.status_code == 201, sent.text
    change(tenant, sent.json()["name"], state="active")
    until(lambda: sent.json()["name"] in stack.model.models(), "vLLM to have the adapter", 30)
    return tenant


def adapter_of(tenant: Tenant) -> str:
    return str(tenant.call("GET", "/v1/admin/adapters").json()["data"][0]["name"])


def style_of(place: Place, answer: Answer) -> str | None:
    """The adapter that made it, told by the order of the place's two sentences; None where the answer has not both."""
    fee, room = answer.text.find(place.sentence(FEE)), answer.text.find(place.sentence(ROOM))
    if min(fee, room) < 0:
        return None
    return "thorough" if fee < room else "room-first"


def assert_of_style(told: list[str], style: str) -> None:
    assert told.count(style) >= LEAST_TOLD
    assert len(told) - told.count(style) <= MOST_CROSSED


class TestMixedBatch:
    def test_no_answer_is_made_with_another_tenants_adapter(self, stack: Stack, north: Tenant, south: Tenant) -> None:
        asked = [
            (tenant, place)
            for pair in zip(north.places, south.places, strict=True)
            for tenant, place in zip((north, south), pair, strict=True)
        ]
        with ThreadPoolExecutor(2 * EACH) as threads:
            answers = list(threads.map(lambda one: one[0].answer(one[1].question(FEE)), asked))
        told: dict[str, list[str]] = {north.slug: [], south.slug: []}
        for (tenant, place), answer in zip(asked, answers, strict=True):
            if answer.about["mode"] == "generative":  # where the model cites wrongly, quotes answer
                assert answer.about["adapter"] == adapter_of(tenant)
                told[tenant.slug] += filter(None, [style_of(place, answer)])
            for note in answer.citations:
                assert any(note["quote"] in own.text for own in tenant.places)
        assert_of_style(told["north"], "thorough")
        assert_of_style(told["south"], "room-first")

    def test_the_base_model_answers_whoever_has_none(self, stack: Stack, north: Tenant) -> None:
        answer = stack.harbour.answer(stack.harbour.places[0].question(FEE))
        assert answer.about["adapter"] is None


@pytest.fixture(scope="module")
def cone(stack: Stack) -> Tenant:
    """It has an adapter for each of two varieties: for Mexicans one tells the fee and then the room, for Argentines the other way."""
    tenant = stack.gateway.tenant("cone")
    tenant.learn(places(EACH, "es", random.Random(2)))
    given = stack.gateway.command("tenant", "set", "cone", "--dialects", "es,es-MX,es-AR")
    assert given.returncode == 0, given.stderr
    for variety, style in STYLES.items():
        path = str(stack.nano.adapters / style)
        more = ("--tenant", "cone", "--base", MODEL, "--dialect", variety, "--json")
        added = stack.gateway.command("adapter", "add", path, *more)
        assert added.returncode == 0, added.stderr
        loaded = stack.gateway.command("adapter", "load", json.loads(added.stdout)["name"], "--tenant", "cone")
        assert loaded.returncode == 0, loaded.stderr
    for variety in STYLES:
        question = tenant.places[0].questions_in(variety, FEE)[0]
        until(lambda: bool(tenant.answer(question).about["adapter"]), f"the adapter for {variety} to be used", 30)  # noqa: B023
    return tenant


class TestVarieties:
    def test_a_question_is_answered_by_the_adapter_of_the_variety_it_is_written_in(
        self, stack: Stack, cone: Tenant
    ) -> None:
        adapters = {row["dialect"]: row["name"] for row in cone.call("GET", "/v1/admin/adapters").json()["data"]}
        asked = [
            (variety, place, place.questions_in(variety, (FEE, ROOM)[number % 2])[number // 2 % 2])
            for number, place in enumerate(cone.places)
            for variety in STYLES
        ]
        with ThreadPoolExecutor(2 * EACH) as threads:
            answers = list(threads.map(lambda one: cone.answer(one[2]), asked))
        told: dict[str, list[str]] = {variety: [] for variety in STYLES}
        for (variety, place, question), answer in zip(asked, answers, strict=True):
            assert answer.about["dialect"] == variety, question
            if answer.about["mode"] == "generative":
                assert answer.about["adapter"] == adapters[variety], question
                told[variety] += filter(None, [style_of(place, answer)])
        for variety, style in STYLES.items():
            assert_of_style(told[variety], style)

    def test_a_question_in_standard_wording_is_answered_by_none_of_them(self, stack: Stack, cone: Tenant) -> None:
        for place in cone.places[:5]:
            answer = cone.answer(place.question(FEE))
            assert answer.about["adapter"] is None
            assert place.sentence(ROOM) not in answer.text

    def test_a_variety_without_an_adapter_of_its_own_is_answered_by_one_for_all(
        self, stack: Stack, cone: Tenant
    ) -> None:
        added = send(cone, stack.nano.adapters / "thorough")
        assert added.status_code == 201, added.text
        name = str(added.json()["name"])
        try:
            change(cone, name, state="active")
            question = cone.places[0].question(FEE)
            until(lambda: cone.answer(question).about["adapter"] == name, "the adapter for all to be used", 30)
            assert cone.answer(cone.places[0].questions_in("es-AR", FEE)[0]).about["adapter"] not in {name, None}
        finally:
            cone.call("DELETE", f"/v1/admin/adapters/{name}")


class TestWhileRunning:
    def test_unloads_and_loads_on_the_command_line(self, stack: Stack, north: Tenant) -> None:
        name, question = adapter_of(north), north.places[0].question(FEE)
        assert stack.gateway.command("adapter", "unload", name, "--tenant", "north").returncode == 0
        until(lambda: name not in stack.model.models(), "vLLM to drop the adapter", 30)
        assert north.answer(question).about["adapter"] is None
        assert stack.gateway.command("adapter", "load", name, "--tenant", "north").returncode == 0
        until(lambda: north.answer(question).about["adapter"] == name, "the adapter to be used again", 30)

    def test_unloads_and_loads_by_sql(self, stack: Stack, south: Tenant) -> None:
        name, question = adapter_of(south), south.places[0].question(FEE)
        database = open_database(Settings(home=stack.gateway.home))
        try:
            for state, loaded in (("retired", False), ("active", True)):
                with database.write() as session:
                    session.execute(
                        text("UPDATE adapters SET state = :state WHERE name = :name"), {"state": state, "name": name}
                    )
                until(lambda: (name in stack.model.models()) == loaded, f"the adapter to be {state}", 30)  # noqa: B023
        finally:
            database.close()
        until(lambda: south.answer(question).about["adapter"] == name, "the adapter to be used again", 30)


def with_pickle(folder: Path) -> None:
    (folder / "adapter_model.bin").write_bytes(b"\x80\x04N.")


def with_code(folder: Path) -> None:
    edit(folder, auto_map={"AutoModel": "modeling.Model"})


def of_another_base(folder: Path) -> None:
    edit(folder, base_model_name_or_path="Qwen/Qwen2.5-7B-Instruct")
    shrink(folder)


def of_too_large_a_rank(folder: Path) -> None:
    edit(folder, r=512)


def edit(folder: Path, **values: object) -> None:
    path = folder / "adapter_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **values}), encoding="utf-8")


def shrink(folder: Path) -> None:
    """Leave the weights as they are but for a byte of their header, which is then damaged."""
    path = folder / "adapter_model.safetensors"
    data = bytearray(path.read_bytes())
    data[8:9] = b"["
    path.write_bytes(bytes(data))


class TestRefusal:
    @pytest.mark.parametrize("spoil", [with_pickle, with_code, of_another_base, of_too_large_a_rank])
    def test_takes_no_adapter_that_is_unsafe_or_wrong(
        self, stack: Stack, tmp_path: Path, spoil: Callable[[Path], None]
    ) -> None:
        folder = tmp_path / "adapter"
        shutil.copytree(stack.nano.adapters / "thorough", folder)
        spoil(folder)
        before = stack.model.models()
        done = stack.gateway.command("adapter", "add", str(folder), "--tenant", "harbour", "--base", MODEL)
        assert done.returncode != 0
        assert done.stderr.strip()
        assert stack.harbour.call("GET", "/v1/admin/adapters").json()["data"] == []
        assert stack.model.models() == before

    def test_does_not_load_one_whose_files_were_changed(self, stack: Stack) -> None:
        sent = send(stack.harbour, stack.nano.adapters / "thorough").json()
        kept = (stack.gateway.home / "adapters").rglob("adapter_model.safetensors")
        weights = max(kept, key=lambda path: path.stat().st_ctime)  # another tenant may have the very same adapter
        try:
            weights.chmod(0o600)
            data = bytearray(weights.read_bytes())
            data[-1] ^= 1
            weights.write_bytes(bytes(data))
            change(stack.harbour, sent["name"], state="active")
            until(lambda: self.note(stack, sent["name"]) != "", "the adapter to be refused", 30)
            assert sent["name"] not in stack.model.models()
            assert stack.harbour.answer(stack.harbour.places[0].question(FEE)).about["adapter"] is None
        finally:
            stack.harbour.call("DELETE", f"/v1/admin/adapters/{sent['name']}")

    def note(self, stack: Stack, name: str) -> str:
        return str(stack.harbour.call("GET", f"/v1/admin/adapters/{name}").json()["note"] or "")
