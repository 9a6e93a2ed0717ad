"""The texts of a fresh `directory.yaml` and `phigate.toml`.

Each setting of the second stands there as a comment, with its default: a test holds it to
`settings.Settings`.
"""

DIRECTORY = """\
# Who is who. After a change: phigate directory check
# A key is one line of text: `phigate key new NAME` makes one, `phigate key show FILE` prints it.

# The gate's own public keys; the private ones are in {keys}.
# Old keys under `grants` and `audit` stay, so that what they signed still verifies. `id` stands in
# everything that is signed for this gate: it stays as it is, and no other gate may have it.
gate:
  id: {id}
  seal: {seal}
  grants:
    - {grant}
  audit:
    - {audit}

# Who reviews. The groups are those that the policy names in @route (`phigate policy check` lists
# them), and the officers' below.
people:
#  ada:
#    title: Privacy officer
#    groups: [privacy-officers, security-officers]
#    keys:
#      - ada+0123abcd+...           # phigate key new ada
#    seal: ada+89ab0123+...         # phigate reveal key ada: what is revealed is sealed to it
#    status: active                 # or: suspended
#    oidc:                          # who she is after `phigate login`
#      - {{issuer: https://id.example/realms/clinic, email: ada@clinic.example}}
#    delegates:                     # bob acts for her until then, and they count as one
#      - {{to: bob, until: 2026-12-24T18:00:00Z}}
#  bob:
#    groups: [privacy-officers]
#    oidc:
#      - {{issuer: https://id.example/realms/clinic, email: bob@clinic.example}}

# Identity providers for `phigate login`, and what their groups mean here.
oidc:
#  - issuer: https://id.example/realms/clinic
#    audience: phigate              # phigate's client id there
#    jwks: clinic.jwks              # pinned keys beside this file; without it they are fetched
#    groups: {{staff-privacy: [privacy-officers]}}

# The group whose people may halt, resume and revoke; each needs a key.
officers: security-officers

# What proposes, and which of the people answers for it. One with keys must sign what it proposes;
# `actions` are those it may ask for, without it the policy alone says. `acts_for` are the people
# or groups on whose behalf it may ask by its own word; anybody else has to sign the request.
agents:
#  report-agent:
#    owner: ada
#    keys: []                       # phigate key new report-agent --agent
#    actions: [db.query]
#    acts_for: [bob]
#    status: active

# What acts. `seal` is the key to which unmasked data is sealed.
executors:
#  clinic-db:
#    keys:
#      - clinic-db+0123abcd+...     # phigate key new clinic-db --executor
#    seal: clinic-db+4567cdef+...

# What is acted on, and by whom. `id` is exact, or ends in *. The policy reads the attributes;
# a resource that is not here is refused.
resources:
#  - type: Database
#    id: clinic/*
#    executor: clinic-db
#    attributes:
#      env: prod                    # dev, test or staging are not production; all else is
#      data: identified             # or aggregate, deidentified, synthetic, public
#      dialect: postgres            # of its SQL: mysql, mariadb, sqlite, tsql, oracle, snowflake,
#                                   # bigquery; without it, what all of them read alike is known
#      tables: patients visits      # names that reviewers may read in the facts of an action
#      coarse: ward_group           # columns by which figures may be grouped, besides gender, year…
#      domains: clinic.example      # our own: recipients elsewhere are external
#      root: /srv/exports           # paths outside it are outside
#      hosts: fhir.clinic.example   # hosts that reviewers may read in the facts
"""

SETTINGS = """\
# Settings of phigate. Stronger than these: PHIGATE_NAME in the environment, a command's option.
# What is commented out shows the default.

# -- places, relative to this file
# directory = "directory.yaml"
# policies = "policy"
# keys = "keys"
# pinned_keys = ""          # a file that `phigate keys publish` wrote; empty: the directory's keys
# credentials = "credentials"

# -- the cluster: empty for the Kafka that phigate runs itself, or "host:port,host:port"
# bootstrap = ""
# prefix = "phigate."
# partitions = 6            # cannot change later
# replication = 0           # 0: three where the cluster has three brokers, else one

# -- Kafka's users: a process takes credentials/ROLE.properties; each command knows its role
# role = ""                 # for `phigate topics` and scripts; empty: admin
# principals = {}           # role = "Kafka's name", where users are made elsewhere
# quota_bytes = 4194304     # a second and broker, for agents, approvers, executors; 0: none

# -- limits on inputs
# params_bytes_max = 262144
# input_bytes_max = 900000
# ttl_ms_min = 1000
# ttl_ms_max = 604800000    # a week
# clock_skew_ms_max = 300000
# grant_ttl_ms = 900000     # a quarter of an hour

# -- back-pressure: the SDK sends no more while more intents and events than this wait; 0: no bound
# intents_waiting_max = 1000

# -- what one agent may ask of each admit worker in a minute; 0: no bound
# agent_intents_per_minute = 1200
# agent_bytes_per_minute = 67108864
# agent_masking_ms_per_minute = 30000

# -- refusals of what anybody may have sent: so many of a partition stand alone in the log and the
# audit, and one more each minute; the others become one event each ten seconds
# refused_alone_max = 100
# refused_window_ms = 10000

# -- the brake: no more is granted while the signed audit is further behind than this
# audit_behind_max = 10000     # entries
# audit_behind_ms_max = 60000  # a minute

# -- masking
# mask_workers = 2          # processes, about 300 MB each
# mask_timeout_ms = 10000

# -- what wraps data keys: "local", or "vault" or "kms" around the local file (extras of phigate)
# key_provider = "local"
# key_timeout_ms = 5000
# key_tries = 3
# vault_url = ""            # https://vault.example.org:8200
# vault_mount = "transit"
# vault_key = "phigate"
# vault_token_file = "vault-token"
# vault_ca = ""             # a file of certificates; empty: the system's
# vault_namespace = ""
# kms_key = ""              # an ARN, id or alias of a symmetric key
# kms_region = ""
# kms_endpoint = ""         # empty: AWS's own

# -- refuse what an agent did not seal to the gate, or did not sign; one that has a key in the
# directory must sign in any case
# require_sealed = false
# require_signed_intents = false

# -- librdkafka's own settings; a password is better in PHIGATE_KAFKA, as JSON
# [kafka]
# "security.protocol" = "SASL_SSL"
# "sasl.mechanism" = "SCRAM-SHA-512"
"""
