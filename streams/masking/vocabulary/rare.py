"""Words in lower case that no list holds: one mistyped stays, what is like none may be a name."""

# ruff: noqa: E501 - one pattern a line reads better than a folded one

import re
from collections.abc import Iterator

from streams.masking.vocabulary.lexicon import CLINICAL, NEVER, REGION, WORD, Lexicon
from streams.masking.vocabulary.lists import each

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ALIKE = {
    **dict.fromkeys("aeiouy", "aeiouy"),
    **dict(
        zip(
            "cskzfvmnbpdtgj",
            ("sk", "cz", "c", "s", "v", "f", "n", "m", "p", "b", "t", "d", "j", "g"),
            strict=True,
        )
    ),
}
_KNOWN = WORD | CLINICAL | NEVER | REGION
_ENDS = each(
    """s es ed d ing ly er ers est ness less ful like ish y able ation ations ment n't in ings al
    ally ic ize ized ise ised izing ate ated ating ator yze yzed yzing ance ence ous ary ity ism
    ist ists tic tics logist"""
)
_STARTS = each(
    """un re non pre post anti peri hyper hypo inter intra sub over under out mis dis de co micro macro
    multi semi self bi tri neuro cardio gastro trans auto bio psycho immuno hemo haemo pseudo extra super"""
)
_TAILS = (
    "metry", "geminy", "tomy", "lysis", "lyzed", "lytic", "logy", "logic", "tropic", "pheresis", "ectasis", "ectatic", "grams",
    "graph", "graphic", "scopic", "static", "plegic", "paretic", "oid", "oma", "omas", "ism", "ium",
    "tion", "sion", "ness", "ment", "ically", "ously", "able", "ible", "ular", "iform", "genous", "emic", "uric", "aemic", "iasis",
)  # fmt: skip
_BEGUN_MIN = 6
_HALF_MIN = 3
_HALF_LONG = 5
_VOWEL = re.compile("[aeiouy]")
_REPEATED = re.compile(r"(.)\1{2,}")
_SPLIT_MIN = 3
_SPELT = 0.5  # log-odds: of unseen words 87 % are above, of unseen names 6 %
_SPELT_SURELY = 4.0  # 63 % and 0.5 %


def like_a_word(low: str, lexicon: Lexicon, *, slips: bool = True) -> bool:
    """Tell whether a folded word is a word, one written wrongly, or one made of words."""
    if not low.isascii() or not low.isalpha() or not _VOWEL.search(low) or _REPEATED.search(low):
        return low.isascii()
    if low.endswith(lexicon.suffixes) or (len(low) > _BEGUN_MIN and low.endswith(_TAILS)):
        return True
    if len(low) >= _BEGUN_MIN and (lexicon.begins(low) or halves(low, lexicon)):
        return True
    return (
        bool(lexicon.flags(low) & _KNOWN)
        or any(lexicon.flags(part) & _KNOWN for part in _stems(low))
        or (slips and any(lexicon.flags(other) & _KNOWN for other in _near(low)))
        or lexicon.spelling.score(low) > (_SPELT if slips else _SPELT_SURELY)
    )


def halves(low: str, lexicon: Lexicon) -> bool:
    """Tell a word made of two: `handwashing`, `needlestick`, `bloodthinner`."""
    return any(
        lexicon.flags(low[:i]) & WORD and lexicon.flags(low[i:]) & WORD
        for i in range(_HALF_MIN, len(low) - _HALF_MIN + 1)
        if min(i, len(low) - i) > _HALF_MIN or max(i, len(low) - i) > _HALF_LONG
    )


def _stems(low: str) -> Iterator[str]:
    """Yield what is left without an ending or a beginning; both halves count as one."""
    for end in _ENDS:
        if low.endswith(end) and len(low) - len(end) > 2:  # noqa: PLR2004 - a stem's length
            stem = low[: -len(end)]
            yield stem
            yield stem + "e"
            if stem[-1] == stem[-2]:
                yield stem[:-1]
            if stem[-1] == "i":
                yield stem[:-1] + "y"
    for start in _STARTS:
        if low.startswith(start) and len(low) - len(start) > _SPLIT_MIN:
            yield low[len(start) :]


def _near(low: str) -> Iterator[str]:
    """Yield each spelling one slip away: a letter more, fewer, another vowel, or two swapped."""
    for i in range(len(low)):
        left, right = low[:i], low[i:]
        yield left + right[1:]
        if len(right) > 1:
            yield left + right[1] + right[0] + right[2:]
        for letter in _LETTERS:
            if right[0] in _ALIKE.get(letter, ""):
                yield left + letter + right[1:]
            yield left + letter + right
    for letter in _LETTERS:
        yield low + letter
