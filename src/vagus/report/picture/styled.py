"""The style sheet of charts with every variable resolved: for an SVG file that stands alone.

Drawing programs know no CSS variables. A rule whose color is "that of the mark" is therefore written once for each
color that occurs.
"""

from __future__ import annotations

import re

from vagus.report.parts.page import asset

_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_COLOR_CLASS = re.compile(r"\.(c[1-6]|muted|ink|alarm)\b")
_OWN = ".paper { fill: var(--paper); } svg text.name { font: 600 13px var(--sans); fill: var(--ink); }"


def style_of(body: str) -> str:
    """Style sheet for the marks in `body`: light, and dark where the viewer prefers it."""
    used = {word for classes in re.findall(r'class="([^"]*)"', body) for word in classes.split()}
    light, dark = (_resolved(theme, used) for theme in _themes())
    return f"{light}@media (prefers-color-scheme: dark) {{{dark}}}"


def _themes() -> tuple[dict[str, str], dict[str, str]]:
    """Values of the variables: light, and dark on top of it."""
    blocks = re.findall(r":root \{(.*?)\n\s*\}", asset("theme.css"), flags=re.DOTALL)
    light, dark = (dict(re.findall(r"--([\w-]+):\s*([^;]+);", block)) for block in blocks[:2])
    return light, {**light, **dark}


def _resolved(theme: dict[str, str], used: set[str]) -> str:
    css = re.sub(r"/\*.*?\*/", "", asset("chart.css") + _OWN, flags=re.DOTALL)
    colors: dict[str, str] = {}
    rules: list[str] = []
    for raw_selectors, raw_text in _RULE.findall(css):
        selectors = [part.strip() for part in raw_selectors.split(",")]
        text = " ".join(raw_text.split())
        if text.startswith("--c:"):
            colors |= {s.lstrip("."): _plain(text[4:].strip(" ;"), theme) for s in selectors}
        elif "var(--c)" in text:
            rules += _each_color(selectors, text, colors, used, theme)
        elif selectors != ["svg.chart"]:
            rules.append(f"{', '.join(selectors)} {{ {_plain(text, theme)} }}")
    return "\n".join(rules)


def _each_color(
    selectors: list[str], text: str, colors: dict[str, str], used: set[str], theme: dict[str, str]
) -> list[str]:
    found: list[str] = []
    for color, value in colors.items():
        if color not in used:
            continue
        own = [s if _COLOR_CLASS.search(s) else f"{s}.{color}" for s in selectors if _names(s) <= {color}]
        if own:
            found.append(f"{', '.join(own)} {{ {_plain(text.replace('var(--c)', value), theme)} }}")
    return found


def _names(selector: str) -> set[str]:
    """Color classes that a selector names itself."""
    return set(_COLOR_CLASS.findall(selector))


def _plain(text: str, theme: dict[str, str]) -> str:
    return re.sub(r"var\(--([\w-]+)\)", lambda match: " ".join(theme[match[1]].split()), text)
