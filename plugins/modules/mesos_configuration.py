#!/usr/bin/python
# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mesos_configuration
short_description: Everything a Mesos daemon reads at its start
version_added: 0.1.0
description:
  - Keeps the files of one daemon as given. Flags are files in C(/etc/mesos-master) or C(/etc/mesos-agent),
    one file a flag, as the wrapper C(mesos-init) reads them; secrets and access rules are in C(secret) below.
  - Files of flags and secrets that are not given are removed. Hidden files are left alone.
  - Also records a digest of all of it, of the unit and of the installed Mesos, which the unit copies to C(/run) when it
    starts. So RV(running) tells whether a restart is due, even if an earlier run was interrupted before it.
author:
  - the nextgen.cloud authors (!UNKNOWN)
extends_documentation_fragment:
  - nextgen.cloud.attributes
attributes:
  diff_mode:
    details: Shows flags and access rules, and only the names of secrets.
options:
  daemon:
    description: Whose configuration.
    type: str
    choices: [master, agent]
    required: true
  zookeeper:
    description:
      - ZooKeeper URL of the masters with its login, kept in C(/etc/mesos/zk) for both daemons. Empty for none.
    type: str
    default: ""
  flags:
    description:
      - Name and value of each flag.
      - Values are never secrets; Mesos takes those as paths of files.
    type: dict
    required: true
  clouds:
    description:
      - Names of the clouds, each with a principal of that name and a Unix user that its tasks run as.
      - The access rules in C(secret/acls.json) follow from them and from what the operators declare to put out.
    type: list
    elements: str
    default: []
  secrets:
    description: Name and text of files in the directory C(secret).
    type: dict
    default: {}
  generated:
    description: Names of files in C(secret) that get random text when they are missing, and are then kept.
    type: list
    elements: str
    default: []
  work_dir:
    description: Directory for the daemon's data, created if it is missing.
    type: path
    required: true
"""

EXAMPLES = r"""
- name: Configure the master
  nextgen.cloud.mesos_configuration:
    daemon: master
    zookeeper: "zk://mesos:{{ secret }}@127.0.0.1:2181/mesos"
    work_dir: /var/lib/mesos/master
    flags:
      quorum: 1
      work_dir: /var/lib/mesos/master
    clouds: [dev, qa]
    secrets:
      credentials.json: "{{ lookup('ansible.builtin.template', 'credentials.json.j2') }}"
"""

RETURN = r"""
running:
  description: Whether the daemon was started with exactly this configuration.
  type: bool
  returned: success
written:
  description: Files that were written, relative to C(/etc).
  type: list
  elements: str
  returned: success
removed:
  description: Files that were removed, relative to C(/etc).
  type: list
  elements: str
  returned: success
