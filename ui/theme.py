"""The design tokens: every colour, size and distance of the hub, for light and dark.

Pages name roles (`--text-quiet`, `tone-success`), never values. `CONTRASTS` says which pairs
are read together; a test computes their WCAG ratios in both modes.
"""

from __future__ import annotations

LIGHT = {
    "bg": "#F7F9FA",  # the page
    "surface": "#FFFFFF",  # cards, tables, top bar
    "raised": "#FFFFFF",  # menus, dialogs, toasts
    "sunken": "#EFF2F4",  # table heads, code, hovered rows on the surface
    "hover": "rgb(16 24 32 / 0.05)",  # over whatever ground it lies on
    "border": "#E0E5E9",
    "border-strong": "#828E99",  # edges of inputs: 3:1 against the surface
    "text": "#16202A",
    "text-quiet": "#55626E",
    "primary": "#0F766E",
    "primary-hover": "#0B5F59",
    "on-primary": "#FFFFFF",
    "primary-text": "#0F766E",  # links, the current place
    "primary-soft": "#E3F3F1",
    "focus": "#0F766E",
    "danger": "#B42318",
    "danger-hover": "#912018",
    "on-danger": "#FFFFFF",
    "success-text": "#14613A",
    "success-bg": "#E8F6EE",
    "success-border": "#B9E0C9",
    "warning-text": "#7F4A0A",
    "warning-bg": "#FDF4DF",
    "warning-border": "#EFD8A4",
    "danger-text": "#A51F15",
    "danger-bg": "#FDEDEB",
    "danger-border": "#F3C6C1",
    "info-text": "#1C4C8C",
    "info-bg": "#E9F1FC",
    "info-border": "#C1D8F4",
    "neutral-text": "#44505B",
    "neutral-bg": "#EEF1F3",
    "neutral-border": "#D6DCE1",
    "scrim": "rgb(16 24 32 / 0.40)",
    "glow": "rgb(15 118 110 / 0.16)",
    "shadow": "0 1px 2px rgb(16 24 32 / 0.06), 0 12px 32px rgb(16 24 32 / 0.14)",
}

DARK = {
    "bg": "#0B0F14",
    "surface": "#11171E",
    "raised": "#19212A",
    "sunken": "#1A222B",
    "hover": "rgb(255 255 255 / 0.07)",
    "border": "#25303B",
    "border-strong": "#667585",
    "text": "#E6EBF0",
    "text-quiet": "#A0ADB9",
    "primary": "#3FC2B2",
    "primary-hover": "#5FD3C4",
    "on-primary": "#04211E",
    "primary-text": "#56CFC0",
    "primary-soft": "#10302D",
    "focus": "#56CFC0",
    "danger": "#C7392D",
    "danger-hover": "#B93127",
    "on-danger": "#FFFFFF",
    "success-text": "#6FD89A",
    "success-bg": "#0F2519",
    "success-border": "#20492F",
    "warning-text": "#EDC266",
    "warning-bg": "#2A2109",
    "warning-border": "#53421B",
    "danger-text": "#FF9F95",
    "danger-bg": "#2F1412",
    "danger-border": "#602B26",
    "info-text": "#93C2FF",
    "info-bg": "#10213A",
    "info-border": "#26466F",
    "neutral-text": "#B5C1CC",
    "neutral-bg": "#1C252E",
    "neutral-border": "#34414D",
    "scrim": "rgb(0 0 0 / 0.60)",
    "glow": "rgb(86 207 192 / 0.16)",
    "shadow": "0 0 0 1px rgb(255 255 255 / 0.04), 0 16px 40px rgb(0 0 0 / 0.60)",
}

FIXED = {
    "font": 'system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, "Noto Sans", '
    "sans-serif",
    "mono": 'ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace',
    "size-12": "0.75rem",
    "size-13": "0.8125rem",
    "size-14": "0.875rem",
    "size-16": "1rem",
    "size-20": "1.25rem",
    "size-28": "1.75rem",
    "space-1": "4px",
    "space-2": "8px",
    "space-3": "12px",
    "space-4": "16px",
    "space-6": "24px",
    "space-8": "32px",
    "radius": "8px",
    "radius-small": "6px",
    "top-bar": "56px",
    "side-nav": "232px",
    "content": "1200px",
    "motion": "140ms cubic-bezier(0.2, 0, 0, 1)",
    # White on this red holds 6:1 in both modes; the banner says that nothing here is real.
    "sandbox-bg": "#B42318",
    "sandbox-text": "#FFFFFF",
}

TONES = ("success", "warning", "danger", "info", "neutral")

_BODY_TEXT = 4.5
_EDGE = 3.0
_SRGB_KNEE = 0.04045
_GROUNDS = ("bg", "surface", "raised", "sunken")

# (foreground, background, least ratio): WCAG 2.2 AA, 1.4.3 for text and 1.4.11 for edges.
CONTRASTS: tuple[tuple[str, str, float], ...] = (
    *((text, ground, _BODY_TEXT) for text in ("text", "text-quiet") for ground in _GROUNDS),
    *(("primary-text", ground, _BODY_TEXT) for ground in _GROUNDS),
    ("primary-text", "primary-soft", _BODY_TEXT),
    ("text", "primary-soft", _BODY_TEXT),
    ("on-primary", "primary", _BODY_TEXT),
    ("on-primary", "primary-hover", _BODY_TEXT),
    ("on-danger", "danger", _BODY_TEXT),
    ("on-danger", "danger-hover", _BODY_TEXT),
    *((f"{tone}-text", f"{tone}-bg", _BODY_TEXT) for tone in TONES),
    *((f"{tone}-text", ground, _BODY_TEXT) for tone in TONES for ground in _GROUNDS),
    *(("border-strong", ground, _EDGE) for ground in ("bg", "surface", "raised")),
    *(("focus", ground, _EDGE) for ground in _GROUNDS),
)

# Quasar's own colour names point at the roles, so that its widgets follow both modes.
_QUASAR = {
    "primary": "primary",
    "secondary": "text-quiet",
    "accent": "primary",
    "dark": "raised",
    "dark-page": "bg",
    "positive": "success-text",
    "negative": "danger-text",
    "info": "info-text",
    "warning": "warning-text",
}


def css() -> str:
    """The tokens as custom properties: light, dark by the system, dark or light by choice."""
    light, dark = _declarations(LIGHT), _declarations(DARK)
    quasar = ";".join(f"--q-{name}:var(--{role})" for name, role in _QUASAR.items())
    tones = "".join(_tone(tone) for tone in TONES)
    return (
        f":root{{{_declarations(FIXED)};{light};color-scheme:light}}"
        f"@media(prefers-color-scheme:dark){{:root{{{dark};color-scheme:dark}}}}"
        f":root[data-theme=light],.as-light{{{light};color-scheme:light}}"
        f":root[data-theme=dark],.as-dark{{{dark};color-scheme:dark}}"
        f":root,body,.as-light,.as-dark{{{quasar}}}{tones}"
    )


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio of two #RRGGBB colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _declarations(tokens: dict[str, str]) -> str:
    return ";".join(f"--{name}:{value}" for name, value in tokens.items())


def _tone(tone: str) -> str:
    return (
        f".tone-{tone}{{--tone-text:var(--{tone}-text);--tone-bg:var(--{tone}-bg);"
        f"--tone-border:var(--{tone}-border)}}"
    )


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    if channel <= _SRGB_KNEE:
        return channel / 12.92
    return float(((channel + 0.055) / 1.055) ** 2.4)
