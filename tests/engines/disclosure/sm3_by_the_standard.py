"""SM3 and HMAC written down from GB/T 32905-2016 and RFC 2104, for nothing but to compare with."""

MASK = 0xFFFFFFFF
IV = (0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E)


def _left(x: int, n: int) -> int:
    n %= 32
    return (x << n | x >> (32 - n)) & MASK


def _p0(x: int) -> int:
    return x ^ _left(x, 9) ^ _left(x, 17)


def _p1(x: int) -> int:
    return x ^ _left(x, 15) ^ _left(x, 23)


def _compress(state: tuple[int, ...], block: bytes) -> tuple[int, ...]:
    w = [int.from_bytes(block[i : i + 4], "big") for i in range(0, 64, 4)]
    for j in range(16, 68):
        w.append(_p1(w[j - 16] ^ w[j - 9] ^ _left(w[j - 3], 15)) ^ _left(w[j - 13], 7) ^ w[j - 6])
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        t = 0x79CC4519 if j < 16 else 0x7A879D8A
        ss1 = _left((_left(a, 12) + e + _left(t, j)) & MASK, 7)
        ss2 = ss1 ^ _left(a, 12)
        ff = a ^ b ^ c if j < 16 else a & b | a & c | b & c
        gg = e ^ f ^ g if j < 16 else e & f | ~e & MASK & g
        tt1 = (ff + d + ss2 + (w[j] ^ w[j + 4])) & MASK
        tt2 = (gg + h + ss1 + w[j]) & MASK
        a, b, c, d, e, f, g, h = tt1, a, _left(b, 9), c, _p0(tt2), e, _left(f, 19), g
    return tuple(x ^ y for x, y in zip(state, (a, b, c, d, e, f, g, h), strict=True))


def sm3(message: bytes) -> bytes:
    """The digest of a message, 32 bytes."""
    padded = message + b"\x80" + bytes(-(len(message) + 9) % 64) + (8 * len(message)).to_bytes(8, "big")
    state: tuple[int, ...] = IV
    for start in range(0, len(padded), 64):
        state = _compress(state, padded[start : start + 64])
    return b"".join(word.to_bytes(4, "big") for word in state)


def hmac_sm3(key: bytes, message: bytes) -> bytes:
    """RFC 2104 with SM3."""
    key = (sm3(key) if len(key) > 64 else key).ljust(64, b"\0")
    inner = sm3(bytes(k ^ 0x36 for k in key) + message)
    return sm3(bytes(k ^ 0x5C for k in key) + inner)
