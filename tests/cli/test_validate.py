import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from kerasvgg.cli.train.validate import validate
from kerasvgg.errors import ConfigError

EXPERIMENT = """\
data: {dataset: pets, image_size: [64, 64]}
model: {base: small_cnn}
train: [{epochs: 1, learning_rate: 1e-3}]
"""
VARIANTS = "default: a\nvariants:\n  a: {}\n  b: {seed: 1}\n"
# Typer passes the errors on, so that the program's one handler shows them.
RUNNER = CliRunner()


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    app.command()(validate)
    return app


@pytest.mark.parametrize(
    ("text", "said"), [(EXPERIMENT, "(1 experiment)"), (EXPERIMENT + VARIANTS, "(2 experiments: a, b)")]
)
def test_a_valid_file_is_called_valid_with_its_experiments(
    app: typer.Typer, tmp_path: Path, text: str, said: str
) -> None:
    path, pets = tmp_path / "x.yaml", tmp_path / "pets"
    path.write_text(text)
    absent = f"warning: `data.dataset` {str(pets)!r} is not here\n"
    for before, make in ((absent, pets.mkdir), ("", pets.rmdir)):
        result = RUNNER.invoke(app, [str(path), "train.0.epochs=5", f"data.dataset={pets}"])
        assert result.exit_code == 0
        assert result.output == f"{before}{path}: valid {said}\n"
        make()


def test_a_set_of_the_catalog_is_fetched_later_and_a_misspelt_one_is_told(app: typer.Typer, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(EXPERIMENT)
    said = [RUNNER.invoke(app, [str(path), f"data.dataset={name}"]).output for name in ("mnist", "mnits")]
    assert "warning" not in said[0]
    assert said[1].startswith("warning: `data.dataset` 'mnits' is not here; did you mean `mnist`?\n")


def test_mistakes_of_file_and_overrides_are_raised(app: typer.Typer, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(EXPERIMENT.replace("small_cnn", "smal_cnn"))
    result = RUNNER.invoke(app, [str(path), "seed=-1"])
    assert isinstance(result.exception, ConfigError)
    assert str(result.exception).startswith(f"{path}:2:15: `model.base`")
    assert "override `seed=-1`" in str(result.exception)


def test_validation_needs_no_heavy_library(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(EXPERIMENT)
    code = (
        "import sys; from pathlib import Path; from kerasvgg.cli.train.validate import validate;"
        f"validate(Path({str(path)!r}));"
        "sys.exit(', '.join({'numpy', 'tensorflow', 'keras', 'PIL', 'h5py'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "warning: `data.dataset` 'pets' is not here\n")
