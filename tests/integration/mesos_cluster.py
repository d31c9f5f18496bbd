# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real Mesos masters and agents (and ZooKeeper) on loopback, for tests.

Everything lives under one directory and is ended by process id; executors and tasks are
found by that directory in their environment, so nothing of another test run is touched.
"""

from __future__ import annotations

import base64
import fcntl
import http.client
import json
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Callable

import jinja2

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / ".cache" / "collections"))

CACHE = Path(os.environ.get("NEXTGEN_CACHE") or ROOT / ".cache" / "downloads")
FILES = ROOT / "roles" / "mesos" / "files"
TEMPLATES = [
    ROOT / "roles" / "mesos_master" / "templates" / "etc" / "mesos-master" / "secret",
]
PORTS = range(15100, 15400)
LOOPBACK = "127.0.0.1"
PRINCIPALS = {"operator": "operator-secret", "agent": "agent-secret", "dev": "dev-secret", "qa": "qa-secret"}
CLOUDS = ["dev", "qa"]
USERS = {cloud: "nextgen-" + cloud for cloud in CLOUDS}


def make_users() -> None:
    """The clouds' users on this machine; they stay, for other runs may be using them."""
    for user in USERS.values():
        try:
            pwd.getpwnam(user)
        except KeyError:
            command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", user]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode not in (0, 9):  # 9: another run was faster
                raise RuntimeError(done.stderr) from None


def open_folder() -> Path:
    """A new folder that the clouds' users can enter, which those of pytest are not."""
    folder = Path(tempfile.mkdtemp(prefix="nextgen-test-"))
    folder.chmod(0o755)
    return folder


def _outputs() -> Any:
    """Imported when it is used: before pytest is configured, the import would keep Ansible's loader out."""
    from ansible_collections.nextgen.cloud.plugins.module_utils._domain.operator import outputs

    return outputs


