// Rows of any kind as one element: a table, where there is little room the same rows stacked. A cell is a text or
// { text, second, title, badge, href, time, tone, strong }; the first column's link opens the row.
const css = `
.dt { width: 100%; border: 1px solid var(--border); border-radius: var(--radius); border-spacing: 0; border-collapse: separate; background: var(--surface); font-size: var(--size-13); }
.dt th { position: sticky; top: var(--top, 0); z-index: 5; height: 36px; padding: 0 12px; background: var(--sunken); border-bottom: 1px solid var(--border); text-align: left; font-size: var(--size-12); font-weight: 500; color: var(--text-quiet); white-space: nowrap; }
.dt th:first-child { border-top-left-radius: var(--radius); } .dt th:last-child { border-top-right-radius: var(--radius); }
.dt td { min-height: 40px; height: 40px; padding: 6px 12px; border-bottom: 1px solid var(--border); line-height: 18px; overflow-wrap: anywhere; }
.dt tbody:last-child tr:last-child td, .dt tfoot tr:last-child td { border-bottom: 0; }
.dt tbody tr { position: relative; }
.dt .dt-opens:hover td { background: var(--sunken); }
.dt .dt-right { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.dt a.dt-open { color: var(--text); font-weight: 500; }
.dt a.dt-open:hover { text-decoration: none; }
.dt a.dt-open::after { content: ""; position: absolute; inset: 0; }
.dt a.dt-open:focus-visible { outline: none; }
.dt a.dt-open:focus-visible::after { outline: 2px solid var(--focus); outline-offset: -2px; border-radius: var(--radius-small); }
.dt .dt-second { display: block; color: var(--text-quiet); font-size: var(--size-12); line-height: 16px; }
.dt .dt-strong { font-weight: 600; }
.dt .dt-label { display: none; }
.dt tfoot td { background: var(--sunken); font-weight: 600; border-top: 1px solid var(--border); }
.dt .dt-acts { position: relative; z-index: 1; text-align: right; white-space: nowrap; width: 1%; }
.dt .dt-act { height: 28px; padding: 0 10px; margin-left: 6px; }
.dt-box { width: 100%; container-type: inline-size; }
.dt-whole .dt td { overflow-wrap: normal; }
.dt-whole .dt td:first-child { width: 34%; max-width: 0; }
.dt-whole .dt td:first-child > span, .dt-whole .dt td:first-child > span > span { display: block; max-width: 100%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.dt-whole .dt td:first-child > .dt-label { display: none; }
@container (max-width: 620px) {
  .dt, .dt tbody, .dt tfoot { display: block; } .dt thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .dt tr { display: flex; flex-direction: column; gap: 4px; padding: 12px; border-bottom: 1px solid var(--border); }
  .dt tbody:last-child tr:last-child, .dt tfoot tr:last-child { border-bottom: 0; }
  .dt td, .dt .dt-right { display: flex; justify-content: space-between; align-items: baseline; gap: 12px; height: auto; min-height: 0; padding: 0; border: 0; text-align: right; white-space: normal; width: auto; }
  .dt td:first-child { text-align: left; } .dt td.dt-none { display: none; }
  .dt td:first-child .dt-label { display: none; }
  .dt-whole .dt td:first-child { width: auto; max-width: 100%; } .dt-whole .dt td:first-child > span { min-width: 0; }
  .dt .dt-label { display: inline; color: var(--text-quiet); font-size: var(--size-12); text-align: left; flex: none; }
  .dt .dt-acts { justify-content: flex-end; flex-wrap: wrap; width: 100%; } .dt .dt-act { height: 36px; }
  .dt-pair tr { flex-direction: row; flex-wrap: wrap; justify-content: space-between; gap: 4px 12px; } .dt-pair .dt-label { display: none; } .dt-pair td:first-child { flex: 1 1 0; min-width: 55%; }
  .dt tfoot tr { background: var(--sunken); } .dt tfoot td { background: none; border: 0; }
}`;

const cellOf = (row, column) => {
  const value = row[column.key];
  return value !== null && typeof value === "object" ? value : { text: value ?? "" };
};

export default {
  template: `
  <div class="dt-box"><table class="dt" :class="{ 'dt-pair': columns.length < 3 }">
    <caption class="only-read">{{ label }}</caption>
    <thead><tr>
      <th v-for="c in columns" :key="c.key" scope="col" :class="{ 'dt-right': c.right }">{{ c.title }}</th>
      <th v-if="hasActs" scope="col"><span class="only-read">Actions</span></th>
    </tr></thead>
    <tbody><tr v-for="r in shown" :key="r.id" :data-id="r.id" :class="{ glow: glowing.has(r.id), 'dt-opens': r.href }" @animationend="glowing.delete(r.id)">
      <td v-for="(c, n) in columns" :key="c.key" :class="{ 'dt-right': c.right, 'dt-none': n && !cell(r, c).text && !cell(r, c).second }">
        <span class="dt-label" aria-hidden="true">{{ c.title }}</span>
        <span :class="{ 'dt-strong': cell(r, c).strong }">
          <a v-if="!n && r.href" class="dt-open" :href="r.href" :title="cell(r, c).title">{{ cell(r, c).text }}</a>
          <a v-else-if="cell(r, c).href" :href="cell(r, c).href" style="position: relative; z-index: 1">{{ cell(r, c).text }}</a>
          <time v-else-if="cell(r, c).time" :datetime="cell(r, c).time" :title="cell(r, c).title">{{ cell(r, c).text }}</time>
          <span v-else :class="cell(r, c).badge" :title="cell(r, c).title">{{ cell(r, c).text }}</span>
          <span v-if="cell(r, c).second" class="dt-second" :title="n ? null : cell(r, c).title">{{ cell(r, c).second }}</span>
        </span>
      </td>
      <td v-if="hasActs" class="dt-acts">
        <button v-for="a in r.acts || []" :key="a.key" type="button" class="h-chip dt-act" :disabled="a.disabled" :title="a.title" :aria-label="a.label" @click="$emit('act', [r.id, a.key])">{{ a.word }}</button>
      </td>
    </tr></tbody>
    <tfoot v-if="foot"><tr>
      <td v-for="c in columns" :key="c.key" :class="{ 'dt-right': c.right, 'dt-none': !cell(foot, c).text }"><span class="dt-label" aria-hidden="true">{{ c.title }}</span><span>{{ cell(foot, c).text }}</span></td>
      <td v-if="hasActs"></td>
    </tr></tfoot>
  </table></div>`,
  props: { columns: Array, rows: Array, foot: Object, label: String },
  emits: ["act"],
  data: () => ({ changed: {}, glowing: new Set() }),
  computed: {
    shown() { return this.rows.map((row) => this.changed[row.id] || row); },
    hasActs() { return this.rows.some((row) => row.acts); },
  },
  watch: { rows() { this.changed = {}; this.glowing.clear(); } },
  beforeMount() {
    if (document.getElementById("data-table-look")) return;
    const style = document.createElement("style");
    style.id = "data-table-look";
    style.textContent = css;
    document.head.append(style);
  },
  methods: {
    cell: cellOf,
    patch(rows) {
      const known = new Map(this.shown.map((row) => [row.id, JSON.stringify(row)]));
      for (const row of rows) {
        if (!known.has(row.id) || known.get(row.id) === JSON.stringify(row)) continue;
        this.changed[row.id] = row;
        this.glowing.add(row.id);
      }
    },
  },
};
