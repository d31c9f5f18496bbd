# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Error codes of the area 'pki'."""

from __future__ import annotations

from .entry import Entry

ERRORS: dict[str, Entry] = {
    "NXC-PKI-0001": Entry(
        "The authority '{name}' does not exist in {directory}.",
        "Make it with nextgen.cloud.pki_authority before certificates are asked of it, as the playbook "
        "nextgen.cloud.install does.",
    ),
    "NXC-PKI-0002": Entry(
        "'{text}' is not {wanted}.",
        "Correct the option.",
    ),
    "NXC-PKI-0003": Entry(
        "The certificate '{name}' cannot be issued as it is written: {reason}.",
        "Correct its row in certificates.",
    ),
    "NXC-PKI-0004": Entry(
        "The authority '{name}' cannot be made as it is written: {reason}.",
        "Correct the options of nextgen.cloud.pki_authority.",
    ),
    "NXC-PKI-0005": Entry(
        "The authority '{authority}' must not vouch for '{name}', which the certificate '{certificate}' asks for.",
        "Its name constraints allow {permitted}. Correct the name, take another authority, or give the authority the "
        "address with nextgen.cloud.pki_authority.",
    ),
    "NXC-PKI-0006": Entry(
        "{path} has format {found}; this release knows format {known}.",
        "Use the release of the collection that wrote it, or a newer one.",
    ),
    "NXC-PKI-0007": Entry(
        "{path} cannot be read: {reason}.",
        "Restore the file from a backup. Without it authorities and certificates would all be made anew.",
    ),
    "NXC-PKI-0008": Entry(
        "The folder {path} stayed locked by another process for {seconds} seconds.",
        "Wait until the other run has ended and repeat; the lock goes away with the process that holds it.",
        retryable=True,
    ),
    "NXC-PKI-0009": Entry(
        "The step '{step}' cannot follow: trust is in the phase '{phase}', and '{step}' comes after '{before}'.",
        "A roll-over goes introduce, reissue, retire; nextgen.cloud.pki_report shows the present phase.",
    ),
    "NXC-PKI-0010": Entry(
        "The step '{step}' would cut off {count} holder(s) that have not followed yet: {holders}.",
        "Deploy to them and repeat. Name hosts that are gone in forget_hosts. To cut them off on purpose repeat with "
        "force=NXC-PKI-0010.",
    ),
    "NXC-PKI-0011": Entry(
        "{what} cannot be used: {reason}.",
        "Give a PEM certificate, followed by its chain if it has one, and the PEM key (not encrypted) that is its own.",
    ),
    "NXC-PKI-0012": Entry(
        "The request for '{name}' is not signed by the key it brings.",
        "Look at the node: somebody else may have answered in its place. Then repeat.",
    ),
    "NXC-PKI-0013": Entry(
        "The certificate '{name}' and the key on the node do not belong together.",
        "Another run has made a newer key meanwhile. Repeat.",
        retryable=True,
    ),
    "NXC-PKI-0014": Entry(
        "{path} is in the way: {found}.",
        "A pair is a symbolic link made by nextgen.cloud.pki_certificates. Move away what is there, or choose another "
        "directory or name.",
    ),
    "NXC-PKI-0015": Entry(
        "The key of the authority '{name}' is not in the secret store ({path}), but its certificate is in use.",
        "Restore the secret store from a backup. If the key is lost for good, bring in a new root: "
        "trust=introduce, reissue, retire.",
    ),
    "NXC-PKI-0016": Entry(
        "{count} certificate(s) have less than {threshold} left or are wrong: {holders}.",
        "Run nextgen.cloud.install and nextgen.cloud.deploy, which renew what is due; then report again.",
    ),
    "NXC-PKI-0017": Entry(
        "The Python package 'cryptography' cannot be used on the controller: {reason}.",
        "Install what requirements/controller.txt names.",
    ),
    "NXC-PKI-0018": Entry(
        "The user or group '{name}' of the certificate '{certificate}' does not exist on the node.",
        "Install the service first, or correct owner and group.",
    ),
    "NXC-PKI-0020": Entry(
        "The authority '{name}' has ended on {date} and can sign nothing.",
        "Run nextgen.cloud.pki_authority, which signs it anew. If the root has ended too, bring in the next one with "
        "nextgen.cloud.trust: introduce, reissue, retire.",
    ),
}
