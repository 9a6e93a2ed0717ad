"""Places where programs write and nobody writes prose: paths, file names, keys, patterns, commands.

A name that is an everyday word (`young`, `hill`) is masked there, in small letters too, once the
document says elsewhere that it is a name.
"""

import re

_BEFORE = re.compile(r"\S{0,200}\Z")
_BEHIND = re.compile(r"\S{0,200}")
_CODE = re.compile(
    r"[_=%@\\*`$^~]|://|\A[./~]{1,2}/|\A/[\w.\-]+/|\.(?!(?:com|org)\Z)[a-z][a-z0-9]{1,4}[\"')\]};,]{0,3}\Z"
    r"|/[\w.\-]+/|\A[\"'(\[]*[\w\-]+\.[\w\-]+(?:\.[\w\-]+)*@"
)
_QUOTED = re.compile(r"[\"'`%*]\Z")
_LINE_MAX = 400
_COMMANDS = (
    r"(?:[efz]?grep|rg|ack|ag|find|locate|awk|sed|ls|cd|cat|rm|cp|mv|less|more|tail|head|vim?|nano|git|psql|mysql|sqlite3|curl|wget|scp"
    r"|rsync|ssh|open|mkdir|touch|chmod|chown|finger|getent|useradd|usermod|passwd|aws|gsutil|kubectl|docker|python3?|jq|echo|export|xargs)"
)
_COMMAND = re.compile(rf"(?:\A|[\n|;&]\s{{0,3}}|\$\s|\bsudo\s){_COMMANDS}\s[^\n]*\Z")
_STATED = re.compile(
    r"\b(?:like|ilike|rlike|regexp|where|select|values|set|in|similar\sto|match|contains)\b|[=({\[:,]\s?\Z",
    re.IGNORECASE,
)


def coded(text: str, start: int, end: int) -> bool:
    """Tell whether a word stands in a path, a key, a pattern or a command, and not in prose."""
    if not text[:start].strip() and not text[end:].strip():
        return True
    before, behind = _BEFORE.search(text, max(0, start - 200), start), _BEHIND.match(text, end)
    token = (
        (before.group() if before else "") + text[start:end] + (behind.group() if behind else "")
    )
    if _CODE.search(token):
        return True
    line = text[max(0, start - _LINE_MAX) : start]
    if (
        _QUOTED.search(line)
        and text[end : end + 1] in {'"', "'", "`", "%", "*"}
        and _STATED.search(line[:-1])
    ):
        return True
    return bool(_COMMAND.search(line))
