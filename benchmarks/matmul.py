"""What this machine can do at this moment: the best float32 tf.matmul of 2048x2048, in GFLOP/s.

python -m benchmarks.matmul
"""

import json
import time

import tensorflow as tf

SIZE = 2048


def gflops(times: int = 10) -> float:
    """Returns the best rate of several, with the threads that TensorFlow takes by itself."""
    factor = tf.random.normal((SIZE, SIZE))
    multiply = tf.function(lambda a: tf.matmul(a, a))
    multiply(factor).numpy()
    return max(_rate(multiply, factor) for _ in range(times))


def _rate(multiply: tf.types.experimental.PolymorphicFunction, factor: tf.Tensor) -> float:
    started = time.perf_counter()
    multiply(factor).numpy()
    return 2 * SIZE**3 / (time.perf_counter() - started) / 1e9


if __name__ == "__main__":
    print(json.dumps({"gflops": gflops()}))
