"""kerasvgg's command line, called in this process."""

import io
import sys
from contextlib import redirect_stderr, redirect_stdout

import pytest

from kerasvgg.__main__ import main


def kerasvgg(*words: object) -> tuple[object, str, str]:
    """Returns its status and what it wrote on stdout and stderr."""
    out, err = io.StringIO(newline=""), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["kerasvgg", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
    return ended.value.code, out.getvalue(), err.getvalue()
