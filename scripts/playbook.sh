#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# playbook.sh ARGUMENT...: ansible-playbook of this checkout, as root because node containers need it.
# For somebody else than root, what it wrote for people is handed back afterwards.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
source "$NEXTGEN_ROOT/scripts/say.sh"

cd "$NEXTGEN_ROOT"
if ((EUID == 0)); then
    exec ansible-playbook "$@"
fi

hand_back() {
    sudo find "$NEXTGEN_BUILD" "$NEXTGEN_ROOT/.cache" -uid 0 -exec chown -h "$(id -u):$(id -g)" {} +
}

command -v sudo >/dev/null || refuse "Ansible needs root here, and there is no sudo" "run as root, or install sudo"
# Keys, agent, index, mirror, proxy and certificates stay those of who called.
keep="$(compgen -e | grep -E '^(PATH|HOME|TERM|LANG|LC_.*|SSH_AUTH_SOCK|OS_CLIENT_CONFIG_FILE|PYTHONPYCACHEPREFIX|(ANSIBLE|NEXTGEN|PIP|SSL_CERT)_.*|(https?|no|HTTPS?|NO)_(proxy|PROXY)|REQUESTS_CA_BUNDLE)$' | paste -sd,)"
trap hand_back EXIT
sudo --preserve-env="$keep" -- "$(command -v ansible-playbook)" "$@"
