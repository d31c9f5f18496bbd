#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Compile requirements/*.in into the locks *.txt: hashes, every Python from 3.11 on, no index address.
# Run it by hand after a change of a .in file; versions already locked are kept (--upgrade renews them).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../requirements"

for name in bootstrap controller dev galaxy-importer barbican; do
    ../.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "scripts/lock.sh" \
        --output-file "$name.txt" "$@" "$name.in"
    # REUSE-IgnoreStart
    sed -i '1i # SPDX-License-Identifier: GPL-3.0-or-later' "$name.txt"
    # REUSE-IgnoreEnd
done
