"""The installation's keys to its logs, under `home/secrets`: one to sign with, one to wrap the keys of subjects, one for pseudonyms."""

from __future__ import annotations

import base64
import hmac
import secrets
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from vernacular.audit.verify_audit import canonical, key_id
from vernacular.errors import InvalidSetting
from vernacular.secret_files import secret_in

KEY_BYTES = 32
_NONCE_BYTES = 12


class AuditKeys:
    """Of the installation whose data lie under `home`; made at random when first used. Thread-safe."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "secrets"

    @cached_property
    def _signing(self) -> Ed25519PrivateKey:
        pem = secret_in(self._folder / "audit-signing.pem", _new_signing_key)
        key = load_pem_private_key(pem, None)
        if not isinstance(key, Ed25519PrivateKey):
            raise InvalidSetting(
                f"{self._folder / 'audit-signing.pem'} holds no Ed25519 key.", "Restore the one it was."
            )
        return key

    @cached_property
    def public_pem(self) -> bytes:
        """The public key: what auditors pin."""
        return self._signing.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @cached_property
    def key_id(self) -> str:
        return key_id(self._signing.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def signed(self, document: dict[str, Any]) -> str:
        """Canonical JSON of the document with `key`, who signed it, and `sig`, over all the rest."""
        named = {**document, "key": self.key_id}
        signature = self._signing.sign(canonical(named).encode())
        return canonical({**named, "sig": base64.b64encode(signature).decode()})

    def pseudonym(self, *parts: str) -> str:
        """32 hexadecimal digits that stand for `parts`; without this installation's secret nobody can tell for whom."""
        message = b"".join(len(data).to_bytes(4) + data for data in (_bytes(part) for part in parts))
        return hmac.digest(self._derived("pseudonyms"), message, "sha256").hex()[:32]

    def wrap(self, key: bytes, name: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self._derived("subject keys")).encrypt(nonce, key, name.encode())

    def unwrap(self, wrapped: bytes, name: str) -> bytes:
        """
        Raises:
            InvalidSetting: it was wrapped with another secret.
        """
        try:
            return AESGCM(self._derived("subject keys")).decrypt(
                wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], name.encode()
            )
        except InvalidTag:
            raise InvalidSetting(
                "The audit log's keys do not fit to home/secrets/audit.", "Restore that file from a backup."
            ) from None

    def _derived(self, purpose: str) -> bytes:
        return self._all_derived[purpose]

    @cached_property
    def _all_derived(self) -> dict[str, bytes]:
        master = secret_in(self._folder / "audit", lambda: secrets.token_bytes(KEY_BYTES))
        return {purpose: _expanded(master, purpose) for purpose in ("pseudonyms", "subject keys")}


def sealed(keys: list[bytes], plain: bytes, bound_to: str) -> str:
    """AES-256-GCM under a key that takes all of `keys` to make, in base64: without any one of them nobody can read it."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return base64.b64encode(nonce + AESGCM(_joined(keys)).encrypt(nonce, plain, bound_to.encode())).decode()


def opened(keys: list[bytes], text: str, bound_to: str) -> bytes | None:
    """What `sealed` was given; None: those are not its keys (any more)."""
    data = base64.b64decode(text)
    try:
        return AESGCM(_joined(keys)).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], bound_to.encode())
    except InvalidTag:
        return None


def _joined(keys: list[bytes]) -> bytes:
    return keys[0] if len(keys) == 1 else _expanded(b"".join(keys), "joined")


def _expanded(secret: bytes, purpose: str) -> bytes:
    info = b"vernacular audit: " + purpose.encode()
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(secret)


def _bytes(part: str) -> bytes:
    return part.encode("utf-8", "surrogatepass")


def _new_signing_key() -> bytes:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
