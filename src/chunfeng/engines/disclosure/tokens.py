"""Keyed tokens: what a department sends in place of the citizen numbers, names and telephones it may not hand over.

Two schemes. `token_id18` is the plain one that a mobile operator uses: HMAC-SM3 of the 18 characters of the number.
Ours is several tokens per row (`tokens_of`), each of other parts of the row, so that a damaged number or a missing one
does not hide a person. Each message begins with its purpose, so tokens of different columns never meet:

    token_id17             id17|first 17 digits
    token_id15_name        id15_name|first 15 digits|syllables of the name
    token_birth_name       birth_name|yyyymmdd|syllables of the name
    token_phone_surname    phone_surname|11 digits|syllables of the surname
    token_village_given    village_given|region code of 12 digits|syllables of the given name

A part that is missing or uncertain leaves the token null: there is never a token of nothing. See docs/tokens.md for what
this protects against and what not.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from chunfeng.engines.disclosure.hmac_sm3 import digest, token
from chunfeng.engines.disclosure.parts import PARTS, keys_of, name_parts, parts_of
from chunfeng.engines.identity import id_numbers

__all__ = [
    "PARTS",
    "SHORTEST_KEY",
    "TOKENS",
    "fingerprint",
    "keys_of",
    "messages_of",
    "name_parts",
    "parts_of",
    "token",
    "token_id18",
    "tokens_of",
]

TOKENS: dict[str, tuple[str, ...]] = {
    "token_id17": ("id17",),
    "token_id15_name": ("known15", "name_key"),
    "token_birth_name": ("birth", "name_key"),
    "token_phone_surname": ("phone", "surname_key"),
    "token_village_given": ("village", "given_key"),
}
"""Column → the parts (see PARTS) its messages are made of, in their order."""

SHORTEST_KEY = 16
"""Bytes: 128 bits, the strength of GB/T 32907 (SM4), if every byte was drawn by chance."""

_WIDTHS = {"id17": 17, "known15": 15, "birth": 8}
_FINGERPRINT = b"chunfeng|key|1"


def tokens_of(parts: pl.DataFrame, key: bytes, threads: int | None = None) -> pl.DataFrame:
    """The columns TOKENS (64 lower-case hexadecimal digits or null) for a frame with the columns PARTS, row by row."""
    messages = messages_of(parts)
    return messages.select([token(messages[name], key, threads) for name in TOKENS])


def messages_of(parts: pl.DataFrame) -> pl.DataFrame:
    """What is put under the key, in the columns TOKENS: personal data in clear, never to be written anywhere."""
    columns = []
    for name, of in TOKENS.items():
        texts = [
            pl.col(part).cast(pl.String).str.zfill(_WIDTHS[part]) if part in _WIDTHS else pl.col(part)
            for part in of
        ]
        filled = pl.all_horizontal([text.str.len_chars() > 0 for text in texts])
        message = pl.concat_str([pl.lit(name.removeprefix("token_")), *texts], separator="|")
        columns.append(pl.when(filled).then(message).alias(name))
    return parts.select(columns)


def token_id18(id17: pl.Series, key: bytes, threads: int | None = None) -> pl.Series:
    """The plain scheme: HMAC-SM3 of all 18 characters of verified numbers, given as their first 17 digits (Int64).

    Null stays null; same height, order and name.
    """
    digits = id17.fill_null(0).to_numpy()
    sums = np.zeros(len(digits), np.int64)
    for place, weight in enumerate(reversed(id_numbers.WEIGHTS)):
        sums += digits // 10**place % 10 * weight
    checks = pl.Series(list(id_numbers.CHECK_CHARACTERS))[sums % 11]
    texts = pl.DataFrame({"n": id17.cast(pl.Int64), "c": checks}).select(
        pl.concat_str(pl.col("n").cast(pl.String).str.zfill(17), "c").alias(id17.name)
    )
    return token(texts.to_series(), key, threads)


def fingerprint(key: bytes) -> str:
    """Eight hexadecimal digits that two sides compare aloud: equal for the same key and the same version of the scheme.

    It is a digest under the key itself (of a message that no token has), so it tells no more than a token does.
    """
    return digest(key, _FINGERPRINT).hex()[:8]
