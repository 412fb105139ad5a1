"""TensorFlow without its start-up chatter, which would bury the first messages that matter."""

import os
import sys
import tempfile


def start_tensorflow() -> None:
    """Imports TensorFlow with stderr set aside; if that fails, what it wrote is shown after all."""
    sys.stderr.flush()
    shown = os.dup(2)
    with tempfile.TemporaryFile() as aside:
        os.dup2(aside.fileno(), 2)
        try:
            import tensorflow as tf

            from kerasvgg.training.member import join

            join()
            tf.constant(0)  # the devices report themselves with the first tensor
        except Exception:  # but not where the user interrupts it
            aside.seek(0)
            os.write(shown, aside.read())
            raise
        finally:
            os.dup2(shown, 2)
            os.close(shown)
