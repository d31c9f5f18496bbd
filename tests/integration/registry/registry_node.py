# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One systemd node with the registry and the engine, and an image of a few bytes."""

from __future__ import annotations

from pathlib import Path

from site_registry import ACCOUNT, Authority, hashed, lay_pair
from systemd_node import SystemdNode

NAME = "registry.regtest.test"
REGISTRY = NAME + ":5000"
IMAGE = REGISTRY + "/tiny:1"
PASSWORDS = {"registry_a": "the-first-password-of-a-test", "registry_b": "the-second-password-of-a-test"}
HASHES = {user: hashed(password) for user, password in PASSWORDS.items()}

SERVICES = """
- hosts: n1
  gather_facts: false
  roles:
    - {role: nextgen.cloud.registry, registry_address: "{{ ansible_host }}", registry_accounts: "{{ accounts }}"}
    - role: nextgen.cloud.engine
      engine_site: regtest
      engine_address: "{{ ansible_host }}"
      engine_registry: "{{ registry }}"
      engine_registry_user: "{{ user }}"
      engine_registry_password: "{{ password }}"
"""

IMAGES = """
- hosts: n1
  gather_facts: false
  tasks:
    - nextgen.cloud.images:
        registry: "{{ registry }}"
        registry_user: "{{ user }}"
        registry_password: "{{ password }}"
        manifests:
          - {schema: 1, kind: image, name: tiny, tag: "1", files: [{path: Containerfile, content: "FROM scratch"}]}
"""

# Pulls without an end; writes a line for each into the file, the reason if one fails.
LOOP = """
rm -f /run/pulls /run/pulls.stop
while ! test -e /run/pulls.stop; do
    podman image rm --force %(image)s > /dev/null 2>&1
    reason=$(podman pull --quiet --authfile %(account)s %(image)s 2>&1) && reason=ok
    echo "$reason" >> /run/pulls
done
"""


class Node(SystemdNode):
    """The node and what its registry answers."""

    def __init__(self, scratch: Path):
        super().__init__(scratch, "regtest", "10.91.23")

    def prepare(self):
        """A pair, the registry, the engine, and the image pushed with podman."""
        self.run("echo '%s %s' >> /etc/hosts" % (self.address, NAME))
        lay_pair(self, Authority(), NAME)
        self.services()
        self.run(
            "mkdir -p /root/tiny && cd /root/tiny && echo x > x && "
            "printf 'FROM scratch\\nCOPY x /x\\n' > Containerfile && "
            "podman build --quiet --tag %s . && podman push --quiet --authfile %s %s" % (IMAGE, ACCOUNT, IMAGE)
        )

    def services(self, user="registry_a", accounts=("registry_a",), options=()):
        """The roles, with one account for the engine and some for the registry."""
        known = {name: HASHES[name] for name in accounts}
        variables = {"registry": REGISTRY, "user": user, "password": PASSWORDS[user], "accounts": known}
        return self.play(SERVICES, variables, *options)

    def images(self, user, password, *options, succeed=True):
        return self.play(IMAGES, {"registry": REGISTRY, "user": user, "password": password}, *options, succeed=succeed)

    def pull(self):
        """Pull the image anew, with what the engine has."""
        self.run("podman image rm --force %s; podman pull --quiet --authfile %s %s" % (IMAGE, ACCOUNT, IMAGE))

    def process(self):
        """The number of the registry's process."""
        return self.run("systemctl show --property=MainPID --value docker-registry.service")

    def loop(self):
        """Begin to pull without an end."""
        self.run('systemd-run --quiet --unit=pulls sh -c "$(cat)"', LOOP % {"image": IMAGE, "account": ACCOUNT})
        self.pulled()

    def pulled(self, more=3):
        """Wait until the loop has pulled some times more."""
        count = int(self.run("wc -l < /run/pulls 2>/dev/null || echo 0"))
        self.until("test $(wc -l < /run/pulls) -ge %d" % (count + more), "%d pulls" % more, seconds=60)

    def pulls(self):
        """End the loop; the lines that it wrote."""
        self.run("touch /run/pulls.stop; while systemctl is-active --quiet pulls; do sleep 0.1; done")
        return self.run("cat /run/pulls").splitlines()
