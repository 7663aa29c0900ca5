"""One citizen number as people type it: the definition that the compiled pass over columns must equal.

Taken for mere writing, and put right without a word: full-width characters, blanks, unseen characters,
quotes, hyphens, labels and notes round the number, a decimal point with zeros, every sign that stands for X,
and the letters O, o (zero) and I, l (one) scanning leaves among digits. Everything else is damage, and named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from chunfeng.engines.identity import id_numbers, id_slips, text

KINDS = (
    "ok18",  # verified
    "certificate",  # disability certificate: verified number, kind 1-7, grade 1-4, reissue mark
    "ok15",  # from before 1999, also on a certificate; upgraded, but it has no check of its own
    "cut15",  # was a spreadsheet's number: the first 15 digits of 18 are known, the rest is lost
    "scientific",  # 3.50825E+17: only the digits shown are known, and the last of them is rounded
    "bad_check",  # 18 characters, birth date possible, check character wrong
    "bad_date",  # 15 or 18 characters, no such birth date
    "short",
    "long",
    "two_ids",
    "masked",
    "foreign",  # another document: passport, travel permit, foreigner's or Hong Kong's card
    "not_id",
    "placeholder",
)


@dataclass(frozen=True, slots=True)
class CitizenId:
    """What a text says of a citizen number. Unknown is None: nothing here is a guess.

    `id18` and `id17` are given only when the number is verified (ok18, certificate) or upgraded (ok15).
    `digits17` are 17 legible but unverified digits (bad_check, bad_date, or only the check character masked):
    for comparing, not for joining.
    `digits` are the characters left of a damaged number, in their order; marks of masking stay as `*`.
    """

    kind: str
    id18: str | None = None
    id17: int | None = None
    known15: int | None = None
    digits17: int | None = None
    digits: str | None = None
    cert_kind: int | None = None
    """Disability kind, 1 sight … 7 multiple, as written on the certificate."""
    cert_grade: int | None = None
    """Disability grade, 1 (gravest) … 4."""
    reissue: str | None = None
    """Reissue mark of the certificate: B1, B2 …"""

    @property
    def slip(self) -> str | None:
        """For bad_check and bad_date of 18 characters: what could explain it, one of `id_slips.SLIPS`."""
        if self.kind not in ("bad_check", "bad_date") or self.digits is None or len(self.digits) < 18:
            return None
        return id_slips.explain(self.digits[:18])

    @property
    def birth_date(self) -> date | None:
        """Birth date of a verified or upgraded number, or of one of which 15 digits are known."""
        if self.id17 is None:
            return None if self.known15 is None else id_numbers.birth_date(self.known15 * 100)
        return id_numbers.birth_date(self.id17)

    @property
    def sex(self) -> str | None:
        """ "1" man, "2" woman (GB/T 2261.1), of a verified or upgraded number."""
        return None if self.id17 is None else id_numbers.sex(self.id17)

    @property
    def region(self) -> str | None:
        """Six digits of the county of first registration; it may have been abolished."""
        id17 = self.known15 * 100 if self.id17 is None and self.known15 is not None else self.id17
        return None if id17 is None else id_numbers.region_of(id17)


# --- from text to characters ---------------------------------------------------

_QUOTES = "'\"`´‘’‛“”„′″＇｀"
_DASHES = "-‐‑‒–—―−─━－﹣﹘"
_WRITING = str.maketrans(
    {
        **dict.fromkeys(_QUOTES),
        **dict.fromkeys(_DASHES, "-"),
        **dict.fromkeys("xX×✕✖╳ХхΧχⅹⅩＸｘ", "X"),
        **dict.fromkeys("*＊∗⁎✱﹡●○•·∙⚫■□█▇？?", "*"),
    }
)
_OCR = str.maketrans("OolI", "0011")
_CLEAN18 = re.compile(r"[1-9][0-9]{16}[0-9Xx]")
_SCIENTIFIC = re.compile(r"([0-9])(?:\.([0-9]+))?[Ee]\+?0*([0-9]{1,2})")
_NUMBER = re.compile(r"([0-9]{15}|[0-9]{17,20})\.0*")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:[,，][0-9]{3}){4,6}(\.0*)?")
_LABEL_BEFORE = re.compile(r"(?:[^0-9A-Za-z*-]|ID|NO|SFZH?|CARD|NUMBER)+", re.IGNORECASE)
_LABEL_AFTER = re.compile(r"[^0-9A-Za-z*-]+$")
_DIGITS = re.compile(r"[0-9]+X?")
_CERTIFICATE = re.compile(r"([0-9]{17}[0-9X])([1-7])([1-4])(?:[(]?([Bb][0-9]{1,2})[)]?)?")
_MASKED = re.compile(r"[0-9]*(?:\*+|XX+|-{4,}|_{3,}|\.{3,})[0-9*X_.-]*")
_RUN = re.compile(r"[0-9]+X?")

_OTHER_DOCUMENT = re.compile(
    r"[A-Z]{1,2}[0-9]{7,10}[A-Z]?"  # passports; H and M for the permits of Hong Kong and Macao residents
    r"|[A-Z]{3}[0-9]{12}"  # foreigner's permanent residence, until 2023
    r"|[A-Z]{1,2}[0-9]{6}\([0-9A]\)"  # identity card of Hong Kong
    r"|[157][0-9]{6}\([0-9]\)"  # of Macao
)
_OTHER_WORDS = re.compile(
    r"护照|通行证|回乡证|返乡证|台胞证|居留证|永居|军官证|士兵证|警官证|军字第|港澳|香港|澳门|台湾|PASSPORT",
    re.IGNORECASE,
)
_NO_NUMBER = re.compile(r"(?:无|没|未|待|缺|暂|忘|丢|遗失|不详|不清|不知|不记得|办理|补办|新生儿|空白|略)")
_SEQUENCE = "12345678901234567890123"


def read(raw: str | None) -> CitizenId | None:
    """The citizen number in a text, or what became of it; None for a blank. GB 11643-1999; never raises."""
    if raw is None:
        return None
    if _CLEAN18.fullmatch(raw) and raw[:5] != "12345" and raw != raw[0] * 18:
        return _of_digits(raw[:17] + raw[17].upper())
    folded = fold(raw)
    if not folded:
        return None
    if text.is_placeholder(folded) or _stands_for_nothing(folded):
        return CitizenId("placeholder")
    return (
        _of_number(folded)
        or _of_one_number(folded)
        or _of_other_document(folded)
        or _of_masked(folded)
        or _of_several_numbers(folded)
        or CitizenId("not_id")
    )


def fold(raw: str) -> str:
    """Half width, without blanks, quotes and unseen characters; one sign each for X, hyphen and mask."""
    return text.clean(raw.translate(_WRITING)).translate(_WRITING).replace(" ", "")


def _stands_for_nothing(folded: str) -> bool:
    """000000000000000000, 123456, 没有身份证, 办理中."""
    bare = folded.replace("-", "")
    if bare.isascii() and bare.isdigit():
        same = len(set(bare)) == 1 and (len(bare) >= 6 or bare[0] == "0")
        return same or (len(bare) >= 5 and _SEQUENCE.startswith(bare))
    if any(c.isalnum() and c.isascii() for c in bare):
        return False
    only_signs = "**" not in bare and not any(c.isalnum() for c in bare)
    return only_signs or _NO_NUMBER.match(bare) is not None


# --- numbers a spreadsheet made of numbers -------------------------------------


def _of_number(folded: str) -> CitizenId | None:
    """3.50825E+17, 350825197001010000.0 and 350,825,197,001,010,000; None for anything else."""
    if found := _SCIENTIFIC.fullmatch(folded):
        return _of_scientific(found[1] + (found[2] or ""), int(found[3]))
    if _THOUSANDS.fullmatch(folded):
        folded = folded.replace(",", "").partition(".")[0] + ".0"
    if not (found := _NUMBER.fullmatch(folded)):
        return None
    digits = found[1]
    if folded.endswith("."):
        return _of_digits(digits)  # a full stop behind a text
    known = _printed_double(digits) if len(digits) == 18 else None
    if (
        known is not None
        and id_numbers.is_birth(known // 10 % 100_000_000)
        and id_numbers.is_issuer(known // 10**12)
    ):
        return CitizenId("cut15", known15=known, digits=digits)
    return _of_digits(digits)


def _of_scientific(digits: str, exponent: int) -> CitizenId:
    """A number in scientific notation.

    Whoever writes 13 digits or more writes the number in its shortest exact form, which drops zeros at the
    end and nothing else; a display that rounds shows six. Fewer than 13 hold no birth date: no day is 00.
    """
    if exponent not in (14, 17, 19):
        return CitizenId("scientific" if 12 <= exponent <= 20 else "not_id", digits=digits)
    full = digits[:15].ljust(15, "0")
    if len(digits) >= 13:
        if exponent == 14 and len(digits) <= 15:
            return _of_digits(full)
        if exponent != 14 and _is_beginning(full):
            return CitizenId("cut15", known15=int(full), digits=digits)
    return CitizenId("scientific", digits=digits)


def _printed_double(digits18: str) -> int | None:
    """The 15 digits of a spreadsheet's number, if these 18 are what a program prints of it.

    A number of 15 digits and three zeros is kept to the nearest multiple of 16 … 128; a program that prints
    it as a whole number shows 352627198307148032 for 352627198307148000.
    """
    value = int(digits18)
    rounded = (value + 500) // 1000 * 1000
    return rounded // 1000 if float(rounded) == float(value) and int(float(value)) == value else None


def _is_beginning(digits: str) -> bool:
    """Do these digits begin an 18-character number: issuer and birth date possible?"""
    return id_numbers.is_issuer(int(digits[:3])) and id_numbers.is_birth(int(digits[6:14]))


# --- numbers of digits ----------------------------------------------------------


def _of_one_number(folded: str) -> CitizenId | None:
    """A number with at most labels and notes of words round it; None for anything else."""
    if _OTHER_WORDS.search(folded):
        return None
    bare = folded
    if before := _LABEL_BEFORE.match(bare):
        bare = bare[before.end() :]
    bare = _LABEL_AFTER.sub("", bare)
    if re.search("-{4,}", bare):
        return None
    bare = bare.replace("-", "")
    if _OTHER_DOCUMENT.fullmatch(bare):
        return None
    bare = bare.rstrip(".")
    if re.fullmatch(r"[0-9OolI]{13,}[0-9OolIX](?:[Bb][0-9]{1,2})?", bare):
        bare = bare.translate(_OCR)
    if _DIGITS.fullmatch(bare) or _CERTIFICATE.fullmatch(bare):
        return _of_digits(bare)
    return None


def _of_digits(characters: str) -> CitizenId:
    """Digits, X at most at the end (or before kind and grade of a certificate)."""
    length = len(characters)
    if length == 18:
        return _of_18(characters)
    if length == 15 and not characters.endswith("X"):
        return _of_15(characters)
    if found := _CERTIFICATE.fullmatch(characters):
        inner = _of_18(found[1], certificate=True)
        return CitizenId(
            "certificate" if inner.kind == "ok18" else inner.kind,
            id18=inner.id18,
            id17=inner.id17,
            digits17=inner.digits17,
            digits=None if inner.kind == "ok18" else characters,
            cert_kind=int(found[2]),
            cert_grade=int(found[3]),
            reissue=found[4].upper() if found[4] else None,
        )
    if length == 20 and characters.endswith("00000") and _is_beginning(characters):
        return CitizenId("cut15", known15=int(characters[:15]), digits=characters)
    if length == 17 and (old := _of_old_certificate(characters)):
        return old
    if length < 18:
        return CitizenId("short" if _is_rest(characters) else "not_id", digits=characters)
    return _two_in_one(characters) or CitizenId("long", digits=characters)


def _of_18(characters: str, *, certificate: bool = False) -> CitizenId:
    """18 characters: digits, the last may be X."""
    digits17 = int(characters[:17])
    if not id_numbers.is_birth(digits17 // 1000 % 100_000_000):
        return CitizenId("bad_date", digits17=digits17, digits=characters)
    issuer = id_numbers.is_issuer(digits17 // 10**14)
    # one number in eleven that lost its last three digits passes the check all the same
    if issuer and characters.endswith("000") and not certificate:
        return CitizenId("cut15", known15=digits17 // 100, digits=characters)
    if id_numbers.CHECK_CHARACTERS[id_numbers.check_sum(characters[:17])] == characters[17]:
        if issuer:
            return CitizenId("ok18", id18=characters, id17=digits17)
        return CitizenId("not_id", digits=characters)  # no slip of one digit explains it: the check fits
    known = None if certificate or characters[17] == "X" else _printed_double(characters)
    if known is not None and _is_beginning(f"{known:015d}"):
        return CitizenId("cut15", known15=known, digits=characters)
    return CitizenId("bad_check", digits17=digits17, digits=characters)


def _of_15(digits: str) -> CitizenId:
    """15 digits: an old number, unless they begin one of 18 just as well (born 1901…1912 or 2001…2012)."""
    id17 = id_numbers.upgrade15(int(digits))
    begins = digits[6:8] in ("19", "20") and _is_beginning(digits)
    if begins:
        return CitizenId("short", digits=digits)
    if not id_numbers.is_birth(id17 // 1000 % 100_000_000):
        return CitizenId("bad_date", digits=digits)
    if not id_numbers.is_issuer(id17 // 10**14):
        return CitizenId("not_id", digits=digits)
    return CitizenId("ok15", id18=id_numbers.id18_of(id17), id17=id17)


def _of_old_certificate(characters: str) -> CitizenId | None:
    """An old number of 15 digits with kind and grade behind it, if no valid number lost a digit to look so."""
    if characters[15] not in "1234567" or characters[16] not in "1234":
        return None
    inner = _of_15(characters[:15])
    if inner.kind != "ok15" or id_slips.candidates(characters):
        return None
    return replace(inner, cert_kind=int(characters[15]), cert_grade=int(characters[16]))


def _is_rest(characters: str) -> bool:
    """Fewer than 18 characters: what is left of a number, rather than a phone, a day or a running number?"""
    length = len(characters)
    if length >= 12:
        return True
    phone = length == 11 and characters[0] == "1" and characters[1] in "3456789"
    return length >= 6 and not phone and id_numbers.is_issuer(int(characters[:3])) and "X" not in characters


# --- several, masked, other -----------------------------------------------------


def _two_in_one(characters: str) -> CitizenId | None:
    """Two numbers written without a gap."""
    for first, second in ((18, 18), (18, 15), (15, 18), (15, 15)):
        if len(characters) == first + second and "X" not in characters[: first - 1]:
            halves = characters[:first], characters[first:]
            if all(_looks_like_id(half) for half in halves):
                return _of_two(halves)
    return None


def _looks_like_id(characters: str) -> bool:
    return len(characters) in (15, 18, 20) and _of_digits(characters).kind in (
        "ok18", "ok15", "certificate", "cut15", "bad_check"
    )  # fmt: skip


def _of_two(parts: tuple[str, ...]) -> CitizenId:
    """Several numbers: one written twice is that number, anything else is not ours to choose from."""
    readings = [_of_digits(part) for part in parts]
    if readings[0].id17 is not None and len({reading.id17 for reading in readings}) == 1:
        return min(readings, key=lambda reading: KINDS.index(reading.kind))
    return CitizenId("two_ids", digits=";".join(parts))


def _of_several_numbers(folded: str) -> CitizenId | None:
    """Numbers among words and other numbers: 张某352627…、李某350825…, 1、352627…(15400000000)."""
    joined = re.sub(r"(?<=[0-9])-(?=[0-9X])", "", folded)
    runs = _RUN.findall(joined)
    if re.search(r"[A-Za-z]", _RUN.sub("", joined)):
        return None
    parts = tuple(part for run in runs for part in _split(run))
    ids = tuple(part for part in parts if _looks_like_id(part))
    if len(ids) > 1:
        return _of_two(ids)
    if len(ids) == 1 and all(len(part) <= 12 for part in parts if part not in ids):
        reading = _of_digits(ids[0])
        return reading if reading.kind in ("ok18", "certificate") else None
    return None


def _split(run: str) -> tuple[str, ...]:
    two = _two_in_one(run) if len(run) > 20 else None
    return tuple(two.digits.split(";")) if two and two.digits else (run,)


def _of_masked(folded: str) -> CitizenId | None:
    """3508**********123X, 350825XXXXXXXX1234, 350825----1234, 35262719790407365*."""
    bare = _LABEL_AFTER.sub("", _LABEL_BEFORE.sub("", folded, count=1))
    inner_x = re.fullmatch(r"[0-9]+X[0-9]+X?", bare) and len(bare) in (15, 18, 20)
    if not inner_x and not _MASKED.fullmatch(bare):
        return None
    marked = re.sub(r"[X_.-](?!$)", "*", bare)
    digits17 = None
    if re.fullmatch(r"[0-9]{17}\*", marked) and _is_beginning(marked):
        digits17 = int(marked[:17])
    return CitizenId("masked", digits17=digits17, digits=marked)


def _of_other_document(folded: str) -> CitizenId | None:
    """Passports and permits, by their shape or by the word beside them."""
    bare = _LABEL_AFTER.sub("", _LABEL_BEFORE.sub("", folded, count=1)).replace("-", "")
    if _OTHER_DOCUMENT.fullmatch(bare.upper()) or _OTHER_DOCUMENT.fullmatch(folded.upper()):
        return CitizenId("foreign", digits=bare.upper())
    if _OTHER_WORDS.search(folded) and re.search("[0-9]{5}", folded):
        runs = _RUN.findall(folded.replace("-", ""))
        verified = [_of_digits(run) for run in runs if len(run) == 18]
        if len(verified) == 1 and verified[0].kind == "ok18":
            return verified[0]  # 港澳台居民居住证830000…: a number by the same standard
        return CitizenId("foreign", digits=";".join(re.findall("[A-Z]*[0-9]{5,}[A-Z]?", folded.upper())))
    return None
