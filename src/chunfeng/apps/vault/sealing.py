"""A short text sealed with SM4-GCM, bound to the column it belongs to.

Layout: version (1 byte, 1), key number (1 byte), nonce (12 bytes), ciphertext and tag. The column's name is
authenticated along, so that a sealed value moved to another column does not open.
"""

from __future__ import annotations

import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from chunfeng.apps.vault.keys import Ring, look_again, ring

_VERSION = 1
_NONCE, _TAG = 12, 16


class Unreadable(ValueError):
    """A sealed value that cannot be opened: damaged, moved, or its key is gone from the ring."""


@lru_cache(8)
def _algorithm(key: bytes) -> algorithms.SM4:
    return algorithms.SM4(key)


def seal(text: str, column: str, keys: Ring | None = None) -> bytes:
    """The sealed value of `text` for a column (table.column)."""
    return seal_bytes(text.encode(), column, keys)


def unseal(sealed: bytes, column: str, keys: Ring | None = None) -> str:
    """The text again. Unreadable when it is not this column's, is damaged, or its key is not on the ring."""
    return unseal_bytes(sealed, column, keys).decode()


def seal_bytes(content: bytes, column: str, keys: Ring | None = None) -> bytes:
    """`seal` for bytes."""
    keys = keys or ring()
    nonce = os.urandom(_NONCE)
    encryptor = Cipher(_algorithm(keys.keys[keys.current]), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(column.encode())
    sealed = encryptor.update(content) + encryptor.finalize()
    return bytes((_VERSION, keys.current)) + nonce + sealed + encryptor.tag


def unseal_bytes(sealed: bytes, column: str, keys: Ring | None = None) -> bytes:
    """`unseal` for bytes."""
    given, keys = keys, keys or ring()
    sealed = bytes(sealed)
    if len(sealed) < 2 + _NONCE + _TAG or sealed[0] != _VERSION:
        raise Unreadable("not a sealed value")
    key = keys.keys.get(sealed[1])
    if key is None and given is None:
        key = look_again().keys.get(sealed[1])  # a key added a moment ago, by another process
    if key is None:
        raise Unreadable(f"key {sealed[1]} is not on the ring")
    nonce, body, tag = sealed[2 : 2 + _NONCE], sealed[2 + _NONCE : -_TAG], sealed[-_TAG:]
    decryptor = Cipher(_algorithm(key), modes.GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(column.encode())
    try:
        return decryptor.update(body) + decryptor.finalize()
    except InvalidTag as error:
        raise Unreadable("damaged, or of another column") from error


def key_number(sealed: bytes) -> int:
    """Which key a sealed value needs."""
    return sealed[1]
