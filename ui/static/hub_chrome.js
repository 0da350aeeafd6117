// All that stands before the content, as one element: skip link, banner of a sandbox or of a held copy, top bar, menus,
// side navigation. Menus are the browser's own popovers: Escape and a click outside close them.
export default {
  inheritAttrs: false,
  template: `
    <a class="skip" href="#main">Skip to content</a>
    <aside v-if="held" class="banner" aria-label="Restored copy">
      <span class="i i-alert">Restored copy: it sends nothing yet</span>
    </aside>
    <aside v-else-if="sandbox" class="banner" aria-label="Sandbox">
      <a class="i i-alert" :href="sandbox" target="_blank">Sandbox: nothing here is real</a>
    </aside>
    <header class="top">
      <a class="brand cut" :href="home" :title="hub">{{ hub }}</a>
      <span v-if="title" class="desk-title">{{ title }}</span>
      <div v-if="us" class="partner">
        <img v-if="us.logo" class="logo" :src="us.logo" alt="" />
        <span v-else class="logo" aria-hidden="true">{{ us.initials }}</span>
        <span class="partner-name cut" :title="us.name">{{ us.name }}</span>
      </div>
      <template v-if="others.length">
        <button class="bar-button i i-cycle" type="button" popovertarget="switch-menu"
                aria-label="Switch partner" title="Switch partner"></button>
        <div id="switch-menu" class="menu switch-menu" popover>
          <p class="menu-label">Switch partner</p>
          <p v-if="us" class="menu-item menu-here" aria-current="true">
            <img v-if="us.logo" class="logo" :src="us.logo" alt="" />
            <span v-else class="logo" aria-hidden="true">{{ us.initials }}</span>
            <span class="menu-who"><span class="cut" :title="us.name">{{ us.name }}</span><small>{{ roleWord(role) }} · open now</small></span>
            <span class="i i-check" aria-hidden="true"></span>
          </p>
          <form method="post" action="/switch" @submit="leave">
            <input type="hidden" name="page" :value="page">
            <input type="hidden" name="from" ref="from">
            <button v-for="each in others" :key="each.id" class="menu-item" type="submit" name="partner_id" :value="each.id">
              <img v-if="each.logo" class="logo" :src="each.logo" alt="" />
              <span v-else class="logo" aria-hidden="true">{{ each.initials }}</span>
              <span class="menu-who"><span class="cut" :title="each.name">{{ each.name }}</span><small>{{ roleWord(each.role) }}</small></span>
            </button>
          </form>
        </div>
      </template>
      <span class="gap"></span>
      <button v-if="groups.length" class="bar-button search i i-search" type="button" data-open-palette>Search<kbd>/</kbd></button>
      <span class="conn" title="Connection to the hub"><span class="conn-word">Connecting…</span></span>
      <a v-if="support" class="bar-button support i i-support" :href="support">Support<span v-if="waiting[support]" class="waiting" aria-hidden="true">{{ waiting[support] > 99 ? "99+" : waiting[support] }}</span></a>
      <button class="avatar" type="button" popovertarget="person-menu"
              :aria-label="'Your menu: ' + person.name">{{ person.initials }}</button>
      <div id="person-menu" class="menu person-menu" popover>
        <div class="menu-head">
          <p class="strong">{{ person.name }}</p>
          <p class="quiet small">{{ person.email }}</p>
        </div>
        <p class="menu-label">Theme</p>
        <div class="choice" role="group" aria-label="Theme">
          <button class="i i-monitor" type="button" data-theme-choice="system" aria-pressed="false">System</button>
          <button class="i i-sun" type="button" data-theme-choice="light" aria-pressed="false">Light</button>
          <button class="i i-moon" type="button" data-theme-choice="dark" aria-pressed="false">Dark</button>
        </div>
        <div v-if="links.length" class="menu-rule"><a v-for="link in links" :key="link.href" :class="['menu-item', 'i', 'i-' + link.icon]" :href="link.href">{{ link.word }}</a></div>
        <form class="menu-rule" method="post" action="/logout">
          <button class="menu-item i i-logout" type="submit">Sign out</button>
        </form>
      </div>
    </header>
    <nav v-if="groups.length" id="side" class="side" popover aria-label="Main">
      <template v-for="group in groups" :key="group.name">
        <h2>{{ group.name }}</h2>
        <a v-for="place in group.places" :key="place.href" :class="['place', 'i', 'i-' + place.icon]" :href="place.href"
           :aria-current="place.href === here ? 'page' : null">{{ place.word }}<span v-if="waiting[place.href]" class="waiting">{{ waiting[place.href] > 99 ? "99+" : waiting[place.href] }}<span class="only-read"> unread</span></span></a>
      </template>
    </nav>`,
  props: {
    hub: String, home: String, sandbox: String, held: Boolean, support: String, current: String,
    person: Object, partner: Object, others: Array, groups: Array, counts: Object, title: String, links: Array,
    role: String, page: String,
  },
  data() { return { here: this.current, waiting: { ...this.counts }, us: this.partner }; },
  watch: { partner(partner) { this.us = partner; } },
  methods: {
    go(href) { this.here = href; },
    count(href, number) { this.waiting[href] = number; },
    callPartner(partner) { this.us = partner; },
    roleWord(role) { return { owner: "Owner", member: "Member" }[role] || ""; },
    leave() { this.$refs.from.value = location.pathname; },
  },
};
