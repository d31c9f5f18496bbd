#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# up.sh [SITE_FILE [ANSIBLE_PLAYBOOK_OPTION...]]: make the site be, and show how to use it.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
source "$NEXTGEN_ROOT/scripts/say.sh"

site="$(realpath --canonicalize-missing -- "${1:-$NEXTGEN_ROOT/inventories/aio/site.yml}")"
readonly site
shift || true
[[ -f $site ]] || refuse "there is no site file '$site'" "give the path of one: make up SITE=<directory>/site.yml"
cd "$NEXTGEN_ROOT"

from=$EPOCHREALTIME
scripts/setup.sh controller
setup="$(seconds_since "$from")"

# Node containers need root; what is written for people belongs to who called.
export NEXTGEN_TIMINGS_FILE="$NEXTGEN_BUILD/timings.json"
rm -f "$NEXTGEN_TIMINGS_FILE"
status=0
export NEXTGEN_RECAP=hosts
scripts/playbook.sh -i "$site" nextgen.cloud.site --extra-vars "$(printf '{"nextgen_access_dir": "%s"}' "$NEXTGEN_BUILD")" "$@" ||
    status=$?
((status == 0)) || exit "$status"
python scripts/summary.py --setup "$setup"