"""

import hashlib
import json
import os
import re
import secrets

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.whole_file import replace_file
from ansible_collections.nextgen.cloud.plugins.module_utils._ansible.failure import (
    fail_from_exception,
)
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError, refuse
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.operator.outputs import agent_acls, master_acls

FLAG = re.compile(r"[a-z][a-z0-9_]*")
ENGINE = "/usr/libexec/nextgen.cloud/mesos-engine"
UNIT = "/etc/systemd/system/mesos-%s.service"
RUNNING = "/run/mesos-%s/configuration"
ETC = "/etc"
RECORD = ".configuration"
KEY_BYTES = 32
ZK = "mesos/zk"


def wanted(params):
    """{path relative to /etc: text}; refuses names that are no flags."""
    home = "mesos-" + params["daemon"]
    acls = master_acls(params["clouds"]) if params["daemon"] == "master" else agent_acls(params["clouds"])
    files = {ZK: params["zookeeper"] + "\n", home + "/secret/acls.json": json.dumps(acls, indent=4, sort_keys=True)}
    for name, value in params["flags"].items():
        if not FLAG.fullmatch(name):
            raise refuse("NXC-MESO-0006", name=name)
        files["%s/%s" % (home, name)] = "%s\n" % (str(value).lower() if isinstance(value, bool) else value)
    for name, text in params["secrets"].items():
        files["%s/secret/%s" % (home, name)] = text
    return files


def present(daemon):
    """{path relative to /etc: text} of what is there now."""
    found = {}
    for directory in ("mesos-" + daemon, "mesos-%s/secret" % daemon):
        path = os.path.join(ETC, directory)
        for name in os.listdir(path) if os.path.isdir(path) else []:
            if not name.startswith(".") and os.path.isfile(os.path.join(path, name)):
                found["%s/%s" % (directory, name)] = read(os.path.join(path, name))
    if os.path.exists(os.path.join(ETC, ZK)):
        found[ZK] = read(os.path.join(ETC, ZK))
    return found


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return None


def is_open(path):
    """Whether others may read what is for root alone, as releases before 0.2.0 left it."""
    return is_private(path) and bool(os.stat(os.path.join(ETC, path)).st_mode & 0o077)


def keep_generated(params, before, after):
    """Add the generated files: as they are, or new."""
    for name in params["generated"]:
        path = "mesos-%s/secret/%s" % (params["daemon"], name)
        after[path] = before.get(path) or secrets.token_hex(KEY_BYTES)


def digest(daemon, files):
    parts = [read(ENGINE) or "", read(UNIT % daemon) or ""] + ["%s=%s" % item for item in sorted(files.items())]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest() + "\n"


def is_private(path):
    return path == ZK or "/secret/" in path or path.endswith(RECORD)


def is_secret(path):
    return is_private(path) and not path.endswith("/acls.json")


def make_directory(path, mode):
    """True if the directory is (or, in check mode, would be) changed."""
    if os.path.isdir(path) and os.stat(path).st_mode & 0o777 == mode:
        return None
    return lambda: (os.makedirs(path, exist_ok=True), os.chmod(path, mode))


def directories(params):
    """The steps that are needed to make all directories right."""
    home = os.path.join(ETC, "mesos-" + params["daemon"])
    shapes = (
        (os.path.join(ETC, "mesos"), 0o755),
        (home, 0o755),
        (home + "/secret", 0o700),
        (params["work_dir"], 0o755),
    )
    return [step for step in (make_directory(path, mode) for path, mode in shapes) if step]


def write(path, text):
    # AnsibleModule.atomic_move would give a new file the mode of the umask, and an old one its old mode.
    replace_file(os.path.join(ETC, path), text, 0o600 if is_private(path) else 0o644)


def as_text(files):
    """For the diff: one line a flag, no secret's text."""
    shown = {path: "(secret)" if is_secret(path) else text.rstrip("\n") for path, text in files.items()}
    return "".join("%s: %s\n" % item for item in sorted(shown.items()))


def run(module):
    params, daemon = module.params, module.params["daemon"]
    before, after = present(daemon), wanted(params)
    keep_generated(params, before, after)
    written = sorted(path for path in after if before.get(path) != after[path] or is_open(path))
    removed = sorted(set(before) - set(after))
    steps = directories(params)
    record = digest(daemon, after)
    recorded = read(os.path.join(ETC, "mesos-" + daemon, RECORD)) == record
    if not module.check_mode:
        for step in steps:
            step()
        for path in written:
            write(path, after[path])
        for path in removed:
            os.unlink(os.path.join(ETC, path))
        if not recorded:
            write("mesos-%s/%s" % (daemon, RECORD), record)
    module.exit_json(
        changed=bool(written or removed or steps or not recorded),
        running=read(RUNNING % daemon) == record,
        written=written,
        removed=removed,
        diff={"before": as_text(before), "after": as_text(after), "before_header": ETC, "after_header": ETC},
    )


def main():
    module = AnsibleModule(
        argument_spec={
            "daemon": {"type": "str", "choices": ["master", "agent"], "required": True},
            "zookeeper": {"type": "str", "default": "", "no_log": True},
            "flags": {"type": "dict", "required": True},
            "clouds": {"type": "list", "elements": "str", "default": []},
            "secrets": {"type": "dict", "default": {}, "no_log": True},
            "generated": {"type": "list", "elements": "str", "default": []},
            "work_dir": {"type": "path", "required": True},
        },
        supports_check_mode=True,
    )
    try:
        run(module)
    except CloudError as error:
        fail_from_exception(module, error)
    except OSError as error:
        module.fail_json(msg="cannot write the configuration of Mesos: %s" % error)


if __name__ == "__main__":
    main()
