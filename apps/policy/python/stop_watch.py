"""When a program is to end: on Ctrl-C or SIGTERM, and with its parent where it was asked to.

Import it before robotmq and numpy. A signal that interrupts a call of robotmq makes the call fail; here signals are
blocked and stay pending until somebody asks. Threads inherit that, so it has to come before those of numpy.
"""

import os
import select
import signal

SIGNALS = {signal.SIGINT, signal.SIGTERM}

signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


def stopped(until_stdin_closes: bool) -> bool:
    return bool(signal.sigpending() & SIGNALS) or (until_stdin_closes and _stdin_closed())


def _stdin_closed() -> bool:
    readable, _, _ = select.select([0], [], [], 0)
    return bool(readable) and os.read(0, 4096) == b""
