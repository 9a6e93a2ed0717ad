"""For whoever wants to know whether the log can be believed: verify, show, export.

Reading order: `source` (records from Kafka or a file), `refold` (the gate's fold, asked again),
`check` (every shard's walk, and the heads that are kept), `result` (how that is said), `story` (one
intent in plain words), `command` (`phigate audit`). Nothing here needs a private key.
"""
