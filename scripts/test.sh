#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# test.sh [STAGE...]: all checks of the repository, or only these.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

cd "$NEXTGEN_ROOT"
scripts/setup.sh dev
exec python scripts/checks "$@"
