# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The nodes as their administrator finds them: units, sockets, files, containers."""

from __future__ import annotations

import json

import pytest
import testinfra

from .secret_values import stored

UNITS = {
    "control": ("zookeeper", "zookeeper-tls", "zookeeper-tunnel", "mesos-master"),
    "worker": ("zookeeper-tunnel", "mesos-agent", "nextgen-reap.timer"),
    "edge": ("haproxy", "dnsmasq"),
    "registry": ("docker-registry",),
}
PORTS = {"control": (2281, 5050), "worker": (5051,), "registry": (5000,)}
# What the images run as, by service; nobody is root.
USERS = {"keystone": 42425, "mariadb": 42434, "memcached": 42457}


def on(site, group):
    """The first node of a group, seen by testinfra through the site's own inventory."""
    name = site.group(group)[0]
    return testinfra.get_host("ansible://%s?ansible_inventory=%s" % (name, site.site_file))


@pytest.mark.parametrize("group, unit", [(group, unit) for group in UNITS for unit in UNITS[group]])
def test_unit_runs_and_comes_back_after_a_boot(site, group, unit):
    service = on(site, group).service(unit)
    assert service.is_running and service.is_enabled


@pytest.mark.parametrize("group, port", [(group, port) for group in PORTS for port in PORTS[group]])
def test_service_listens_on_the_address_of_its_node_only(site, group, port):
    lines = on(site, group).run("ss --no-header --listening --tcp --numeric 'sport = :%d'" % port).stdout.splitlines()
    # Java names an IPv4 address in its IPv6 form.
    listening = {line.split()[3].rsplit(":", 1)[0].strip("[]").replace("::ffff:", "") for line in lines}
    assert listening == {site.address(group)}


def test_daemons_log_to_the_journal(site):
    for group, unit in (("control", "mesos-master"), ("worker", "mesos-agent")):
        assert on(site, group).run("journalctl --quiet -u %s -n 5 -o cat" % unit).stdout.strip()


@pytest.mark.parametrize("cloud", ("dev", "qa"))
def test_secrets_are_files_for_root_only(site, cloud):
    host = on(site, "worker")
    folder = "/etc/nextgen.cloud/clouds/%s/secrets" % cloud
    assert host.file(folder).mode == 0o700
    names = host.run("find %s -type f" % folder).stdout.split()
    assert len(names) >= 8
    for name in names:
        secret = host.file(name)
        assert (secret.user, secret.mode) == ("root", 0o600), name


def test_no_secret_is_in_the_arguments_of_a_process(site):
    values = stored(site)
    arguments = on(site, "worker").run("cat /proc/[0-9]*/cmdline").stdout
    assert arguments and len(values) > 10
    # A private key is in lines, and whoever leaked it may have joined them.
    assert [path for path, value in values.items() if value.splitlines()[-1] in arguments] == []


def test_containers_come_from_the_registry_and_run_as_nobody_special(site):
    host = on(site, "worker")
    listed = json.loads(host.run("podman ps --format json").stdout)
    assert len(listed) == 6
    for container in listed:
        service = container["Labels"]["nextgen.name"]
        assert container["Image"].startswith("registry.%s:5000/%s:" % (site.spec["domain"], service))
        seen = json.loads(host.run("podman inspect %s" % container["Id"]).stdout)[0]
        assert seen["Config"]["User"].split(":")[0] == str(USERS[service])
        pid = seen["State"]["Pid"]
        assert host.file("/proc/%d" % pid).uid == USERS[service]
        assert seen["EffectiveCaps"] in ([], None)
