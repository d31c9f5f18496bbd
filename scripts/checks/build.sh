#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# build.sh COPY: build the collection from a copy of the repository, let galaxy-importer look at it,
# install it somewhere else and use it from there.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../env.sh"

readonly copy="$1"
readonly importer="$NEXTGEN_ROOT/.cache/galaxy-importer"
elsewhere="$(mktemp -d)"
trap 'rm -rf "$elsewhere"' EXIT

say() { printf -- '-- %s\n' "$*"; }

say "build"
cd "$copy"
ansible-galaxy collection build --force --output-path "$NEXTGEN_BUILD"
version="$(sed -n 's/^version: *//p' galaxy.yml)"
readonly tarball="$NEXTGEN_BUILD/nextgen-cloud-$version.tar.gz"
unwanted="$(tar --list --file "$tarball" | grep -E '^(\.|build/|tests/|molecule/|scripts/|requirements/)' || true)"
if [[ $unwanted ]]; then
    printf 'these files do not belong in the collection:\n%s\n' "$unwanted"
    exit 1
fi

say "galaxy-importer"
locks="$(sha256sum "$NEXTGEN_ROOT/requirements/galaxy-importer.txt")"
if [[ $(cat "$importer/.lock" 2>/dev/null) != "$locks" ]]; then
    rm -rf "$importer"
    python -m venv "$importer"
    uv pip sync --quiet --python "$importer/bin/python" --require-hashes "$NEXTGEN_ROOT/requirements/galaxy-importer.txt"
    printf '%s\n' "$locks" >"$importer/.lock"
fi
cd "$elsewhere"
# Its own environment first, so that the ansible-doc it starts is its own; the
# collections this one depends on come from the controller's.
GALAXY_IMPORTER_CONFIG="$NEXTGEN_ROOT/.config/galaxy-importer.cfg" PATH="$importer/bin:$PATH" \
    "$importer/bin/python" -m galaxy_importer.main "$tarball" 2>&1 | tee importer.log | grep -v '^Loading '
if grep -E 'ERROR|WARNING' importer.log; then
    say "galaxy-importer is not content"
    exit 1
fi

say "install elsewhere and use it"
unset ANSIBLE_CONFIG
export ANSIBLE_COLLECTIONS_PATH="$elsewhere/collections" ANSIBLE_HOME="$elsewhere/home"
ansible-galaxy collection install "$tarball" --collections-path "$ANSIBLE_COLLECTIONS_PATH" --offline --no-deps
cp -r "$copy/inventories" "$elsewhere/inventories"
for kind in module lookup inventory callback filter; do
    ansible-doc --type "$kind" --list nextgen.cloud | tee /dev/stderr | grep -q '^nextgen\.cloud\.'
done
ansible-inventory --inventory inventories/aio/site.yml --graph
for playbook in "$ANSIBLE_COLLECTIONS_PATH"/ansible_collections/nextgen/cloud/playbooks/*.yml; do
    name="$(basename "$playbook" .yml)"
    say "syntax of nextgen.cloud.$name"
    ansible-playbook --syntax-check --inventory inventories/aio/site.yml "nextgen.cloud.$name"
done
