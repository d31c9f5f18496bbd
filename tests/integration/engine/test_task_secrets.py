# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How tasks get secrets and certificates on a real node: files in memory, variables, and nothing anywhere else."""

from __future__ import annotations

import pytest
from engine_node import Task

CLOUD = "/etc/nextgen.cloud/clouds/dev"
KEY = "-----BEGIN PRIVATE KEY-----\nk3y-0f-th3-s3rv3r\n-----END PRIVATE KEY-----\n"
VALUE = "v4lu3-that-nobody-may-see"


@pytest.fixture
def worker(node):
    """The node with secrets and a pair as they are laid there; the pair's folder is a link, which is swapped."""
    node.secret("dev", "mc/password", VALUE)
    node.secret("dev", "mc/password.previous", "older-" + VALUE)
    node.secret("dev", "mc/password.slot", "b")
    pair = "%s/certificates/mc/.server-1" % CLOUD
    node.run("umask 077; mkdir -p %s; cat > %s/key.pem; ln -sfn .server-1 %s/../server" % (pair, pair, pair), KEY)
    node.run("umask 077; cat > %s/cert.pem; cp %s/cert.pem %s/../../ca.pem" % (pair, pair, pair), "the certificate\n")
    yield node
    node.run("rm -rf %s" % CLOUD)


def file(path, content, mode="0400", **more):
    return {"path": path, "mode": mode, "content": content, **more}


def disks(node, text):
    """Files on the node's disks that have ``text``; without what was laid there, and what the task itself has said."""
    skip = "--exclude-dir=clouds --exclude=stdout"
    found = node.run("grep -rlF --devices=skip %s -f - /var /tmp /root /home /etc 2>/dev/null || true" % skip, text)
    return found.split()


def arguments(node, text):
    """Processes of the node that have ``text`` among their arguments."""
    return node.run("grep -laF -f - /proc/[0-9]*/cmdline 2>/dev/null || true", text).split()


def test_secrets_and_pairs_come_as_files_in_memory_for_the_user_alone(worker):
    script = (
        "cat /etc/mc/conf /etc/mc/key /etc/mc/cert; cd /etc/mc; stat -c '%n %u:%g %a' conf key cert slot; "
        "stat -f -c %T conf key; touch /tmp/ready; sleep 30"
    )
    task = Task(
        worker,
        command=("sh", "-c", script),
        files=[
            file("/etc/mc/conf", "@secret:mc/password@ @secret:mc/password.previous@ by @secret:mc/password.slot@\n"),
            file("/etc/mc/key", "@certificate:mc/server/key@", "0444", rotation="ignore"),
            file("/etc/mc/cert", "@certificate:mc/server/cert@@trust@", "0444"),
            file("/etc/mc/slot", "@secret:mc/password.slot@", "0444"),
        ],
    ).running()
    worker.until("podman exec %s test -e /tmp/ready" % task.id, "the script has read its files")
    assert worker.run("stat -c %a /etc/nextgen.cloud/clouds") == "700"
    folder = worker.run("ls -d /run/nextgen.cloud/tasks/%s" % task.id)
    assert worker.run("stat -c %%a %s %s/files" % (folder, folder)).split() == ["700", "700"]
    for word in (VALUE, "k3y-0f-th3-s3rv3r"):
        assert worker.run("podman inspect %s | grep -cF -e %s || true" % (task.id, word)) == "0"
        assert disks(worker, word) == [] and arguments(worker, word) == []
    task.kill("leader", "TERM")
    task.code()
    assert task.output().splitlines() == [
        "%s older-%s by b" % (VALUE, VALUE),
        *KEY.splitlines(),
        "the certificate",
        "the certificate",
        "conf 42457:42457 400",
        "key 42457:42457 440",
        "cert 42457:42457 444",
        "slot 42457:42457 444",
        "tmpfs",
        "tmpfs",
    ]


def test_a_secret_in_the_environment_is_nowhere_but_there(worker):
    worker.secret("dev", "mc/lines", "one %s\ntwo" % VALUE)
    script = 'echo "$PLAIN $KEY"; echo "$LINES_OF_IT"; touch /tmp/ready; sleep 30'
    task = Task(
        worker,
        command=("sh", "-c", script),
        environment={"PLAIN": "x y", "KEY": "@secret:mc/password@", "LINES_OF_IT": "@secret:mc/lines@"},
    ).running()
    worker.until("podman exec %s test -e /tmp/ready" % task.id, "the script has read its variables")
    assert disks(worker, VALUE) == [] and arguments(worker, VALUE) == []
    assert worker.run("podman inspect %s | grep -cF -e %s || true" % (task.id, VALUE)) == "0"
    assert worker.run("stat -c '%%u %%a' /run/nextgen.cloud/tasks/%s/variables" % task.id) == "42457 400"
    task.kill("leader", "TERM")
    task.code()
    assert task.output().splitlines() == ["x y " + VALUE, "one " + VALUE, "two"]
    assert disks(worker, VALUE) == []


@pytest.mark.parametrize(
    "token, words",
    [
        ("@secret:mc/password.staged@", "secret mc/password.staged of cloud dev: No such file"),
        ("@certificate:mc/client/key@", "certificate mc/client/key of cloud dev: No such file"),
        ("@certificate:mc/server/combined@", "certificate mc/server/combined of cloud dev: No such file"),
    ],
)
def test_what_is_missing_is_named(worker, token, words):
    task = Task(worker, files=[file("/x", token)])
    assert task.code() == 78
    assert words in task.output("stderr")


def test_a_file_that_is_too_long_is_refused(worker):
    worker.run("head -c 1100000 /dev/zero | tr '\\0' x > %s/secrets/mc/long" % CLOUD)
    task = Task(worker, files=[file("/x", "@secret:mc/long@")])
    assert task.code() == 78 and "file /x is longer than 1048576" in task.output("stderr")


def test_no_secret_is_written_where_a_disk_keeps_it(worker):
    worker.run("mkdir -p /var/tmp/disk /run/nextgen.cloud && mount --bind /var/tmp/disk /run/nextgen.cloud")
    try:
        closed = Task(worker, files=[file("/x", "@secret:mc/password@")])
        assert closed.code() == 70 and "not in memory (tmpfs)" in closed.output("stderr")
        free = Task(worker, files=[file("/x", "@trust@", "0444")], command=("cat", "/x"))
        assert (free.code(), free.output()) == (0, "the certificate")
        assert disks(worker, VALUE) == []
    finally:
        worker.run("umount /run/nextgen.cloud")
