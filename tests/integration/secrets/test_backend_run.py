# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one run of ansible-playbook asks of a server: it logs in once and reads a secret once, however often it is
used and by however many processes."""

from __future__ import annotations

import json
from collections import Counter

from secret_harness import playbook

DECLARE = """
- hosts: localhost
  gather_facts: false
  tasks:
    - nextgen.cloud.secret:
        secrets: [{path: site/x/used}, {path: site/x/other, kind: hex}]
      register: made
    - ansible.builtin.debug: {var: made.changed}
"""
USE = """
- hosts: all
  gather_facts: false
  strategy: free
  tasks:
    - ansible.builtin.set_fact:
        length: "{{ lookup('nextgen.cloud.secret', 'site/x/used') | length }}"
      loop: "{{ range(20) | list }}"
    - ansible.builtin.assert:
        that: lookup('nextgen.cloud.secret', 'site/x/used') | length == 32
      loop: "{{ range(20) | list }}"
    - ansible.builtin.command: "true"
      environment: {LENGTH: "{{ lookup('nextgen.cloud.secret', 'site/x/used') | length }}"}
"""
HOSTS = "a,b,c,d,"


def requests_of(place, *arguments):
    """(the requests that one run makes, by what they ask, its output)."""
    before = Counter(place.server.requests())
    folder = place.state_dir.parent
    given = {"nextgen_state_dir": str(place.state_dir), "nextgen_secrets": place.settings}
    result = playbook(folder, "-e", json.dumps(given), *arguments)
    assert result.returncode == 0, result.stdout + result.stderr
    return Counter(place.server.requests()) - before, result.stdout


def kinds(place, requests: Counter) -> dict[str, int]:
    """How many logins and reads of entries there are among requests."""
    found = {"logins": 0, "reads": 0, "others": 0}
    names = {"/v1/auth/approle/login": "logins", "/v3/auth/tokens": "logins", "Authenticate": "logins", "Txn": "reads"}
    for request, count in requests.items():
        what = names.get(request.split()[-1], "others")
        if request.endswith("/payload") or "/secret/data/" in request:
            what = "reads"
        found[what] += count
    return found


def test_one_login_and_one_read_in_a_run(server_place):
    folder = server_place.state_dir.parent
    (folder / "declare.yml").write_text(DECLARE)
    (folder / "use.yml").write_text(USE)
    assert '"made.changed": true' in requests_of(server_place, "declare.yml")[1]
    assert '"made.changed": false' in requests_of(server_place, "declare.yml")[1]
    asked, output = requests_of(server_place, "-i", HOSTS, "--forks", "4", "use.yml")
    found = kinds(server_place, asked)
    assert (found["logins"], found["reads"]) == (1, 1), asked
    # Barbican lists what there is under a name before it gives a payload; etcd counts the login's own look-ups.
    assert found["others"] <= (1 if server_place.settings["backend"] == "barbican" else 2), asked
    assert output.count("failed=0") == 5


def test_no_output_of_a_run_has_a_value(server_place):
    folder = server_place.state_dir.parent
    (folder / "declare.yml").write_text(DECLARE)
    output = requests_of(server_place, "declare.yml", "-vvvv", "--diff")[1]
    stored = server_place.open().read(None)
    values = [one.entry.current.value for one in stored.values()]
    assert len(values) == 2 and not [value for value in values if value in output]
    audit = (server_place.state_dir / "secrets" / "audit.jsonl").read_text()
    assert "site/x/used" in audit and not [value for value in values if value in audit]
