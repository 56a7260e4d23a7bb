"""Letters that anybody can close and one person can open.

Closed by HPKE (RFC 9180) with a public key; the private one is locked with a passphrase, from which
Argon2id (RFC 9106, second recommendation) makes the key. So whoever has the disk and the database,
but not the passphrase, reads nothing.
"""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hpke import Suite

_INFO = b"overread identity"
_SALT, _NONCE = 16, 12


class WrongPassphraseError(ValueError):
    """The passphrase does not open the lock."""


@dataclass(frozen=True)
class Keys:
    """`locked` is the private key: salt, nonce and ciphertext."""

    public: bytes
    locked: bytes


def is_installed() -> bool:
    try:
        import cryptography  # noqa: F401
    except ImportError:
        return False
    return True


def make_keys(passphrase: str) -> Keys:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    private = X25519PrivateKey.generate()
    return Keys(
        private.public_key().public_bytes_raw(), _lock(private.private_bytes_raw(), passphrase)
    )


def change_passphrase(locked: bytes, old: str, new: str) -> bytes:
    """The same key under another lock. Raises WrongPassphraseError."""
    return _lock(_unlock(locked, old), new)


def seal(data: bytes, public: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

    return _suite().encrypt(data, X25519PublicKey.from_public_bytes(public), info=_INFO)


def unseal(sealed: list[bytes], locked: bytes, passphrase: str) -> list[bytes]:
    """What was closed, in its order. Raises WrongPassphraseError."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    private = X25519PrivateKey.from_private_bytes(_unlock(locked, passphrase))
    suite = _suite()
    return [suite.decrypt(one, private, info=_INFO) for one in sealed]


def _suite() -> "Suite":
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def _lock(private: bytes, passphrase: str) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    return salt + nonce + ChaCha20Poly1305(_key(passphrase, salt)).encrypt(nonce, private, None)


def _unlock(locked: bytes, passphrase: str) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    salt, rest = locked[:_SALT], locked[_SALT:]
    try:
        cipher = ChaCha20Poly1305(_key(passphrase, salt))
        return cipher.decrypt(rest[:_NONCE], rest[_NONCE:], None)
    except InvalidTag:
        raise WrongPassphraseError from None


def _key(passphrase: str, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    lanes, memory = 4, 64 * 1024
    made = Argon2id(salt=salt, length=32, iterations=3, lanes=lanes, memory_cost=memory)
    return made.derive(passphrase.encode())
