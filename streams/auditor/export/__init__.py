"""Taking the audit along: to a `file`, as `ocsf` (checked by `ocsf_schema`), to a `siem`."""
