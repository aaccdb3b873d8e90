from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from tests.serve.engine.adapters.made import adapter
from vernacular.adapters import LEFT_OVER_S, AdapterStore, digest_of
from vernacular.errors import AdapterRefused


@pytest.fixture
def store(tmp_path: Path) -> AdapterStore:
    return AdapterStore(tmp_path / "adapters")


def keep(store: AdapterStore, tenant: str = "t", **changes: Any) -> str:
    with store.incoming() as folder:
        return store.keep(tenant, adapter(folder, None, **changes))


class TestKeep:
    def test_puts_the_adapter_under_its_digest_and_leaves_nothing_else(
        self, store: AdapterStore, tmp_path: Path
    ) -> None:
        digest = keep(store)
        assert store.verify("t", digest) == tmp_path / "adapters" / "t" / digest
        assert not list((tmp_path / "adapters" / ".incoming").iterdir())

    def test_of_the_same_files_is_the_same_digest_and_of_others_another(self, store: AdapterStore) -> None:
        assert keep(store) == keep(store) != keep(store, lora_alpha=32)

    def test_puts_right_what_was_damaged(self, store: AdapterStore) -> None:
        digest = keep(store)
        file = store.path("t", digest) / "adapter_config.json"
        file.chmod(0o600)
        file.write_text("{}", encoding="utf-8")
        with pytest.raises(AdapterRefused, match="someone changed them"):
            store.verify("t", digest)
        keep(store)
        store.verify("t", digest)

    def test_refuses_a_folder_with_anything_else(self, store: AdapterStore) -> None:
        with store.incoming() as folder:
            (adapter(folder) / "more").touch()
            with pytest.raises(AdapterRefused, match="nothing else"):
                store.keep("t", folder)

    def test_sweeps_what_a_process_that_died_has_left(self, store: AdapterStore, tmp_path: Path) -> None:
        left = adapter(tmp_path / "adapters" / ".incoming" / "old")
        fresh = adapter(tmp_path / "adapters" / ".incoming" / "fresh")
        long_ago = time.time() - LEFT_OVER_S - 1
        os.utime(left, (long_ago, long_ago))
        keep(store)
        assert (left.exists(), fresh.exists()) == (False, True)


class TestDrop:
    def test_removes_one_tenants_adapters(self, store: AdapterStore) -> None:
        mine, theirs = keep(store, "mine"), keep(store, "theirs")
        store.drop("mine")
        store.drop("never-there")
        assert not store.path("mine", mine).exists()
        assert store.verify("theirs", theirs)

    @pytest.mark.parametrize("tenant", ["", "..", "a/b", "/etc"])
    def test_takes_no_path_for_a_tenant(self, store: AdapterStore, tenant: str) -> None:
        with pytest.raises(ValueError, match="not a tenant's id"):
            store.drop(tenant)

    @pytest.mark.parametrize("digest", ["", "..", "A" * 64, "0" * 63, "../" + "0" * 61])
    def test_takes_no_path_for_a_digest(self, store: AdapterStore, digest: str) -> None:
        with pytest.raises(ValueError, match="not a digest"):
            store.delete("t", digest)


def test_a_digest_depends_on_nothing_but_names_and_bytes(tmp_path: Path) -> None:
    one, two = adapter(tmp_path / "one"), adapter(tmp_path / "two")
    os.utime(two / "adapter_config.json", (0, 0))
    (two / "adapter_config.json").chmod(0o400)
    assert digest_of(one) == digest_of(two)
