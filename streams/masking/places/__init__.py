"""Where somebody lives or is known: addresses, codes, institutions. The door is `places`."""
