#!/usr/bin/env python3
"""Verify an exported audit log. Needs Python 3.10 or newer and the package `cryptography`, nothing else.

    python verify_audit.py LOG [--public-key FILE] [--checkpoints FOLDER] [--json]

LOG is the folder, or the zip file, that `vernacular audit export` wrote. An entry is a line of canonical JSON (RFC 8785; whole
numbers and strings only). `h` is SHA-256(0x00 || the entry without `h`), the leaf hash of RFC 6962, and `prev` is the `h` of the
entry before. A checkpoint is the head of the Merkle tree (RFC 6962) over the first `size` entries, signed with Ed25519. Entries
may be missing at the beginning only, where they were kept long enough: up to a checkpoint whose `nodes` stand for them.

Pin the public key, and keep copies of checkpoints on another machine: whoever holds the signing key could write another
log and sign that; a copy shows it. Exit status: 0 the log is whole, 1 it is not, 2 it cannot be read.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

MANIFEST, ENTRIES, CHECKPOINTS, PUBLIC_KEYS = "manifest.json", "entries.jsonl", "checkpoints.jsonl", "public-keys.pem"
MOST_FINDINGS = 50


# -- hashing -----------------------------------------------------------------------------------------------------------


def canonical(value: Any) -> str:
    """RFC 8785 for objects whose keys are ASCII and whose numbers are whole and within 53 bits."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def genesis(log: str) -> str:
    """`prev` of the first entry: it ties a log to whom it is of."""
    return hashlib.sha256(b"vernacular audit log of " + log.encode()).hexdigest()


class Tree:
    """The Merkle tree over entries, as the roots of its largest perfect subtrees from the left: enough to grow and for the root."""

    def __init__(self, size: int = 0, nodes: Sequence[bytes] = ()) -> None:
        if len(nodes) != size.bit_count():
            raise ValueError("a tree of that size has another number of perfect subtrees")
        self.size = size
        self.nodes = list(nodes)

    def append(self, leaf: bytes) -> None:
        merged = self.size
        while merged & 1:
            leaf = node_hash(self.nodes.pop(), leaf)
            merged >>= 1
        self.nodes.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        if not self.nodes:
            return hashlib.sha256(b"").digest()
        root = self.nodes[-1]
        for node in reversed(self.nodes[:-1]):
            root = node_hash(node, root)
        return root


# -- proofs (RFC 9162, 2.1.3.2 and 2.1.4.2) ----------------------------------------------------------------------------


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the tree of `size` entries with that root holds `leaf` at `index`."""
    if not 0 <= index < size:
        return False
    number, last, found = index, size - 1, leaf
    for node in proof:
        if last == 0:
            return False
        if number & 1 or number == last:
            found = node_hash(node, found)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            found = node_hash(found, node)
        number, last = number >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree of `second` entries begins with the tree of `first`."""
    if first == second:
        return not proof and first_root == second_root
    if not 0 < first < second:
        return first == 0 and not proof
    path = list(proof) if first & (first - 1) else [first_root, *proof]
    if not path:
        return False
    number, last = first - 1, second - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    old = new = path[0]
    for node in path[1:]:
        if last == 0:
            return False
        if number & 1 or number == last:
            old, new = node_hash(node, old), node_hash(node, new)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            new = node_hash(new, node)
        number, last = number >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


# -- the log -----------------------------------------------------------------------------------------------------------


@dataclass
class Report:
    """What was found. `signed`: entries that a checkpoint covers; those after it are only chained."""

    log: str
    first: int = 0
    entries: int = 0
    signed: int = 0
    checkpoints: int = 0
    witnesses: int = 0
    keys: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not self.findings

    def find(self, sentence: str) -> None:
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(sentence)


