"""The second compiled pass: texts that are no 18 clean bytes, read byte by byte.

It knows the plain cases only: marks that are dropped, digits of both widths, the signs for X, the letters
scanning leaves, a point with zeros, numbers of 12 to 20 characters. Whatever else turns up in a text (words,
several numbers, masks, other documents) leaves the row UNREAD for `id_reading.read`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chunfeng.engines.identity import id_kernel
from chunfeng.engines.identity.id_kernel import Tables, compiled

# the compiler takes names of this module only
BAD_CHECK, BAD_DATE, BLANK = id_kernel.BAD_CHECK, id_kernel.BAD_DATE, id_kernel.BLANK
CERTIFICATE, CUT15, LONG, NOT_ID = id_kernel.CERTIFICATE, id_kernel.CUT15, id_kernel.LONG, id_kernel.NOT_ID
NO_SLIP, OK15, OK18, SHORT = id_kernel.NO_SLIP, id_kernel.OK15, id_kernel.OK18, id_kernel.SHORT
wide = id_kernel.wide
MASKED, STAR = id_kernel.MASKED, id_kernel.STAR
NINE, UNREAD, WIDTH, X, ZERO = id_kernel.NINE, id_kernel.UNREAD, id_kernel.WIDTH, id_kernel.X, id_kernel.ZERO
begins, classify18, explain, is_birth = (
    id_kernel.begins,
    id_kernel.classify18,
    id_kernel.explain,
    id_kernel.is_birth,
)
number_of, printed_double, weighted = id_kernel.number_of, id_kernel.printed_double, id_kernel.weighted

DROPPED, DASH, POINT, OTHER = -1, -2, -3, -4


@compiled
def character_at(data: NDArray[np.uint8], at: int, past: int) -> tuple[int, int, int]:
    """(what it stands for, bytes taken, 1 if a letter stood for a digit) of the UTF-8 character at `at`.

    A digit or X as its ASCII code, or DROPPED, DASH, POINT, OTHER.
    """
    byte = wide(data[at])
    if byte < 128:
        if ZERO <= byte <= NINE:
            return byte, 1, 0
        if byte in (88, 120):  # X x
            return X, 1, 0
        if byte in (79, 111):  # O o
            return ZERO, 1, 1
        if byte in (73, 108):  # I l
            return ZERO + 1, 1, 1
        if byte <= 32 or byte == 127 or byte in (34, 39, 96):  # blanks, control characters, " ' `
            return DROPPED, 1, 0
        if byte == 45:
            return DASH, 1, 0
        if byte == STAR:
            return STAR, 1, 0
        return (POINT if byte == 46 else OTHER), 1, 0
    if byte < 0xE0:
        if at + 2 > past:
            return OTHER, 1, 0
        code = (byte & 0x1F) << 6 | (wide(data[at + 1]) & 0x3F)
        if code in (0xD7, 0x425, 0x445, 0x3A7, 0x3C7):  # × Х х Χ χ
            return X, 2, 0
        if code in (0xA0, 0xAD, 0xB4) or 0x80 <= code < 0xA0:  # blank, soft hyphen, ´, control characters
            return DROPPED, 2, 0
        return OTHER, 2, 0
    if byte < 0xF0:
        if at + 3 > past:
            return OTHER, 1, 0
        code = (byte & 0x0F) << 12 | (wide(data[at + 1]) & 0x3F) << 6 | (wide(data[at + 2]) & 0x3F)
        if 0xFF10 <= code <= 0xFF19:  # full-width digits
            return ZERO + code - 0xFF10, 3, 0
        if code in (0xFF38, 0xFF58):  # Ｘ ｘ
            return X, 3, 0
        if 0x2000 <= code <= 0x200F or 0x2028 <= code <= 0x202F or 0x2060 <= code <= 0x2064:
            return DROPPED, 3, 0  # blanks, zero-width characters, writing directions
        if code in (0x3000, 0xFEFF, 0x2018, 0x2019, 0x201B, 0x201C, 0x201D, 0x201E, 0x2032, 0x2033, 0xFF07):
            return DROPPED, 3, 0  # wide blank, byte order mark, ‘ ’ ‛ “ ” „ ′ ″ ＇
        if 0x2010 <= code <= 0x2015 or code in (0x2212, 0xFF0D):
            return DASH, 3, 0
        return OTHER, 3, 0
    return OTHER, 1, 0


@compiled
def examine(
    rows: NDArray[np.int64],
    views: NDArray[np.uint32],
    data: NDArray[np.uint8],
    bases: NDArray[np.int64],
    kind: NDArray[np.uint8],
    number: NDArray[np.int64],
    certificate: NDArray[np.uint8],
    reissue: NDArray[np.uint8],
    slip: NDArray[np.uint8],
    characters: NDArray[np.uint8],
    count: NDArray[np.uint8],
    look: Tables,
) -> None:
    """Reads the texts of `rows` into outputs of as many rows.

    `kind` or UNREAD; `number` of 17 digits, or 15 for CUT15; `certificate` disability kind × 10 + grade;
    `reissue` mark; `slip` or NO_SLIP; `characters` left, WIDTH a row, and their `count`.
    """
    text = np.empty(WIDTH + 1, np.uint8)
    for i in range(len(rows)):
        kind[i], slip[i] = UNREAD, NO_SLIP
        view = views[rows[i]]
        if view[0] <= 12:
            continue
        at = bases[view[2]] + wide(view[3])
        past = at + wide(view[0])
        if data[at + 1] == 46:  # 3.5…
            _scientific(i, data, at, past, text, kind, number, characters, count, look)
            continue
        length, mark, pointed, stars = _characters(data, at, past, text)
        if length < 12:
            continue
        if stars:
            if length == 18 and stars == 1 and text[17] == STAR and begins(text, look):
                number[i] = number_of(text, 0, 17)
            kind[i], count[i] = MASKED, length
            characters[i, :length] = text[:length]
            continue
        if pointed == 2 and length == 18:  # a spreadsheet's number, printed with its zeros
            known = printed_double(number_of(text, 0, 18))
            if (
                known
                and known < 10**15
                and look.issuers[known // 10**12]
                and is_birth(known // 10 % 10**8, look)
            ):
                kind[i], number[i], count[i] = CUT15, known, 18
                characters[i, :18] = text[:18]
                continue
        _classify(i, text, length, mark, kind, number, certificate, slip, look)
        if kind[i] == UNREAD:
            continue
        reissue[i] = mark
        if kind[i] == OK15:
            length = 18
        count[i] = length
        characters[i, :length] = text[:length]


@compiled
def _characters(
    data: NDArray[np.uint8], at: int, past: int, text: NDArray[np.uint8]
) -> tuple[int, int, int, int]:
    """Fills `text`; (characters, reissue mark, 1 a point or 2 with zeros, masks); 0 characters if unsure."""
    length, dashes, mark, pointed, letters = 0, 0, 0, 0, 0
    first_letters, stars = 0, 0
    while at < past:
        meant, taken, letter = character_at(data, at, past)
        if mark and meant != DROPPED:
            return 0, 0, 0, 0
        if length == WIDTH and meant == OTHER and data[at] in (66, 98) and at + 2 == past:  # B1 … B9
            meant = wide(data[at + 1]) - ZERO
            if not 1 <= meant <= 9:
                return 0, 0, 0, 0
            mark, at = meant, past
            continue
        at += taken
        if meant == DROPPED:
            continue
        if meant == OTHER or (pointed and meant != ZERO):
            return 0, 0, 0, 0
        if meant == DASH:
            dashes += 1
        elif meant == POINT:
            pointed = 1
        elif pointed:
            pointed = 2
            letters += letter
        else:
            if length == WIDTH or (length and text[length - 1] == X and not (length == 18 and meant != X)):
                return 0, 0, 0, 0
            letters += letter
            first_letters += letter and length < 3
            stars += meant == STAR
            text[length] = meant
            length += 1
    if dashes > 3 or (pointed and (dashes or letters)) or (letters and (length < 14 or first_letters == 3)):
        return 0, 0, 0, 0
    if stars and (letters or pointed or dashes or mark):
        return 0, 0, 0, 0
    if (letters or stars) and length > 18 and text[17] == X:
        return 0, 0, 0, 0
    if length and pointed and (length not in (15, 18) or text[length - 1] == X):
        return 0, 0, 0, 0
    return length, mark, pointed, stars


@compiled
def _scientific(
    i: int,
    data: NDArray[np.uint8],
    at: int,
    past: int,
    text: NDArray[np.uint8],
    kind: NDArray[np.uint8],
    number: NDArray[np.int64],
    characters: NDArray[np.uint8],
    count: NDArray[np.uint8],
    look: Tables,
) -> None:
    """3.52627197508016E+17 with 13 to 17 digits: the first 15, as a spreadsheet kept them."""
    length = past - at - 5
    if not 13 <= length <= 17 or data[past - 4] not in (69, 101) or data[past - 3] != 43:
        return
    if data[past - 2] != ZERO + 1 or data[past - 1] != ZERO + 7:
        return
    text[:] = ZERO
    text[0] = data[at]
    text[1:length] = data[at + 2 : past - 4]
    for j in range(length):
        if not ZERO <= text[j] <= NINE:
            return
    if begins(text, look):
        kind[i], number[i], count[i] = CUT15, number_of(text, 0, 15), length
        characters[i, :length] = text[:length]


@compiled
def _classify(
    i: int,
    text: NDArray[np.uint8],
    length: int,
    mark: int,
    kind: NDArray[np.uint8],
    number: NDArray[np.int64],
    certificate: NDArray[np.uint8],
    slip: NDArray[np.uint8],
    look: Tables,
) -> None:
    """As `id_reading.read` of nothing but these characters; an OK15 is written out in `text` as 18."""
    same = True
    for j in range(1, length):
        same &= text[j] == text[0]
    if same or number_of(text, 0, 5) == 12_345:  # words for nothing
        return
    last_x = text[length - 1] == X
    if length == 18:
        kind[i], number[i] = classify18(text, False, look)
    elif length == 15 and not last_x:
        _classify15(i, text, kind, number, look)
    elif length == 20:
        disability, grade = wide(text[18]) - ZERO, wide(text[19]) - ZERO
        if 1 <= disability <= 7 and 1 <= grade <= 4:
            kind[i], number[i] = classify18(text, True, look)
            if mark and kind[i] != OK18:
                kind[i] = UNREAD
                return
            certificate[i] = disability * 10 + grade
            if kind[i] == OK18:
                kind[i] = CERTIFICATE
        elif mark or last_x or text[17] == X:
            return
        elif number_of(text, 15, 20) == 0 and begins(text, look):
            kind[i], number[i] = CUT15, number_of(text, 0, 15)
        else:
            kind[i] = LONG
    elif length == 19:
        if text[17] != X:
            kind[i] = LONG
    else:
        kind[i] = SHORT
    if kind[i] in (BAD_CHECK, BAD_DATE) and length >= 18:
        slip[i] = explain(text, look)


@compiled
def _classify15(
    i: int, text: NDArray[np.uint8], kind: NDArray[np.uint8], number: NDArray[np.int64], look: Tables
) -> None:
    id15 = number_of(text, 0, 15)
    century = number_of(text, 6, 8)
    id17 = id15 // 10**9 * 10**11 + 19 * 10**9 + id15 % 10**9
    if century in (19, 20) and begins(text, look):
        kind[i] = SHORT
    elif not is_birth(id17 // 1000 % 10**8, look):
        kind[i] = BAD_DATE
    elif not look.issuers[id17 // 10**14]:
        kind[i] = NOT_ID
    else:
        kind[i], number[i] = OK15, id17
        rest = id17
        for j in range(16, -1, -1):
            text[j] = ZERO + rest % 10
            rest //= 10
        text[17] = look.checks[weighted(text, look)]
