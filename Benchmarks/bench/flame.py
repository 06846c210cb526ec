"""A flame graph as an SVG file without scripts. The outermost frames are on top."""

from html import escape

from .stacks import OTHER, PARTS

WIDTH, ROW, CHARACTER = 1_200, 15, 6.1
# Narrower frames are left out, so that their caller shows a gap.
SMALLEST_SHARE = 0.005
MOST_BYTES = 60_000
COLORS = dict(zip([*PARTS, OTHER], (
    "#f4c95d", "#c9a7eb", "#8fc1e3", "#f2a07b", "#b5d99c", "#f7b2bd", "#a3d9d3", "#e0c3a3", "#d5d86a", "#9fb6f0",
    "#d6d6d6")))


class Frame:
    def __init__(self):
        self.count, self.inner = 0, {}

    def add(self, frames, count):
        self.count += count
        if frames:
            self.inner.setdefault(frames[0], Frame()).add(frames[1:], count)


def svg(title, stacks, parts, requests):
    """`stacks` by readable frames with their parts. `parts` by their instructions."""
    root = Frame()
    for frames in sorted(stacks):
        root.add(frames, stacks[frames])
    share = SMALLEST_SHARE
    while len(drawn := drawing(title, root, parts, requests, share).encode()) > MOST_BYTES:
        share *= 1.2
    return drawn.decode()


def drawing(title, root, parts, requests, share):
    boxes, legend = [], legend_of(parts, root.count)
    top = 32 + ROW * len(legend)
    deepest = place(root, 0, 0, share * root.count, WIDTH / root.count, boxes, root.count)
    height = top + ROW * (deepest + 1)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="monospace" '
        'font-size="10">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="4" y="18" font-size="14">{escape(title)}: {round(root.count / requests):,} instructions; '
        f'frames of {share:.1%} or more</text>']
    for row, (part, text) in enumerate(legend):
        y = 28 + ROW * row
        lines.append(f'<rect x="4" y="{y}" width="10" height="10" fill="{COLORS[part]}"/>'
                     f'<text x="20" y="{y + 9}">{escape(text)}</text>')
    for depth, x, width, name, part, told in boxes:
        y = top + ROW * depth
        fits = int(width / CHARACTER)
        text = name if len(name) <= fits else name[:max(0, fits - 1)] + "…"
        label = f'<text x="{x + 2:.1f}" y="{y + 10}">{escape(text)}</text>' if fits > 3 else ""
        lines.append(f'<g><title>{escape(name)} {told:.1%}</title><rect x="{x:.1f}" y="{y}" width="{width:.1f}" '
                     f'height="{ROW - 1}" fill="{COLORS[part]}"/>{label}</g>')
    return "\n".join([*lines, "</svg>", ""])


def place(frame, depth, x, least, scale, boxes, whole):
    """Appends the boxes of the inner frames, the largest first. Returns the deepest row."""
    deepest = depth
    for (name, part), inner in sorted(frame.inner.items(), key=lambda item: (-item[1].count, item[0])):
        if inner.count < least:
            break
        boxes.append((depth, x, inner.count * scale, name, part, inner.count / whole))
        deepest = max(deepest, place(inner, depth + 1, x, least, scale, boxes, whole))
        x += inner.count * scale
    return deepest


def legend_of(parts, whole):
    return [(part, f"{part}: {count / whole:.1%}") for part, count in sorted(parts.items(), key=lambda item: -item[1])]
