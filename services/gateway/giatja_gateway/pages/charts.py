"""Small charts drawn on the server as inline SVG, each with a title and a description in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from flask import Flask, g, has_request_context
from markupsafe import Markup, escape

from giatja_gateway.pages.formats import NOTHING, Number, format_number, format_percent
from giatja_gateway.pages.language import _

_NEARLY_FULL: Final = 0.85
_ROW_NAME: Final = 17
_SCALES: Final = (0.1, 0.2, 0.4, 0.6, 1.0)
TONES: Final = ("nila", "daun", "kunyit", "merah", "soga", "mori")


@dataclass(frozen=True, kw_only=True)
class Part:
    """One named amount of a whole, in one of the tones."""

    label: str
    value: Number
    tone: str = "nila"


def _serial() -> int:
    # Ids must differ within one page; a counter per request keeps pages the same from one reading to the next.
    if not has_request_context():
        return 0
    if "chart_ids" not in g:
        g.chart_ids = count(1)
    number: int = next(g.chart_ids)
    return number


def _share(part: Number, whole: Number) -> float:
    return min(max(float(part) / float(whole), 0.0), 1.0) if whole else 0.0


def _at(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _drawn(text: str) -> Markup:
    # Everything a person wrote went through `escape` where it was put in; `Markup.format` would do it again for
    # every coordinate, which is most of the time a page takes.
    return Markup(text)  # noqa: S704


def _wrap(kind: str, box: str, title: str, description: str, body: Markup) -> Markup:
    number = _serial()
    return Markup(
        '<svg class="chart chart-{0}" viewBox="{1}" role="img" aria-labelledby="chart-t{2} chart-d{2}">'
        '<title id="chart-t{2}">{3}</title><desc id="chart-d{2}">{4}</desc>{5}</svg>'
    ).format(kind, box, number, title, description, body)


def _join(pieces: Iterable[Markup]) -> Markup:
    return Markup("").join(pieces)


def progress_bar(
    done: Number, total: Number, pace: Number | None = None, tone: str = "nila", unit: str = "", size: str = ""
) -> Markup:
    """Draw how much of a total is done, with a tick where the plan wants it to be by now."""
    said = _("%(done)s dari %(total)s %(unit)s, %(share)s") % {
        "done": format_number(done),
        "total": format_number(total),
        "unit": unit,
        "share": format_percent(_share(done, total)),
    }
    tick = ""
    if pace is not None:
        said += ". " + _("Menurut rencana %(pace)s.") % {"pace": format_number(pace)}
        place = _at(min(max(100 * _share(pace, total), 0.4), 99.6))
        tick = f'<line class="bar-pace" x1="{place}%" x2="{place}%" y1="0" y2="100%"/>'
    fill = ""
    if done:
        wide = _at(max(100 * _share(done, total), 1.5))
        fill = f'<rect class="bar-fill tone-{escape(tone)}" y="4" width="{wide}%" rx="5"/>'
    label = escape(said.replace("  ", " ").replace(" ,", ","))
    kind = f"bar bar-{escape(size)}" if size else "bar"
    return _drawn(
        f'<svg class="{kind}" role="img" aria-label="{label}"><rect class="bar-track" y="4" width="100%" rx="5"/>'
        f"{fill}{tick}</svg>"
    )


def segment(done: Number, total: Number) -> Markup:
    """Draw one stage of a strip: empty, partly or wholly filled."""
    share = _share(done, total)
    tone = "daun" if share >= 1 else "nila"
    return _drawn(
        '<svg class="segment" aria-hidden="true"><rect class="bar-track" width="100%" height="100%"/>'
        f'<rect class="tone-{tone}" width="{_at(100 * share)}%" height="100%"/></svg>'
    )


def sparkline(values: Sequence[Number], title: str, unit: str = "", tone: str = "nila") -> Markup:
    """Draw a short series as a line with its last value marked."""
    width, height, edge = 120.0, 32.0, 4.0
    if not values:
        return _wrap("spark", f"0 0 {width:.0f} {height:.0f}", title, _("Belum ada data."), Markup(""))
    low, high = float(min(values)), float(max(values))
    span = (high - low) or 1.0
    step = (width - 2 * edge) / max(len(values) - 1, 1)
    points = [
        (edge + step * i, height - edge - (float(v) - low) / span * (height - 2 * edge)) for i, v in enumerate(values)
    ]
    line = " ".join(f"{_at(x)},{_at(y)}" for x, y in points)
    last_x, last_y = points[-1]
    area = f"{_at(points[0][0])},{height:.0f} {line} {_at(last_x)},{height:.0f}"
    body = Markup(
        '<polygon class="chart-area tone-{0}" points="{1}"/><polyline class="chart-line tone-{0}" points="{2}"/>'
        '<circle class="chart-dot tone-{0}" cx="{3}" cy="{4}" r="3"/>'
    ).format(tone, area, line, _at(last_x), _at(last_y))
    said = _("Dari %(first)s ke %(last)s %(unit)s; terendah %(low)s, tertinggi %(high)s.") % {
        "first": format_number(values[0]),
        "last": format_number(values[-1]),
        "low": format_number(min(values)),
        "high": format_number(max(values)),
        "unit": unit,
    }
    return _wrap("spark", f"0 0 {width:.0f} {height:.0f}", title, said, body)


def column_chart(parts: Sequence[Part], title: str, target: Number | None = None, height: int = 150) -> Markup:
    """Draw amounts as standing columns with their names below and a line at the target."""
    width, head, foot = 480.0, 22.0, 26.0
    top = float(max([*(p.value for p in parts), target or 0], default=0)) or 1.0
    room = height - head - foot
    slot = width / max(len(parts), 1)
    thick = min(slot * 0.62, 44.0)
    pieces = [Markup('<line class="chart-axis" x1="0" x2="{0}" y1="{1}" y2="{1}"/>').format(width, head + room)]
    for i, part in enumerate(parts):
        tall = room * max(float(part.value), 0.0) / top
        middle = slot * (i + 0.5)
        pieces.append(
            Markup(
                '<rect class="tone-{0}" x="{1}" y="{2}" width="{3}" height="{4}" rx="3"/>'
                '<text class="chart-value" x="{5}" y="{6}" text-anchor="middle">{7}</text>'
                '<text class="chart-label" x="{5}" y="{8}" text-anchor="middle">{9}</text>'
            ).format(
                part.tone,
                _at(middle - thick / 2),
                _at(head + room - tall),
                _at(thick),
                _at(tall),
                _at(middle),
                _at(head + room - tall - 6),
                format_number(part.value),
                height - 8,
                part.label,
            )
        )
    if target:
        y = _at(head + room - room * float(target) / top)
        pieces.append(Markup('<line class="chart-target" x1="0" x2="{0}" y1="{1}" y2="{1}"/>').format(width, y))
    said = "; ".join(f"{p.label} {format_number(p.value)}" for p in parts) or _("Belum ada data.")
    if target:
        said += ". " + _("Target %(target)s.") % {"target": format_number(target)}
    return _wrap("columns", f"0 0 {width:.0f} {height}", title, said, _join(pieces))


def stacked_bar(parts: Sequence[Part], title: str) -> Markup:
    """Draw how a whole divides, in one lying bar; the caller writes the legend with `chart_legend`."""
    whole = sum(float(p.value) for p in parts)
    pieces, start = [], 0.0
    for part in parts:
        share = 100 * _share(part.value, whole)
        if share:
            pieces.append(
                Markup('<rect class="tone-{}" x="{}%" width="{}%" height="100%"/>').format(
                    part.tone, _at(start), _at(max(share - 0.4, 0.4))
                )
            )
            start += share
    said = "; ".join(f"{p.label} {format_number(p.value)}" for p in parts)
    number = _serial()
    return Markup(
        '<svg class="chart-stack" role="img" aria-labelledby="chart-t{0} chart-d{0}"><title id="chart-t{0}">{1}</title>'
        '<desc id="chart-d{0}">{2}</desc><rect class="bar-track" width="100%" height="100%"/>{3}</svg>'
    ).format(number, title, said, _join(pieces))


@dataclass(frozen=True, kw_only=True)
class GridRow:
    """A row of a load grid: how full each of its fields is, nothing where there is no room; and where any is wanted."""

    label: str
    shares: Sequence[Number | None]
    wanted: Sequence[bool]


def load_grid(rows: Sequence[GridRow], columns: Sequence[str], title: str) -> Markup:
    """Draw how full each row is in each column: ink up to what is there, red where it is not enough."""
    left, head, wide, tall = 132.0, 26.0, 68.0, 40.0
    pieces = [_label(left + wide * (n + 0.5), 16, column, "middle") for n, column in enumerate(columns)]
    said = []
    for nth, row in enumerate(rows):
        top = head + nth * tall
        names = _two_lines(row.label)
        pieces += [
            _label(0, top + tall / 2 + 1 - 8 * (len(names) - 1) + 15 * n, name, "start", " chart-row")
            for n, name in enumerate(names)
        ]
        pieces += [
            _load_field(left + wide * n + 3, top, wide - 6, tall - 6, share, wanted)
            for n, (share, wanted) in enumerate(zip(row.shares, row.wanted, strict=True))
        ]
        full = [(float(s), columns[n]) for n, s in enumerate(row.shares) if s is not None and row.wanted[n]]
        if full:
            share, column = max(full)
            said.append(f"{row.label} {format_percent(share)} ({column})")
    told = _("Minggu terpenuh tiap tahap: %(weeks)s.") % {"weeks": "; ".join(said)} if said else _("Belum ada data.")
    box = f"0 0 {left + wide * len(columns):.0f} {head + tall * len(rows):.0f}"
    return _wrap("load", box, title, told, _join(pieces))


def _label(x: float, y: float, text: str, anchor: str, more: str = "") -> Markup:
    return Markup('<text class="chart-label{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        more, _at(x), _at(y), anchor, text
    )


def _two_lines(name: str) -> list[str]:
    """Break a long name at the space nearest to its middle."""
    spaces = [n for n, letter in enumerate(name) if letter == " "]
    if len(name) <= _ROW_NAME or not spaces:
        return [name]
    place = min(spaces, key=lambda n: abs(n - len(name) / 2))
    return [name[:place], name[place + 1 :]]


def _load_field(x: float, y: float, wide: float, tall: float, share: Number | None, wanted: bool) -> Markup:
    """Draw one field; nobody where work is wanted is as bad as too few."""
    over = wanted and (share is None or share > 1)
    tone = "merah" if over else "kunyit" if share is not None and share > _NEARLY_FULL else "nila"
    full = tall * (1.0 if over else float(share or 0))
    text = NOTHING if not wanted else "!" if share is None else format_percent(share)
    return Markup(
        '<rect class="bar-track" x="{0}" y="{1}" width="{2}" height="{3}" rx="5"/>'
        '<rect class="tone-{4} chart-soft" x="{0}" y="{5}" width="{2}" height="{6}" rx="5"/>'
        '<text class="chart-value{7}" x="{8}" y="{9}" text-anchor="middle">{10}</text>'
    ).format(
        *(_at(x), _at(y), _at(wide), _at(tall), tone, _at(y + tall - full), _at(full)),
        *(" chart-over" if over else "", _at(x + wide / 2), _at(y + tall / 2 + 5), text),
    )


@dataclass(frozen=True, kw_only=True)
class Line:
    """A named series of shares of 1 by day, drawn in steps; `faint` where it only stands for comparison."""

    label: str
    points: Sequence[tuple[Number, Number]]
    tone: str = "nila"
    faint: bool = False


def step_chart(lines: Sequence[Line], title: str, height: int = 220) -> Markup:
    """Draw shares of a whole over the days since a beginning, each as a line of steps."""
    left, right, head, foot, long = 44.0, 470.0, 10.0, height - 28.0, 426.0
    last = max((float(x) for line in lines for x, _y in line.points), default=0) or 1.0
    top = max((float(y) for line in lines for _x, y in line.points), default=0)
    scale = next((s for s in _SCALES if top <= s), 1.0)
    pieces = []
    for part in range(5):
        y = foot - (foot - head) * part / 4
        pieces.append(
            Markup('<line class="chart-axis{0}" x1="{1}" x2="{2}" y1="{3}" y2="{3}"/>').format(
                " chart-fine" if part else "", _at(left), _at(right), _at(y)
            )
        )
        share = format_percent(scale * part / 4, 1 if scale < _SCALES[1] else 0)
        pieces.append(_label(left - 6, y + 4, share, "end"))
    for part, anchor in enumerate(("start", "middle", "middle", "end")):
        day = round(last * part / 3)
        pieces.append(_label(left + long * day / last, height - 8, _day_named(day), anchor))
    for line in sorted(lines, key=lambda one: not one.faint):
        places = [(left + long * float(x) / last, foot - (foot - head) * float(y) / scale) for x, y in line.points]
        pieces.append(
            Markup('<polyline class="chart-line tone-{}{}" points="{}"/>').format(
                line.tone, " chart-faint" if line.faint else "", _stairs(places)
            )
        )
    said = "; ".join(
        _("%(label)s: %(share)s pada hari %(day)s")
        % {"label": e.label, "share": format_percent(e.points[-1][1]), "day": format_number(e.points[-1][0])}
        for e in lines
        if e.points
    )
    return _wrap("steps", f"0 0 480 {height}", title, said or _("Belum ada data."), _join(pieces))


def _day_named(day: int) -> str:
    return _("hari %(day)s") % {"day": format_number(day)}


def _stairs(places: Sequence[tuple[float, float]]) -> str:
    """Go across first and then up, for what is counted holds until the next count."""
    points, before = [], None
    for x, y in places:
        if before is not None:
            points.append(f"{_at(x)},{_at(before)}")
        points.append(f"{_at(x)},{_at(y)}")
        before = y
    return " ".join(points)


def pareto_chart(defects: Sequence[Mapping[str, Any]], title: str, most: int = 10) -> Markup:
    """Draw defects as lying bars, most frequent first, with the line of their share of all up to each.

    :param defects: each with its ``name``, pieces of ``rework`` and ``reject``, and the share ``up_to`` it.
    """
    left, right, tall = 148.0, 430.0, 34.0
    shown = defects[:most]
    top = float(max((d["rework"] + d["reject"] for d in shown), default=0)) or 1.0
    pieces, figures, places, said = [], [], [], []
    for nth, one in enumerate(shown):
        y, x = nth * tall + 6, left
        pieces.append(_label(left - 8, y + 16, str(one["name"]), "end", " chart-row"))
        for tone, number in (("kunyit", one["rework"]), ("merah", one["reject"])):
            wide = (right - left - 52) * float(number) / top
            if number:
                pieces.append(
                    Markup('<rect class="tone-{}" x="{}" y="{}" width="{}" height="20" rx="2"/>').format(
                        tone, _at(x), _at(y), _at(wide)
                    )
                )
            x += wide
        figure = Markup('<text class="chart-value" x="{}" y="{}">{}</text>')
        figures.append(figure.format(_at(x + 6), _at(y + 15), format_number(one["rework"] + one["reject"])))
        places.append((left + (right - left) * float(one["up_to"]), y + 10))
        pieces.append(_label(480, y + 15, format_percent(one["up_to"]), "end"))
        said.append(f"{one['name']} {format_number(one['rework'] + one['reject'])} ({format_percent(one['up_to'])})")
    line = " ".join(f"{_at(x)},{_at(y)}" for x, y in places)
    pieces.append(Markup('<polyline class="chart-line-up" points="{}"/>').format(line))
    pieces += [Markup('<circle class="chart-mark" cx="{}" cy="{}" r="3"/>').format(_at(x), _at(y)) for x, y in places]
    return _wrap(
        "pareto",
        f"0 0 480 {tall * max(len(shown), 1) + 6:.0f}",
        title,
        "; ".join(said) or _("Belum ada data."),
        _join([*pieces, *figures]),
    )


def install(app: Flask) -> None:
    """Give the templates these charts."""
    app.jinja_env.globals.update(
        progress_bar=progress_bar,
        segment=segment,
        sparkline=sparkline,
        column_chart=column_chart,
        stacked_bar=stacked_bar,
        Part=Part,
        load_grid=load_grid,
        step_chart=step_chart,
        Line=Line,
        pareto_chart=pareto_chart,
    )
