# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Driver podman on the real podman: interruption at every step, ownership, the way in, and taking it away.

The tests build on each other in the order of the file: the site comes to be, is used, and goes.
"""

from __future__ import annotations

import subprocess

import pytest
from nodes_runner import IMAGE_PLAY, SITE, play, site_with, verbs

# Every call that changes something.
CHANGES = r"^--log-level error (network create|volume create|create|start|exec --interactive|rm|volume rm|network rm)"
MAKING_A_KEY = "^-q -t ed25519"

EVERYTHING = [
    "nextgen-nodetest",
    "nextgen-nodetest-n1",
    "nextgen-nodetest-n1-containers",
    "nextgen-nodetest-n1-mesos",
    "nextgen-nodetest-n2",
    "nextgen-nodetest-n2-containers",
    "nextgen-nodetest-n2-mesos",
]


def finish_against_kills(nodes, limit=40, **options):
    """Start again after every kill until a run has nothing left to be killed at; how many were killed."""
    for killed in range(limit):
        if nodes(kill_at=CHANGES, **options):
            return killed
    raise AssertionError("no end after %d kills" % limit)


def test_second_build_of_the_image_does_nothing(image_folder):
    again = play(image_folder, IMAGE_PLAY, "-e", "reference_file=%s" % (image_folder / "reference"))
    assert " changed=0 " in again


def test_check_mode_makes_nothing(nodes):
    result = nodes.ok(check=True)
    assert ("create", "nextgen-nodetest-n1") in verbs(result)
    assert nodes.owned() == []


def test_killed_after_every_step_it_completes(nodes):
    assert nodes(kill_at=MAKING_A_KEY) == {}
    # A network, four volumes, and two nodes that are made, started and told the key; some of it is done by now.
    assert finish_against_kills(nodes) == 2
    nodes.ok(state="absent")
    assert finish_against_kills(nodes) == 11
    nodes.ok()
    assert nodes.owned() == EVERYTHING


def test_second_run_changes_nothing(nodes):
    result = nodes.ok()
    assert (result["changed"], result["actions"], result["diff"]) == (False, [], {"before": "", "after": ""})
    assert result["nodes"][1] == {"name": "n2", "machine": "nextgen-nodetest-n2", "address": "10.91.3.11"}


def test_nodes_are_entered_with_the_sites_key_and_host_keys(nodes):
    assert nodes.ssh("n1", "hostname; systemctl is-system-running").split() == ["n1", "running"]
    assert nodes.ssh("n2", "hostname; ip -4 -brief address show eth0").split()[::3] == ["n2", "10.91.3.11/24"]
    keys = {nodes.ssh(node, "cat /etc/ssh/ssh_host_ed25519_key.pub") for node in SITE["nodes"]}
    assert len(keys) == 2, "every node has host keys of its own"


def test_files_of_the_state_directory_are_private(nodes):
    modes = {path.name: oct(path.stat().st_mode)[-3:] for path in (nodes.state_dir / "ssh").iterdir()}
    assert modes == {"id_ed25519": "600", "id_ed25519.pub": "644", "known_hosts": "600"}
    assert oct(nodes.state_dir.stat().st_mode)[-3:] == "700"
    assert (nodes.state_dir / ".gitignore").read_text() == "*\n"


def test_nothing_but_sshd_listens_in_a_new_node(nodes):
    assert {line.split()[4].rsplit(":")[-1] for line in nodes.ssh("n1", "ss -Hltun").splitlines()} == {"22"}


def test_nodes_run_containers_themselves(nodes):
    """On the volume's filesystem, with the runtime that this machine's control groups need."""
    settings = (nodes.state_dir / "podman" / "containers.conf").read_text()
    runtime = "runc" if 'runtime = "runc"' in settings else "crun"
    script = """set -e
    mkdir -p /etc/containers
    printf '%%s\\n' '[engine]' 'runtime = "%s"' 'cgroup_manager = "cgroupfs"' '[containers]' \\
        'default_ulimits = ["nofile=8192:8192", "nproc=8192:8192"]' \\
        'volumes = ["/sys/fs/cgroup:/sys/fs/cgroup:ro"]' > /etc/containers/containers.conf
    tar -C / -ch usr/bin/id $(ldd /usr/bin/id | grep -o '/lib[^ ]*' | cut -c2-) |
        podman --log-level error import -q - inner >/dev/null
    podman --log-level error info | sed -n 's/.*graphDriverName: //p; s/.*Native Overlay Diff: //p' | tr -d '"'
    podman --log-level error run --rm --user 4242 --memory 64m inner /usr/bin/id -u
    """
    assert nodes.ssh("n1", script % runtime).split() == ["overlay", "true", "4242"]


def test_what_breaks_is_mended_as_check_mode_says(nodes):
    nodes.podman("exec", "nextgen-nodetest-n1", "rm", "/root/.ssh/authorized_keys")
    nodes.podman("stop", "--time", "0", "nextgen-nodetest-n2")
    (nodes.state_dir / "ssh" / "known_hosts").unlink()
    expected = [
        ("start", "nextgen-nodetest-n2"),
        ("authorize", "nextgen-nodetest-n1"),
        ("update", str(nodes.state_dir / "ssh" / "known_hosts")),
    ]
    assert verbs(nodes.ok(check=True)) == expected
    assert verbs(nodes.ok()) == expected
    assert nodes.ok()["changed"] is False
    assert nodes.ssh("n2", "hostname").strip() == "n2"


def test_lost_key_is_replaced_everywhere(nodes):
    old = (nodes.state_dir / "ssh" / "id_ed25519.pub").read_text()
    (nodes.state_dir / "ssh" / "id_ed25519").unlink()
    assert [verb for verb, _name in verbs(nodes.ok())] == ["create", "authorize", "authorize"]
    assert old.split()[1] not in nodes.ssh("n1", "cat /root/.ssh/authorized_keys")


@pytest.mark.parametrize("call", ["create", "start"])
@pytest.mark.parametrize("seconds", ["0.03", "0.1"])
def test_killed_with_all_its_children_it_completes(nodes, call, seconds):
    """Wherever podman is in its work; what that leaves must not need a person."""
    nodes.podman("rm", "--force", "--time", "0", "nextgen-nodetest-n2")
    assert nodes(kill_at="^--log-level error %s" % call, kill_when=seconds) == {}
    nodes.ok()
    assert nodes.ssh("n2", "hostname").strip() == "n2"


def test_leftover_storage_of_a_killed_create_is_cleared(nodes):
    """podman writes the name into its storage before it knows the container: such a rest has no labels."""
    name = "nextgen-nodetest-n2"
    nodes.podman("rm", "--force", "--time", "0", name)
    leave_storage(nodes, name)
    assert nodes.refused() == ["NXC-NODE-0001"], "nobody says it is ours"
    (nodes.state_dir / "podman" / "making" / name).write_text("")
    assert verbs(nodes.ok())[:2] == [("repair", name), ("start", name)]


def leave_storage(nodes, name):
    """A container in the storage that podman itself does not know, as buildah makes them too."""
    subprocess.run(["buildah", "from", "--name", name, "scratch"], capture_output=True, timeout=60, check=True)
    assert name in nodes.podman("ps", "--all", "--external", "--format", "{{.Names}}")


def test_foreign_machine_of_the_same_name_is_refused_and_left_alone(nodes):
    three = {**SITE["nodes"], "n3": {"address": "10.91.3.12"}}
    nodes.podman("create", "--name", "nextgen-nodetest-n3", nodes.image)
    try:
        before = nodes.owned()
        assert nodes.refused(site_with(nodes=three)) == ["NXC-NODE-0001"]
        assert nodes.owned() == before, "nothing was made before the refusal"
        assert "nextgen-nodetest-n3" in nodes.podman("ps", "--all", "--format", "{{.Names}}")
    finally:
        nodes.podman("rm", "nextgen-nodetest-n3")


def test_site_of_the_same_name_is_refused_unless_it_adopts(nodes):
    nodes.ok()
    mark = nodes.state_dir / "site-id"
    own = mark.read_text()
    mark.unlink()
    assert set(nodes.refused()) == {"NXC-NODE-0003"}
    assert nodes.ok(state="absent")["changed"] is True, "only known_hosts goes"
    assert nodes.owned() == EVERYTHING
    mark.unlink(missing_ok=True)
    assert verbs(nodes.ok(adopt=True)) == [("update", str(nodes.state_dir / "ssh" / "known_hosts"))]
    assert mark.read_text() == own


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({"driver": {**SITE["driver"], "subnet": "10.91.3.0/25"}}, ["NXC-NODE-0004"]),
        ({"site": "nodetest2"}, ["NXC-NODE-0006"]),
        ({"nodes": {**SITE["nodes"], "n1": {"address": "10.91.3.77"}}}, ["NXC-NODE-0004"]),
        ({"nodes": {"n9": {"address": "10.91.3.10"}}}, ["NXC-NODE-0007"]),
        ({"driver": {**SITE["driver"], "kind": "teapot"}}, ["NXC-NODE-0011"]),
    ],
)
def test_site_that_does_not_fit_what_is_there_is_refused(nodes, change, codes):
    assert nodes.refused(site_with(**change), check=True) == codes


def test_unknown_image_is_refused_before_anything_is_made(nodes):
    three = {**SITE["nodes"], "n3": {"address": "10.91.3.12"}}
    driver = {**SITE["driver"], "image": "localhost/no-such-image:1"}
    assert nodes.refused(site_with(nodes=three, driver=driver)) == ["NXC-NODE-0013"]
    assert nodes.owned() == EVERYTHING


def test_node_that_left_the_site_stays_until_pruned(nodes):
    one = site_with(nodes={"n1": SITE["nodes"]["n1"]})
    kept = nodes.ok(one)
    assert kept["surplus"] == [name for name in EVERYTHING if "-n2" in name]
    assert [verb for verb, _name in verbs(kept)] == ["update"], "known_hosts names the site's nodes only"
    nodes.ok(one, prune=True)
    assert nodes.owned() == [name for name in EVERYTHING if "-n2" not in name]


def test_destroy_takes_exactly_what_is_the_sites(nodes):
    nodes.ok()
    label = ("--label", "nextgen.site=nodetest-other", "--label", "nextgen.site-id=1")
    nodes.podman("volume", "create", *label, "nextgen-nodetest-other-disk")
    nodes.podman("create", "--name", "nextgen-nodetest-other", *label, nodes.image)
    try:
        assert len(verbs(nodes.ok(state="absent", check=True))) == len(EVERYTHING) + 1
        assert finish_against_kills(nodes, state="absent") == len(EVERYTHING)
        assert nodes.owned() == []
        assert nodes.owned("nodetest-other") == ["nextgen-nodetest-other", "nextgen-nodetest-other-disk"]
        assert (nodes.state_dir / "ssh" / "id_ed25519").exists()
        assert not (nodes.state_dir / "ssh" / "known_hosts").exists()
        assert nodes.ok(state="absent")["changed"] is False
    finally:
        nodes.podman("rm", "nextgen-nodetest-other")
        nodes.podman("volume", "rm", "nextgen-nodetest-other-disk")
