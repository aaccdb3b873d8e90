"""The signed report of a run: canonical JSON with an Ed25519 signature, which shows any later edit without the gateway.

Its `figures` follow from its `outcomes`, and are counted again when it is verified. Numbers have at most four decimals, so that
canonical JSON (RFC 8785) is the same everywhere.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature

from vernacular.audit.keys import AuditKeys
from vernacular.audit.verify_audit import canonical, read_keys
from vernacular.errors import UnreadableFile
from vernacular.redteam.case import Outcome
from vernacular.redteam.figures import figures_of

FORMAT: Final = "vernacular-redteam/1"


@dataclass(frozen=True, slots=True)
class Checked:
    """`problems`: what is wrong with a report; none: it is as it was signed."""

    document: Mapping[str, Any]
    problems: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.problems


def signed_report(keys: AuditKeys, about: Mapping[str, Any], outcomes: Sequence[Outcome]) -> str:
    """`about`: what was attacked, when, with what; see docs/redteam.md."""
    told = [each.as_json() for each in outcomes]
    return keys.signed({"format": FORMAT, **about, "figures": figures_of(outcomes), "outcomes": told})


def check(text: str, public_keys: bytes) -> Checked:
    """Whether a report is as one of the trusted keys (PEM) signed it.

    Raises:
        UnreadableFile: it is no report.
    """
    document = read_report(text)
    keys, problems = read_keys(public_keys), []
    if canonical(document) != text.strip():
        problems.append("It is not written as it was signed: something was added, taken out or put elsewhere.")
    signed = {name: value for name, value in document.items() if name != "sig"}
    signer = str(document.get("key", ""))
    if signer not in keys:
        problems.append(f"It is signed with the key {signer or '(none)'}, which is not trusted.")
    else:
        try:
            keys[signer].verify(_signature(document), canonical(signed).encode())
        except InvalidSignature:
            problems.append("Its signature is false: it was changed after it was signed.")
    if not _counts(document):
        problems.append("Its figures are not those of its outcomes.")
    return Checked(document, tuple(problems))


def read_report(text: str) -> dict[str, Any]:
    """
    Raises:
        UnreadableFile: it is no report.
    """
    try:
        document = json.loads(text)
    except ValueError:
        raise UnreadableFile("The report is not JSON.") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise UnreadableFile("This is no report of `vernacular redteam`.")
    return document


def _signature(document: Mapping[str, Any]) -> bytes:
    try:
        return base64.b64decode(str(document.get("sig", "")), validate=True)
    except binascii.Error:
        return b""


def _counts(document: Mapping[str, Any]) -> bool:
    try:
        outcomes = [Outcome(**each) for each in document["outcomes"]]
        return canonical(figures_of(outcomes)) == canonical(document["figures"])
    except (KeyError, TypeError):
        return False
