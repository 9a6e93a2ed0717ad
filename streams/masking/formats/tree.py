"""The value that a literal writes down, built while it is read, to be walked as JSON is."""

from typing import Any


class LiteralTree:
    """Lists and objects that are open, from the outermost in."""

    def __init__(self) -> None:
        self.root: Any = None
        self.sound = True  # False where a value is lost: a key twice, a value without its key
        self._open: list[tuple[str, Any]] = []
        self._done = False

    def open(self, key: str, *, keyed: bool) -> None:
        """Begin an object or a list under a key."""
        self._open.append((key, {} if keyed else []))

    def key(self) -> None:
        """Take a list for an object where its first member has a key (PHP)."""
        if self._open and self._open[-1][1] == [] and isinstance(self._open[-1][1], list):
            self._open[-1] = (self._open[-1][0], {})

    def put(self, key: str, value: Any) -> None:
        """Add a scalar."""
        if not self._open:
            self.sound = False
            return
        inner = self._open[-1][1]
        if isinstance(inner, list):
            inner.append(value)
        elif key and key not in inner:
            inner[key] = value
        else:
            self.sound = False

    def close(self) -> None:
        """End the innermost list or object."""
        if not self._open:
            return
        key, value = self._open.pop()
        if self._open:
            self.put(key, value)
        elif self._done:
            self.sound = False
        else:
            self.root, self._done = value, True
