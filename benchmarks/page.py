"""The page with many pictures, and left alone: python -m benchmarks.page [--pictures 10000] [--minutes 10]

A run folder with so many scored pictures is written, `kerasvgg ui` begun, and its gallery opened in Debian's Chromium:
seconds to the first paint, milliseconds a frame while it is scrolled from end to end, the server's memory. Then two
pages stay open for so many minutes, one of them at a run that is unfinished, and the server's memory is looked at every
ten seconds: its slope by least squares, from the third minute on.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import psutil

from benchmarks.measure import print_table, run

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
HISTORY = "phase,epoch,loss,accuracy,val_loss,val_accuracy\nall,1,0.5,0.5,0.5,0.5\n"
EXPERIMENT = """\
data: {{dataset: "{0}", split: {{train: 1, validation: 1, test: 1}}, image_size: [64, 64]}}
model: {{base: small_cnn}}
train: [{{epochs: 2, learning_rate: 1e-3}}]
"""
FAST, AT_ONCE = 200, 1300  # pixels a frame: 12,000 a second, and from end to end in some 240 frames
SCROLL = """async (step) => {
  const frames = [];
  scrollTo(0, 0);
  await new Promise((resolve) => setTimeout(resolve, 500));
  let before = performance.now();
  const height = Math.min(document.documentElement.scrollHeight, 250 * step);
  for (let at = 0; at < height; at += step) {
    scrollTo(0, at);
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    frames.push(now - before);
    before = now;
  }
  return frames;
}"""
PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime / 1000"


def main(pictures: int, minutes: float) -> None:
    """Prints a table of what the gallery takes, and one of memory over time."""
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        root = Path(temporary)
        _write_run(root, pictures)
        words = [sys.executable, "-m", "kerasvgg", "ui", "--no-browser", "--port", "0"]
        with subprocess.Popen(words, cwd=root, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as server:
            address = server.stdout.readline().strip() if server.stdout else ""
            try:
                _visit(address, psutil.Process(server.pid), minutes)
            finally:
                server.terminate()


def _write_run(root: Path, count: int) -> None:
    """Writes pictures and a run that has scored them, one in ten wrongly, and an unfinished one."""
    run(["-m", "benchmarks.pictures", root / "flat", count])
    files = sorted(path for path in (root / "flat").rglob("*") if path.is_file())
    rows, said = ["path,class,split,sha256"], ["path,true,predicted,p:cat,p:dog"]
    for number, file in enumerate(files):
        label = ("cat", "dog")[number % 2]
        place = root / "pictures" / label / file.name
        place.parent.mkdir(parents=True, exist_ok=True)
        file.rename(place)
        name, share = f"{label}/{file.name}", 0.5 + (number % 50) / 100
        is_cat = (label == "cat") != (number % 10 == 0)
        cat = share if is_cat else 1 - share
        rows.append(f"{name},{label},test,{number:064x}")
        said.append(f"{name},{label},{'cat' if is_cat else 'dog'},{cat:.2f},{1 - cat:.2f}")
    for name in ("many/1", "unfinished/1"):
        folder = root / "runs" / name
        folder.mkdir(parents=True)
        (folder / "experiment.yaml").write_text(EXPERIMENT.format(root / "pictures"))
        (folder / "history.csv").write_text(HISTORY)
        (folder / "split.csv").write_text("\n".join(rows) + "\n")
    many = root / "runs" / "many" / "1"
    (many / "predictions.csv").write_text("\n".join(said) + "\n")
    right = len(files) - -(-len(files) // 10)
    (many / "metrics.json").write_text(
        f'{{"split": "test", "role": "scored once", "n": {len(files)}, "correct": {right}, '
        f'"accuracy": {right / len(files)}, "interval_95": [0.88, 0.91], "loss": 0.3, "classes": ["cat", "dog"]}}'
    )


def _visit(address: str, server: psutil.Process, minutes: float) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.goto(address)
        page.click("a:has-text('many/1')")
        gallery = page.url + "/pictures"
        rows = [_look(page, gallery, server) for _ in range(3)]
        what = ("median ms", "95 %", "longest")
        speeds = [f"{one} at {speed:,} px a frame" for speed in (FAST, AT_ONCE) for one in what]
        columns = ("first paint, s", "pictures there, s", *speeds, "server, MB")
        print_table(columns, [tuple(f"{one:.2f}" if one < 10 else f"{one:.0f}" for one in row) for row in rows])
        other = page.context.new_page()
        other.goto(address.partition("?")[0])
        page.goto(address.partition("?")[0])
        page.click("a:has-text('unfinished/1')")
        print(_idle(server, minutes))
        browser.close()


def _look(page: Any, gallery: str, server: psutil.Process) -> tuple[float, ...]:
    began = time.perf_counter()
    page.goto(gallery)
    page.wait_for_selector("#gallery[data-ready]")
    page.select_option("#which", "all")
    there = time.perf_counter() - began
    found = []
    for speed in (FAST, AT_ONCE):
        frames = page.evaluate(SCROLL, speed)[1:]
        found += [median(frames), float(np.quantile(frames, 0.95)), max(frames)]
    return page.evaluate(PAINT), there, *found, server.memory_info().rss / 1e6


def _idle(server: psutil.Process, minutes: float) -> str:
    began, seen = time.monotonic(), [(0.0, server.memory_info().rss / 1e6)]
    while seen[-1][0] < 60 * minutes:
        time.sleep(10)
        seen.append((time.monotonic() - began, server.memory_info().rss / 1e6))
    late = np.array([one for one in seen if one[0] > 120] or seen)
    slope = float(np.polyfit(late[:, 0] / 3600, late[:, 1], 1)[0]) if len(late) > 2 else 0.0
    ends = f"{late[0, 1]:.1f} MB after {late[0, 0] / 60:.0f} minutes, {late[-1, 1]:.1f} MB after {late[-1, 0] / 60:.0f}"
    return f"Two pages left open: {ends}; {slope:+.2f} MB an hour, {8 * slope:+.1f} MB in eight hours"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=10)
    main(**vars(parser.parse_args()))
