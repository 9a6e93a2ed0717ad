"""Whose key signs: one way for every door to find it.

choose.py     a person's key, an officer's, an agent's; from a file, an SSH agent, or a login
options.py    the options that say so on a command line
sshagent.py   an enrolled key that an SSH agent holds
"""
