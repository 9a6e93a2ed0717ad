"""How a word is spelt: like English and medicine, or like the names of people.

No list holds every word (`serostatus`, `rollators`) nor every name (`wrenley`), but their letters
differ. A table made from the lists by `data/build.py` says of each four letters in a row how much
more often words have them than names do; a word's score is the sum.
"""

_SYMBOLS = 27  # a word's edge and a to z
_SPAN = 4
_STEPS = 16  # of one byte: a natural logarithm in sixteenths
_ZERO = 128
_EDGE = 96  # the code before `a`


class Spelling:
    """The table of four letters in a row: one byte each, in base 27."""

    def __init__(self, table: bytes) -> None:
        self._table = table

    def score(self, low: str) -> float:
        """Return the log-odds that a folded word is a word and no name; 0: that is open."""
        if not low.isascii() or not low.isalpha():
            return 0.0
        total = at = 0
        for code in (*low.encode(), _EDGE):
            at = (at * _SYMBOLS + code - _EDGE) % _SYMBOLS**_SPAN
            total += self._table[at] - _ZERO
        return total / _STEPS
