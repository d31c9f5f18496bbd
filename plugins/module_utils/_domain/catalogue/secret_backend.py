# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Error codes of the area 'secret' about servers that hold secrets: 0040 to 0079."""

from __future__ import annotations

from .entry import Entry

ERRORS: dict[str, Entry] = {
    "NXC-SECR-0040": Entry(
        "The secret server {server} cannot be reached: {reason}.",
        "Start it, or correct its address in 'secrets' of the site file. Nothing is known to have been written.",
        retryable=True,
    ),
    "NXC-SECR-0041": Entry(
        "The secret server {server} refuses {what}: {reason}.",
        "Check the credentials that 'secrets' of the site file names, and that they may read, list, write and remove "
        "below the site's prefix.",
    ),
    "NXC-SECR-0042": Entry(
        "The certificate of the secret server {server} is not trusted, or TLS fails: {reason}.",
        "Give the authority of its certificate with 'ca_file' (for Barbican 'cacert' in clouds.yaml), and call the "
        "server by a name that is in the certificate. Verification cannot be switched off.",
    ),
    "NXC-SECR-0043": Entry(
        "The secret server {server} is not available: {reason}.",
        "Unseal it, or wait until it has a leader and its storage, and repeat.",
        retryable=True,
    ),
    "NXC-SECR-0044": Entry(
        "The secret server {server} has no {what}: {reason}.",
        "Correct 'url' and 'mount' in 'secrets' of the site file, or enable the engine, for example with "
        "'vault secrets enable -path=<mount> -version=2 kv'.",
    ),
    "NXC-SECR-0045": Entry(
        "The entry '{path}' on the secret server {server} cannot be read: {reason}.",
        "It was not written by this collection, or by a newer release. Restore or remove it on the server, or give "
        "this site another prefix.",
    ),
    "NXC-SECR-0046": Entry(
        "The file {file} with {what} cannot be used: {reason}.",
        "Write the file as 'secrets' of the site file names it, readable by the account that runs Ansible.",
    ),
    "NXC-SECR-0047": Entry(
        "The Python library '{name}', which the secret backend '{backend}' needs, is missing: {reason}.",
        "Install it for the Python that runs Ansible: pip install {name}.",
    ),
    "NXC-SECR-0048": Entry(
        "The secret server {server} does not take the entry '{path}': {reason}.",
        "Shorten the value or the path. Barbican takes 20000 bytes by default "
        "(max_allowed_secret_in_bytes), etcd 1.5 MiB, a KV-v2 server 1 MiB.",
    ),
    "NXC-SECR-0049": Entry(
        "The secret server {server} answered {status}: {reason}.",
        "This answer was not expected; the log of the server says more.",
    ),
    "NXC-SECR-0050": Entry(
        "The cloud '{cloud}' of clouds.yaml cannot be used for secrets: {reason}.",
        "Correct the entry; 'openstack --os-cloud {cloud} secret list' tries it.",
    ),
    "NXC-SECR-0051": Entry(
        "The settings of the secret backend '{backend}' lack: {keys}.",
        "Run with a site inventory, which sets nextgen_secrets in full, or give them in the option backend.",
    ),
}
