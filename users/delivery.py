"""How a one-time code or a notice reaches its owner: a port, and its adapters.

A messenger is chosen for each channel by the settings (`SIGN_IN_MESSENGERS`). E-mail goes out by
Django's mail backends, which are SMTP or the console. A provider of text messages is an adapter of
the same form; the one here writes to the console.

Sending happens after the answer, in a thread: the answer must not tell by its delay whether the
address is somebody's, and signing in must not need the broker. A code that is lost with its process
is asked for again.
"""

import logging
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from django.conf import settings
from django.core.mail import send_mail
from django.utils.module_loading import import_string
from django.views.decorators.debug import sensitive_variables

log = logging.getLogger(__name__)

_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="sign-in-code")


class Messenger(Protocol):
    """Something that brings a text to an address."""

    def send(self, *, to: str, subject: str, text: str, html: str = "") -> None:
        """Send a text, or raise; `html` says the same, for channels that show it."""


class EmailMessenger:
    """E-mail, by the mail backend of the settings."""

    def send(self, *, to: str, subject: str, text: str, html: str = "") -> None:
        """Send a mail: plain, and as HTML where there is any."""
        send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [to], html_message=html or None)


class ConsoleTextMessenger:
    """Text messages that appear on the console of whoever runs the sandbox."""

    def send(self, *, to: str, subject: str, text: str, html: str = "") -> None:
        """Write the message."""
        sys.stdout.write(f"--- text message to {to}: {text}\n")
        sys.stdout.flush()


def messenger(channel: str) -> Messenger:
    """Return the messenger of a channel, `EMAIL` or `SMS`."""
    made: Messenger = import_string(settings.SIGN_IN_MESSENGERS[channel])()
    return made


@sensitive_variables()
def send_code(code: str, *, to: str, channel: str = "EMAIL") -> "Future[None]":
    """Send a code to its owner, in the background."""
    text = (
        f"{code} is your code to sign in to BrightLend. It is good for 5 minutes and for one "
        "sign-in. Never tell it to anybody: BrightLend does not ask for it by phone or mail. "
        "If you did not ask for it, do nothing."
    )
    return _threads.submit(_send, messenger(channel), to, text)


@sensitive_variables()
def _send(by: Messenger, to: str, text: str) -> None:
    try:
        by.send(to=to, subject="Your code to sign in", text=text)
    except Exception as error:
        # The error's own words may quote the address, so only its kind is told.
        log.error("A sign-in code could not be sent: %s", type(error).__name__)
