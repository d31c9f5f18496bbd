# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the launcher itself reads of the flags."""

from __future__ import annotations

import pytest
from nextgen_mesos.options import OptionError, Options, concealed, document, nanoseconds, zookeeper_url


def test_the_command_line_wins_over_the_environment(tmp_path):
    options = Options(
        ["--port=5051", "--no-switch_user", "--hostname-lookup", "word", "--", "--ip=9.9.9.9"],
        {"MESOS_PORT": "1", "MESOS_WORK_DIR": "/w", "PATH": "/bin", "MESOS_IP": "127.0.0.1"},
    )
    assert [options.get(name) for name in ("port", "work_dir", "ip", "switch_user", "hostname_lookup", "path")] == [
        "5051", "/w", "127.0.0.1", "false", "true", None,
    ]  # fmt: skip


def test_values_may_be_in_files(tmp_path):
    (tmp_path / "zk").write_text("zk://a/m\n")
    assert Options(["--zk=file://%s" % (tmp_path / "zk")], {}).get("zk") == "zk://a/m"
    (tmp_path / "acls").write_text("{}\n")
    assert document(str(tmp_path / "acls")) == "{}"
    assert document('{"permissive": true}') == '{"permissive": true}'


@pytest.mark.parametrize(
    ("text", "value"), [("10secs", 10**10), ("100ms", 10**8), ("1.5mins", 9 * 10**10), ("2days", 172800 * 10**9)]
)
def test_durations(text, value):
    assert nanoseconds(text) == value


@pytest.mark.parametrize("text", ["10", "secs", "10 secs", "ten secs", "-1secs", ""])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(OptionError):
        nanoseconds(text)


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("zk://a:2181,b:2181/mesos", ("a:2181,b:2181", "/mesos", None)),
        ("zk://a:2181", ("a:2181", "", None)),
        ("zk://user:p@ss@a:2181/x/", ("a:2181", "/x", "user:p@ss")),
    ],
)
def test_zookeeper_urls(url, parts):
    assert zookeeper_url(url) == parts


@pytest.mark.parametrize("url", ["a:2181/mesos", "zk:///mesos", "http://secret@a/"])
def test_other_urls_are_refused_without_repeating_credentials(url):
    with pytest.raises(OptionError) as caught:
        zookeeper_url(url)
    assert "secret" not in str(caught.value)


def test_what_is_not_wired_is_refused():
    with pytest.raises(OptionError, match="--hooks"):
        Options(["--hooks=x"], {}).refuse_unsupported("mesos-agent")
    with pytest.raises(OptionError, match="agent_removal_rate_limit"):
        Options([], {"MESOS_AGENT_REMOVAL_RATE_LIMIT": "1/1mins"}).refuse_unsupported("mesos-master")


def test_mesos_itself_gets_a_zookeeper_url_without_its_login():
    environment = {"MESOS_ZK": "zk://mesos:hush@a:1/m", "MESOS_PORT": "1"}
    arguments = ["mesos-master", "--zk=file:///etc/mesos/zk", "--quorum=2"]
    made = concealed(arguments, environment, "zk", "zk://mesos:hush@a:1,b:2/m")
    assert made == ["mesos-master", "--quorum=2", "--zk=zk://a:1,b:2/m"]
    assert environment == {"MESOS_PORT": "1"}
    for value in (None, "zk://a:1/m", "10.0.0.1:5050"):
        assert concealed(arguments, environment, "zk", value) == arguments
