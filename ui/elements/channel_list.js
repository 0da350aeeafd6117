// The list of numbers: what is shown comes from the server, what is only looks stays here.
import { look } from "channel_list_look";

const STORED_VIEW = "hub-accounts-view";
const SEARCH_PAUSE = 220; // ms after the last letter
const FILTERS = ["quality", "limit", "verification", "consent", "region"];

const told = (asked) =>
  JSON.stringify(Object.entries(asked).filter(([key, value]) => value && key !== "typing").sort());

export default {
  template: `
  <div class="cl" :aria-busy="busy">
    <div class="cl-bar" v-if="shown.state !== 'nothing'">
      <label class="cl-search i i-search">
        <input type="search" :value="search" :placeholder="words.search" :aria-label="words.search"
               maxlength="100" autocomplete="off" spellcheck="false" @input="typed" @keydown.enter.prevent="searchNow">
      </label>
      <div class="h-chips" role="group" aria-label="Status">
        <button v-for="g in words.groups" :key="g.key" type="button" class="h-chip" :aria-pressed="String((asked.group || '') === g.key)"
                @click="ask({ group: g.key })">{{ g.word }}<span v-if="counts[g.key]" class="cl-count">{{ counts[g.key] }}</span></button>
      </div>
      <div class="cl-tools">
        <details class="cl-menu" @toggle="menuToggled">
          <summary class="h-chip i i-filter">Filters<span v-if="active.length" class="cl-count">{{ active.length }}</span></summary>
          <div class="cl-panel">
            <label v-for="f in words.filters" :key="f.key">{{ f.word }}
              <select :value="asked[f.key] || ''" @change="ask({ [f.key]: $event.target.value })">
                <option value="">Any</option>
                <option v-for="o in f.options" :key="o[0]" :value="o[0]">{{ o[1] }}</option>
                <option v-if="asked[f.key] && !f.options.some((o) => o[0] === asked[f.key])" :value="asked[f.key]">{{ asked[f.key] }}</option>
              </select></label>
            <label>Sort by
              <select :value="sortKey" @change="ask({ sort: $event.target.value })">
                <template v-for="s in words.sorts" :key="s[0]">
                  <option :value="s[0]">{{ s[1] }}</option><option :value="'-' + s[0]">{{ s[1] }}, descending</option>
                </template>
              </select></label>
          </div>
        </details>
        <details class="cl-menu" @toggle="menuToggled">
          <summary class="h-chip i i-bookmark">Views</summary>
          <div class="cl-panel">
            <p v-if="!views.length" class="quiet">Keep filters under a name to come back to them.</p>
            <ul v-else><li v-for="v in views" :key="v.id">
              <a :href="v.href" class="cut" :title="v.name" @click="closeMenus" @click.prevent.stop="ask(v.asked, true)">{{ v.name }}</a>
              <button type="button" class="cl-icon i i-trash" :aria-label="'Delete the view ' + v.name" @click="$emit('delete_view', v.id)"></button>
            </li></ul>
            <form @submit.prevent="saveView"><input v-model.trim="viewName" maxlength="80" placeholder="Name of this view" aria-label="Name of this view">
              <button type="submit" class="h-chip" :disabled="!viewName">Save</button></form>
          </div>
        </details>
        <button type="button" class="h-chip i i-download cl-export" :disabled="exporting" @click="exportRows">{{ exporting ? "Preparing…" : "Export" }}</button>
        <div class="cl-views" role="group" aria-label="View">
          <button v-for="v in [['table', 'Table', 'table'], ['cards', 'Cards', 'grid']]" :key="v[0]" type="button" :class="['cl-icon', 'i', 'i-' + v[2]]"
                  :aria-label="v[1]" :title="v[1]" :aria-pressed="String(view === v[0])" @click="chooseView(v[0])"></button>
        </div>
      </div>
    </div>
    <div class="h-chips cl-active" v-if="active.length">
      <button v-for="f in active" :key="f.key" type="button" class="h-chip" @click="ask({ [f.key]: '' })" :aria-label="'Remove the filter ' + f.text">{{ f.text }}<span class="i i-close"></span></button>
      <button type="button" class="cl-text" @click="clear">Clear all</button>
    </div>
    <p v-if="shown.note" class="cl-note quiet" role="status">{{ shown.note }}</p>
    <button v-if="fresh" type="button" class="cl-new i i-arrow-up" @click="ask({})">{{ fresh === 1 ? "1 new number" : fresh + " new numbers" }} · show</button>

    <div v-if="shown.state === 'loading'" class="h-skeleton" style="--rows: 8" role="status" aria-label="Loading"></div>
    <section v-else-if="shown.state === 'nothing'" class="h-state">
      <span class="h-state-icon i i-chat tone-neutral" aria-hidden="true"></span>
      <h2>No numbers yet</h2><p>Each WhatsApp number of your clients stands here once it is being set up. Send a client your onboarding link to begin.</p>
      <div class="h-actions" v-if="shown.may_add"><button type="button" class="cl-primary i i-plus" @click="$emit('add', null)">Add a number</button></div>
    </section>
    <section v-else-if="!items.length" class="h-state">
      <span class="h-state-icon i i-search tone-neutral" aria-hidden="true"></span>
      <h2>No number matches</h2><p>{{ asked.search ? "Nothing contains “" + asked.search + "” within these filters." : "No number fits these filters." }} Your other numbers are still there.</p>
      <div class="h-actions"><button type="button" class="cl-text" @click="clear">Clear search and filters</button></div>
    </section>
    <table v-else-if="view === 'table'" class="cl-table" @keydown="arrows">
      <caption class="only-read">WhatsApp numbers</caption>
      <thead><tr><th v-for="c in words.columns" :key="c.keys[0]" scope="col" :class="'cl-c-' + c.keys[0]" :aria-sort="ariaSort(c)">
        <template v-for="(k, n) in c.keys" :key="k"><span v-if="n" aria-hidden="true" class="cl-slash">/</span>
          <button type="button" :class="['cl-sort', { 'cl-on': sorted(k) }]" @click="sortBy(k)">{{ c.words[n] }}<span v-if="sorted(k)" :class="['i', falling ? 'i-arrow-down' : 'i-arrow-up']" aria-hidden="true"></span></button></template>
      </th></tr></thead>
      <tbody><tr v-for="r in items" :key="r.id" :data-id="r.id" :class="{ glow: glowing.has(r.id) }" @animationend="glowing.delete(r.id)">
        <td class="cl-c-phone"><a :href="r.href" :class="['cl-link', { quiet: !r.phone }]">{{ r.phone || "No number yet" }}</a></td>
        <td class="cl-c-name"><div :class="['cut', { quiet: !r.name }]" :title="r.name">{{ r.name || "No name yet" }}</div><div v-if="r.client !== r.name" class="cut cl-second" :title="r.client">{{ r.client }}</div></td>
        <td class="cl-c-status"><div class="cl-status"><span :class="r.badge">{{ r.word }}</span><span class="cut cl-next" :title="r.whole"><b v-if="r.turn">{{ r.turn }}: </b>{{ r.sentence }}</span></div></td>
        <td class="cl-c-quality"><span :class="r.quality_look" :title="r.quality_raw">{{ r.quality }}</span></td>
        <td class="cl-c-limit figure" :title="r.limit_raw">{{ r.limit }}</td>
        <td class="cl-c-verification cut" :title="r.verification_raw">{{ r.verification }}</td>
      </tr></tbody>
    </table>
    <ul v-else class="cl-grid" @keydown="arrows"><li v-for="r in items" :key="r.id" :data-id="r.id" :class="{ glow: glowing.has(r.id) }" @animationend="glowing.delete(r.id)">
      <div class="cl-top"><a :href="r.href" :class="['cl-link', { quiet: !r.phone }]">{{ r.phone || "No number yet" }}</a><span :class="r.badge">{{ r.word }}</span></div>
      <div :class="['cut', { quiet: !r.name }]" :title="r.name">{{ r.name || "No name yet" }}</div><div v-if="r.client !== r.name" class="cut cl-second" :title="r.client">{{ r.client }}</div>
      <p class="cl-next"><b v-if="r.turn">{{ r.turn }}: </b>{{ r.sentence }}</p>
      <dl><div><dt>Quality</dt><dd><span :class="r.quality_look">{{ r.quality }}</span></dd></div><div><dt>Limit</dt><dd class="figure">{{ r.limit }}</dd></div><div><dt>Business</dt><dd>{{ r.verification }}</dd></div></dl>
    </li></ul>
    <nav v-if="shown.next || shown.previous" class="cl-pager" aria-label="Pages">
      <button type="button" class="h-chip i i-arrow-left" :disabled="!shown.previous" @click="turn('before', shown.previous)">Previous</button>
      <button type="button" class="h-chip cl-forward" :disabled="!shown.next" @click="turn('after', shown.next)">Next<span class="i i-arrow-right"></span></button>
    </nav>
  </div>`,
  props: { rows: Array, asked: Object, shown: Object, words: Object, views: Array },
  emits: ["ask", "behind", "moved", "add", "export", "save_view", "delete_view"],
  data: () => ({
    items: [], counts: {}, search: "", busy: false, exporting: false,
    arrived: new Set(), number: 0, load: -1, isBehind: false,
    glowing: new Set(), view: "table", viewName: "", pause: 0, wanted: null,
  }),
  computed: {
    fresh() { return this.arrived.size; },
    sortKey() { return this.asked.sort || "name"; },
    falling() { return this.sortKey.startsWith("-"); },
    active() {
      const words = Object.fromEntries(this.words.filters.map((f) => [f.key, f]));
      const chosen = FILTERS.filter((key) => this.asked[key]).map((key) => {
        const value = (words[key].options.find((o) => o[0] === this.asked[key]) || [])[1] || this.asked[key];
        return { key, text: `${words[key].word}: ${value}` };
      });
      if (this.asked.client) chosen.push({ key: "client", text: `Client: ${this.shown.client || this.asked.client}` });
      return chosen;
    },
  },
  watch: {
    rows: { immediate: true, handler(rows) { this.items = rows.slice(); } },
    shown: {
      immediate: true,
      handler(shown) {
        if (shown.load !== this.load) this.arrived.clear();
        // A message overtook this page: the page is older than what was shown.
        if (shown.number < this.number) this.fallBehind();
        else this.isBehind = false;
        this.load = shown.load;
        this.number = shown.number;
        this.counts = shown.counts || {};
        this.settle();
      },
    },
    asked: {
      immediate: true,
      handler(asked) {
        // Whoever is typing is ahead of the server.
        if (!this.pause) this.search = asked.search || "";
        if (asked.view) this.view = asked.view;
        if (this.wanted && told(this.wanted) === told(asked)) this.wanted = null;
      },
    },
  },
  created() {
    look();
    const phone = window.matchMedia("(max-width: 900px)").matches;
    this.view = this.asked.view || this.storedView() || (phone ? "cards" : "table");
  },
  mounted() {
    // NiceGUI opens the socket right after the first drawing.
    this.$nextTick(() => window.socket?.on("patch", this.patch));
    this.path = location.pathname;
    this.back = () => {
      this.wanted = null;
      if (location.pathname === this.path) this.$emit("moved", location.search);
    };
    this.outside = (event) => {
      this.$el.querySelectorAll("details[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
    };
    this.escape = (event) => { if (event.key === "Escape") this.closeMenus(); };
    window.addEventListener("popstate", this.back);
    document.addEventListener("click", this.outside);
    document.addEventListener("keydown", this.escape);
  },
  unmounted() {
    window.socket?.off("patch", this.patch);
    clearTimeout(this.pause);
    window.removeEventListener("popstate", this.back);
    document.removeEventListener("click", this.outside);
    document.removeEventListener("keydown", this.escape);
  },
  methods: {
    // One message to all open lists of the partner; rows that are not shown here are for others.
    patch({ list, number, rows, counts, created }) {
      if (list !== "accounts" || number <= this.number) return;
      if (number > this.number + 1) return this.fallBehind();
      this.number = number;
      const here = new Map(this.items.map((row) => [row.id, JSON.stringify(row)]));
      const changed = new Map(rows.filter((row) => here.has(row.id) && here.get(row.id) !== JSON.stringify(row)).map((row) => [row.id, row]));
      if (changed.size) this.items = this.items.map((row) => changed.get(row.id) || row);
      changed.forEach((_, id) => this.glowing.add(id));
      created.filter((id) => !here.has(id)).forEach((id) => this.arrived.add(id));
      this.counts = counts;
    },
    // Something was missed: the whole page is asked for, once.
    fallBehind() {
      if (!this.isBehind) this.$emit("behind", null);
      this.isBehind = true;
    },
    // Called by the server.
    settle() { this.busy = false; this.exporting = false; },
    address(path, push) {
      const here = location.pathname + location.search;
      if (here === path) return;
      history[push ? "pushState" : "replaceState"]({ page: path }, "", (window.path_prefix || "") + path);
    },
    // Asked by the person.
    ask(change, whole = false) {
      // A second choice before the first one is answered adds to it.
      const { after, before, typing, ...kept } = this.wanted || this.asked;
      this.wanted = { ...(whole ? {} : kept), search: this.search.trim(), ...change };
      this.busy = true;
      this.$emit("ask", this.wanted);
    },
    turn(way, cursor) { this.ask({ [way]: cursor }); this.$el.scrollIntoView({ block: "start" }); },
    typed(event) {
      this.search = event.target.value;
      clearTimeout(this.pause);
      this.pause = setTimeout(this.searchNow, SEARCH_PAUSE);
    },
    searchNow() { clearTimeout(this.pause); this.pause = 0; this.ask({ typing: "1" }); },
    clear() { this.search = ""; this.ask({ view: this.asked.view || "" }, true); },
    sorted(key) { return this.sortKey.replace("-", "") === key; },
    sortBy(key) { this.ask({ sort: this.sorted(key) && !this.falling ? "-" + key : key }); },
    ariaSort(column) { return column.keys.some(this.sorted) ? (this.falling ? "descending" : "ascending") : "none"; },
    chooseView(view) {
      this.view = view;
      try { localStorage.setItem(STORED_VIEW, view); } catch { /* private window: this page only */ }
      this.ask({ view, after: this.asked.after || "", before: this.asked.before || "" });
    },
    storedView() {
      try { return localStorage.getItem(STORED_VIEW); } catch { return null; }
    },
    saveView() { if (this.viewName) this.$emit("save_view", this.viewName); this.viewName = ""; },
    exportRows() { this.exporting = true; this.$emit("export", null); },
    closeMenus() { this.$el.querySelectorAll("details[open]").forEach((menu) => { menu.open = false; }); },
    menuToggled(event) { if (event.target.open) event.target.querySelector("select, input, a")?.focus(); },
    arrows(event) {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      const links = [...this.$el.querySelectorAll(".cl-link")];
      const next = links[links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1)];
      if (links.includes(document.activeElement) && next) { event.preventDefault(); next.focus(); }
    },
  },
};
