"""Names of people and places in one text: lists and surroundings first, the model for the rest.

A name is found by its surest word (an anchor), and then grown over the words beside it, because a
half-masked name is a leak. Words that are a name in one place and a plain word in another (Rose,
Will, Young) need a neighbour, a title, or the model to count as a name. Only a text that leaves
such words open is given to the model. Each step is a class of its own over `Marks`.
"""

from collections.abc import Iterable, Iterator

from streams.masking.names.cues import Cues
from streams.masking.names.doubt import Doubt
from streams.masking.names.eponyms import Eponyms
from streams.masking.names.introduced import Introduced
from streams.masking.names.model import Entity
from streams.masking.names.pairs import Pairs
from streams.masking.names.sites import Sites
from streams.masking.names.studies import Studies
from streams.masking.results import Span
from streams.masking.spans import settle
from streams.masking.vocabulary.lexicon import Lexicon


class NameReading(Studies, Eponyms, Cues, Introduced, Pairs, Sites, Doubt):
    """The words of one text, marked step by step."""

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        super().__init__(text, lexicon)
        if self.words:
            self._studies()
            self._eponyms()
            self._titles()
            self._introduced()
            self._anchors()
            self._pairs()
            self._sites()

    def undecided(self, found: Iterable[Span] = ()) -> bool:
        """Tell whether some word may be a name that lists and surroundings do not decide.

        What lies in a stretch that was `found` already is masked, whatever it is.
        """
        covered = settle(found)
        at = 0
        for i, word in enumerate(self.words):
            while at < len(covered) and covered[at].end <= word.start:
                at += 1
            inside = at < len(covered) and covered[at].start <= word.start < covered[at].end
            if not inside and self._asks(i, word):
                return True
        return False

    def spans(self, entities: list[Entity]) -> Iterator[Span]:
        """Yield names and places, with what the model says of the open words."""
        if entities:
            self._model(entities)
        self._rest()
        self._grow()
        self._crossed()
        self._doubted()
        self._bridged()
        self._suffixed()
        yield from self._runs()
