"""Proofs over a log's Merkle tree (RFC 9162, 2.1.3 and 2.1.4): that it holds an entry, and that one checkpoint continues another.

Who keeps a checkpoint can be shown either without being shown another entry; `verify_audit` has the functions that check them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vernacular.audit.verify_audit import Tree, node_hash
from vernacular.errors import NotFound


class Prover:
    """Of the first `size` entries: `leaves` are the hashes of those from number `first` on, and `before` the perfect
    subtrees over all before that, as a checkpoint of `first` entries holds them."""

    def __init__(self, leaves: Sequence[bytes], first: int = 0, before: Sequence[bytes] = ()) -> None:
        self.size = first + len(leaves)
        self._leaves, self._first = leaves, first
        self._known = _spans(Tree(first, before))

    def leaf(self, index: int) -> bytes:
        """The hash of an entry for which `inclusion` gives a proof."""
        return self._leaves[index - self._first]

    def inclusion(self, index: int) -> list[bytes]:
        """
        Raises:
            NotFound: that entry is not there, or no longer kept.
        """
        if not self._first <= index < self.size:
            raise NotFound(f"There is no entry {index}.", f"Entries {self._first} to {self.size - 1} are kept.")
        return self._path(index, 0, self.size)

    def consistency(self, first: int) -> list[bytes]:
        """That the tree of `first` entries is the beginning of this one.

        Raises:
            NotFound: there are not so many, or what is left of the log does not tell.
        """
        if not 0 < first <= self.size:
            raise NotFound(f"There are not {first} entries.")
        return self._subproof(first, 0, self.size, whole=True)

    def _path(self, index: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        middle = start + _split(end - start)
        if index < middle:
            return [*self._path(index, start, middle), self._hash(middle, end)]
        return [*self._path(index, middle, end), self._hash(start, middle)]

    def _subproof(self, count: int, start: int, end: int, *, whole: bool) -> list[bytes]:
        if count == end - start:
            return [] if whole else [self._hash(start, end)]
        split = _split(end - start)
        if count <= split:
            return [*self._subproof(count, start, start + split, whole=whole), self._hash(start + split, end)]
        rest = self._subproof(count - split, start + split, end, whole=False)
        return [*rest, self._hash(start, start + split)]

    def _hash(self, start: int, end: int) -> bytes:
        """The root over the entries from `start` up to `end`."""
        if (start, end) in self._known:
            return self._known[start, end]
        if end <= self._first or (end - start == 1 and start < self._first):
            raise NotFound("The entries that this proof needs are no longer kept.")
        if end - start == 1:
            return self._leaves[start - self._first]
        if start >= self._first:
            tree = Tree()
            for leaf in self._leaves[start - self._first : end - self._first]:
                tree.append(leaf)
            return tree.root()
        middle = start + _split(end - start)
        return node_hash(self._hash(start, middle), self._hash(middle, end))


def _spans(tree: Tree) -> Mapping[tuple[int, int], bytes]:
    """What each of the tree's perfect subtrees covers."""
    found: dict[tuple[int, int], bytes] = {}
    start = 0
    for bit, node in zip(_bits(tree.size), tree.nodes, strict=True):
        found[start, start + bit] = node
        start += bit
    return found


def _bits(number: int) -> list[int]:
    return [1 << place for place in range(number.bit_length() - 1, -1, -1) if number >> place & 1]


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1
