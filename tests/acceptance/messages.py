# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client of RabbitMQ, and a loop of messages that notes every one that is lost or refused."""

from __future__ import annotations

import contextlib
import ssl
import threading
import time
import uuid
from collections.abc import Iterator

import pika
from pika.adapters.blocking_connection import BlockingChannel

from .secret_values import Hidden, account_of

# pika asserts where a server ends the conversation before it has begun.
REFUSED = (pika.exceptions.AMQPError, OSError, AssertionError)


@contextlib.contextmanager
def conversation(
    login: tuple[str, str], address: str, port: int, context: ssl.SSLContext | None, host: str = ""
) -> Iterator[BlockingChannel]:
    """A channel that confirms what is published; one of REFUSED if there is none for this login."""
    options = pika.SSLOptions(context, host or None) if context else None
    credentials = pika.PlainCredentials(login[0], Hidden(login[1]))
    parameters = pika.ConnectionParameters(
        address, port, credentials=credentials, ssl_options=options,
        socket_timeout=10, stack_timeout=15, blocked_connection_timeout=15,
    )  # fmt: skip
    connection = pika.BlockingConnection(parameters)
    try:
        channel = connection.channel()
        channel.confirm_delivery()
        yield channel
    finally:
        with contextlib.suppress(*REFUSED):
            connection.close()


def door(site, cloud: str) -> tuple[str, int, ssl.SSLContext, str]:
    """Address and port of a cloud's RabbitMQ at the edge, whom to trust there, and its name."""
    [route] = [one for one in site.manifests(cloud, "route") if one["name"] == "rabbitmq"]
    context = ssl.create_default_context(cafile=str(site.access_dir / "ca.crt"))
    return site.address("edge"), route["listen"], context, route["host"]


def login_of(site, cloud: str) -> tuple[str, str]:
    """Account and password of who sends messages in a cloud."""
    return account_of(site, "cloud", "clouds/%s/rabbitmq/password" % cloud)


def opens(login: tuple[str, str], address: str, port: int, context: ssl.SSLContext | None, host: str = "") -> bool:
    """Whether this login gets a channel."""
    try:
        with conversation(login, address, port, context, host):
            return True
    except REFUSED:
        return False


class MessageLoop:
    """``with MessageLoop(login, *door) as loop``: who sends logs in anew for each message.

    Who receives is the same all the time. ``answered``: messages that were confirmed and received.
    """

    def __init__(self, login: tuple[str, str], address: str, port: int, context: ssl.SSLContext, host: str):
        self._where = (login, address, port, context, host)
        self.answered = 0
        self.failures: list[str] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        queue = "loop-%s" % uuid.uuid4()
        try:
            with conversation(*self._where) as receiver:
                receiver.queue_declare(queue, durable=True)
                while not self._stop.is_set():
                    self._round(receiver, queue, str(uuid.uuid4()))
                    self._stop.wait(0.2)
                receiver.queue_delete(queue)
        except REFUSED as error:
            self._note("the receiver's connection", error)

    def _round(self, receiver: BlockingChannel, queue: str, message: str) -> None:
        """Send one message; the queue was empty, so the next one received has to be it."""
        try:
            with conversation(*self._where) as sender:
                properties = pika.BasicProperties(delivery_mode=pika.DeliveryMode.Persistent)
                # Without a confirmation, and without a queue to go to, this is an error.
                sender.basic_publish("", queue, message.encode(), properties, mandatory=True)
        except REFUSED as error:
            self._note("sending", error)
            return
        method, _properties, body = receiver.basic_get(queue)
        if method is None or body.decode() != message:
            self._note("receiving", "%r instead of %s" % (body, message))
            return
        receiver.basic_ack(method.delivery_tag)
        self.answered += 1

    def _note(self, what: str, error: object) -> None:
        self.failures.append("%.3f: %s: %r" % (time.time(), what, error))

    def __enter__(self) -> MessageLoop:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self._thread.join(timeout=30)
        if self._thread.is_alive():
            self._note("the end", "the last message hangs")
