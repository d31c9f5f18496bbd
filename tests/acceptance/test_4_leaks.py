# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No value of a secret is anywhere but at home, and a home is for its owner only.

A value that is nobody's secret is planted in several places first: a scan that does not find it says nothing.
"""

from __future__ import annotations

import base64
import json
import secrets
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from .homes import ACCESS, CONTROLLER, NODE, ajar, leaks
from .leaks import Search
from .mesos_view import mesos_paths
from .node_leaks import Scan, regular_files
from .port_list import table
from .secret_values import Hidden, everything, stored
from .site_under_test import BIN
from .strangers import basic, http_answer
from .zookeeper_view import zookeeper_tree

HERE = Path(__file__).parent
PLANTED = "planted"
# The one starts a profiler; the other gives the operator no answer in Mesos 1.11.
NOT_ASKED = ("/profiler/start", "/profiler/stop", "/containerizer/debug")
SHOWN = ("kind", "place", "secret", "form")
V1 = {
    5050: ("GET_STATE", "GET_FLAGS", "GET_TASKS", "GET_EXECUTORS", "GET_FRAMEWORKS", "GET_AGENTS", "GET_ROLES"),
    5051: ("GET_STATE", "GET_FLAGS", "GET_TASKS", "GET_EXECUTORS", "GET_FRAMEWORKS", "GET_CONTAINERS"),
}


def plant(site, node: str, value: str) -> None:
    """Put the value where a careless program might: the journal, a sandbox, /var/tmp, and a process for a while."""
    program = """
import base64, glob, os, socket, subprocess
value = %s
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
    text = "MESSAGE=password " + base64.b64encode(b"user:" + value.encode()).decode() + "\\n"
    journal.sendto(text.encode(), "/run/systemd/journal/socket")
open("/var/tmp/nextgen-planted", "w").write("x=" + value)
for sandbox in glob.glob("/var/lib/mesos/agent/slaves/*/frameworks/*/executors/*/runs/latest")[:1]:
    open(sandbox + "/nextgen-planted", "w").write("https://u:%%s@host" %% value)
for top in subprocess.run(
    "podman ps -q | head -n 1 | xargs -r podman inspect --format '{{.GraphDriver.Data.UpperDir}}'",
    shell=True, capture_output=True, text=True).stdout.split():
    open(top + "/nextgen-planted", "w").write(value)
