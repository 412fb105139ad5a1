"""The packages of the wheel: kerasvgg's own, and the experiments, which lie beside it here and inside it there."""

from setuptools import find_namespace_packages, find_packages, setup

EXPERIMENTS = "kerasvgg.experiments"
folders = [EXPERIMENTS, *(f"{EXPERIMENTS}.{name}" for name in find_namespace_packages("experiments"))]

setup(
    packages=[*find_packages(include=["kerasvgg", "kerasvgg.*"]), *folders],
    package_dir={EXPERIMENTS: "experiments"},
    package_data={folder: ["*.yaml"] for folder in folders}
    | {
        "kerasvgg": [
            "py.typed",
            "**/*.json",
            "**/*.pyi",
            "report/templates/*",
            "page/templates/*",
            "page/static/*",
            "export/web/*",
        ]
    },
)
