# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests run instead of containers: started by Mesos with the same NEXTGEN_CONTAINER.

With a command it becomes that command; otherwise it answers HTTP on its ports, /health with 200, and
notes its start in each of its volumes.
"""

from __future__ import annotations

import http.server
import json
import os
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(500 if os.path.exists("sick") else 200)
        self.end_headers()
        self.wfile.write(SPEC["task"].encode())

    def log_message(self, *dummy: object) -> None:
        pass


def main() -> None:
    for volume in SPEC["volumes"]:
        starts = os.path.join(os.environ["MESOS_SANDBOX"], volume["source"], "starts")
        with open(starts, "a", encoding="ascii") as stream:
            stream.write(SPEC["task"] + "\n")
    if SPEC["command"]:
        os.execvp(SPEC["command"][0], SPEC["command"])
    servers = [http.server.ThreadingHTTPServer((port["address"], port["host"]), Handler) for port in SPEC["ports"]]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    threading.Event().wait()


SPEC = json.loads(os.environ["NEXTGEN_CONTAINER"])
if __name__ == "__main__":
    main()
