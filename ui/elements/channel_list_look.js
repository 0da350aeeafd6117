// How the list of numbers looks; added once per page, tokens come from ui/theme.py.
const css = `
.account-notes:not(:empty) { margin-bottom: var(--space-4); }
.cl { display: flex; flex-direction: column; gap: var(--space-3); width: 100%; scroll-margin-top: calc(var(--top, 56px) + 16px); }
.cl-bar { display: flex; flex-wrap: wrap; align-items: center; gap: var(--space-2) var(--space-3); }
.cl-search { display: flex; align-items: center; gap: 8px; flex: 0 1 240px; min-width: 180px; height: 32px; padding: 0 10px; border: 1px solid var(--border-strong); border-radius: var(--radius-small); background: var(--surface); color: var(--text-quiet); }
.cl-search:focus-within { outline: 2px solid var(--focus); outline-offset: -1px; }
.cl-search input { flex: 1; min-width: 0; border: 0; outline: 0; background: none; color: var(--text); font: inherit; font-size: var(--size-13); }
.cl-search input::placeholder { color: var(--text-quiet); opacity: 1; }
.cl-tools { display: flex; align-items: center; gap: 6px; margin-left: auto; }
.cl .h-chip { height: 32px; white-space: nowrap; }
.cl .h-chip:disabled { opacity: 0.55; cursor: default; }
.cl-count { font-variant-numeric: tabular-nums; font-weight: 400; }
.cl-views { display: flex; border: 1px solid var(--border); border-radius: var(--radius-small); background: var(--surface); overflow: hidden; }
.cl-icon { display: inline-grid; place-items: center; width: 32px; height: 30px; border: 0; padding: 0; background: none; color: var(--text-quiet); cursor: pointer; font-size: 15px; }
.cl-icon:hover { color: var(--text); background: var(--sunken); }
.cl-icon[aria-pressed="true"] { background: var(--primary-soft); color: var(--primary-text); }
.cl-icon:focus-visible { outline-offset: -2px; }
.cl-menu { position: relative; }
.cl-menu > summary { list-style: none; user-select: none; }
.cl-menu > summary::-webkit-details-marker { display: none; }
.cl-menu[open] > summary { color: var(--text); border-color: var(--border-strong); }
.cl-panel { position: absolute; right: 0; top: calc(100% + 6px); z-index: 20; width: 264px; display: flex; flex-direction: column; gap: var(--space-3); padding: var(--space-4); border: 1px solid var(--border); border-radius: var(--radius); background: var(--raised); box-shadow: var(--shadow); font-size: var(--size-13); }
.cl-panel label { display: flex; flex-direction: column; gap: 4px; color: var(--text-quiet); font-size: var(--size-12); font-weight: 500; }
.cl-panel select, .cl-panel input { height: 32px; min-width: 0; padding: 0 8px; border: 1px solid var(--border-strong); border-radius: var(--radius-small); background: var(--surface); color: var(--text); font: inherit; font-size: var(--size-13); font-weight: 400; }
.cl-panel form { display: flex; gap: 6px; }
.cl-panel form input { flex: 1; }
.cl-panel li { display: flex; align-items: center; justify-content: space-between; gap: 6px; min-height: 32px; }
.cl-panel li a { flex: 1; }
.cl-active .h-chip { height: 28px; color: var(--text); }
.cl-text { border: 0; background: none; padding: 0 6px; min-height: 28px; color: var(--primary-text); font: inherit; font-size: var(--size-13); font-weight: 500; cursor: pointer; }
.cl-text:hover { text-decoration: underline; text-underline-offset: 2px; }
.cl-note { font-size: var(--size-13); }
.cl-new { align-self: center; display: inline-flex; align-items: center; gap: 6px; height: 30px; padding: 0 12px; border: 1px solid var(--info-border); border-radius: 15px; background: var(--info-bg); color: var(--info-text); font: inherit; font-size: var(--size-13); font-weight: 500; cursor: pointer; }
.cl-primary { display: inline-flex; align-items: center; gap: 6px; min-height: 36px; padding: 7px 14px; border: 0; border-radius: var(--radius-small); background: var(--primary); color: var(--on-primary); font: inherit; font-weight: 500; cursor: pointer; }
.cl-primary:hover { background: var(--primary-hover); }
.cl-primary:disabled { background: var(--sunken); color: var(--text-quiet); cursor: not-allowed; }

.cl-table { width: 100%; table-layout: fixed; border: 1px solid var(--border); border-radius: var(--radius); border-spacing: 0; border-collapse: separate; background: var(--surface); font-size: var(--size-13); }
.cl[aria-busy="true"] :is(.cl-table tbody, .cl-grid) { opacity: 0.55; transition: opacity var(--motion) 120ms; }
.cl-table th { position: sticky; top: var(--top, 0); z-index: 5; height: 36px; padding: 0 12px; background: var(--sunken); border-bottom: 1px solid var(--border); text-align: left; font-weight: 500; white-space: nowrap; }
.cl-table th:first-child { border-top-left-radius: 7px; }
.cl-table th:last-child { border-top-right-radius: 7px; }
.cl-table td { height: 40px; padding: 0 12px; border-bottom: 1px solid var(--border); line-height: 17px; }
.cl-table tbody tr:last-child td { border-bottom: 0; }
.cl-table tbody tr { position: relative; }
.cl-table tbody tr:hover td { background: var(--sunken); }
.cl-sort { display: inline-flex; align-items: center; gap: 3px; height: 28px; padding: 0; border: 0; background: none; color: var(--text-quiet); font: inherit; font-size: var(--size-12); font-weight: 500; cursor: pointer; }
.cl-sort:hover, .cl-sort.cl-on { color: var(--text); }
.cl-slash { padding: 0 5px; color: var(--border-strong); }
.cl-link { color: var(--text); }
.cl-link.quiet { color: var(--text-quiet); }
.cl-link { font-weight: 500; font-variant-numeric: tabular-nums; white-space: nowrap; }
.cl-link:hover { text-decoration: none; }
.cl-link::after { content: ""; position: absolute; inset: 0; }
.cl-link:focus-visible { outline: none; }
.cl-link:focus-visible::after { outline: 2px solid var(--focus); outline-offset: -2px; border-radius: var(--radius-small); }
.cl-second { color: var(--text-quiet); font-size: var(--size-12); line-height: 15px; }
.cl-status { display: flex; align-items: center; gap: 8px; min-width: 0; }
.cl-status .h-badge { flex: none; }
.cl-next { color: var(--text-quiet); }
.cl-next b { color: var(--text); font-weight: 500; }
.cl-c-phone { width: 154px; }
.cl-c-name { width: 19%; }
.cl-c-quality { width: 88px; }
.cl-c-limit { width: 96px; text-align: right !important; }
.cl-c-verification { width: 116px; }
.cl-quality { display: inline-flex; align-items: center; gap: 6px; }
.cl-quality::before { content: ""; width: 8px; height: 8px; border-radius: 50%; background: var(--tone-text); }
.cl-quality.tone-warning::before { border-radius: 1px; transform: rotate(45deg); }
.cl-quality.tone-danger::before { border-radius: 0; background: none; border: 4px solid transparent; border-top: 0; border-bottom: 8px solid var(--tone-text); width: 0; height: 0; }
.cl-quality.tone-neutral { color: var(--text-quiet); }
.cl-quality.tone-neutral::before { background: none; border: 1.5px solid var(--border-strong); width: 5px; height: 5px; }

.cl-grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(288px, 1fr)); gap: var(--space-3); }
.cl-grid > li { position: relative; display: flex; flex-direction: column; min-width: 0; padding: 14px var(--space-4); border: 1px solid var(--border); border-radius: var(--radius); background: var(--surface); font-size: var(--size-13); line-height: 18px; }
.cl-grid > li:hover { border-color: var(--border-strong); }
.cl-grid .cl-link { font-size: var(--size-14); }
.cl-grid .cl-link:focus-visible::after { border-radius: var(--radius); }
.cl-top { display: flex; align-items: center; justify-content: space-between; gap: 8px; margin-bottom: 6px; }
.cl-grid p { margin: 10px 0; min-height: 36px; }
.cl-grid dl { display: grid; grid-template-columns: repeat(3, auto); justify-content: space-between; gap: 8px; margin-top: auto; padding-top: 10px; border-top: 1px solid var(--border); }
.cl-grid dt { color: var(--text-quiet); font-size: var(--size-12); line-height: 16px; }
.cl-pager { display: flex; justify-content: flex-end; gap: 6px; }

@media (max-width: 1180px) { .cl-c-verification { display: none; } }
@media (max-width: 1060px) { .cl-c-limit { display: none; } .cl-c-name { width: 26%; } }
@media (max-width: 900px) {
  .cl-search { flex: 1 1 100%; height: 40px; }
  .cl-search input { font-size: 16px; } /* smaller makes iOS zoom in */
  .cl .h-chip { height: 36px; }
  .cl-icon { height: 34px; width: 36px; }
  .cl-bar > .h-chips { flex-wrap: nowrap; overflow-x: auto; margin: 0 calc(-1 * var(--space-4)); padding: 2px var(--space-4); scrollbar-width: none; max-width: 100vw; }
  .cl-bar > .h-chips > * { flex: none; }
  .cl-tools { width: 100%; margin: 0; flex-wrap: wrap; }
  .cl-views { margin-left: auto; }
  .cl-panel { left: 0; right: auto; max-width: calc(100vw - 32px); }
  .cl-menu + .cl-menu .cl-panel { left: -90px; }
  .cl-c-quality { display: none; }
  .cl-c-phone { width: 148px; }
  .cl-pager { justify-content: space-between; }
}
/* Too narrow for three things beside each other on one line: they wrap, and nothing is cut off. */
@media (max-width: 480px) {
  .cl-table :is(th, td) { padding: 6px 8px; height: auto; white-space: normal; }
  .cl-table th { line-height: 16px; }
  .cl-c-phone { width: 32%; }
  .cl-c-name { width: 30%; }
  .cl-table .cl-link { white-space: normal; }
  .cl-table .cl-sort { text-align: left; }
  .cl-table .cut { white-space: normal; overflow-wrap: anywhere; }
  .cl-table .cl-next { display: none; }
  .cl-table .h-badge { flex: 0 1 auto; height: auto; min-height: 22px; white-space: normal; }
}
`;

let added = false;

export function look() {
  if (added) return;
  added = true;
  const style = document.createElement("style");
  style.textContent = css;
  document.head.append(style);
}
