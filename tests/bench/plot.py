"""Quantiles of latency as an SVG picture: how long the slowest part of the requests took."""

import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT, MARGIN = 460, 340, 56
COLOURS = ('#1b6ca8', '#d1495b', '#2a9d61', '#e09f3e', '#7b5ea7', '#5c6672', '#00798c', '#9c6644')


class Panel:
    """`curves` are (name, [[quantile, µs], …], is_floor)."""

    def __init__(self, title, curves):
        self.title = title
        self.curves = [(name, points, is_floor) for name, points, is_floor in curves if points]

    def svg(self, left):
        times = [time for _, points, _ in self.curves for _, time in points if time > 0]
        if not times:
            return ''
        self.low, self.high = math.floor(math.log10(min(times))), math.ceil(
            math.log10(max(times)) + 1e-9)
        self.left = left
        parts = [text(left + WIDTH / 2, 20, self.title, 'middle', 14)]
        parts += self.axes()
        for number, (name, points, is_floor) in enumerate(self.curves):
            colour = COLOURS[number % len(COLOURS)]
            path = ' '.join(f'{self.x(part):.1f},{self.y(time):.1f}' for part, time in points)
            dashes = ' stroke-dasharray="5 3"' if is_floor else ''
            parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" '
                         f'stroke-width="1.6"{dashes}/>')
            parts.append(text(left + MARGIN + 8, 44 + 15 * number, name, 'start', 11, colour))
        return '\n'.join(parts)

    def x(self, part):
        """Each decade of what lies beyond a quantile takes the same room."""
        decades = min(-math.log10(max(1 - part, 1e-5)), 5)
        return self.left + MARGIN + decades / 5 * (WIDTH - MARGIN - 16)

    def y(self, time):
        place = (math.log10(max(time, 10**self.low)) - self.low) / max(self.high - self.low, 1)
        return HEIGHT - MARGIN + 16 - place * (HEIGHT - MARGIN - 14)

    def axes(self):
        bottom, right = self.y(10**self.low), self.left + WIDTH - 16
        for decades, label in enumerate(('0', '90 %', '99 %', '99.9 %', '99.99 %')):
            x = self.x(1 - 10**-decades)
            yield line(x, bottom, x, self.y(10**self.high))
            yield text(x, bottom + 16, label, 'middle', 11)
        for power in range(self.low, self.high + 1):
            y = self.y(10**power)
            yield line(self.left + MARGIN, y, right, y)
            yield text(self.left + MARGIN - 6, y + 4, time_label(power), 'end', 11)


def time_label(power):
    return f'{10**power:g} µs' if power < 3 else f'{10**(power - 3):g} ms'


def line(x1, y1, x2, y2):
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            'stroke="#ccc" stroke-width="0.7"/>')


def text(x, y, words, anchor, size, colour='#222'):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
            f'fill="{colour}">{escape(words)}</text>')


def picture(panels, columns=3):
    panels = [panel for panel in panels if panel.curves]
    columns = max(min(columns, len(panels)), 1)
    rows = max(math.ceil(len(panels) / columns), 1)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH * columns}" '
             f'height="{(HEIGHT + 10) * rows}" font-family="sans-serif">',
             '<rect width="100%" height="100%" fill="white"/>']
    for number, panel in enumerate(panels):
        top = number // columns * (HEIGHT + 10)
        parts.append(f'<g transform="translate(0 {top})">')
        parts.append(panel.svg(number % columns * WIDTH))
        parts.append('</g>')
    return '\n'.join(parts + ['</svg>', ''])


def middle_curve(curves):
    """Point by point the median of curves that were taken at the same quantiles."""
    curves = [curve for curve in curves if curve]
    return [[points[0][0], sorted(time for _, time in points)[len(points) // 2]]
            for points in zip(*curves)]
