"""What stands between phigate and Kafka: topics, schemas, bytes, and a client that waits.

In reading order: `topics` (one table of what exists and why), `plan` (that table against a
cluster), `schemas` (the records of `schemas/` and every earlier version of them), `codec` (bytes to
messages and back, or a `WireError`), `client` (confluent-kafka, set up once, errors for people),
`cluster` (what a cluster has, and changing it) and `command` (`phigate topics`).
"""
