"""For whoever wants to know whether the log can be believed: verify, prove, witness, show, export.

    read/       records from Kafka or a file, and times of a period
    proof/      pins (whom a verifier believes), the walk over notes and entries, proofs, witnesses
    ask/        what is in it: facts of an entry, one row an intent, an index, search, a story
    report/     what a period comes to, as a document for examiners
    export/     CSV, JSON, Parquet, SQLite, OCSF, a SIEM
    commands/   `phigate audit …`

Each room reads those above it in this list. Nothing here needs a private key but a witness's own.
"""
