// Conversations as one element: filters, rows, pager. Rows come from the server; a push patches or reorders them.
const css = `
.cv { display: flex; flex-direction: column; min-width: 0; min-height: 0; height: 100%; background: var(--surface); }
.cv-bar { display: flex; flex-direction: column; gap: var(--space-2); padding: var(--space-3) var(--space-4); border-bottom: 1px solid var(--border); }
.cv-bar .h-chips { gap: 4px; }
.cv-bar .h-chip { height: 28px; padding: 0 8px; gap: 4px; font-size: var(--size-12); white-space: nowrap; }
.cv-bar .h-chip b { font-weight: 400; font-variant-numeric: tabular-nums; }
.cv-search { display: flex; align-items: center; gap: 8px; height: 34px; padding: 0 10px; border: 1px solid var(--border-strong); border-radius: var(--radius-small); color: var(--text-quiet); }
.cv-search:focus-within { outline: 2px solid var(--focus); outline-offset: -1px; }
.cv-search input { flex: 1; min-width: 0; border: 0; outline: 0; background: none; color: var(--text); font: inherit; font-size: var(--size-13); }
.cv-search input::placeholder { color: var(--text-quiet); opacity: 1; }
.cv-picks { display: grid; grid-template-columns: 1fr 1fr; gap: 6px; }
.cv-picks select { min-width: 0; height: 30px; padding: 0 2px 0 6px; border: 1px solid var(--border); border-radius: var(--radius-small); background: var(--surface); color: var(--text); font: inherit; font-size: var(--size-12); text-overflow: ellipsis; }
.cv-of { display: flex; align-items: center; justify-content: space-between; gap: 8px; font-size: var(--size-12); color: var(--text-quiet); }
.cv-rows { flex: 1; min-height: 0; overflow-y: auto; overscroll-behavior: contain; }
.cv[aria-busy="true"] .cv-rows { opacity: 0.55; transition: opacity var(--motion) 120ms; }
.cv-row { position: relative; padding: 10px var(--space-4); border-bottom: 1px solid var(--border); font-size: var(--size-13); line-height: 18px; }
.cv-row:hover { background: var(--sunken); }
.cv-row.on { background: var(--primary-soft); }
.cv-row.on .quiet, .cv-row.on time, .cv-row.on .cv-last { color: var(--text); }
.cv-top { display: flex; align-items: baseline; gap: var(--space-2); }
.cv-top a { flex: 1; color: var(--text); font-weight: 500; }
.cv-top a:hover { text-decoration: none; }
.cv-top a::after { content: ""; position: absolute; inset: 0; }
.cv-top a:focus-visible { outline: none; } .cv-top a:focus-visible::after { outline: 2px solid var(--focus); outline-offset: -2px; border-radius: var(--radius-small); }
.cv-row.new .cv-top a { font-weight: 600; }
.cv-row time { color: var(--text-quiet); font-size: var(--size-12); white-space: nowrap; }
.cv-last { display: flex; gap: var(--space-2); color: var(--text-quiet); }
.cv-second { display: flex; align-items: baseline; gap: var(--space-2); } .cv-second .mono { flex: none; font-size: var(--size-12); }
.cv-last > .cut { flex: 1; }
.cv-count { flex: none; min-width: 20px; height: 20px; padding: 0 6px; border-radius: 10px; background: var(--primary); color: var(--on-primary); font-size: var(--size-12); font-weight: 600; line-height: 20px; text-align: center; font-variant-numeric: tabular-nums; }
.cv-marks { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 6px; margin-top: 5px; font-size: var(--size-12); color: var(--text-quiet); }
.cv-marks .h-badge { height: 20px; }
.cv-marks .quiet + .quiet::before { content: "· "; }
.cv-pager { display: flex; gap: 6px; padding: var(--space-3) var(--space-4); border-top: 1px solid var(--border); }
.cv .h-state { border: 0; padding: 40px var(--space-4); background: none; }
@media (max-width: 900px) { .cv-search { height: 40px; } .cv-search input { font-size: 16px; } .cv-picks select, .cv-bar .h-chip { height: 36px; } .cv-row { padding: 12px var(--space-4); } }
`;
const SEARCH_PAUSE = 250; // ms after the last letter

