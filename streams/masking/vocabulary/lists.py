"""Word lists written as running text."""


def each(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())
