# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mesos-executor: runs one command task and reports on it over the v1 executor HTTP API.

``protocol`` and ``updates`` speak to the agent, ``health`` decides what a probe's result means,
``probe`` runs probes, ``process`` starts and ends the task, ``run`` is the event loop.
"""
