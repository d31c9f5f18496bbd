# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How the commands speak: one line per phase with its seconds, and a refusal with its remedy.

# phase NAME COMMAND...: run the command; one line with its time, its output only if it fails.
# In a subshell, so that what a refusal says is shown too.
phase() {
    local name="$1" log status=0 from=$EPOCHREALTIME
    shift
    log="$(mktemp)"
    ("$@") >"$log" 2>&1 || status=$?
    if ((status)); then
        cat "$log" >&2
        printf '%-24s %7.1f s  failed\n' "$name" "$(seconds_since "$from")" >&2
    else
        printf '%-24s %7.1f s\n' "$name" "$(seconds_since "$from")"
    fi
    rm -f "$log"
    return "$status"
}

# seconds_since START: START as read from EPOCHREALTIME, whatever its decimal mark.
seconds_since() {
    local now=$EPOCHREALTIME
    local micros=$((${now/[.,]/} - ${1/[.,]/}))
    printf '%d.%06d' $((micros / 1000000)) $((micros % 1000000))
}

# refuse WHAT REMEDY: say both and stop.
refuse() {
    printf 'error: %s\nRemedy: %s\n' "$1" "$2" >&2
    exit 1
}

# as_root COMMAND...: as it is for root, through sudo for everybody else.
as_root() {
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo -- "$@"
    else
        refuse "'$*' needs root, and there is no sudo" "run as root, or install sudo"
    fi
}
