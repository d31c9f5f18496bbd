#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# setup.sh controller|dev: everything this checkout needs on this machine; does nothing when it is there.
#   controller  Debian packages, .venv from requirements/controller.txt, the collection tree
#   dev         the same plus requirements/dev.txt, the packages of the checks and a Barbican for tests
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
source "$NEXTGEN_ROOT/scripts/say.sh"

readonly profile="${1:-controller}"
readonly venv="$NEXTGEN_ROOT/.venv"
readonly stamp="$venv/.nextgen-locks"
readonly barbican="$NEXTGEN_ROOT/.cache/barbican"

packages=(
    podman runc crun conmon netavark aardvark-dns iptables  # node containers and their network
    mmdebstrap                                              # the node image, from Debian's own packages
    openssh-client                                          # Ansible's way into the nodes
    python3 python3-venv ca-certificates git
)
[[ $profile == dev ]] && packages+=(
    rsync shellcheck                                        # the copy that ansible-test checks; lint
    haproxy openssl iproute2                                # the edge and its certificates, tested for real
    buildah                                                 # makes what a killed podman leaves in its storage
    default-jre-headless libzookeeper-java stunnel4         # a real ZooKeeper on loopback, and the tunnels to it
    libapr1 libaprutil1 libcurl4 libsasl2-2                 # what the published Mesos links to
    libsasl2-modules libssl3 libsvn1
    etcd-server                                             # a real etcd on loopback
)

check_system() {
    local ID="" VERSION_ID=0
    # shellcheck source=/dev/null
    [[ -r /etc/os-release ]] && source /etc/os-release
    if [[ $ID != debian || ${VERSION_ID%%.*} -lt 12 ]]; then
        refuse "this machine runs '${PRETTY_NAME:-an unknown system}'" "use Debian 12 or newer as the controller"
    fi
}

missing_packages() {
    local -A present=()
    local name
    while read -r name; do present[$name]=1; done < <(
        dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null |
            sed -n 's/^installed //p'
    )
    for name in "${packages[@]}"; do [[ ${present[$name]:-} ]] || printf '%s\n' "$name"; done
}

# The package lists are fetched only when they are missing or stale enough that an install fails.
install_packages() {
    local install=(env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends "$@")
    compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null && as_root "${install[@]}" && return
    as_root apt-get update --quiet || return
    as_root "${install[@]}"
}

# The package starts a server as it is installed, but tests start their own. A mask that is there before
# is kept by Debian's tools; who uses etcd on this machine has the package already.
keep_etcd_down() {
    [[ ! -d /run/systemd/system ]] || as_root systemctl --quiet mask etcd.service
}

# The first Python that runs, is new enough and can make an environment.
find_python() {
    local candidate
    for candidate in python3 /usr/bin/python3 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
    done
    refuse "no Python 3.11 or newer with the venv module was found" "install python3 and python3-venv (Debian 12 has 3.11)"
}

locks() { (cd "$NEXTGEN_ROOT/requirements" && sha256sum "$@"); }

# Its programs know where they were made, so a checkout that was moved needs another one.
venv_is_sound() {
    "$venv/bin/python" -c 'import pip' >/dev/null 2>&1 && grep -qsF -- "-m venv $venv" "$venv/pyvenv.cfg"
}

# Called through phase, where errexit is off: every step says itself that it failed.
make_venv() {
    local python
    rm -f "$stamp"
    if ! venv_is_sound; then
        # Before a Python is looked for: that of a half-made environment comes first in PATH.
        rm -rf "$venv"
        python="$(find_python)" || return
        "$python" -m venv "$venv" || return
    fi
    cd "$NEXTGEN_ROOT/requirements" || return
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --requirement bootstrap.txt || return
    # dev.txt holds controller.txt whole (a test compares them), so it satisfies both.
    "$venv/bin/uv" pip sync --quiet --python "$venv/bin/python" --require-hashes "$profile.txt" || return
    if [[ $profile == dev ]]; then locks controller.txt dev.txt >"$stamp"; else locks controller.txt >"$stamp"; fi
}

venv_is_current() {
    [[ -x $venv/bin/ansible-playbook ]] && grep -qsxF "$(locks "$profile.txt")" "$stamp" && venv_is_sound
}

# The key manager that tests start, apart from everything else: it is a server with many libraries.
make_barbican() {
    rm -rf "$barbican"
    "$venv/bin/python" -m venv --without-pip "$barbican" || return
    "$venv/bin/uv" pip sync --quiet --python "$barbican/bin/python" --require-hashes \
        "$NEXTGEN_ROOT/requirements/barbican.txt" || return
    (cd "$NEXTGEN_ROOT/requirements" && sha256sum barbican.txt) >"$barbican/.lock"
}

barbican_is_current() {
    (cd "$NEXTGEN_ROOT/requirements" && sha256sum --check --status "$barbican/.lock" 2>/dev/null) &&
        "$barbican/bin/python" -c 'import barbican' >/dev/null 2>&1
}

# A symlink stands in for the installed collection, so that what runs is always what is checked out.
make_tree() {
    mkdir -p "$ANSIBLE_COLLECTIONS_PATH/ansible_collections/nextgen" "$NEXTGEN_BUILD/logs"
    ln -sfnT ../../../.. "$ANSIBLE_COLLECTIONS_PATH/ansible_collections/nextgen/cloud"
}

check_system
mapfile -t wanted < <(missing_packages)
if ((${#wanted[@]})); then
    printf 'Debian packages to install: %s\n' "${wanted[*]}"
    [[ " ${wanted[*]} " != *" etcd-server "* ]] || keep_etcd_down
    phase "Packages" install_packages "${wanted[@]}"
fi
venv_is_current || phase "Python environment" make_venv
[[ $profile != dev ]] || barbican_is_current || phase "Barbican for tests" make_barbican
make_tree
