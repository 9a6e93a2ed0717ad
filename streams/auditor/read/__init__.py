"""Reading the audit: records from Kafka or from a file, and the times that a person means."""
