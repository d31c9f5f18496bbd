#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# down.sh [SITE_FILE [ANSIBLE_PLAYBOOK_OPTION...]]: take the site away, with everything that carries its mark.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
source "$NEXTGEN_ROOT/scripts/say.sh"

site="$(realpath --canonicalize-missing -- "${1:-$NEXTGEN_ROOT/inventories/aio/site.yml}")"
readonly site
shift || true
[[ -f $site ]] || refuse "there is no site file '$site'" "give the path of one: make down SITE=<directory>/site.yml"
cd "$NEXTGEN_ROOT"
scripts/setup.sh controller
exec scripts/playbook.sh -i "$site" nextgen.cloud.destroy --extra-vars "$(printf '{"nextgen_access_dir": "%s"}' "$NEXTGEN_BUILD")" "$@"
