from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import pytest

from vernacular.blobs import BlobStore
from vernacular.errors import NotFound

HOSTILE = ["", ".", "..", "../x", "a/b", "/etc/passwd", "a\\b", "a\0b", "a\n", "x" * 65]


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


class TestBlobStore:
    def test_keeps_a_file_by_its_digest_for_its_owner_alone(self, store: BlobStore, tmp_path: Path) -> None:
        file = tmp_path / "sent"
        file.write_bytes(b"Hours")
        digest = store.put("t1", file)
        assert digest == hashlib.sha256(b"Hours").hexdigest()
        with store.open("t1", digest) as kept:
            assert kept.read() == b"Hours"
        (path,) = [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with pytest.raises(NotFound):
            store.open("t2", digest)

    @pytest.mark.parametrize("name", HOSTILE)
    def test_takes_nothing_else_for_a_tenant_or_a_digest(self, store: BlobStore, tmp_path: Path, name: str) -> None:
        file = tmp_path / "sent"
        file.write_bytes(b"Hours")
        for use in (
            lambda: store.put(name, file), lambda: store.open(name, "0" * 64), lambda: store.open("t1", name),
            lambda: store.delete("t1", name), lambda: store.delete(name, "0" * 64), lambda: store.drop(name),
        ):  # fmt: skip
            with pytest.raises(ValueError, match="not a"):
                use()
        assert [path.name for path in tmp_path.iterdir()] == ["sent"]
