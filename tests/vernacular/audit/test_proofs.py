"""The tree's hashes against those of RFC 6962's reference implementation, and every proof of trees of all small sizes."""

from __future__ import annotations

import hashlib

import pytest

from vernacular.audit.proofs import Prover
from vernacular.audit.verify_audit import Tree, leaf_hash, verify_consistency, verify_inclusion
from vernacular.errors import NotFound

INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def leaves(count: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(count)]


def root(hashes: list[bytes]) -> bytes:
    tree = Tree()
    for leaf in hashes:
        tree.append(leaf)
    return tree.root()


class TestTree:
    def test_has_the_roots_of_the_reference_implementation(self) -> None:
        hashes = [leaf_hash(bytes.fromhex(data)) for data in INPUTS]
        assert [root(hashes[: count + 1]).hex() for count in range(len(hashes))] == ROOTS

    def test_is_the_hash_of_nothing_when_it_is_empty(self) -> None:
        assert Tree().root() == hashlib.sha256().digest()

    def test_goes_on_from_its_perfect_subtrees(self) -> None:
        tree = Tree()
        for leaf in leaves(11):
            tree.append(leaf)
        again = Tree(11, tree.nodes)
        again.append(leaf_hash(b"11"))
        assert again.root() == root(leaves(12))

    def test_refuses_subtrees_of_another_size(self) -> None:
        with pytest.raises(ValueError, match="another number"):
            Tree(3, [leaf_hash(b"")])


class TestInclusion:
    def test_holds_for_every_entry_of_every_small_tree(self) -> None:
        for size in range(1, 34):
            hashes = leaves(size)
            made, top = Prover(hashes), root(hashes)
            for index in range(size):
                proof = made.inclusion(index)
                assert verify_inclusion(hashes[index], index, size, proof, top)
                assert not verify_inclusion(leaf_hash(b"other"), index, size, proof, top)
                assert not verify_inclusion(hashes[index], index, size, [*proof, top], top)
                assert size == 1 or not verify_inclusion(hashes[index], (index + 1) % size, size, proof, top)

    def test_holds_for_what_is_left_after_the_first_entries_have_gone(self) -> None:
        hashes = leaves(29)
        for first in range(1, 29):
            before = Tree()
            for leaf in hashes[:first]:
                before.append(leaf)
            made = Prover(hashes[first:], first, before.nodes)
            for index in range(first, 29):
                assert verify_inclusion(hashes[index], index, 29, made.inclusion(index), root(hashes))
            with pytest.raises(NotFound):
                made.inclusion(first - 1)


class TestConsistency:
    def test_holds_between_all_small_trees(self) -> None:
        for second in range(1, 26):
            hashes = leaves(second)
            for first in range(1, second + 1):
                proof = Prover(hashes).consistency(first)
                old = root(hashes[:first])
                assert verify_consistency(first, old, second, root(hashes), proof)
                assert not verify_consistency(first, leaf_hash(b"x"), second, root(hashes), proof)
                if first < second:
                    assert not verify_consistency(first, old, second, leaf_hash(b"x"), proof)

    def test_is_told_where_what_it_needs_is_left(self) -> None:
        hashes = leaves(20)
        before = Tree()
        for leaf in hashes[:8]:
            before.append(leaf)
        made = Prover(hashes[8:], 8, before.nodes)
        assert verify_consistency(8, root(hashes[:8]), 20, root(hashes), made.consistency(8))
        assert verify_consistency(13, root(hashes[:13]), 20, root(hashes), made.consistency(13))
        with pytest.raises(NotFound):
            made.consistency(5)