def key_id(raw: bytes) -> str:
    """What checkpoints call a public key: the beginning of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(raw).hexdigest()[:16]


def read_keys(pem: bytes) -> dict[str, Ed25519PublicKey]:
    """The Ed25519 public keys in a PEM file, by their ids."""
    found: dict[str, Ed25519PublicKey] = {}
    end = b"-----END PUBLIC KEY-----"
    for part in pem.split(end)[:-1]:
        key = load_pem_public_key(part[part.index(b"-----BEGIN") :] + end + b"\n")
        if not isinstance(key, Ed25519PublicKey):
            raise ValueError("a public key is not an Ed25519 key")
        found[key_id(key.public_bytes(Encoding.Raw, PublicFormat.Raw))] = key
    return found


def verify(
    log: str,
    lines: Iterable[str],
    checkpoints: Iterable[str],
    keys: Mapping[str, Ed25519PublicKey],
    *,
    first: int = 0,
    witnesses: Iterable[str] = (),
    unsigned: int = 0,
) -> Report:
    """Hold the entries against their chain and every checkpoint. `witnesses`: checkpoints kept elsewhere, as JSON too.

    `unsigned`: entries up to which a log that is still being written may be without any checkpoint.
    """
    report = Report(log, first=first, keys=sorted(keys))
    own = [point for text in checkpoints if (point := _checkpoint(report, text, keys, "a checkpoint"))]
    kept = [point for text in witnesses if (point := _checkpoint(report, text, keys, "a checkpoint kept elsewhere"))]
    report.checkpoints, report.witnesses = len(own), len(kept)
    wanted: dict[int, list[dict[str, Any]]] = {}
    for point in [*own, *kept]:
        wanted.setdefault(point["size"], []).append(point)
    for size, points in wanted.items():
        if len({(point["root"], point["head"]) for point in points}) > 1:
            report.find(f"There are different checkpoints of the first {size} entries: the log was written anew.")
    start = _start(report, log, first, wanted)
    if start is not None:
        _walk(report, lines, wanted, *start)
        _find_gaps(report, wanted, first + report.entries, unsigned)
    return report


def _checkpoint(report: Report, text: str, keys: Mapping[str, Ed25519PublicKey], name: str) -> dict[str, Any] | None:
    """The checkpoint, if it is one of this log and signed with a key that is trusted."""
    try:
        point = json.loads(text)
        signature = base64.b64decode(point.pop("sig"), validate=True)
        size, log, signer = int(point["size"]), point["log"], point["key"]
        bytes.fromhex(point["root"]), bytes.fromhex(point["head"])
    except (ValueError, KeyError, TypeError, AttributeError):
        report.find(f"{name.capitalize()} cannot be read.")
        return None
    if log != report.log:
        report.find(f"{name.capitalize()} of {size} entries is of another log.")
        return None
    if signer not in keys:
        report.find(f"{name.capitalize()} of {size} entries is signed with the key {signer}, which is not trusted.")
        return None
    try:
        keys[signer].verify(signature, canonical(point).encode())
    except InvalidSignature:
        report.find(f"The signature of {name} of {size} entries is false.")
        return None
    return dict(point)


def _start(
    report: Report, log: str, first: int, wanted: Mapping[int, Sequence[Mapping[str, Any]]]
) -> tuple[Tree, str] | None:
    """The tree and the `prev` that the first entry kept goes on from."""
    if first == 0:
        return Tree(), genesis(log)
    for point in wanted.get(first, ()):
        try:
            tree = Tree(first, [bytes.fromhex(node) for node in point["nodes"]])
        except (ValueError, KeyError, TypeError):
            continue
        if tree.root().hex() == point["root"]:
            return tree, point["head"]
    report.find(f"The entries before number {first} are gone, and no signed checkpoint stands for them.")
    return None


def _walk(
    report: Report, lines: Iterable[str], wanted: Mapping[int, Sequence[Mapping[str, Any]]], tree: Tree, prev: str
) -> None:
    """The entries one by one, from where `tree` and `prev` stand."""
    _compare(report, tree, prev, wanted)
    for line in lines:
        expected = tree.size
        try:
            entry = json.loads(line)
            told, seq = str(entry["h"]), entry["seq"]
            # Keys are sorted, and of those from `h` on none holds an object: the last of this is the entry's own.
            before, _, after = line.rpartition(f'"h":"{told}",')
        except (ValueError, KeyError, TypeError, AttributeError):
            report.find(f"Entry {expected} cannot be read.")
            return
        if seq != expected:
            report.find(f"Where entry {expected} should stand there is number {seq}: one is missing or moved.")
            return
        leaf = leaf_hash((before + after).encode())
        if leaf.hex() != told or canonical(entry) != line:
            report.find(f"Entry {expected} was changed: it does not have the hash that it tells.")
        if entry.get("prev") != prev:
            report.find(f"Entry {expected} does not follow from the one before it.")
        prev = leaf.hex()
        tree.append(leaf)
        report.entries += 1
        _compare(report, tree, prev, wanted)


def _find_gaps(report: Report, wanted: Iterable[int], end: int, unsigned: int) -> None:
    """What checkpoints tell that entries do not, and the other way round."""
    if report.findings:
        return
    sizes = list(wanted)
    if max(sizes, default=0) > end:
        report.find(f"A checkpoint tells of {max(sizes)} entries, and there are {end}: the end is missing.")
    if report.entries > report.signed:
        report.notes.append(
            f"Entries behind the last checkpoint, which are not signed yet: {report.entries - report.signed}."
        )
    if not sizes and report.entries > unsigned:
        report.find("There is no checkpoint: without a signature, anyone may have written these entries.")


def _compare(report: Report, tree: Tree, prev: str, wanted: Mapping[int, Sequence[Mapping[str, Any]]]) -> None:
    points = wanted.get(tree.size)
    if not points:
        return
    root = tree.root().hex()
    if all(point["root"] == root and point["head"] == prev for point in points):
        report.signed = report.entries
    else:
        report.find(f"The first {tree.size} entries are not those that their checkpoint was signed for.")


# -- files -------------------------------------------------------------------------------------------------------------


def verify_export(path: Path, pinned: bytes | None = None, witnesses: Path | None = None) -> Report:
    """Verify the folder or zip file at `path`. `pinned`: the public keys to trust, as PEM; None: those in the export.

    Raises:
        OSError, ValueError, KeyError: it is not an export, or cannot be read.
    """
    with _Files(path) as files:
        manifest = json.loads(files.read(MANIFEST))
        log, first = str(manifest["log"]), int(manifest["first"])
        keys = read_keys(files.read(PUBLIC_KEYS) if pinned is None else pinned)
        points = files.read(CHECKPOINTS).decode().splitlines()
        kept = witness_texts(witnesses, log) if witnesses else []
        report = verify(log, files.lines(ENTRIES), points, keys, first=first, witnesses=kept)
    if report.first + report.entries != int(manifest["size"]) and report.whole:
        report.find(f"The manifest tells of {manifest['size']} entries, and there are {report.first + report.entries}.")
    if pinned is None:
        report.notes.append(
            "The public key came with the log. Compare its id with the one that you were told, or pin it."
        )
    return report


def witness_texts(folder: Path, log: str) -> list[str]:
    """The checkpoints of that log under a folder of copies."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((folder / log).glob("*.json"))]
    if not texts:
        raise ValueError(f"{folder / log} holds no checkpoint")
    return texts


