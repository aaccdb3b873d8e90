"""Every way to tamper with a log is seen: by the verifier as auditors run it, and by `vernacular audit verify`."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.vernacular.audit.logbook import TAMPERINGS, Logbook, Tampering, asked, written_anew
from tests.vernacular.cli.command import Result, vernacular
from vernacular.audit.chain import checkpoint_body
from vernacular.audit.export import export_log
from vernacular.audit.keys import AuditKeys
from vernacular.audit.reading import first_and_end, verify_log
from vernacular.audit.verify_audit import Tree, main
from vernacular.db.base import now
from vernacular.settings import get_settings
from vernacular.tenancy import TenantScope

ENTRIES = 25
Run = Callable[..., Result]


@pytest.fixture
def export(book: Logbook, tmp_path: Path) -> Path:
    """The folder of an exported log; the last entry is covered by a checkpoint."""
    book.fill(ENTRIES)
    book.log.checkpoint(book.tenant)
    book.log.close()
    with book.database.read() as session:
        assert export_log(TenantScope(session, book.tenant), book.log.keys, tmp_path / "export") == ENTRIES
    return tmp_path / "export"


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `cryptography` and what it is made of, and nothing else."""
    folder = tmp_path_factory.mktemp("bare")
    for name in ("cryptography", "cffi", "_cffi_backend"):
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            continue
        found = Path(spec.origin)
        source = found.parent if found.name == "__init__.py" else found
        (folder / source.name).symlink_to(source)
    return folder


def verify_apart(bare: Path, export: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """As an auditor would, without this project on the path."""
    code = f"import sys, runpy; sys.path.append({str(bare)!r}); sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    command = [sys.executable, "-I", "-S", "-c", code, str(export / "verify_audit.py"), str(export), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": os.defpath}, timeout=60)


def tampered(export: Path, by: Tampering) -> None:
    log = json.loads((export / "manifest.json").read_text())["log"]
    lines = by((export / "entries.jsonl").read_text().splitlines(), log)
    (export / "entries.jsonl").write_text("".join(f"{line}\n" for line in lines))
    manifest = json.loads((export / "manifest.json").read_text())
    (export / "manifest.json").write_text(json.dumps({**manifest, "size": len(lines)}))


def forged(export: Path, keys: AuditKeys, *, name: str = "acme") -> None:
    """Write the log anew, and sign it anew with `keys`."""
    tampered(export, written_anew)
    manifest = json.loads((export / "manifest.json").read_text())
    tree, head = Tree(), ""
    for line in (export / "entries.jsonl").read_text().splitlines():
        head = json.loads(line)["h"]
        tree.append(bytes.fromhex(head))
    body = checkpoint_body(keys, manifest["log"], name, tree=tree, head=head, at=now())
    (export / "checkpoints.jsonl").write_text(f"{body}\n")
    (export / "public-keys.pem").write_bytes(keys.public_pem)


class TestTheVerifierAlone:
    def test_finds_a_log_whole(self, export: Path, bare: Path) -> None:
        ended = verify_apart(bare, export, "--json")
        report = json.loads(ended.stdout)
        assert (ended.returncode, report["whole"], report["entries"], report["signed"]) == (0, True, ENTRIES, ENTRIES)

    @pytest.mark.parametrize("by", TAMPERINGS, ids=lambda by: by.__name__)
    def test_sees_that_entries_were(self, export: Path, bare: Path, by: Tampering) -> None:
        tampered(export, by)
        ended = verify_apart(bare, export)
        assert ended.returncode == 1, ended.stdout
        assert "NOT WHOLE" in ended.stdout

    def test_sees_another_key_by_the_one_that_is_pinned(self, export: Path, bare: Path, tmp_path: Path) -> None:
        pinned = tmp_path / "pinned.pem"
        shutil.copy(export / "public-keys.pem", pinned)
        assert verify_apart(bare, export, "--public-key", str(pinned)).returncode == 0
        forged(export, AuditKeys(tmp_path / "someone else"))
        assert verify_apart(bare, export).returncode == 0  # all fits together: it is another log
        ended = verify_apart(bare, export, "--public-key", str(pinned))
        assert ended.returncode == 1
        assert "not trusted" in ended.stdout

    def test_sees_a_stolen_key_by_copies_of_checkpoints(
        self, export: Path, bare: Path, book: Logbook, tmp_path: Path
    ) -> None:
        copies = ("--checkpoints", str(tmp_path / "elsewhere"))
        assert verify_apart(bare, export, *copies).returncode == 0
        forged(export, book.log.keys)
        assert verify_apart(bare, export).returncode == 0
        ended = verify_apart(bare, export, *copies)
        assert ended.returncode == 1
        assert "different checkpoints" in ended.stdout or "not those" in ended.stdout

    def test_says_what_it_cannot_read(self, export: Path, bare: Path) -> None:
        (export / "manifest.json").unlink()
        ended = verify_apart(bare, export)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert "cannot be read" in ended.stderr
        assert "Traceback" not in ended.stderr


