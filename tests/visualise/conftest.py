"""What the tests of pictures of models need."""

import numpy as np
import pytest
from drawings import shapes


@pytest.fixture
def picture() -> np.ndarray:
    return shapes()