def commands() -> Path:
    """The root of a tree with usr/sbin/mesos-master and so on, unpacked once per content."""
    done = subprocess.run(
        [sys.executable, str(FILES / "embedded_archive.py"), str(CACHE)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    made = json.loads(done.stdout)
    tree = CACHE.parent / "mesos-tree" / made["digest"][:12]
    if " " in str(tree):
        # Mesos hands the paths of its own programs to a shell unquoted, and a checkout's path may hold a space.
        tree = Path(tempfile.gettempdir()) / ("nextgen-mesos-tree-%d" % os.getuid()) / made["digest"][:12]
    tree.parent.mkdir(parents=True, exist_ok=True)
    with open(tree.parent / ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not tree.exists():
            partial = tree.with_suffix(".part")
            shutil.rmtree(partial, ignore_errors=True)
            with tarfile.open(made["archive"]) as archive:
                archive.extractall(partial, filter="tar")
            partial.rename(tree)
        # The wrapper is small and not part of the archive: always the present one.
        wrapper = tree / "usr/libexec/nextgen.cloud/mesos-init"
        wrapper.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(FILES / "mesos_init.py", wrapper.with_suffix(".new"))
        wrapper.with_suffix(".new").rename(wrapper)
        gate = wrapper.parent / "mesos-gate"
        gate.mkdir(exist_ok=True)
        for name in ("mesos-containerizer", "mesos-fetcher"):
            new = gate / (name + ".new")
            new.write_text("#!/usr/bin/python3 -IS\n" + (FILES / "mesos_gate.py").read_text())
            new.chmod(0o755)
            new.rename(gate / name)
        if not (gate / "mesos-executor").is_symlink():
            (gate / "mesos-executor").symlink_to("../../mesos/mesos-executor")
    return tree


_reserved = []  # open lock files; they keep a port ours until this process ends


def free_port() -> int:
    """A port that nobody listens on, and that no other test run of this checkout gets."""
    locks = CACHE.parent / "ports"
    locks.mkdir(parents=True, exist_ok=True)
    for port in random.sample(PORTS, len(PORTS)):
        lock = open(locks / str(port), "w", encoding="ascii")  # noqa: SIM115 - kept open
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                probe.bind((LOOPBACK, port))
            except OSError:
                lock.close()
                continue
            _reserved.append(lock)
            return port
    raise RuntimeError("no free port in %s" % PORTS)


def until(check: Callable[[], Any], timeout: float, what: str) -> Any:
    """Poll until ``check`` returns something true. What it raised last is told when the time is over."""
    problem: Exception | None = None
    deadline = time.monotonic() + timeout
    while True:
        try:
            found = check()
        except (OSError, ValueError, http.client.HTTPException) as error:
            found, problem = None, error
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError("timed out after %.0f s: %s (%s)" % (timeout, what, problem)) from problem
        time.sleep(0.03)


class Daemon:
    """One process in a session of its own, restartable with the same command."""

    def __init__(self, name: str, command: list[str], log: Path):
        self.name, self.command, self.log = name, command, log
        self._process: subprocess.Popen | None = None

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def start(self) -> None:
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
            )

    def kill(self, number: int = signal.SIGKILL) -> int:
        """Signal and wait; the return code."""
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self._process.send_signal(number)
        return self._process.wait(30)

    def exit_code(self, timeout: float = 10) -> int:
        return self._process.wait(timeout)

    def text(self) -> str:
        return self.log.read_text(errors="replace")


class Api:
    """The operator and agent HTTP API of one address, as one principal."""

    def __init__(self, address: str, principal: str | None = None, secret: str | None = None):
        self.address = address
        self.headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if principal is not None:
            token = base64.b64encode(("%s:%s" % (principal, secret)).encode()).decode()
            self.headers["Authorization"] = "Basic " + token

    def request(self, path: str, body: dict | None = None, timeout: float = 10) -> tuple[int, Any]:
        """(HTTP status, parsed JSON or text)."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request("http://%s%s" % (self.address, path), data, self.headers)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:
                status, content = response.status, response.read()
        except urllib.error.HTTPError as error:
            status, content = error.code, error.read()
        try:
            return status, json.loads(content)
        except ValueError:
            return status, content.decode(errors="replace")

    def call(self, kind: str, **body: Any) -> tuple[int, Any]:
        """One v1 API call: ``call("GET_AGENTS")``."""
        return self.request("/api/v1", {"type": kind, **({kind.lower(): body} if body else {})})

    def get(self, path: str) -> Any:
        """The parsed answer; raises ValueError with any other than 200, as a daemon that has just started gives."""
        status, answer = self.request(path)
        if status != 200:
            raise ValueError("%s%s answers %d: %s" % (self.address, path, status, str(answer)[:200]))
        return answer


class Cluster:
    """Masters and agents below ``base``. With ``zookeeper`` the masters elect, else there is one, appointed.

    ``login``: "user:secret" for ZooKeeper.
    ``master``: "host:port" of the (first) master; ``masters``, ``agents``: Daemon objects; ``principals``:
    name → secret (empty if ``auth`` is off); ``zookeeper``: "host:port" or None.
    """

    def __init__(
        self, base: Path, auth: bool = True, zookeeper: str | None = None, masters: int = 1, login: str | None = None
    ):
        self.base, self.auth, self.zookeeper, self.login = base, auth, zookeeper, login
        self.tree = commands()
        make_users()
        self.principals = dict(PRINCIPALS) if auth else {}
        self.masters: list[Daemon] = []
        self.agents: list[Daemon] = []
        self.addresses: list[str] = []
        self.agent_addresses: list[str] = []
        for number in range(masters):
            self._add_master(number, masters // 2 + 1)

    @property
    def master(self) -> str:
        return self.addresses[0]

    @property
    def zk_url(self) -> str | None:
        login = self.login + "@" if self.login else ""
        return "zk://%s%s/mesos/%s" % (login, self.zookeeper, self.base.name) if self.zookeeper else None

    def api(self, principal: str | None = "operator", address: str | None = None) -> Api:
        secret = self.principals.get(principal or "")
        return Api(address or self.master, principal if secret else None, secret)

    def agent_api(self, number: int = 0, principal: str | None = "operator") -> Api:
        return self.api(principal, self.agent_addresses[number])

    def _write(self, path: Path, text: str, mode: int = 0o644) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def _flags(self, name: str, daemon: str, flags: dict[str, Any]) -> Path:
        """Write /etc-like files for one daemon; the directory that stands for /etc."""
        etc = self.base / name / "etc"
        if self.zk_url:
            self._write(etc / "mesos" / "zk", self.zk_url)
        for flag, value in flags.items():
            self._write(etc / ("mesos-" + daemon) / flag, "%s\n" % value)
        return etc

    def _daemon(self, name: str, daemon: str, flags: dict[str, Any]) -> Daemon:
        etc = self._flags(name, daemon, flags)
        wrapper = self.tree / "usr/libexec/nextgen.cloud/mesos-init"
        return Daemon(
            name, ["/usr/bin/python3", "-IS", str(wrapper), daemon, "--etc", str(etc)], self.base / (name + ".log")
        )

    def _template(self, name: str) -> str:
        environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), undefined=jinja2.StrictUndefined)
        environment.filters["to_nice_json"] = lambda value: json.dumps(value, indent=4, sort_keys=True)
        return environment.get_template(name).render(mesos_master_principals=self.principals)

    def _add_master(self, number: int, quorum: int) -> None:
        name, port = "master%d" % number, free_port()
        work = self.base / name
        flags: dict[str, Any] = {
            "ip": LOOPBACK,
            "hostname": LOOPBACK,
            "port": port,
            "work_dir": work / "work",
            "quorum": quorum,
            "allocation_interval": "100ms",
            "offer_timeout": "5secs",
            "max_completed_frameworks": 0,
        }
        if self.zookeeper:
            flags["zk_session_timeout"] = "4secs"
        else:
            flags.update(agent_ping_timeout="1secs", max_agent_ping_timeouts=3)
        if self.auth:
            flags.update(
                credentials=self._write(work / "credentials.json", self._template("credentials.json.j2"), 0o600),
                acls=self._write(work / "acls.json", json.dumps(_outputs().master_acls(CLOUDS))),
                authenticate_http_readwrite="true",
                authenticate_http_readonly="true",
                authenticate_http_frameworks="true",
                http_framework_authenticators="basic",
                authenticate_agents="true",
            )
        self.masters.append(self._daemon(name, "master", flags))
        self.addresses.append("%s:%d" % (LOOPBACK, port))

    def add_agent(self, credential: tuple[str, str] | None = ("agent", PRINCIPALS["agent"]), **more: Any) -> Daemon:
        """Prepare one more agent (not started). ``more``: flags that replace the usual ones."""
        number, port = len(self.agents), free_port()
        name = "agent%d" % number
        work = self.base / name
        flags: dict[str, Any] = {
            "ip": LOOPBACK,
            "hostname": "node%d" % number,
            "port": port,
            "work_dir": work / "work",
            "runtime_dir": work / "run",
            "fetcher_cache_dir": work / "fetch",
            "launcher_dir": self.tree / "usr/libexec/nextgen.cloud/mesos-gate",
            "docker_store_dir": work / "store",
            "launcher": "posix",
            "isolation": "posix/cpu,posix/mem",
            "registration_backoff_factor": "100ms",
            "executor_reregistration_timeout": "2secs",
            "resources": "cpus:8;mem:8192;disk:10240;ports:[20000-20999]",
            "attributes": "node:node%d;zone:%s" % (number, "ab"[number % 2]),
            "reconfiguration_policy": "additive",
        }
        if not self.zookeeper:
            flags["master"] = self.master
        if self.auth:
            secret = self._write(work / "http.json", self._template("credentials.json.j2"), 0o600)
            key = self._write(work / "jwt.key", "a key for the tests", 0o600)
            flags.update(
                authenticate_http_readwrite="true",
                authenticate_http_readonly="true",
                http_credentials=secret,
                acls=self._write(work / "acls.json", json.dumps(_outputs().agent_acls(CLOUDS))),
                authenticate_http_executors="true",
                jwt_secret_key=key,
            )
            if credential:
                text = json.dumps({"principal": credential[0], "secret": credential[1]})
                flags["credential"] = self._write(work / "credential.json", text, 0o600)
        agent = self._daemon(name, "agent", {**flags, **more})
        self.agents.append(agent)
        self.agent_addresses.append("%s:%d" % (LOOPBACK, port))
        return agent

    def start(self, agents: int = 1) -> Cluster:
        """Start all masters and ``agents`` new agents, and wait until they are registered."""
        for master in self.masters:
            master.start()
        self.leader()
        for _number in range(agents):
            self.add_agent().start()
        if agents:
            self.wait_agents(agents)
        return self

    def leader(self, timeout: float = 20) -> int:
        """The number of the leading master, once it has recovered."""

        def find() -> list[int]:
            found = []
            for number, address in enumerate(self.addresses):
                try:
                    status, answer = self.api(address=address).call("GET_MASTER")
                except OSError:
                    continue
                if status == 200 and answer["get_master"]["master_info"]["address"]["port"] == int(
                    address.split(":")[1]
                ):
                    found.append(number)
            return [number + 1 for number in found]

        return until(find, timeout, "a leading master")[0] - 1

    def wait_agents(self, count: int, timeout: float = 20) -> list[dict]:
        """Wait for ``count`` active agents; their GET_AGENTS entries."""

        def find() -> list[dict]:
            for address in self.addresses:
                try:
                    status, answer = self.api(address=address).call("GET_AGENTS")
                except OSError:
                    continue
                agents = answer.get("get_agents", {}).get("agents", []) if status == 200 else []
                active = [agent for agent in agents if agent["active"]]
                if len(active) >= count:
                    return active
            return []

        return until(find, timeout, "%d active agents" % count)

    def processes(self) -> list[int]:
        """Executors, their parents and tasks: what has our directory in its environment."""
        mark = str(self.base).encode() + b"/"
        found = []
        for entry in os.listdir("/proc"):
            try:
                if entry.isdigit() and mark in Path("/proc", entry, "environ").read_bytes():
                    found.append(int(entry))
            except OSError:
                continue
        return found

    def stop(self) -> None:
        """End every process of this cluster."""
        for daemon in [*self.agents, *self.masters]:
            daemon.kill()
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            left = self.processes()
            if not left:
                return
            for pid in left:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            time.sleep(0.05)


class ZooKeeper:
    """One Debian ZooKeeper server."""

    def __init__(self, base: Path):
        self.port = free_port()
        self.address = "%s:%d" % (LOOPBACK, self.port)
        config = base / "zoo.cfg"
        config.write_text(
            "tickTime=2000\ndataDir=%s\nclientPort=%d\nclientPortAddress=%s\nadmin.enableServer=false\n"
            "maxClientCnxns=0\n4lw.commands.whitelist=ruok\n" % (base / "data", self.port, LOOPBACK)
        )
        command = [
            "java",
            "-Xmx128m",
            "-cp",
            "/etc/zookeeper/conf:/usr/share/java/zookeeper.jar",
            "org.apache.zookeeper.server.quorum.QuorumPeerMain",
            str(config),
        ]
        self.daemon = Daemon("zookeeper", command, base / "zookeeper.log")

    def start(self) -> ZooKeeper:
        self.daemon.start()
        until(self._answers, 30, "ZooKeeper")
        return self

    def _answers(self) -> bool:
        with socket.create_connection((LOOPBACK, self.port), 2) as connection:
            connection.sendall(b"ruok")
            return connection.recv(4) == b"imok"
