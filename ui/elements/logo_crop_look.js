// How the logo and its crop look; added once per page, tokens come from ui/theme.py.
const css = `
.lc { display: flex; flex-direction: column; gap: var(--space-3); width: 100%; }
.lc-now { display: flex; flex-wrap: wrap; align-items: center; gap: var(--space-4); }
.lc-tile { display: grid; grid-template: minmax(0, 1fr) / minmax(0, 1fr); place-items: center; width: 152px; height: 72px; padding: 8px; border: 1px solid var(--border); border-radius: var(--radius); background: #fff; overflow: hidden; }
.lc-tile.none { border-style: dashed; border-color: var(--border-strong); background: none; color: var(--text-quiet); font-size: var(--size-13); text-align: center; }
.lc-tile img { width: 100%; height: 100%; object-fit: contain; }
.lc-acts { display: flex; flex-wrap: wrap; gap: var(--space-2); }
.lc-button { min-height: 36px; padding: 6px 14px; border: 1px solid var(--border-strong); border-radius: var(--radius-small); background: var(--surface); color: var(--text); font: inherit; font-weight: 500; cursor: pointer; }
.lc-button:hover { background: var(--sunken); }
.lc-button.main { border-color: var(--primary); background: var(--primary); color: var(--on-primary); }
.lc-button.main:hover { background: var(--primary-hover); }
.lc-button.away { border-color: transparent; background: none; color: var(--danger-text); }
.lc-button.away:hover { background: var(--sunken); text-decoration: underline; text-underline-offset: 2px; }
.lc-button:disabled { opacity: 0.6; cursor: default; }
.lc-picker { position: absolute; width: 1px; height: 1px; opacity: 0; pointer-events: none; }
.lc.over .lc-tile { border: 2px dashed var(--primary); }
.lc-stage { position: relative; align-self: flex-start; max-width: calc(100% - 24px); margin: 12px; line-height: 0; touch-action: none; user-select: none; border-radius: var(--radius-small);
  background: repeating-conic-gradient(#d9dee2 0 25%, #fff 0 50%) 0 0 / 16px 16px; }
.lc-stage > img { display: block; max-width: 100%; max-height: 320px; }
.lc-frame { position: absolute; inset: 0; overflow: hidden; pointer-events: none; } .lc-frame > * { pointer-events: auto; }
.lc-move { position: absolute; padding: 0; border: 2px solid #fff; outline: 1px solid #16202a; background: none; box-shadow: 0 0 0 9999px rgb(11 15 20 / 0.55); cursor: move; }
.lc-corner { position: absolute; width: 24px; height: 24px; margin: -12px 0 0 -12px; padding: 0; border: 2px solid #fff; border-radius: 50%; background: var(--primary); box-shadow: 0 0 0 1px #16202a; cursor: nwse-resize; }
.lc-move:focus-visible, .lc-corner:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; z-index: 1; }
.lc-fault { color: var(--danger-text); font-size: var(--size-13); }
.lc-warned { display: block; margin-top: 4px; color: var(--warning-text); }
.lc-told { color: var(--text-quiet); font-size: var(--size-13); font-variant-numeric: tabular-nums; }
`;

let added = false;

export function look() {
  if (added) return;
  added = true;
  const style = document.createElement("style");
  style.textContent = css;
  document.head.append(style);
}
