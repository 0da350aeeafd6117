// Search over numbers, clients, invoices and pages: opens by Ctrl-K or "/", moves by arrows, goes by Enter.
export default {
  template: `
    <dialog ref="dialog" class="palette" aria-label="Search" @close="closed" @click="outside">
      <div class="palette-box">
        <div class="palette-field i i-search">
          <input ref="field" v-model="text" type="text" role="combobox" aria-expanded="true" aria-autocomplete="list"
                 aria-controls="palette-list" :aria-activedescendant="hits.length ? 'palette-' + at : undefined"
                 :aria-label="'Search: ' + hint" :placeholder="hint" autocomplete="off"
                 spellcheck="false" @input="typed" @keydown="key" />
          <kbd>Esc</kbd>
        </div>
        <div id="palette-list" class="palette-list" role="listbox" aria-label="Results">
          <ul v-for="group in groups" :key="group.name" role="group" :aria-label="group.name">
            <li role="presentation" class="palette-head">{{ group.name }}</li>
            <li v-for="{ hit, n } in group.hits" :id="'palette-' + n" :key="hit.href" role="option" :aria-selected="String(n === at)"
                :class="['i', 'i-' + hit.icon]" @mousemove="at = n" @click="go(hit)">
              <span class="cut" :title="hit.word">{{ hit.word }}</span><span class="quiet cut" :title="hit.more">{{ hit.more }}</span>
            </li>
          </ul>
        </div>
        <p v-if="!hits.length" class="palette-none">Nothing found for “{{ text }}”.</p>
        <p class="only-read" role="status">{{ hits.length === 1 ? '1 result' : hits.length + ' results' }}</p>
      </div>
    </dialog>`,
  props: { pages: Array, hint: String },
  emits: ["search"],
  data: () => ({ text: "", at: 0, found: [], foundFor: "", timer: null, before: null }),
  computed: {
    hits() {
      const text = this.text.trim().toLowerCase();
      const named = (page) => (page.word + " " + page.more).toLowerCase().includes(text);
      const pages = this.pages.filter(text ? named : (page) => page.first).map((page) => ({ ...page, group: "Pages" }));
      return this.foundFor && text.startsWith(this.foundFor) ? [...this.found, ...pages] : pages;
    },
    groups() {
      const groups = [];
      this.hits.forEach((hit, n) => {
        if (groups.at(-1)?.name !== hit.group) groups.push({ name: hit.group, hits: [] });
        groups.at(-1).hits.push({ hit, n });
      });
      return groups;
    },
  },
  mounted() { window.hub.palette = this; },
  unmounted() { if (window.hub.palette === this) window.hub.palette = null; },
  methods: {
    open() {
      if (this.$refs.dialog.open) return;
      this.before = document.activeElement;
      this.text = ""; this.at = 0; this.found = []; this.foundFor = "";
      this.$refs.dialog.showModal();
      this.$refs.field.focus();
    },
    closed() { clearTimeout(this.timer); },
    outside(event) { if (event.target === this.$refs.dialog) this.$refs.dialog.close(); },
    typed() {
      this.at = 0;
      clearTimeout(this.timer);
      const text = this.text.trim();
      if (text.length >= 3) this.timer = setTimeout(() => this.$emit("search", text), 150);
    },
    show(text, found) { this.foundFor = text.toLowerCase(); this.found = found; },
    key(event) {
      const last = this.hits.length - 1;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        event.preventDefault();
        this.at = this.at + step < 0 ? last : this.at + step > last ? 0 : this.at + step;
        this.$nextTick(() => document.getElementById("palette-" + this.at)?.scrollIntoView({ block: "nearest" }));
      }
      if (event.key === "Enter" && this.hits[this.at]) { event.preventDefault(); this.go(this.hits[this.at]); }
    },
    go(hit) {
      this.$refs.dialog.close();
      const { pathname, search } = new URL(hit.href, location.href);
      if (pathname !== location.pathname || search === location.search) { emitEvent("sub_pages_navigate", hit.href); return; }
      // Another question to the list that is open: it follows its address as on the way back.
      history.pushState({ page: hit.href }, "", hit.href);
      window.dispatchEvent(new PopStateEvent("popstate", { state: history.state }));
    },
  },
};
