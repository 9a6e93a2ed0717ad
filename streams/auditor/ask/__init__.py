"""What is in the audit: `facts` of an entry, `summary` of an intent, `index`, `search`, `story`."""
