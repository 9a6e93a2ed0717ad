"""What keeps a cluster in order: its topics, its users and their rights, and a broker of our own.

In reading order: `shape` (the topics, held against the table of `wire`), `plan` (what differs,
pure), `admin` (reading and changing a cluster), `command` (`phigate topics`); `roles` (who may do
what), `access` and `access_plan` (users and rights, held against it), `acls`, `access_command`
(`phigate access`); `embedded/` (a real Kafka on this machine).
"""