subprocess.Popen(["python3", "-c", "import time; time.sleep(40)", value], env={"PATH": "/usr/bin", "SECRET": value},
                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
print("{}")
""" % json.dumps(value)  # fmt: skip
    site.run_python(node, call=Hidden(program))


def unplant(site, node: str) -> None:
    """Remove the files; the line of the journal goes with its time, the process has ended by then."""
    site.run(node, "sh", "-c", "rm -f /var/tmp/nextgen-planted "
             "/var/lib/mesos/agent/slaves/*/frameworks/*/executors/*/runs/latest/nextgen-planted "
             "/var/lib/containers/storage/overlay/*/diff/nextgen-planted")  # fmt: skip


def scan_node(site, node: str, what: str, values: dict[str, str]) -> dict[str, Any]:
    call = Hidden("print(json.dumps(scan_%s(Search, %s)))" % (what, json.dumps(values)))
    return site.run_python(node, HERE / "leaks.py", HERE / "node_leaks.py", call=call, timeout=180)


def scan_controller(site, values: dict[str, str]) -> Scan:
    """The state folder, the folder for the person at the controller, and what Ansible keeps."""
    scan = Scan(Search(values))
    folders = {site.spec_state_dir: "", site.access_dir: "access:", Path(site.environment["ANSIBLE_HOME"]): "ansible:"}
    scan.files([str(folder) for folder in folders])
    for hit in scan.hits:
        [(folder, name)] = [(one, name) for one, name in folders.items() if Path(hit["place"]).is_relative_to(one)][:1]
        hit["place"] = name + str(Path(hit["place"]).relative_to(folder))
    return scan


def scan_mesos(site, values: dict[str, str]) -> Scan:
    """Whatever masters and agents answer to the operator."""
    scan = Scan(Search(values))
    login = basic("operator", values["mesos/principals/operator"])
    for group, port in (("control", 5050), ("worker", 5051)):
        for node in site.group(group):
            address = site.hostvars(node)["ansible_host"]
            for path in mesos_paths(address, port, login):
                if not path.endswith(NOT_ASKED):
                    scan.look("mesos", "%s GET %s" % (node, path),
                              [http_answer(address, port, path, headers=login)[1].encode()])  # fmt: skip
            for kind in V1[port]:
                status, text = http_answer(address, port, "/api/v1", "POST", {"type": kind}, login)
                assert status == 200, (node, kind)
                scan.look("mesos", "%s %s" % (node, kind), [text.encode()])
    return scan


def scan_zookeeper(site, values: dict[str, str]) -> Scan:
    """All data of ZooKeeper's tree, and the names in it."""
    scan = Scan(Search(values))
    for node in zookeeper_tree(site):
        assert "error" not in node, node
        data = node["path"].encode() + b"\n" + base64.b64decode(node["data"])
        scan.look("zookeeper", node["path"], [data])
    return scan


def run_loudly(site, *command: str, **environment: str) -> bytes:
    """All that a command of Ansible says with -vvv and --diff."""
    done = subprocess.run(
        [*command, "-vvv", "--diff"], capture_output=True, timeout=600, check=False, cwd=site.root,
        env={**site.environment, "ANSIBLE_STDOUT_CALLBACK": "default", **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout.decode()[-3000:]
    return done.stdout + done.stderr


def scan_output(site, values: dict[str, str]) -> Scan:
    """A run of the whole site, and a task that tells what was planted."""
    scan = Scan(Search(values))
    careless = [str(BIN / "ansible"), "-i", str(site.site_file), "localhost", "-m", "ansible.builtin.debug", "-a"]
    careless.append("msg={{ lookup('ansible.builtin.env', 'PLANTED') | b64encode }}")
    scan.look("output", "ansible -vvv", [run_loudly(site, *careless, PLANTED=values[PLANTED])])
    scan.look("output", "ansible-playbook -vvv --diff", [run_loudly(site, *site.playbook_command("deploy"))])
    return scan


@pytest.fixture(scope="module")
def scanned(site):
    """Kind of scan → hits and counts; every kind once, side by side."""
    values = {**everything(site), PLANTED: Hidden("Pl4nted" + secrets.token_urlsafe(24))}
    workers = site.group("worker")
    plant(site, workers[0], values[PLANTED])
    (site.access_dir / "nextgen-planted").write_text(values[PLANTED])
    try:
        with ThreadPoolExecutor(8) as pool:
            scans = (scan_output, scan_controller, scan_mesos, scan_zookeeper)
            here = [pool.submit(scan, site, values) for scan in scans]
            machines = [pool.submit(scan_node, site, node, "machine", values) for node in site.group("nodes")]
            layers = [pool.submit(scan_node, site, node, "layers", values) for node in site.group("registry")]
            results = {"machines": [one.result() for one in machines], "layers": [one.result() for one in layers]}
            for name, one in zip(("output", "controller", "mesos", "zookeeper"), here):
                results[name] = [{"hits": one.result().hits, "looked": one.result().looked}]
            return results
    finally:
        unplant(site, workers[0])
        (site.access_dir / "nextgen-planted").unlink()


def hits_of(scanned, name):
    return [hit for result in scanned[name] for hit in result["hits"] if hit["secret"] != PLANTED]


def test_every_secret_is_long_enough_to_be_looked_for(site):
    values = everything(site)
    assert len(values) >= 20
    assert Search(values).too_short == []


def test_planted_value_is_found_wherever_it_is(scanned):
    found = {
        (hit["kind"], Path(hit["place"]).name if hit["kind"] == "file" else "")
        for name in scanned for result in scanned[name] for hit in result["hits"] if hit["secret"] == PLANTED
    }  # fmt: skip
    assert {("journal", ""), ("cmdline", ""), ("environ", ""), ("file", "nextgen-planted"), ("output", "")} <= found
    places = [hit["place"] for result in scanned["machines"] for hit in result["hits"] if hit["secret"] == PLANTED]
    for folder in ("/var/tmp/", "/var/lib/mesos/agent/", "/var/lib/containers/storage/overlay/"):
        assert any(where.startswith(folder) for where in places), folder


def test_scan_looked_everywhere(site, scanned):
    looked: dict[str, int] = {}
    for results in scanned.values():
        for result in results:
            for kind, count in result["looked"].items():
                looked[kind] = looked.get(kind, 0) + count
    assert looked["journal"] == len(site.group("nodes"))
    assert looked["file"] > 1000 and looked["cmdline"] > 30 and looked["environ"] > 30
    assert looked["layer"] >= 10 and looked["mesos"] > 40 and looked["zookeeper"] > 10 and looked["output"] == 2


@pytest.mark.parametrize("name", ["layers", "mesos", "zookeeper", "output"])
def test_no_secret_is_in(scanned, name):
    found = hits_of(scanned, name)
    assert not found, table(found, *SHOWN)


def test_no_secret_is_on_a_node_but_at_home(scanned):
    found = leaks(hits_of(scanned, "machines"), NODE)
    assert not found, table(found, *SHOWN)


def test_no_secret_is_on_the_controller_but_at_home(scanned):
    found = leaks(hits_of(scanned, "controller"), [*CONTROLLER, *ACCESS])
    assert not found, table(found, *SHOWN)


def test_secrets_at_home_are_for_their_owner_only(scanned):
    found = ajar(hits_of(scanned, "machines"), NODE) + ajar(hits_of(scanned, "controller"), [*CONTROLLER, *ACCESS])
    assert not found, table(found, "place", "secret", "fault")


def test_state_folder_is_for_its_owner_only(site):
    assert site.spec_state_dir.stat().st_mode & 0o077 == 0
    for name in ("secrets", "pki", "ssh"):
        assert (site.spec_state_dir / name).stat().st_mode & 0o077 == 0, name
    store = [Path(path) for path in regular_files([str(site.spec_state_dir / "secrets")])]
    assert store and [path for path in store if path.stat().st_mode & 0o177] == []


def test_manifests_hold_no_value(site):
    search = Search(stored(site))
    manifests = sorted((site.spec_state_dir / "manifests").rglob("*.yml"))
    assert len(manifests) > 10
    assert [path.name for path in manifests if search.find(path.read_bytes())] == []
