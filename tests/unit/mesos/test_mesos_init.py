# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Flags as files, and the choice of launcher and isolation."""

from __future__ import annotations

import pytest

ALL = ("cpu", "cpuacct", "freezer", "memory")


def put(etc, **files):
    for path, text in files.items():
        target = etc / path.replace("__", "/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


def test_flags_are_files(mesos_init, tmp_path):
    put(tmp_path, **{"mesos__zk": "zk://a:2181/mesos\n", "mesos-master__quorum": "2\n"})
    for name in ("?no-hostname_lookup", ".configuration", "port~", "ip.dpkg-old"):
        (tmp_path / "mesos-master" / name).write_text("x")
    (tmp_path / "mesos-master" / "secret").mkdir()
    flags = mesos_init.read_flags(str(tmp_path), "master")
    url = "file://%s/mesos/zk" % tmp_path
    assert mesos_init.command_line(flags) == ["--no-hostname_lookup", "--quorum=2", "--zk=" + url]


def test_an_agent_finds_its_master_in_zookeeper_unless_told_otherwise(mesos_init, tmp_path):
    put(tmp_path, **{"mesos__zk": "zk://a:2181/mesos\n"})
    assert mesos_init.read_flags(str(tmp_path), "agent") == {"master": "file://%s/mesos/zk" % tmp_path}
    put(tmp_path, **{"mesos-agent__master": "10.0.0.1:5050\n"})
    assert mesos_init.read_flags(str(tmp_path), "agent") == {"master": "10.0.0.1:5050"}
    put(tmp_path, **{"mesos__zk": "\n"})
    assert mesos_init.read_flags(str(tmp_path), "master") == {}


@pytest.mark.parametrize(
    ("root", "container", "writable", "unified", "launcher", "isolation", "expected", "reason"),
    [
        (True, False, ALL, False, None, None, ("linux", "cgroups/cpu,cgroups/mem"), "are writable"),
        (True, False, ALL, True, None, None, ("linux", "cgroups/cpu,cgroups/mem"), "are writable"),
        (True, False, (), True, None, None, ("posix", "posix/cpu,posix/mem"), "v2 only"),
        (True, False, ("cpu", "cpuacct", "memory"), True, None, None, ("posix", "posix/cpu,posix/mem"), "freezer"),
        (True, False, (), False, None, None, ("posix", "posix/cpu,posix/mem"), "not usable"),
        (True, True, ALL, True, None, None, ("posix", "posix/cpu,posix/mem"), "inside a container"),
        (False, False, ALL, True, None, None, ("posix", "posix/cpu,posix/mem"), "not running as root"),
        (True, True, (), True, "linux", None, ("linux", "posix/cpu,posix/mem"), "by flag"),
        (True, False, ALL, False, "linux", None, ("linux", "cgroups/cpu,cgroups/mem"), "by flag"),
        (True, False, ALL, False, "posix", None, ("posix", "posix/cpu,posix/mem"), "by flag"),
        (True, True, (), True, None, "cgroups/mem", ("linux", "cgroups/mem"), "by flag"),
        (True, False, ALL, True, None, "posix/cpu, disk/du", ("posix", "posix/cpu, disk/du"), "by flag"),
        (True, False, ALL, True, "posix", "posix/mem", ("posix", "posix/mem"), "both given"),
    ],
)
def test_isolation_follows_the_host_and_flags_win(
    mesos_init, root, container, writable, unified, launcher, isolation, expected, reason
):
    host = mesos_init.Host(root, container, frozenset(writable), unified)
    choice = mesos_init.choose(host, launcher, isolation)
    assert (choice.launcher, choice.isolation) == expected
    assert reason in choice.reason


def test_the_host_is_read_from_its_mounts_and_marks(mesos_init, tmp_path):
    put(
        tmp_path,
        proc__self__mounts="cgroup /sys/fs/cgroup/cpu cgroup rw,relatime,cpu,cpuacct 0 0\n"
        "cgroup /sys/fs/cgroup/memory cgroup ro,relatime,memory 0 0\n"
        "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n",
    )
    (tmp_path / "sys/fs/cgroup/cpu").mkdir(parents=True)
    (tmp_path / "sys/fs/cgroup/memory").mkdir(parents=True)
    host = mesos_init.observe(str(tmp_path))
    assert (host.writable, host.unified, host.container) == (frozenset(("cpu", "cpuacct")), True, False)
    put(tmp_path, run__systemd__container="podman\n")
    assert mesos_init.observe(str(tmp_path)).container


def test_the_wrapper_wants_to_know_which_daemon(mesos_init, capsys):
    assert mesos_init.main(["both"]) == 2
    assert "usage" in capsys.readouterr().err
