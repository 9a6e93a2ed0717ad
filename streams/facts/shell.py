"""Commands for a shell: what one does is not told, only whether a shell could read more in it."""

import re
from collections.abc import Iterable
from typing import Final

from streams.facts import names
from streams.facts.fact import MANY, NO, NONE, ONE, YES, ShellFacts, bounded
from streams.facts.leaves import ParamLeaf
from streams.facts.names import words

_MORE = re.compile(r"[;&|<>`$(){}\[\]*?!~\\\n\r#]|[^\x09\x20-\x7e]")
_FIRST = re.compile(r"\A\s*+([^\s;&|<>]+)")
_KNOWN: Final = words(
    "ls cat head tail grep find echo cp mv rm mkdir rmdir touch chmod chown ln tar gzip zip"
    " unzip curl wget ssh scp rsync git docker kubectl helm terraform ansible systemctl service"
    " journalctl ps kill df du free top uptime hostname whoami id sudo su useradd userdel"
    " usermod passwd apt yum dnf pip npm python python3 node java bash sh zsh perl ruby psql"
    " mysql sqlite3 pg_dump sqlcmd nc ncat openssl base64 dd mount umount crontab at env export"
    " sed awk xargs tee sort uniq wc date sleep test true false"
)


def shell_facts(every: Iterable[ParamLeaf]) -> ShellFacts:
    """Return the commands under a shell's parameter names."""
    texts = [
        leaf.value
        for leaf in every
        if isinstance(leaf.value, str)
        and not leaf.is_key
        and any(name in names.SHELL for name in leaf.names)
    ]
    if not texts:
        return ShellFacts(commands=NONE, chained=NO)
    return ShellFacts(
        commands=ONE if len(texts) == 1 else MANY,
        chained=YES if any(_MORE.search(text) for text in texts) else NO,
        programs=bounded({_program(texts[0])}),
    )


def _program(text: str) -> str:
    first = _FIRST.match(text)
    word = first[1].rpartition("/")[2].lower() if first else ""
    return word if word in _KNOWN else names.OTHER
