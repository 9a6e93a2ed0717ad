"""The files of an installation: its folder, keys, directory and policy.

command.py     `init`, `key new | show`, `directory check`: flags and printing, nothing else
home.py        making the home: keys, directory, policy, settings; nothing there is overwritten
newkey.py      a person's or an executor class's keys, and the lines that name them
findings.py    what a directory that loads may still get wrong (pure)
templates.py   the texts of a fresh directory.yaml and phigate.toml
policy.py      `policy check | test`        mistakes.py    a policy set against the house
provider.py    the key provider that the settings name
wrapping.py    the keys that wrap: what there is, rotating them     keys.py   `keys …`
"""