export default {
  template: `
  <div class="cv" :aria-busy="String(busy)">
    <div class="cv-bar" v-if="words.filters.length || words.search">
      <label v-if="words.search" class="cv-search i i-search"><input type="search" :value="text" :placeholder="words.search" :aria-label="words.search" maxlength="100" autocomplete="off" spellcheck="false" @input="typed" @keydown.enter.prevent="searchNow"></label>
      <div class="h-chips" role="group" aria-label="State"><button v-for="f in words.filters" :key="f[0]" type="button" class="h-chip" :aria-pressed="String((asked.show || words.first) === f[0])" @click="ask({ show: f[0] === words.first ? '' : f[0] })">{{ f[1] }}<b v-if="counts[f[0]]">{{ counts[f[0]] }}</b></button></div>
      <div v-if="words.picks.length" class="cv-picks"><select v-for="p in words.picks" :key="p.key" :aria-label="p.word" :value="asked[p.key] || ''" @change="ask({ [p.key]: $event.target.value })"><option v-for="o in p.options" :key="o[0]" :value="o[0]">{{ o[1] }}{{ counts[p.key + o[0]] ? " (" + counts[p.key + o[0]] + ")" : "" }}</option></select></div>
      <p v-if="shown.of" class="cv-of"><span class="cut" :title="shown.of">{{ shown.of }}</span><button type="button" class="ch-link" @click="ask({ partner: '' })">All partners</button></p>
    </div>
    <div v-if="!shown.none" class="cv-rows"></div>
    <section v-else-if="!rows_.length" class="h-state"><span :class="'h-state-icon tone-neutral i i-' + shown.none.icon" aria-hidden="true"></span><h2>{{ shown.none.title }}</h2><p>{{ shown.none.sentence }}</p>
      <div v-if="shown.none.clear" class="h-actions"><button type="button" class="ch-button" @click="clear">{{ shown.none.clear }}</button></div></section>
    <ul v-else class="cv-rows" ref="rows" :aria-label="words.label" @keydown="arrows">
      <li v-for="r in rows_" :key="r.id" :data-id="r.id" :class="['cv-row', { on: r.id === here, new: r.unread, glow: glowing.has(r.id) }]" @animationend.self="glowing.delete(r.id)">
        <div class="cv-top"><a class="cut" :title="r.title" :href="r.href" :aria-current="r.id === here ? 'true' : null" @click="open($event, r)">{{ r.title }}</a><time :datetime="r.iso" :title="r.exact">{{ r.ago }}</time></div>
        <p v-if="r.second" class="cv-second quiet"><span class="cut" :title="r.second">{{ r.second }}</span><small v-if="r.second_id" class="mono">{{ r.second_id }}</small></p>
        <p class="cv-last"><span class="cut" :title="r.last">{{ r.last }}</span><span v-if="r.unread" class="cv-count" :aria-label="r.unread + ' unread'" role="img">{{ r.unread > 99 ? "99+" : r.unread }}</span></p>
        <p class="cv-marks"><span :class="r.badge">{{ r.word }}</span><span v-for="m in r.marks" :key="m.word" :class="m.badge || 'quiet'">{{ m.word }}</span></p>
      </li>
    </ul>
    <nav v-if="shown.next || asked.after" class="cv-pager" aria-label="Pages"><button v-if="asked.after" type="button" class="ch-button" @click="ask({})">First page</button><button v-if="shown.next" type="button" class="ch-button" @click="ask({ after: shown.next })">More</button></nav>
  </div>`,
  props: { rows: Array, shown: Object, asked: Object, words: Object, current: String },
  emits: ["ask", "open"],
  data: () => ({ rows_: [], counts: {}, here: "", text: "", pause: 0, busy: false, glowing: new Set() }),
  watch: {
    rows: { immediate: true, handler(rows) { this.rows_ = rows.slice(); this.busy = false; } },
    shown: { immediate: true, handler(shown) { this.counts = shown.counts || {}; this.busy = false; } },
    current: { immediate: true, handler(current) { this.here = current; } },
    asked: { immediate: true, handler(asked) { if (!this.pause) this.text = asked.q || ""; } },
  },
  beforeMount() {
    if (document.getElementById("conversation-list-look")) return;
    const style = document.createElement("style");
    style.id = "conversation-list-look";
    style.textContent = css;
    document.head.append(style);
  },
  unmounted() { clearTimeout(this.pause); },
  methods: {
    // Told by the server: the page of rows as it is now, in its order.
    patch(rows, counts) {
      const before = new Map(this.rows_.map((row) => [row.id, row.stamp]));
      rows.filter((row) => before.get(row.id) !== row.stamp && row.id !== this.here).forEach((row) => this.glowing.add(row.id));
      this.rows_ = rows;
      this.counts = counts;
    },
    select(id) { this.here = id; },
    settle() { this.busy = false; },
    // Asked by the person.
    ask(change) {
      const { after, ...kept } = this.asked;
      this.busy = true;
      this.$emit("ask", { ...kept, q: this.text.trim(), ...change });
    },
    typed(event) { this.text = event.target.value; clearTimeout(this.pause); this.pause = setTimeout(this.searchNow, SEARCH_PAUSE); },
    searchNow() { clearTimeout(this.pause); this.pause = 0; this.ask({}); },
    clear() { this.text = ""; this.busy = true; this.$emit("ask", {}); },
    open(event, row) {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      this.$emit("open", row.id);
    },
    arrows(event) {
      const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const links = [...this.$refs.rows.querySelectorAll(".cv-top a")], at = links.indexOf(document.activeElement);
      if (way && links[at + way]) { event.preventDefault(); links[at + way].focus(); }
    },
  },
};
