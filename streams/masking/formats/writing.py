"""Writing down a view (see `over`): what is read, character by character, and where it stands."""

from streams.masking.normalise import NormalView


class Writing:
    """A view while it is written."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._said: list[str] = []
        self._starts: list[int] = []
        self._ends: list[int] = []

    def copy(self, start: int, end: int) -> None:
        """Take a stretch of the text over as it is."""
        if end > start:
            self._said.append(self.text[start:end])
            self._starts.extend(range(start, end))
            self._ends.extend(range(start + 1, end + 1))

    def put(self, said: str, start: int, end: int) -> None:
        """Read a stretch of the text as something else."""
        self._said.append(said)
        self._starts.extend([start] * len(said))
        self._ends.extend([end] * len(said))

    def part(self, mark: str, at: int) -> None:
        """Note a break that stands for no character of the text; one of a kind is enough."""
        if self._said and not self._said[-1].endswith(mark):
            self.put(mark, at, at)

    def view(self) -> NormalView:
        """Return what was written."""
        return NormalView("".join(self._said), self._starts, self._ends)
