// The phone's bottom bar: places for the thumb, search, and the sheet with all places.
export default {
  template: `
    <nav class="bottom" aria-label="Quick">
      <a v-for="place in places" :key="place.href" :class="['i', 'i-' + place.icon]" :href="place.href"
         :aria-current="place.href === here ? 'page' : null">{{ place.word }}</a>
      <button class="i i-search" type="button" data-open-palette>Search</button>
      <button class="i i-menu" type="button" popovertarget="side">More</button>
    </nav>`,
  props: { places: Array, current: String },
  data() { return { here: this.current }; },
  methods: { go(href) { this.here = href; } },
};
