"""For whoever wants to know whether the log can be believed: verify, prove, witness, show, export.

Reading order: `source` (records from Kafka or a file), `pins` (whom a verifier believes), `refold`
(the gate's fold, asked again), `signed` (what people signed), `follow` (an intent through the log),
`check` (notes and walks together), `heads` (what was seen earlier), `result` (how that is said),
`witness`, `prove`, `story` (one intent in plain words), then the commands: `command`, `verifying`,
`proving`, `witnessing`. Nothing here needs a private key but a witness's own.

For whoever asks what is in it: `facts` (an entry as ids, codes and counts), `summary` (an intent in
one row), `index` (both in SQLite), `search`, `figures` (what a period comes to), `controls`,
`report`, `plots`, `report_html`, `ocsf` with `ocsf_schema`, `export`, `siem`, `retention`, `holds`;
their commands in `ask_command`, `export_command`, `keep_command`, on what `place` gives them.
"""
