"""Closed vocabularies: words of code, of environments, roles and switches, and fields of amounts.

Such a word says what an action does, so a reviewer must see it wherever it stands; it names nobody.
"""

import re

from streams.masking.fields import KEEP, kind_of, words
from streams.masking.vocabulary.lists import each

# Words of code that are nobody's name. `grant` and `mark` are names: they are told by their place.
CODE = each("""
    select insert update delete drop truncate alter union except intersect exec execute merge where
    having table values database schema revoke create replace into null declare cursor from join
    limit offset procedure function trigger returning distinct exists begin commit rollback
    xp_cmdshell sudo curl wget rm chmod chown bash sh powershell eval userdel useradd usermod passwd
    kubectl systemctl shutdown reboot kill mkfs dd nc ssh scp tar
""")
# Words of code that alone may be somebody's, or anything.
_ALSO_CODE = each("""
    grant set order by as on in is not and or like case when then else end with to of for key index
    view column cascade using values group first last only matched superuser
""")
SWITCHES = each("""
    true false yes no on off null none nil all any enabled disabled enable disable active inactive
    allow deny allowed denied public private internal
""")
PLACES = each("""
    prod production prd live dev devel development staging stage stg preprod uat qa sandbox test
    testing ci canary dr primary replica standby main master
""")
ROLES = each("""
    admin administrator admins root superuser sysadmin dba owner operator viewer editor reader
    writer auditor developer maintainer contributor guest user users member everyone anyone
    readonly readwrite read write execute full access control role roles group groups domain global
    tenant system service db database ro rw rwx
""")
_CLOSED = CODE | SWITCHES | PLACES | ROLES
_PLACES_OF = each("""
    env environment target tier stage region role roles permission permissions privilege privileges
    access level mode state type kind scope action operation verb command engine driver policy
    effect format visibility class plan queue topic branch
""")
_MEASURES = each("""
    amount amounts rows row count counts limit offset total totals sum cents price cost quantity qty
    bytes size budget quota max min threshold percent pct ratio rate seconds minutes hours ms ttl
    timeout retries port batch page pages salary balance dose dosage volume version index priority
    weight height length width score transfer transfers payment payments pay refund refunds deposit
    deposits withdrawal withdrawals withdraw fee fees tax bonus discount income wage wages loan
""")
_SPLIT = re.compile(r"[^\W_]+")
_CHARS_MAX = 64
_AMOUNT = re.compile(r"\s{0,9}[+-]?\d[\d.,_]{0,40}(?:[eE][+-]?\d{1,4})?\s{0,9}")


def closed(value: str) -> bool:
    """Tell whether a value is made of words of closed vocabularies alone: `domain-admin`."""
    said = value.strip()
    if not said or len(said) > _CHARS_MAX:
        return False
    parts = [part.lower() for part in _SPLIT.findall(said)]
    return bool(parts) and all(part in _CLOSED for part in parts)


def coded(value: str) -> bool:
    """Tell whether a text holds two words of code or of a closed vocabulary: `Delete True`."""
    parts = {part.lower() for part in _SPLIT.findall(value)}
    return len(parts & _CLOSED) > 1 and bool(parts & (CODE | SWITCHES))


def keyword(said: str) -> bool:
    """Tell whether words are those of code or of a closed vocabulary, so that nobody is known."""
    parts = [part.lower() for part in _SPLIT.findall(said)]
    known = all(part in _CLOSED or part in _ALSO_CODE for part in parts)
    return known and (len(parts) > 1 or (bool(parts) and parts[0] in _CLOSED))


def measured(name: str) -> bool:
    """Tell whether a field of this name holds an amount."""
    return bool(set(words(name)) & _MEASURES) and kind_of(name) in {KEEP, "TEXT", "NAME"}


def amount(name: str, value: str) -> bool:
    """Tell whether a field holds an amount: its name says so, and its value is a number."""
    return measured(name) and _AMOUNT.fullmatch(value) is not None


def enumerated(name: str) -> bool:
    """Tell whether a field of this name holds a word of a closed vocabulary."""
    said = words(name)
    return bool(said) and (said[-1] in _PLACES_OF or kind_of(name) == KEEP)
