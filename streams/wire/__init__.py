"""What stands between phigate and Kafka: topics, schemas, bytes, and clients that wait.

In reading order: `topics` (the table, and what to do with it), `topic` (one topic's settings),
`plan` (the table against a cluster, pure), `cluster` (reading and changing one), `schemas` (the
records of `schemas/` and every earlier version), `codec` (bytes to messages and back, or a
`WireError`), `client` with `connect`, `reader`, `partitions` and `faults` (confluent-kafka, set up
once, with errors for people), `show` and `command` (`phigate topics`).
"""
