// A definition list in one element: label, value, hint, link, copy.
export default {
  template: `
    <dl class="h-facts">
      <div v-for="item in items" :key="item.label">
        <dt>{{ item.label }}</dt>
        <dd>
          <span :class="{ mono: item.mono, quiet: !item.value }">
            <span v-if="item.badge" :class="item.badge">{{ item.value }}</span>
            <a v-else-if="item.href" :href="item.href">{{ item.value }}</a>
            <time v-else-if="item.time" :datetime="item.time" :title="item.title">{{ item.value }}</time>
            <template v-else>{{ item.value || "—" }}</template>
            <span v-if="item.hint" class="h-fact-hint">{{ item.hint }}</span>
          </span>
          <button v-if="item.copy" type="button" class="h-copy i i-copy"
                  :data-copy="item.copy" :aria-label="'Copy ' + item.label"></button>
        </dd>
      </div>
    </dl>`,
  props: { items: Array },
};
