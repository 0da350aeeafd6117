// The partner's list of onboardings as one element: a table, on a phone the same rows stacked.
const css = `
.runs { width: 100%; border: 1px solid var(--border); border-radius: var(--radius); border-spacing: 0; border-collapse: separate; background: var(--surface); font-size: var(--size-13); table-layout: fixed; }
.runs th { position: sticky; top: var(--top, 0); z-index: 5; height: 36px; padding: 0 12px; background: var(--sunken); border-bottom: 1px solid var(--border); text-align: left; font-size: var(--size-12); font-weight: 500; color: var(--text-quiet); }
.runs th:nth-child(1) { width: 36%; } .runs th:nth-child(3) { width: 104px; } .runs th:nth-child(4) { width: 124px; text-align: right; }
.runs td { height: 48px; padding: 6px 12px; border-bottom: 1px solid var(--border); line-height: 18px; }
.runs tr:last-child td { border-bottom: 0; }
.runs tbody tr { position: relative; }
.runs tbody tr:hover td { background: var(--sunken); }
.runs a { color: var(--text); font-weight: 500; }
.runs a:hover { text-decoration: none; }
.runs a::after { content: ""; position: absolute; inset: 0; }
.runs a:focus-visible { outline: none; }
.runs a:focus-visible::after { outline: 2px solid var(--focus); outline-offset: -2px; border-radius: var(--radius-small); }
.runs .cut { display: block; }
.runs .second { color: var(--text-quiet); font-size: var(--size-12); }
.runs td:nth-child(4) { text-align: right; color: var(--text-quiet); white-space: nowrap; }
.runs .yours { font-weight: 600; color: var(--warning-text); }
@media (max-width: 900px) {
  .runs, .runs tbody { display: block; } .runs thead { display: none; }
  .runs tr { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 4px 12px; padding: 12px; border-bottom: 1px solid var(--border); }
  .runs tr:last-child { border-bottom: 0; }
  .runs td { display: block; height: auto; padding: 0; border: 0; min-width: 0; }
  .runs td:nth-child(2) { grid-row: 2; } .runs td:nth-child(3) { grid-row: 2; grid-column: 2; text-align: right; }
}`;

export default {
  template: `
    <table class="runs">
      <thead><tr><th>Client</th><th>Where it stands</th><th>Whose turn</th><th>Last movement</th></tr></thead>
      <tbody>
        <tr v-for="row in shown" :key="row.id" :class="{ glow: fresh.has(row.id) }">
          <td><a class="cut" :href="row.href" :title="row.name">{{ row.name }}</a><span class="cut second" :title="row.people">{{ row.people }}</span></td>
          <td><span :class="row.badge"><span class="cut" :title="row.word">{{ row.word }}</span></span></td>
          <td :class="{ yours: row.yours }">{{ row.turn }}</td>
          <td><time :datetime="row.time" :title="row.exact">{{ row.ago }}</time></td>
        </tr>
      </tbody>
    </table>`,
  props: { rows: Array },
  data: () => ({ changed: {}, fresh: new Set() }),
  computed: { shown() { return this.rows.map((row) => this.changed[row.id] || row); } },
  watch: { rows() { this.changed = {}; this.fresh.clear(); } },
  beforeMount() {
    if (document.getElementById("runs-look")) return;
    const style = document.createElement("style");
    style.id = "runs-look";
    style.textContent = css;
    document.head.append(style);
  },
  methods: {
    patch(rows) {
      for (const row of rows) {
        this.changed[row.id] = row;
        this.fresh.delete(row.id);
      }
      this.$nextTick(() => rows.forEach((row) => this.fresh.add(row.id)));
    },
  },
};
