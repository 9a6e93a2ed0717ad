"""The word lists, how they are loaded, and what is asked of a word (origins: data/README.md)."""
