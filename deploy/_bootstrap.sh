# Sourced by deploy/demo, deploy/test and deploy/lock: makes `.venv/` at the root, once.
#
# Exactly what deploy/constraints.txt says is installed: each version, each file checked by its hash,
# wheels only, so that no build downloads anything unseen. Nothing is resolved: pip before 24 looks
# up `coverage[toml]` apart from the pinned `coverage` and refuses the newer release that it finds.
# Whether the lock was whole is asked afterwards (`pip check`).
#
# A run that was cut off goes on: .venv/phigate.made is written when the environment stands, .venv/
# phigate.stamp when everything is in it, each by a rename. Packages that were cut off half-way are
# made again (deploy/_mend.py), since pip would take them for whole.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
VENV=$ROOT/.venv
LOCK=$ROOT/deploy/constraints.txt
MADE=$VENV/phigate.made
STAMP=$VENV/phigate.stamp
TIMEOUT_S=60 # pip's own 15 s are short for a far registry
PAUSES_S="0 1 5" # before each try: a download that breaks off half-way ends pip

say() { printf 'phigate: %s\n' "$*" >&2; }
give_up() { say "$*"; exit 2; }

# Whether the command is a CPython that the lock has wheels for (quietly: a pyenv shim may lead nowhere).
is_supported() {
    "$1" -Ic 'import sys
sys.exit(sys.implementation.name != "cpython" or not (3, 11) <= sys.version_info < (3, 15))' \
        >/dev/null 2>&1
}

# Print the Python to build with: $PYTHON if set, else the first fitting one of those given, or usual.
find_python() {
    local candidate
    if [ -n "${PYTHON:-}" ]; then
        is_supported "$PYTHON" || give_up "PYTHON=$PYTHON is not a CPython from 3.11 to 3.14"
        echo "$PYTHON"
        return
    fi
    for candidate in "$@" python3 python3.13 python3.12 python3.11 python3.14 python; do
        if is_supported "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    give_up "no CPython from 3.11 to 3.14 found: install one, or name one with PYTHON=/path/to/python"
}

# Write the second argument to the file that the first one names: whole, or not at all.
write() { printf '%s\n' "$2" >"$1.new" && mv -f "$1.new" "$1"; }

# Print what an environment of this Python in this place has to match.
origin() { "$1" -Ic 'import sys; print(sys.version.split()[0], sys.argv[1])' "$ROOT" 2>/dev/null; }

# Print what is to be installed: the environment, and the two files that say what is in it.
fingerprint() {
    "$VENV/bin/python" -I - "$MADE" "$LOCK" "$ROOT/pyproject.toml" <<'PYTHON'
import hashlib, pathlib, sys
parts = [pathlib.Path(each).read_bytes() for each in sys.argv[1:]]
print(hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest())
PYTHON
}

# pip in .venv/, whatever PYTHONPATH says. The user's configuration of pip stays in force, but for what
# would install elsewhere than here, or ask a hash of this checkout.
pip() {
    PIP_USER=0 PIP_REQUIRE_HASHES=0 "$VENV/bin/python" -I -m pip --disable-pip-version-check "$@"
}

# Whether an environment of the wanted Python stands in this very place.
is_made() {
    local python=${PYTHON:-$VENV/bin/python}
    is_supported "$python" && [ "$(cat "$MADE" 2>/dev/null)" = "$(origin "$python")" ]
}

# Whether all that is wanted is in it.
is_whole() { [ "$(cat "$STAMP" 2>/dev/null)" = "$(fingerprint)" ]; }

# Wait until nobody else installs here. The lock is this shell's (descriptor 9) and whatever it runs;
# the system lets go of it with the last of them, however they end.
wait_for_others() {
    exec 9>"$ROOT/.venv.lock" || give_up "$ROOT cannot be written to"
    "$1" -Ic 'import fcntl, sys
try:
    fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print("phigate: another run is installing: waiting for it", file=sys.stderr)
    fcntl.flock(9, fcntl.LOCK_EX)
except OSError:
    pass # a file system without locks'
}

make_environment() {
    say "making .venv/ with $("$1" --version)"
    "$1" -Im venv --clear "$VENV" ||
        give_up "no environment could be made: see above. On Debian: apt install python3-venv"
    write "$MADE" "$(origin "$1")" || give_up "$VENV cannot be written to"
}

install_packages() {
    local pause patience=()
    case $(pip config list) in
        *timeout=*) ;;
        *) patience=(--timeout "$TIMEOUT_S") ;;
    esac
    for pause in $PAUSES_S; do
        sleep "$pause"
        [ "$pause" = 0 ] || say "trying again: what was fetched is kept"
        "$VENV/bin/python" -I "$ROOT/deploy/_mend.py" "$LOCK" || give_up "$VENV cannot be mended: delete it"
        pip install --quiet ${patience[@]+"${patience[@]}"} --no-deps --require-hashes \
            --only-binary :all: -r "$LOCK" && return
    done
    give_up "pip could not install them: see above. Run the same command again: it goes on where it" \
        "stopped. Behind a mirror or a proxy, tell pip first (PIP_INDEX_URL, PIP_PROXY, PIP_CERT)." \
        "If it fails in the same way, delete .venv/ before."
}

install_everything() {
    local said
    case $(uname -sm) in
        "Linux x86_64" | "Darwin arm64") ;;
        *) say "not every pinned package has a wheel for $(uname -sm): pip may find none" ;;
    esac
    say "installing $(grep -c == "$LOCK") packages, pinned and hashed (minutes, once)"
    install_packages
    say "installing phigate itself, from this checkout"
    pip install --quiet --no-index --no-deps --no-build-isolation --editable "$ROOT" ||
        give_up "phigate itself could not be installed: see above. Delete .venv/ and run the same command again"
    said=$(pip check 2>&1) ||
        give_up "what is pinned does not fit together; deploy/lock pins anew: $said"
}

bootstrap() {
    local python wanted
    is_made && is_whole && return
    trap 'exit 130' INT # pip calls being interrupted a failure: it would be tried again
    python=$(find_python) || exit 2
    wait_for_others "$python"
    is_made || make_environment "$python"
    if ! is_whole; then
        wanted=$(fingerprint) || give_up "$VENV is broken: delete it and run the same command again"
        rm -f "$STAMP"
        install_everything
        write "$STAMP" "$wanted"
    fi
    exec 9>&-
    trap - INT
}
