"""What stands between phigate and Kafka: topics, schemas, bytes, and clients that wait.

In reading order: `topics` (the table), `topic` (one topic's settings), `schemas` (the records of
`schemas/` and every earlier version), `codec` (bytes to messages and back, or a `WireError`),
`client` with `connect`, `reader`, `partitions` and `faults` (confluent-kafka, set up once, with
errors for people), `credential`, `local`, `show`.
"""
