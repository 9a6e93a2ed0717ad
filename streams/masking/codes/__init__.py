"""Numbers and codes: with a shape or a label (`patterns`), by their make (`codes`), or bare."""
