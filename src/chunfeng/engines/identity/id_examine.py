"""The second compiled pass: texts that are no 18 clean bytes, read byte by byte.

It knows the plain cases only: marks that are dropped, digits of both widths, the signs for X, the letters
scanning leaves, a point with zeros, numbers of 12 to 20 characters. Whatever else turns up in a text (words,
several numbers, masks, other documents) leaves the row UNREAD for `id_reading.read`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chunfeng.engines.identity import id_kernel, id_reading
from chunfeng.engines.identity.id_kernel import Bytes, compiled, part

# the compiler takes names of this module only
BAD_CHECK, BAD_DATE, BLANK = id_kernel.BAD_CHECK, id_kernel.BAD_DATE, id_kernel.BLANK
CERTIFICATE, CUT15, LONG, NOT_ID = id_kernel.CERTIFICATE, id_kernel.CUT15, id_kernel.LONG, id_kernel.NOT_ID
SCIENTIFIC = id_kernel.SCIENTIFIC
NO_SLIP, OK15, OK18, SHORT = id_kernel.NO_SLIP, id_kernel.OK15, id_kernel.OK18, id_kernel.SHORT
wide = id_kernel.wide
CHECKS, ISSUERS, MASKED, STAR = id_kernel.CHECKS, id_kernel.ISSUERS, id_kernel.MASKED, id_kernel.STAR
NINE, UNREAD, WIDTH, X, ZERO = id_kernel.NINE, id_kernel.UNREAD, id_kernel.WIDTH, id_kernel.X, id_kernel.ZERO
begins, classify18, explain, is_birth = (
    id_kernel.begins,
    id_kernel.classify18,
    id_kernel.explain,
    id_kernel.is_birth,
)
INVERSES, residue_of = id_kernel.INVERSES, id_kernel.residue_of
number_of, printed_double, weighted = id_kernel.number_of, id_kernel.printed_double, id_kernel.weighted

DROPPED, DASH, POINT, OTHER = 0, 45, 46, 255
_READ = "0123456789X*-.OolIBb"


def _meanings() -> Bytes:
    """By code point: the ASCII character that `id_reading.fold` makes of it, or DROPPED, or OTHER.

    Only of the blocks that hold such characters: Latin, Greek, Cyrillic, punctuation and signs, full width.
    """
    meanings = np.full(0x10000, OTHER, np.uint8)
    for block in (range(0x500), range(0x2000, 0x2800), range(0x3000, 0x3040), range(0xFE00, 0x10000)):
        for code in block:
            folded = id_reading.fold(chr(code))
            if not folded:
                meanings[code] = DROPPED
            elif folded in _READ and len(folded) == 1:
                meanings[code] = ord(folded)
    return meanings


MEANINGS = _meanings()


Outputs = tuple[Bytes, NDArray[np.int64], Bytes, Bytes, Bytes, Bytes, Bytes]


def outputs(rows: int) -> Outputs:
    """Arrays `examine` fills for so many rows, in the order of its arguments."""
    kind, number = np.empty(rows, np.uint8), np.zeros(rows, np.int64)
    certificate, reissue, slip, count = (np.zeros(rows, np.uint8) for _ in range(4))
    return kind, number, certificate, reissue, slip, np.zeros((rows, WIDTH), np.uint8), count


@compiled
def examine(
    rows: NDArray[np.int64],
    views: NDArray[np.uint32],
    data: Bytes,
    bases: NDArray[np.int64],
    within: int,
    kind: Bytes,
    number: NDArray[np.int64],
    certificate: Bytes,
    reissue: Bytes,
    slip: Bytes,
    characters: Bytes,
    count: Bytes,
    meanings: Bytes,
    in_full: bool,
) -> None:
    """Reads the texts of `rows` into outputs of as many rows; `slip` and `characters` only if all is asked for.

    `within`: where in `data` the views begin, which hold short texts themselves.
    `kind` or UNREAD; `number` of 17 digits, or 15 for CUT15; `certificate` disability kind × 10 + grade;
    `reissue` mark; `slip` or NO_SLIP; `characters` left, WIDTH a row, and their `count`.
    """
    text = np.empty(WIDTH + 1, np.uint8)
    for i in range(len(rows)):
        kind[i], slip[i] = UNREAD, NO_SLIP
        row = rows[i]
        size = wide(views[row, 0])
        if size <= 12:
            at = within + 16 * row + 4
        else:
            at = bases[views[row, 2]] + wide(views[row, 3])
        past = at + size
        if size > 5 and data[at + 1] == POINT:  # 3.5…
            _scientific(i, data, at, past, text, kind, number, characters, count)
            continue
        length, mark, pointed, stars = _characters(data, at, past, text, meanings)
        if length == 0:
            kind[i] = BLANK
        if length < 12:
            continue
        if stars:
            if length == 18 and stars == 1 and text[17] == STAR and begins(text):
                number[i] = number_of(text, 0, 17)
            kind[i], count[i] = MASKED, length
            if in_full:
                write(characters, i, text, length)
            continue
        if pointed == 2 and length == 18:  # a spreadsheet's number, printed with its zeros
            known = printed_double(number_of(text, 0, 18))
            if known and known < 10**15 and ISSUERS[known // 10**12] and is_birth(known // 10 % 10**8):
                kind[i], number[i], count[i] = CUT15, known, 18
                write(characters, i, text, 18)
                continue
        _classify(i, text, length, mark, kind, number, certificate)
        if kind[i] == UNREAD:
            continue
        reissue[i] = mark
        if in_full and length >= 18 and kind[i] in (BAD_CHECK, BAD_DATE):
            slip[i] = explain(text)
        if in_full and kind[i] == OK15:
            _write_out(text, number[i])
            length = 18
        count[i] = length
        if in_full:
            write(characters, i, text, length)


@part
def write(characters: Bytes, row: int, text: Bytes, length: int) -> None:
    """Character by character: a slice costs more than what it moves."""
    for j in range(length):
        characters[row, j] = text[j]


@part
def _characters(data: Bytes, at: int, past: int, text: Bytes, meanings: Bytes) -> tuple[int, int, int, int]:
    """Fills `text`; (characters, reissue mark, 1 a point or 2 with zeros, masks); -1 characters if unsure."""
    length, dashes, mark, pointed, letters = 0, 0, 0, 0, 0
    first_letters, stars, x_at = 0, 0, -1
    while at < past:
        byte = wide(data[at])
        if ZERO <= byte <= NINE and length < WIDTH and not pointed and not mark:  # most are
            text[length] = byte
            length += 1
            at += 1
            continue
        if byte < 0x80:
            meant = wide(meanings[byte])
            at += 1
        elif byte < 0xE0:
            meant = wide(meanings[(byte & 0x1F) << 6 | wide(data[at + 1]) & 0x3F])
            at += 2
        elif byte < 0xF0:
            middle = wide(data[at + 1]) & 0x3F
            meant = wide(meanings[(byte & 0x0F) << 12 | middle << 6 | wide(data[at + 2]) & 0x3F])
            at += 3
        else:
            return -1, 0, 0, 0
        if ZERO <= meant <= NINE and not pointed and not mark:
            if length == WIDTH:
                return -1, 0, 0, 0
            text[length] = meant
            length += 1
            continue
        if meant == DROPPED:
            continue
        if mark or meant == OTHER or (pointed and meant != ZERO):
            return -1, 0, 0, 0
        if meant == DASH:
            dashes += 1
            continue
        if meant == POINT:
            pointed = 1
            continue
        if pointed:
            pointed = 2
            continue
        if meant == 66 or meant == 98:  # B1 … B9 at the end of a certificate
            mark = wide(data[at]) - ZERO if at < past else 0
            at += 1
            if length < WIDTH or not 1 <= mark <= 9:
                return -1, 0, 0, 0
            continue
        if length == WIDTH or (meant == X and x_at >= 0):
            return -1, 0, 0, 0
        if meant == X:
            x_at = length
        elif meant == STAR:
            stars += 1
        else:  # O o, l I
            meant = ZERO + (meant == 108 or meant == 73)
            letters += 1
            first_letters += length < 3
        text[length] = meant
        length += 1
    if 0 <= x_at < length - 1 and (x_at != 17 or letters or stars):
        return -1, 0, 0, 0
    if dashes > 3 or (pointed and (dashes or letters)) or (letters and (length < 14 or first_letters == 3)):
        return -1, 0, 0, 0
    if stars and (letters or pointed or dashes or mark):
        return -1, 0, 0, 0
    if (pointed and (length not in (15, 18) or text[length - 1] == X)) or (dashes and not length):
        return -1, 0, 0, 0
    return length, mark, pointed, stars


@part
def _scientific(
    i: int,
    data: Bytes,
    at: int,
    past: int,
    text: Bytes,
    kind: Bytes,
    number: NDArray[np.int64],
    characters: Bytes,
    count: Bytes,
) -> None:
    """3.52627E+17, or the first 15 digits where at least 13 are shown, as in 3.52627197508016E+17."""
    length = past - at - 5
    if not 2 <= length <= 17 or data[past - 4] not in (69, 101) or data[past - 3] != 43:
        return
    if data[past - 2] != ZERO + 1 or data[past - 1] != ZERO + 7:
        return
    text[0] = data[at]
    for j in range(1, WIDTH):
        text[j] = data[at + 1 + j] if j < length else ZERO
    for j in range(length):
        if not ZERO <= text[j] <= NINE:
            return
    kind[i], count[i] = SCIENTIFIC, length
    if length >= 13 and begins(text):
        kind[i], number[i] = CUT15, number_of(text, 0, 15)
    write(characters, i, text, length)


@part
def _classify(
    i: int,
    text: Bytes,
    length: int,
    mark: int,
    kind: Bytes,
    number: NDArray[np.int64],
    certificate: Bytes,
) -> None:
    """As `id_reading.read` of nothing but these characters."""
    same = 1
    while same < length and text[same] == text[0]:
        same += 1
    if same == length or (same == 1 and number_of(text, 0, 5) == 12_345):  # stand for nothing
        return
    last_x = text[length - 1] == X
    if length == 18:
        kind[i], number[i] = classify18(text, False)
    elif length == 15 and not last_x:
        _classify15(i, text, kind, number)
    elif length == 20:
        disability, grade = wide(text[18]) - ZERO, wide(text[19]) - ZERO
        if 1 <= disability <= 7 and 1 <= grade <= 4:
            kind[i], number[i] = classify18(text, True)
            if mark and kind[i] != OK18:
                kind[i] = UNREAD
                return
            certificate[i] = disability * 10 + grade
            if kind[i] == OK18:
                kind[i] = CERTIFICATE
        elif mark or last_x or text[17] == X:
            return
        elif number_of(text, 15, 20) == 0 and begins(text):
            kind[i], number[i] = CUT15, number_of(text, 0, 15)
        else:
            kind[i] = LONG
    elif length == 19:
        if text[17] != X:
            kind[i] = LONG
    elif length == 17 and not last_x and _is_old_certificate(text):
        _classify15(i, text, kind, number)
        if kind[i] != OK15:
            kind[i] = SHORT
        else:
            certificate[i] = (wide(text[18]) - ZERO) * 10 + wide(text[19]) - ZERO
    else:
        kind[i] = SHORT


@part
def _is_old_certificate(text: Bytes) -> bool:
    """17 digits: an old number, kind and grade, and no valid number lost a digit to look so.

    Kind and grade are put by in places 18 and 19.
    """
    if not (ZERO < text[15] <= ZERO + 7 and ZERO < text[16] <= ZERO + 4):
        return False
    if not is_birth(19_000_000 + number_of(text, 6, 12)) or begins(text):
        return False
    whole = np.empty(18, np.uint8)
    for place in range(17):
        for j in range(17):
            whole[j if j < place else j + 1] = text[j]
        whole[place] = ZERO
        wanted = residue_of(wide(whole[17]))
        digit = (wanted - weighted(whole)) * INVERSES[place] % 11
        if digit <= 9:
            whole[place] = ZERO + digit
            if begins(whole):
                return False
    text[18], text[19] = text[15], text[16]
    return True


@part
def _classify15(i: int, text: Bytes, kind: Bytes, number: NDArray[np.int64]) -> None:
    id15 = number_of(text, 0, 15)
    century = number_of(text, 6, 8)
    id17 = id15 // 10**9 * 10**11 + 19 * 10**9 + id15 % 10**9
    if century in (19, 20) and begins(text):
        kind[i] = SHORT
    elif not is_birth(id17 // 1000 % 10**8):
        kind[i] = BAD_DATE
    elif not ISSUERS[id17 // 10**14]:
        kind[i] = NOT_ID
    else:
        kind[i], number[i] = OK15, id17


@part
def _write_out(text: Bytes, id17: int) -> None:
    """All 18 characters of a number."""
    for j in range(16, -1, -1):
        text[j] = ZERO + id17 % 10
        id17 //= 10
    text[17] = CHECKS[weighted(text)]
