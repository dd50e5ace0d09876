"""Cost against the number of workers, both logarithmic: an SVG file for each metric."""

import math
from xml.sax.saxutils import escape

from metrics import METRICS

WIDTH, HEIGHT = 720, 440
LEFT, RIGHT, TOP, BOTTOM = 70, 130, 44, 46
# Distinguishable by people who confuse red and green, and on white as on black.
COLOURS = ["#808080", "#d55e00", "#e69f00", "#0072b2", "#009e73", "#cc79a7", "#56b4e9", "#8c6bb1",
           "#a6761d", "#5f9e3f"]
STYLE = """text { font: 12px sans-serif; fill: #222 } .title { font-size: 15px }
.grid { stroke: #ddd } .line { fill: none; stroke-width: 2 } .paper { fill: #fff }
@media (prefers-color-scheme: dark) {
  text { fill: #ddd } .grid { stroke: #3a3a3a } .paper { fill: #181818 }
}"""


class Axis:
    """A logarithmic scale of whole decades from first to last, in pixels."""

    def __init__(self, values, first, last):
        self.low = math.floor(math.log10(min(values)))
        self.high = max(math.ceil(math.log10(max(values))), self.low + 1)
        self.first, self.last = first, last

    def at(self, value):
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.first + share * (self.last - self.first)

    def ticks(self):
        return [10.0 ** e for e in range(self.low, self.high + 1)]


def _tick(value):
    return f"{value:,.0f}" if value >= 1 else f"{value:.10f}".rstrip("0")


def _grid(x, y, unit):
    for tick in y.ticks():
        yield (f'<line class="grid" x1="{x.first}" x2="{x.last}" y1="{y.at(tick):.1f}" '
               f'y2="{y.at(tick):.1f}"/>')
        yield f'<text x="{x.first - 6}" y="{y.at(tick) + 4:.1f}" text-anchor="end">{_tick(tick)}</text>'
    for tick in x.ticks():
        yield (f'<line class="grid" x1="{x.at(tick):.1f}" x2="{x.at(tick):.1f}" y1="{y.first}" '
               f'y2="{y.last}"/>')
        yield (f'<text x="{x.at(tick):.1f}" y="{y.first + 18}" text-anchor="middle">'
               f"{_tick(tick)}</text>")
    yield f'<text x="{(x.first + x.last) / 2}" y="{y.first + 36}" text-anchor="middle">workers</text>'
    yield f'<text x="{x.first - 6}" y="{y.last - 12}" text-anchor="end">{escape(unit)}</text>'


def _apart(ends, space=14):
    """Heights for labels that would cover each other: (height, name) from the top, moved down."""
    moved, last = {}, -math.inf
    for height, name in sorted(ends):
        last = max(height, last + space)
        moved[name] = last
    over = max(0.0, last - (HEIGHT - BOTTOM))
    return {name: height - over for name, height in moved.items()}


def draw(metric, lines):
    """lines: name -> [(n, value)], in the order of COLOURS; the text of the file."""
    points = [p for line in lines.values() for p in line]
    x = Axis([n for n, _ in points], LEFT, WIDTH - RIGHT)
    y = Axis([v for _, v in points], HEIGHT - BOTTOM, TOP)
    ends = _apart((y.at(line[-1][1]), name) for name, line in lines.items() if line)
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
           f'width="{WIDTH}" height="{HEIGHT}">')
    yield f"<style>{STYLE}</style>"
    yield f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>'
    yield f'<text class="title" x="{LEFT}" y="20">{escape(metric.title)}</text>'
    yield from _grid(x, y, metric.unit)
    for (name, line), colour in zip(lines.items(), COLOURS):
        if not line:
            continue
        path = " ".join(f"{x.at(n):.1f},{y.at(v):.1f}" for n, v in line)
        yield f'<polyline class="line" stroke="{colour}" points="{path}"/>'
        for n, v in line:
            yield f'<circle cx="{x.at(n):.1f}" cy="{y.at(v):.1f}" r="3" fill="{colour}"/>'
        height, end = ends[name], line[-1]
        yield (f'<line stroke="{colour}" x1="{x.at(end[0]) + 4:.1f}" y1="{y.at(end[1]):.1f}" '
               f'x2="{WIDTH - RIGHT + 8}" y2="{height:.1f}" stroke-opacity="0.5"/>')
        yield (f'<text x="{WIDTH - RIGHT + 12}" y="{height + 4:.1f}" style="fill: {colour}">'
               f"{escape(name)}</text>")
    yield "</svg>"


def write_all(results, sizes, contestants, folder):
    """What is zero has no place on a logarithmic scale and is left out."""
    for metric in METRICS.values():
        lines = {c: [(n, v) for n in sizes
                     if (v := results.median(metric.name, n, c)) is not None and v > 0]
                 for c in contestants}
        if any(lines.values()):
            (folder / f"{metric.name}.svg").write_text("\n".join(draw(metric, lines)) + "\n")
