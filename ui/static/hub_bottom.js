// The phone's bottom bar: places for the thumb, search, and the sheet with all places.
export default {
  template: `
    <nav class="bottom" aria-label="Quick">
      <a v-for="place in places" :key="place.href" :class="['i', 'i-' + place.icon]" :href="place.href"
         :aria-current="place.href === here ? 'page' : null">{{ place.word }}</a>
      <button class="i i-search" type="button" data-open-palette>Search</button>
      <button class="i i-menu" type="button" popovertarget="side">More<span v-if="more" class="waiting"><span class="only-read">, something waits</span></span></button>
    </nav>`,
  props: { places: Array, current: String, counts: Object },
  data() { return { here: this.current, waiting: { ...this.counts } }; },
  // What waits at a place that only the sheet shows.
  computed: { more() { return Object.entries(this.waiting).some(([href, number]) => number && !this.places.some((p) => p.href === href)); } },
  methods: { go(href) { this.here = href; }, count(href, number) { this.waiting[href] = number; } },
};
