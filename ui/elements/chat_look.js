// How a conversation looks; added once per page, tokens come from ui/theme.py.
const css = `
.ch { position: relative; display: flex; flex-direction: column; min-width: 0; min-height: 0; height: 100%; background: var(--surface); }
.ch-none { justify-content: center; }
.ch-none .h-state { background: none; }
.ch-head { display: flex; align-items: center; gap: var(--space-3); min-height: 60px; padding: 8px var(--space-4); border-bottom: 1px solid var(--border); }
.ch-title { flex: 1; min-width: 0; }
.ch-title h2 { font-size: var(--size-14); line-height: 20px; }
.ch-title p { display: flex; align-items: center; gap: var(--space-2); min-width: 0; font-size: var(--size-12); line-height: 20px; margin-top: 2px; }
.ch-title .h-badge { flex: none; height: 20px; } .ch-whom-id { flex: none; }
.ch-here { display: inline-flex; align-items: center; gap: 6px; color: var(--text-quiet); white-space: nowrap; }
.ch-here::before { content: ""; width: 8px; height: 8px; border-radius: 50%; border: 1.5px solid var(--border-strong); }
.ch-here.on { color: var(--success-text); }
.ch-here.on::before { border-color: var(--success-text); background: var(--success-text); }
.ch-acts { display: flex; align-items: center; gap: 6px; flex: none; }
.ch-back { display: none; place-items: center; width: 36px; height: 36px; margin-left: -8px; border-radius: var(--radius-small); color: var(--text-quiet); font-size: 18px; }
.ch-back:hover { background: var(--hover); text-decoration: none; }
.ch-button { display: inline-flex; align-items: center; justify-content: center; gap: 6px; min-height: 32px; padding: 4px 12px; border: 1px solid var(--border); border-radius: var(--radius-small); background: var(--surface); color: var(--text); font: inherit; font-size: var(--size-13); font-weight: 500; white-space: nowrap; cursor: pointer; }
.ch-button:hover { background: var(--sunken); border-color: var(--border-strong); }
.ch-main { border-color: var(--primary); background: var(--primary); color: var(--on-primary); }
.ch-main:hover { background: var(--primary-hover); border-color: var(--primary-hover); }
.ch-danger { border-color: var(--danger); background: var(--danger); color: var(--on-danger); }
.ch-danger:hover { background: var(--danger-hover); border-color: var(--danger-hover); }
.ch-button:disabled { border-color: var(--border); background: var(--sunken); color: var(--text-quiet); cursor: not-allowed; }
.ch-link { border: 0; padding: 0 2px; background: none; color: var(--primary-text); font: inherit; font-size: var(--size-12); font-weight: 500; cursor: pointer; text-decoration: underline; text-underline-offset: 2px; }
.ch-assign select { height: 32px; max-width: 160px; padding: 0 4px 0 8px; border: 1px solid var(--border); border-radius: var(--radius-small); background: var(--surface); color: var(--text); font: inherit; font-size: var(--size-13); cursor: pointer; }
.ch-facts { display: none; padding: 4px 9px; font-size: 15px; }

.ch-scroll { flex: 1; min-height: 80px; overflow-y: auto; overscroll-behavior: contain; padding: var(--space-4); background: var(--bg); }
.ch-scroll:focus-visible { outline-offset: -2px; }
.ch-begin { text-align: center; padding: var(--space-6); font-size: var(--size-13); }
.ch-earlier { display: flex; margin: 0 auto var(--space-4); }
.ch-day { display: flex; align-items: center; gap: var(--space-3); margin: var(--space-4) 0 var(--space-2); color: var(--text-quiet); font-size: var(--size-12); font-weight: 500; }
.ch-day:first-child { margin-top: 0; }
.ch-day::before, .ch-day::after { content: ""; flex: 1; height: 1px; background: var(--border); }
.ch-hub .i::before { margin-right: 5px; }
.ch-hub { margin: var(--space-3) auto; max-width: 520px; text-align: center; color: var(--text-quiet); font-size: var(--size-12); line-height: 18px; overflow-wrap: anywhere; }
.ch-row { display: grid; grid-template-columns: minmax(0, max-content) minmax(max-content, 1fr); align-items: end; gap: 2px var(--space-2); max-width: min(640px, 88%); margin-top: var(--space-3); border-radius: var(--radius); }
.ch-row.joins { margin-top: 4px; }
.ch-row.mine { margin-left: auto; grid-template-columns: minmax(max-content, 1fr) minmax(0, max-content); }
.ch-row > * { grid-column: 1 / -1; }
.ch-row .ch-bubble { grid-column: 1; grid-row: 2; }
.ch-row time { grid-column: 2; grid-row: 2; color: var(--text-quiet); font-size: var(--size-12); line-height: 18px; padding-bottom: 4px; }
.ch-row.mine .ch-bubble { grid-column: 2; }
.ch-row.mine time { grid-column: 1; justify-self: end; }
.ch-by { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 6px; font-size: var(--size-12); line-height: 18px; grid-row: 1; width: 0; min-width: 100%; } /* its words widen no column */
.ch-row.mine .ch-by { justify-content: flex-end; }
.ch-by b { font-weight: 600; overflow-wrap: anywhere; }
.ch-bubble { padding: 8px 12px; border: 1px solid var(--border); border-radius: 4px 12px 12px 12px; background: var(--surface); min-width: 0; font-size: var(--size-14); line-height: 20px; }
.ch-row.mine .ch-bubble { border-color: transparent; border-radius: 12px 4px 12px 12px; background: var(--primary-soft); }
.ch-row.note .ch-bubble { border: 1px dashed var(--warning-text); background: var(--warning-bg); color: var(--warning-text); border-radius: 4px; }
.ch-only.i::before { margin-right: 4px; }
.ch-only { color: var(--warning-text); font-weight: 500; }
.ch-text { white-space: pre-wrap; overflow-wrap: anywhere; }
.ch-row.failed .ch-bubble { border: 1px solid var(--danger-border); background: var(--danger-bg); color: var(--danger-text); }
@keyframes ch-fresh { from { box-shadow: 0 0 0 5px var(--glow); } to { box-shadow: 0 0 0 5px transparent; } }
.ch-row.fresh .ch-bubble { animation: ch-fresh 1s ease-out 1; }
.ch-seen { grid-row: 3; color: var(--text-quiet); font-size: var(--size-12); line-height: 18px; text-align: right; }
.ch-seen.i::before { margin-right: 4px; }
.ch-fault { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 2px 10px; color: var(--danger-text); }
.ch-files { display: flex; flex-direction: column; align-items: flex-start; gap: 6px; }
.ch-files li { max-width: 100%; }
.ch-text + .ch-files { margin-top: 8px; }
.ch-picture { display: block; min-width: 60px; min-height: 60px; border-radius: var(--radius-small); overflow: hidden; background: var(--sunken); border: 1px solid var(--border); }
.ch-picture img { display: block; max-width: 240px; max-height: 200px; min-height: 60px; object-fit: cover; color: var(--text-quiet); font-size: var(--size-12); }
.ch-file { display: inline-flex; align-items: center; gap: 8px; max-width: 100%; min-height: 36px; padding: 4px 10px; border: 1px solid var(--border); border-radius: var(--radius-small); background: var(--surface); color: var(--text); font-size: var(--size-13); }
.ch-file small { color: var(--text-quiet); font-size: var(--size-12); white-space: nowrap; }
.ch-new { position: absolute; left: 50%; bottom: 96px; transform: translateX(-50%); z-index: 3; display: inline-flex; align-items: center; gap: 6px; height: 32px; padding: 0 14px; border: 1px solid var(--info-border); border-radius: 16px; background: var(--info-bg); color: var(--info-text); font: inherit; font-size: var(--size-13); font-weight: 500; cursor: pointer; box-shadow: var(--shadow); }
.ch-typing { min-height: 20px; padding: 0 var(--space-4) 2px; background: var(--bg); color: var(--text-quiet); font-size: var(--size-12); line-height: 18px; }

.ch-write { border-top: 1px solid var(--border); padding: var(--space-3) var(--space-4); display: flex; flex-direction: column; gap: var(--space-2); }
.ch-write.note { background: var(--warning-bg); border-top-color: var(--warning-border); }
.ch-write.note > .small, .ch-write.note .ch-modes > .quiet { color: var(--warning-text); }
.ch-line { display: flex; align-items: flex-end; gap: var(--space-2); }
.ch-line textarea { flex: 1; min-width: 0; min-height: 40px; max-height: 180px; padding: 9px 12px; resize: none; border: 1px solid var(--border-strong); border-radius: var(--radius); background: var(--surface); color: var(--text); font: inherit; line-height: 20px; }
.ch-line textarea:focus-visible { outline: 2px solid var(--focus); outline-offset: -1px; }
.ch-line textarea::placeholder { color: var(--text-quiet); opacity: 1; }
.ch-tool, .ch-send { display: inline-grid; place-items: center; flex: none; width: 40px; height: 40px; border: 1px solid transparent; border-radius: var(--radius); background: none; color: var(--text-quiet); font-size: 17px; cursor: pointer; }
.ch-tool:hover { background: var(--hover); color: var(--text); }
.ch-send { background: var(--primary); color: var(--on-primary); }
.ch-send:hover { background: var(--primary-hover); }
.ch-send:disabled { background: var(--sunken); color: var(--text-quiet); border-color: var(--border); cursor: default; }
.ch-picker { display: none; }
.ch-modes { display: flex; flex-wrap: wrap; align-items: center; gap: 6px; }
.ch-modes > button { display: inline-flex; align-items: center; gap: 5px; height: 28px; padding: 0 10px; border: 1px solid transparent; border-radius: var(--radius-small); background: none; color: var(--text-quiet); font: inherit; font-size: var(--size-13); font-weight: 500; cursor: pointer; }
.ch-modes > button[aria-pressed="true"] { border-color: var(--border); background: var(--surface); color: var(--text); }
.ch-write.note .ch-modes > button { color: var(--warning-text); }
.ch-write.note .ch-modes > button[aria-pressed="true"] { border-color: var(--warning-text); }
.ch-canned { position: relative; margin-left: auto; }
.ch-canned > summary { list-style: none; height: 28px; background: var(--surface); }
.ch-canned > summary::-webkit-details-marker { display: none; }
.ch-panel { position: absolute; right: 0; bottom: calc(100% + 6px); z-index: 20; width: 340px; max-width: calc(100vw - 32px); display: flex; flex-direction: column; gap: var(--space-2); padding: var(--space-3); border: 1px solid var(--border); border-radius: var(--radius); background: var(--raised); box-shadow: var(--shadow); }
.ch-panel input { height: 32px; padding: 0 10px; border: 1px solid var(--border-strong); border-radius: var(--radius-small); background: var(--surface); color: var(--text); font: inherit; font-size: var(--size-13); }
.ch-panel input::placeholder { color: var(--text-quiet); opacity: 1; }
.ch-panel ul { max-height: 260px; overflow-y: auto; }
.ch-panel li button { display: flex; flex-direction: column; width: 100%; padding: 6px 8px; border: 0; border-radius: var(--radius-small); background: none; color: var(--text); font: inherit; font-size: var(--size-13); line-height: 18px; text-align: left; cursor: pointer; }
.ch-panel li button:hover { background: var(--hover); }
.ch-panel li .cut { max-width: 100%; }
.ch-panel > .ch-link { align-self: flex-start; }
.ch-drafts { display: flex; flex-direction: column; gap: 4px; }
.ch-drafts li { display: flex; flex-wrap: wrap; align-items: center; gap: 4px var(--space-2); padding: 4px 4px 4px 10px; border: 1px solid var(--border); border-radius: var(--radius-small); background: var(--surface); font-size: var(--size-13); }
.ch-drafts li > .i { display: inline-flex; align-items: center; gap: 6px; min-width: 0; }
.ch-drafts small { color: var(--text-quiet); font-size: var(--size-12); }
.ch-drafts .failed { border-color: var(--danger-border); }
.ch-drafts .failed > .i, .ch-drafts .failed small { color: var(--danger-text); }
.ch-drafts progress { flex: 1 1 80px; height: 6px; accent-color: var(--primary); }
.ch-x { display: inline-grid; place-items: center; width: 28px; height: 28px; margin-left: auto; border: 0; border-radius: var(--radius-small); background: none; color: var(--text-quiet); cursor: pointer; }
.ch-x:hover { background: var(--hover); color: var(--text); }
.ch-mute { padding: var(--space-4); border-top: 1px solid var(--border); text-align: center; font-size: var(--size-13); }
.ch-over { position: absolute; inset: 8px; z-index: 10; display: grid; place-content: center; gap: 4px; text-align: center; border: 2px dashed var(--primary); border-radius: var(--radius); background: var(--primary-soft); color: var(--text); font-weight: 500; pointer-events: none; }

.rq { padding: var(--space-3) var(--space-4); border-bottom: 1px solid var(--border); display: flex; flex-direction: column; gap: var(--space-2); max-height: 52%; overflow-y: auto; font-size: var(--size-13); }
.rq.open { background: var(--surface); box-shadow: inset 3px 0 0 var(--primary); }
.rq-head { display: flex; align-items: center; gap: var(--space-3); }
.rq-icon { display: grid; place-items: center; width: 32px; height: 32px; flex: none; border: 1px solid var(--border); border-radius: var(--radius); background: var(--sunken); color: var(--text-quiet); font-size: 15px; }
.rq-words { flex: 1; min-width: 0; } .rq-words h3 { overflow-wrap: anywhere; line-height: 18px; } .rq-words p { font-size: var(--size-12); line-height: 18px; }
.rq-facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 4px var(--space-4); }
.rq-facts dt { color: var(--text-quiet); font-size: var(--size-12); line-height: 16px; } .rq-facts dd { overflow-wrap: anywhere; white-space: pre-line; line-height: 18px; }
.rq-why { overflow-wrap: anywhere; white-space: pre-line; }
.rq-effect { padding: 8px 12px; border: 1px solid var(--border); border-radius: var(--radius); background: var(--bg); }
.rq-effect h4 { margin: 0 0 2px; font-size: var(--size-12); font-weight: 500; line-height: 18px; color: var(--text-quiet); }
.rq-effect li { display: flex; gap: 6px; line-height: 20px; overflow-wrap: anywhere; }
.rq-effect li::before { margin-top: 4px; color: var(--text-quiet); }
.rq-acts { display: flex; flex-wrap: wrap; gap: 6px; }
.rq-form { display: flex; flex-direction: column; gap: var(--space-2); }
.rq-form label { display: flex; flex-direction: column; gap: 4px; font-weight: 500; }
.rq-form :is(textarea, input) { padding: 7px 10px; border: 1px solid var(--border-strong); border-radius: var(--radius-small); background: var(--surface); color: var(--text); font: inherit; font-weight: 400; resize: vertical; }

@media (max-width: 1180px) { .ch-facts { display: inline-flex; } }
@media (max-width: 900px) {
  .ch-back { display: grid; }
  .ch-head { padding: 8px var(--space-3); gap: 6px; flex-wrap: wrap; }
  .ch-title { flex: 1 1 200px; } .ch-title p { flex-wrap: wrap; }
  .ch-line textarea { font-size: 16px; } /* smaller makes iOS zoom in */
  .ch-scroll { padding: var(--space-3); }
  .ch-write { padding: var(--space-2) var(--space-3); }
  .ch-button { min-height: 36px; }
  .rq { padding: var(--space-3); max-height: 45%; } .rq:has(form) { max-height: 75%; }
  .ch-modes > span { display: none; }
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
