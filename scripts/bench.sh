#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bench.sh [ROW...]: measure everything or only these; fails if a goal is missed.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

cd "$NEXTGEN_ROOT"
scripts/setup.sh dev
exec python bench "$@"
