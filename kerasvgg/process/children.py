"""Processes of one's own that work side by side, each with its share of the processors."""

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing.process import BaseProcess
from typing import Any

from kerasvgg.errors import KerasVGGError
from kerasvgg.process.progress import LOGGER
from kerasvgg.process.signals import interruptible
from kerasvgg.process.threads import compute_in

SECONDS_TO_END = 60.0  # that a process has when it is told to: it may have a batch in hand
REFUSED = 2  # the exit status of one that has said why


def begin(work: Callable[..., None], words: Sequence[Any]) -> BaseProcess:
    """Begins a process that does the work, a function of a module, with these words."""
    context = multiprocessing.get_context("spawn")  # TensorFlow does not survive a fork
    process = context.Process(target=work, args=tuple(words), daemon=True)
    process.start()
    return process


def end(processes: Sequence[BaseProcess]) -> None:
    """Tells them to end, and waits until they have."""
    for one in processes:
        one.terminate()
    for one in processes:
        one.join(SECONDS_TO_END)
        if one.is_alive():
            one.kill()


def settle(threads: int, level: int = logging.INFO, name: str = "") -> None:
    """Prepares this process, which was begun so: Ctrl-C is its parent's, and it computes with so many threads, 0: all.

    What it logs from this level on begins with its name. Where its parent is killed, it ends as if it had told it to.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    LOGGER.setLevel(level)
    if name:
        LOGGER.handlers[0].setFormatter(logging.Formatter(f"{name.replace('%', '%%')}: %(message)s"))
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's chatter
    if threads:
        compute_in(threads)


def telling(work: Callable[[], object]) -> None:
    """Does the work; what is raised on purpose is told, and ends this process with status 2."""
    try:
        with interruptible():
            work()
    except (KerasVGGError, OSError, MemoryError) as error:
        LOGGER.error("%s", str(error) or "out of memory")
        raise SystemExit(REFUSED) from None
    except KeyboardInterrupt:  # it was told to end, and what is done is kept
        raise SystemExit(1) from None


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(SECONDS_TO_END)
        os._exit(1)
