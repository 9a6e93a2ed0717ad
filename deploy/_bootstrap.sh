# Sourced by deploy/demo, deploy/test and deploy/lock: makes `.venv/` at the root, once.
#
# Everything is installed from deploy/constraints.txt: pinned, each file checked by its hash, wheels
# only, so that no build downloads anything unseen. A stamp in .venv/ tells the next run that
# there is nothing to do.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
VENV=$ROOT/.venv
STAMP=$VENV/phigate.stamp

say() { printf 'phigate: %s\n' "$*" >&2; }
give_up() { say "$*"; exit 2; }

# Whether the command is a Python of 3.11 or later (quietly: a pyenv shim may lead nowhere).
is_recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# Print the Python to build with: $PYTHON if set, else the first recent one of those given, or usual.
find_python() {
    local candidate
    if [ -n "${PYTHON:-}" ]; then
        is_recent "$PYTHON" || give_up "PYTHON=$PYTHON is not a Python of 3.11 or later"
        echo "$PYTHON"
        return
    fi
    for candidate in "$@" python3 python3.13 python3.12 python3.11 python3.14 python; do
        if is_recent "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    give_up "no Python of 3.11 or later found: install one, or name one with PYTHON=/path/to/python"
}

# Print what .venv/ has to match: Python, place, and the two files that say what is in it.
fingerprint() {
    "$VENV/bin/python" - "$ROOT" <<'PYTHON'
import hashlib, pathlib, sys
root = pathlib.Path(sys.argv[1])
files = [root / "deploy" / "constraints.txt", root / "pyproject.toml"]
parts = [sys.version.encode(), str(root).encode(), *(each.read_bytes() for each in files)]
print(hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest())
PYTHON
}

bootstrap() {
    if ! is_recent "$VENV/bin/python"; then
        local python
        python=$(find_python) || exit 2
        say "making .venv/ with $("$python" --version)"
        "$python" -m venv --clear "$VENV" ||
            give_up "$python cannot make environments; on Debian: apt install python3-venv"
    fi
    local wanted
    wanted=$(fingerprint)
    [ "$(cat "$STAMP" 2>/dev/null)" = "$wanted" ] && return
    rm -f "$STAMP"
    say "installing $(grep -c == "$ROOT/deploy/constraints.txt") packages, pinned and hashed (minutes, once)"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
        --only-binary :all: -r "$ROOT/deploy/constraints.txt" || give_up "pip could not install them"
    say "installing phigate itself, from this checkout"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps \
        --no-build-isolation --editable "$ROOT" || give_up "pip could not install phigate"
    printf '%s\n' "$wanted" >"$STAMP"
}
