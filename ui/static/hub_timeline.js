// Many entries in one element, newest first; a new one arrives by `prepend` and glows once.
export default {
  template: `
    <ol class="h-timeline" :aria-label="label">
      <li v-for="entry in all" :key="entry.key" :class="{ glow: fresh.has(entry.key) }">
        <span :class="['h-timeline-mark', 'i', 'i-' + entry.icon, 'tone-' + entry.tone]" aria-hidden="true"></span>
        <span class="h-timeline-what">{{ entry.what }}</span>
        <time :datetime="entry.time" :title="entry.title">{{ entry.ago }}</time>
        <span v-if="entry.more" class="h-timeline-more">{{ entry.more }}</span>
      </li>
    </ol>`,
  props: { entries: Array, label: String },
  data: () => ({ added: [], fresh: new Set() }),
  computed: {
    all() {
      const seen = new Set(this.added.map((entry) => entry.key));
      return [...this.added, ...this.entries.filter((entry) => !seen.has(entry.key))];
    },
  },
  methods: {
    prepend(entry) {
      if (this.all.some((known) => known.key === entry.key)) return;
      this.fresh.add(entry.key);
      this.added.unshift(entry);
    },
  },
};