class TestExports:
    def test_are_zip_files_too(self, book: Logbook, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        book.fill(3)
        book.log.checkpoint(book.tenant)
        with book.database.read() as session:
            export_log(TenantScope(session, book.tenant), book.log.keys, tmp_path / "log.zip")
        with zipfile.ZipFile(tmp_path / "log.zip") as packed:
            assert sorted(packed.namelist()) == [
                "checkpoints.jsonl",
                "entries.jsonl",
                "manifest.json",
                "public-keys.pem",
                "verify_audit.py",
            ]
        assert main([str(tmp_path / "log.zip")]) == 0
        assert "WHOLE" in capsys.readouterr().out
        assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "home", "log.zip"]

    def test_of_entries_without_a_checkpoint_are_not_whole(self, book: Logbook, tmp_path: Path) -> None:
        book.fill(3)
        with book.database.read() as session:
            export_log(TenantScope(session, book.tenant), book.log.keys, tmp_path / "log")
        assert main([str(tmp_path / "log")]) == 1


@pytest.fixture
def run(book: Logbook, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    monkeypatch.setenv("VERNACULAR_HOME", str(book.settings.home))
    get_settings.cache_clear()

    def command(*words: str) -> Result:
        return vernacular(capsys, monkeypatch, *words)

    yield command
    get_settings.cache_clear()


class TestTheCommand:
    def test_finds_all_logs_whole_and_exports_them(self, book: Logbook, run: Run, tmp_path: Path) -> None:
        book.fill(ENTRIES)
        signed = run("audit", "checkpoint", "--tenant", "acme", "--json")
        assert (signed.code, signed.json[0]["signed"]) == (0, ENTRIES)
        assert run("audit", "export", "--tenant", "acme", "--to", str(tmp_path / "log.zip")).code == 0
        assert "WHOLE" in run("audit", "verify", "--export", str(tmp_path / "log.zip")).out
        (report,) = run("audit", "verify", "--json").json
        assert (report["whole"], report["entries"]) == (True, ENTRIES + 1)
        assert run("audit", "export", "--tenant", "acme", "--to", str(tmp_path / "log.zip")).code == 1
        assert run("audit", "key").out.startswith("-----BEGIN PUBLIC KEY-----")

    @pytest.mark.parametrize("by", TAMPERINGS, ids=lambda by: by.__name__)
    def test_sees_that_entries_were(self, book: Logbook, run: Run, by: Tampering) -> None:
        book.fill(ENTRIES)
        book.log.checkpoint(book.tenant)
        book.replace(by(book.lines, book.tenant.id))
        ended = run("audit", "verify", "--tenant", "acme")
        assert ended.code == 1
        assert ended.out.startswith("acme: NOT WHOLE: log ")

    def test_says_that_a_new_log_has_no_entry(self, book: Logbook, run: Run) -> None:
        assert ", no entry, 0 of 0 covered" in run("audit", "verify", "--tenant", "acme").out

    def test_names_the_file_that_is_not_there(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        assert main([str(tmp_path), "--public-key", str(tmp_path / "pinned.pem")]) == 2
        assert "pinned.pem cannot be read: No such file or directory." in capsys.readouterr().err

    def test_sees_entries_listed_as_what_they_are_not(self, book: Logbook, run: Run) -> None:
        book.fill(10)
        with sqlite3.connect(book.settings.home / "vernacular.sqlite") as connection:
            connection.execute("UPDATE audit_entries SET event = 'nothing.happened' WHERE seq = 4")
        connection.close()
        ended = run("audit", "verify")
        assert ended.code == 1
        assert "Entry 4 is listed under another event" in ended.out

    def test_sees_lost_checkpoints_by_their_copies(self, book: Logbook, run: Run, tmp_path: Path) -> None:
        book.fill(20)
        book.log.close()
        book.replace(book.lines[:12])
        with sqlite3.connect(book.settings.home / "vernacular.sqlite") as connection:
            connection.execute("DELETE FROM audit_checkpoints WHERE size > 12")
        connection.close()
        assert run("audit", "verify").code == 0
        ended = run("audit", "verify", "--checkpoints", str(tmp_path / "elsewhere"))
        assert ended.code == 1
        assert "the end is missing" in ended.out

    def test_says_what_it_cannot_read(self, book: Logbook, run: Run, tmp_path: Path) -> None:
        ended = run("audit", "verify", "--export", str(tmp_path / "nowhere"))
        assert (ended.code, ended.err.split(":")[0]) == (1, "vernacular")
        assert run("audit", "verify", "--public-key", str(tmp_path / "nowhere")).code == 1


def test_a_log_is_tied_to_its_tenant(book: Logbook, export: Path, bare: Path) -> None:
    manifest = json.loads((export / "manifest.json").read_text())
    (export / "manifest.json").write_text(json.dumps({**manifest, "log": "another-tenant"}))
    ended = verify_apart(bare, export)
    assert ended.returncode == 1
    assert "of another log" in ended.stdout


def test_a_log_may_be_written_to_while_it_is_verified(book: Logbook) -> None:
    book.fill(12)
    with book.database.read() as session:
        scope = TenantScope(session, book.tenant)
        assert first_and_end(scope) == (0, 12)
        book.record(asked("meanwhile"))
        assert verify_log(scope, book.log.keys.public_pem).whole
