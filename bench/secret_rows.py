# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets: made, made again, read, and read from a server, against what Ansible has for it."""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import sys
from pathlib import Path

import yaml
from ansible.parsing.vault import VaultLib, VaultSecret
from controller import LOCAL, ansible
from measure import Row, compare

TESTS = Path(__file__).resolve().parents[1] / "tests" / "integration"
COUNT = 300
PATHS = ["clouds/c/part%d/password" % index for index in range(COUNT)]
# Both in one task's template, one after the other, in one process: no start of Ansible is in the figures.
TIMED = (
    "{%% set began = now().timestamp() %%}{%% set all = (%s) | join | length %%}"
    "{{ 'TOOK %s ' ~ (now().timestamp() - began) ~ ' FOR ' ~ all }}"
)


def play(folder: Path, name: str, *words: str) -> str:
    """Run a playbook of the folder; passwords of stores stay in the folder."""
    os.environ["XDG_CONFIG_HOME"] = str(folder / "config")
    return ansible(folder, "ansible-playbook", "-i", "localhost,", "-c", "local", str(folder / name), *words)


def makers(folder: Path) -> None:
    """The playbooks ours.yml and theirs.yml, which make as many secrets of the same kind."""
    declared = json.dumps([{"path": path, "kind": "password", "length": 32} for path in PATHS])
    (folder / "ours.yml").write_text(
        "%s  tasks:\n    - nextgen.cloud.secret:\n        state_dir: %s/ours\n        secrets: %s\n"
        % (LOCAL, folder, declared)
    )
    (folder / "theirs.yml").write_text(
        LOCAL + "  tasks:\n    - ansible.builtin.set_fact:\n        made: \"{{ lookup('ansible.builtin.password', "
        "'%s/theirs/' ~ item, length=32) }}\"\n      no_log: true\n      loop: %s\n" % (folder, json.dumps(PATHS))
    )


def secrets(folder: Path) -> Row:
    """Secrets by one call of the module, encrypted, against a loop over ansible.builtin.password, in plain text."""
    makers(folder)

    def fresh(name: str) -> None:
        shutil.rmtree(folder / name, ignore_errors=True)
        play(folder, "%s.yml" % name)

    ours, reference = compare(lambda: fresh("ours"), lambda: fresh("theirs"), 3)
    return Row("secrets: make %d" % COUNT, "s", ours, reference, "lookup ansible.builtin.password, loop", 1.0)


def secrets_again(folder: Path) -> Row:
    """The same when all are there."""
    makers(folder)
    play(folder, "ours.yml")
    play(folder, "theirs.yml")
    ours, reference = compare(lambda: play(folder, "ours.yml"), lambda: play(folder, "theirs.yml"), 3)
    name = "secrets: make %d, second run" % COUNT
    return Row(name, "s", ours, reference, "lookup ansible.builtin.password, loop", 1.0)


def secrets_read(folder: Path) -> Row:
    """All secrets of a store against as many inline values of ansible-vault, in a task each of the same play.

    Ours are the first that are read in the run: what shares the key is started, and the key derived.
    """
    makers(folder)
    play(folder, "ours.yml")
    (folder / "password").write_text("of-the-benchmark\n")
    vault = VaultLib([("default", VaultSecret(b"of-the-benchmark"))])
    boxes = {"v%d" % index: Boxed(vault.encrypt("x" * 32).decode()) for index in range(COUNT)}
    (folder / "vaulted.yml").write_text(yaml.dump({"vaulted": boxes}, Dumper=Dumper))
    query = "query('nextgen.cloud.secret', *paths, state_dir='%s/ours')" % folder
    sources = {"ours": query, "theirs": "vaulted.values()"}
    (folder / "read.yml").write_text(
        "%s    paths: %s\n  vars_files: [vaulted.yml]\n  tasks:\n" % (LOCAL, json.dumps(PATHS))
        + "".join(
            "    - ansible.builtin.debug:\n        msg: >-\n          %s\n" % (TIMED % (source, key))
            for key, source in sources.items()
        )
    )
    found: dict[str, list[float]] = {key: [] for key in sources}
    for _round in range(5):
        output = play(folder, "read.yml", "--vault-password-file", "password")
        for key, took, length in re.findall(r"TOOK (\w+) ([0-9.e-]+) FOR (\d+)", output):
            if int(length) != COUNT * 32:
                raise RuntimeError("%s characters instead of %d" % (length, COUNT * 32))
            found[key].append(float(took))
    ours, theirs = (statistics.median(found[key]) * 1e3 for key in ("ours", "theirs"))
    name = "secrets: read %d, first of a run" % COUNT
    return Row(name, "ms", ours, theirs, "%d inline values of ansible-vault" % COUNT, 1 / 15)


class Boxed(str):
    """An encrypted value, to be written as ``!vault |``."""


class Dumper(yaml.SafeDumper):
    """Knows ``Boxed``."""


Dumper.add_representer(Boxed, lambda dumper, value: dumper.represent_scalar("!vault", str(value), style="|"))


def secret_loop(folder: Path) -> Row:
    """One secret of a KV-v2 server in a loop of 20 against community.hashi_vault on the same server, in requests."""
    sys.path[:0] = [str(TESTS), str(TESTS / "secrets")]
    from secret_servers import PREFIX, Kv2

    server = Kv2(folder).start()
    try:
        settings = {"nextgen_secrets": server.settings, "nextgen_state_dir": str(folder / "state")}
        make = {"nextgen.cloud.secret": {"secrets": [{"path": "a/b"}]}}
        theirs = "lookup('community.hashi_vault.vault_kv2_get', '%s/a/b', engine_mount_point='secret', url=url, %s)" % (
            PREFIX,
            "auth_method='approle', role_id=role, secret_id=secret_id",
        )
        tasks = {
            "make": [make],
            "ours": [repeated("lookup('nextgen.cloud.secret', 'a/b')")],
            "theirs": [repeated("%s.secret" % theirs)],
        }
        login = {"url": server.url, "role": server.role_id, "secret_id": server.secret_id}
        (folder / "variables.json").write_text(json.dumps({**settings, **login}))
        for name, listed in tasks.items():
            plays = yaml.safe_load(LOCAL)
            plays[0]["tasks"] = listed
            (folder / ("%s.yml" % name)).write_text(yaml.safe_dump(plays))
        counts = {}
        for name in ("make", "ours", "theirs"):
            before = len(server.requests())
            play(folder, "%s.yml" % name, "-e", "@variables.json")
            counts[name] = float(len(server.requests()) - before)
    finally:
        server.stop()
    name = "secrets: one in a loop of 20"
    return Row(name, "requests", counts["ours"], counts["theirs"], "community.hashi_vault", 0.1)


def repeated(template: str) -> dict[str, object]:
    """A task that uses a value twenty times."""
    return {
        "ansible.builtin.assert": {"that": "(%s) | string | length > 0" % template, "quiet": True},
        "loop": list(range(20)),
        "no_log": True,
    }


ROWS = [secrets, secrets_again, secrets_read, secret_loop]
