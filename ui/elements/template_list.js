// Templates of one number: the first hundred, the rest on request, found by name in the browser.
const STEP = 100;

export default {
  template: `
  <div class="tl">
    <label v-if="rows.length > 12" class="tl-search i i-search"><input type="search" v-model.trim="search" placeholder="Template name" aria-label="Template name" autocomplete="off"></label>
    <p v-if="!found.length" class="quiet small">No template has this in its name.</p>
    <table v-else class="tl-table">
      <caption class="only-read">Templates</caption>
      <thead><tr><th scope="col">Template</th><th scope="col" class="tl-wide">Category</th><th scope="col">Status</th><th scope="col"><span class="only-read">Actions</span></th></tr></thead>
      <tbody><tr v-for="r in found.slice(0, most)" :key="r.id" :class="{ glow: glowing.has(r.id) }" @animationend="glowing.delete(r.id)">
        <td><div class="cut" :title="r.name">{{ r.name }}</div><div class="tl-second">{{ r.language }}</div></td>
        <td class="tl-wide" :title="r.category_raw">{{ r.category }}</td>
        <td><span :class="r.badge" :title="r.status_raw">{{ r.status }}</span><div v-if="r.reason" class="tl-second">{{ r.reason }}</div></td>
        <td class="tl-act"><button type="button" class="h-copy i i-trash" :aria-label="'Delete ' + r.name" :title="'Delete ' + r.name" @click="$emit('remove', r.id)"></button></td>
      </tr></tbody>
    </table>
    <button v-if="found.length > most" type="button" class="h-chip" @click="most += ${STEP}">Show more</button>
  </div>`,
  props: { rows: Array },
  emits: ["remove"],
  data: () => ({ search: "", most: STEP, glowing: new Set() }),
  computed: {
    found() {
      const part = this.search.toLowerCase();
      return part ? this.rows.filter((row) => row.name.includes(part)) : this.rows;
    },
  },
  watch: {
    rows(now, before) {
      const known = new Map(before.map((row) => [row.id, JSON.stringify(row)]));
      if (!before.length) return;
      now.filter((row) => known.get(row.id) !== JSON.stringify(row)).forEach((row) => this.glowing.add(row.id));
    },
  },
};

const style = document.createElement("style");
style.textContent = `
.tl { display: flex; flex-direction: column; gap: var(--space-3); align-items: flex-start; width: 100%; }
.tl-search { display: flex; align-items: center; gap: 8px; width: 240px; max-width: 100%; height: 32px; padding: 0 10px; border: 1px solid var(--border-strong); border-radius: var(--radius-small); color: var(--text-quiet); }
.tl-search:focus-within { outline: 2px solid var(--focus); outline-offset: -1px; }
.tl-search input { flex: 1; min-width: 0; border: 0; outline: 0; background: none; color: var(--text); font: inherit; font-size: var(--size-13); }
.tl-table { width: 100%; table-layout: fixed; border-collapse: collapse; font-size: var(--size-13); }
.tl-table th { height: 32px; text-align: left; font-size: var(--size-12); font-weight: 500; color: var(--text-quiet); border-bottom: 1px solid var(--border); padding: 0 8px 0 0; }
.tl-table td { height: 40px; padding: 4px 8px 4px 0; border-bottom: 1px solid var(--border); line-height: 17px; overflow-wrap: anywhere; }
.tl-table tr:last-child td { border-bottom: 0; }
.tl-second { color: var(--text-quiet); font-size: var(--size-12); line-height: 15px; }
.tl-wide { width: 22%; }
.tl-table th:last-child { width: 32px; padding: 0; }
.tl-table td.tl-act { padding: 0; text-align: right; }
@media (max-width: 560px) { .tl-wide { display: none; } .tl-table th:last-child { width: 40px; } }
.account-state { display: flex; align-items: center; gap: 10px; flex-wrap: wrap; margin: calc(-1 * var(--space-3)) 0 var(--space-6); }
.account-state p { color: var(--text-quiet); }
`;
document.head.append(style);
