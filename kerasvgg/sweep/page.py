"""What a sweep leaves to look at: all trials as a table, and a page with them, their lines, and what matters."""

import base64
from collections.abc import Sequence
from html import escape
from io import StringIO
from pathlib import Path

from kerasvgg.config.sweep import Range, Sweep
from kerasvgg.files.atomic import write_text
from kerasvgg.files.text import write_rows
from kerasvgg.plots.parallel import draw_parallel
from kerasvgg.sweep.study import FINISHED, Study, TrialRow, ranked

TABLE, PAGE, LINES = "trials.csv", "trials.html", "parallel.png"
FIGURES = ("val_accuracy", "val_loss", "epoch")
STYLE = (
    "body{font:15px system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1b1f24}"
    "table{border-collapse:collapse}td,th{padding:.25rem .7rem;text-align:right;border-bottom:1px solid #e6e8eb}"
    "td.text,th.text{text-align:left}img{max-width:100%}.bar{background:#0b6bcb;height:.8rem}"
    "@media(prefers-color-scheme:dark){body{background:#0f1419;color:#e6edf3}td,th{border-color:#2b333b}}"
)


def write_page(folder: Path, sweep: Sweep, study: Study) -> None:
    """Writes trials.csv, parallel.png and trials.html, in which the best comes first."""
    rows, keys = study.rows(), list(sweep.space)
    text = StringIO()
    write_rows(text, [["trial", "state", *keys, *FIGURES, "why"]])
    write_rows(text, (_cells(row, keys) for row in rows))
    write_text(folder / TABLE, text.getvalue())
    over = [row for row in rows if row.state == FINISHED]
    if over:
        lines = [{**{key: row.settings[key] for key in keys}, sweep.metric: row.figures[sweep.metric]} for row in over]
        logarithmic = [key for key, values in sweep.space.items() if isinstance(values, Range) and values.log]
        draw_parallel(lines, folder / LINES, logarithmic=logarithmic, title=f"{len(over)} trials that were finished")
    write_text(folder / PAGE, _page(folder, sweep, rows, study.importance()))


def _cells(row: TrialRow, keys: Sequence[str]) -> list[str]:
    settings = [str(row.settings.get(key, "")) for key in keys]
    return [str(row.number), row.state, *settings, *(str(row.figures.get(name, "")) for name in FIGURES), row.why]


def _page(folder: Path, sweep: Sweep, rows: Sequence[TrialRow], importance: dict[str, float]) -> str:
    keys = list(sweep.space)
    best = ranked(rows, sweep.metric)
    head = "".join(f"<th>{escape(name)}</th>" for name in ("trial", "state", *keys, *FIGURES, "why"))
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in _shown(row, keys))}</tr>" for row in best)
    bars = "".join(
        f'<tr><td class="text">{escape(key)}</td><td>{share:.0%}</td>'
        f'<td class="text"><div class="bar" style="width:{20 * share:.1f}rem"></div></td></tr>'
        for key, share in importance.items()
    )
    lines = folder / LINES
    image = base64.b64encode(lines.read_bytes()).decode() if lines.is_file() else ""
    drawn = f'<img alt="a line for each trial over its settings" src="data:image/png;base64,{image}">'
    lines_part = f"<h2>Settings and results</h2>{drawn}" if image else ""
    importance_part = f"<h2>What makes the difference</h2><table>{bars}</table>" if bars else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(folder.parent.name)}</title>'
        f"<style>{STYLE}</style></head><body><h1>{escape(folder.parent.name)}</h1>"
        f"<p>{len(rows)} trials of {escape(sweep.experiment)}, judged by {sweep.metric} alone.</p>"
        f"{lines_part}{importance_part}"
        f"<h2>All trials, the best first</h2><table><tr>{head}</tr>{body}</table></body></html>\n"
    )


def _shown(row: TrialRow, keys: Sequence[str]) -> list[str]:
    def short(value: object) -> str:
        return f"{value:.4g}" if isinstance(value, float) else "" if value is None else str(value)

    figures = [short(row.figures.get(name)) for name in FIGURES]
    return [str(row.number), row.state, *(short(row.settings.get(key)) for key in keys), *figures, row.why]