class _Files:
    """A folder or a zip file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._zip = zipfile.ZipFile(path) if path.is_file() else None

    def __enter__(self) -> _Files:
        return self

    def __exit__(self, *_: object) -> None:
        if self._zip is not None:
            self._zip.close()

    def read(self, name: str) -> bytes:
        return self._zip.read(name) if self._zip else (self._path / name).read_bytes()

    def lines(self, name: str) -> Iterator[str]:
        with self._zip.open(name) if self._zip else (self._path / name).open("rb") as file:
            for line in file:
                yield line.decode().rstrip("\n")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Verify an exported audit log.")
    parser.add_argument("log", type=Path, help="folder or zip file of the export")
    parser.add_argument("--public-key", type=Path, help="PEM file with the public keys that you trust")
    parser.add_argument("--checkpoints", type=Path, help="folder with copies of checkpoints, kept elsewhere")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    try:
        pinned = options.public_key.read_bytes() if options.public_key else None
        report = verify_export(options.log, pinned, options.checkpoints)
    except OSError as error:
        print(f"{error.filename} cannot be read: {error.strerror}.", file=sys.stderr)  # noqa: T201
        return 2
    except (ValueError, KeyError, zipfile.BadZipFile) as error:
        print(f"The log cannot be read: {error}", file=sys.stderr)  # noqa: T201
        return 2
    print("\n".join(told(report, options.json)))  # noqa: T201
    return 0 if report.whole else 1


def told(report: Report, as_json: bool = False) -> list[str]:
    """The report in lines."""
    if as_json:
        return [json.dumps({"whole": report.whole, **vars(report)}, indent=2)]
    verdict = "WHOLE" if report.whole else "NOT WHOLE"
    last = report.first + report.entries - 1
    entries = f"entries {report.first} to {last}" if report.entries else "no entry"
    return [
        f"{verdict}: log {report.log}, {entries}, "
        f"{report.signed} of {report.entries} covered by checkpoints "
        f"({report.checkpoints} with the log, {report.witnesses} kept elsewhere); keys {', '.join(report.keys)}",
        *(f"  ! {finding}" for finding in report.findings),
        *(f"  - {note}" for note in report.notes),
    ]


if __name__ == "__main__":
    sys.exit(main())
