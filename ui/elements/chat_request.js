// The request of a conversation: what is asked, how it stands, and for staff what accepting it does, decided in place.
export default {
  template: `
  <section :class="['rq', { open: card.open }]" aria-label="Request">
    <div class="rq-head"><span :class="'rq-icon i i-' + card.icon" aria-hidden="true"></span>
      <div class="rq-words"><h3>{{ card.title }}</h3><p v-if="card.told" class="quiet small">{{ card.told }}</p></div>
      <span :class="card.badge">{{ card.word }}</span></div>
    <dl v-if="card.facts.length" class="rq-facts"><div v-for="f in card.facts" :key="f[0]"><dt>{{ f[0] }}</dt><dd>{{ f[1] }}</dd></div></dl>
    <p v-if="card.why" class="rq-why">“{{ card.why }}”</p>
    <template v-if="card.preview">
      <div class="rq-effect"><h4>What accepting it does</h4><ul><li v-for="s in card.preview.sentences" :key="s" class="i i-arrow-right"><span>{{ s }}</span></li></ul></div>
      <div v-if="card.preview.against.length" class="h-note tone-danger i i-alert" role="note"><div><b>Not possible as it stands</b><p v-for="s in card.preview.against" :key="s">{{ s }}</p></div></div>
    </template>
    <form v-if="asking" class="rq-form" @submit.prevent="give">
      <label>{{ asking === "refuse" ? "Why it is refused; the partner reads this" : "A word with it (not needed)" }}
        <textarea ref="text" v-model="text" rows="2" maxlength="1000" :required="asking === 'refuse'"></textarea></label>
      <label v-if="asking === 'accept' && card.typed">Type {{ card.typed }} to confirm<input v-model.trim="typed" autocomplete="off" spellcheck="false"></label>
      <div class="rq-acts"><button type="submit" :class="['ch-button', asking === 'refuse' || card.typed ? 'ch-danger' : 'ch-main']" :disabled="busy || !may">{{ asking === "refuse" ? "Refuse the request" : card.accept }}</button>
        <button type="button" class="ch-button" @click="asking = ''">Back</button></div>
    </form>
    <div v-else-if="card.open && (card.may_decide || card.may_withdraw)" class="rq-acts">
      <template v-if="card.may_decide"><button type="button" class="ch-button ch-main" :disabled="busy || Boolean(card.preview && card.preview.against.length)" @click="ask('accept')">Accept…</button>
        <button type="button" class="ch-button" :disabled="busy" @click="ask('refuse')">Refuse…</button></template>
      <button v-if="card.may_withdraw" type="button" class="ch-button" :disabled="busy" @click="$emit('decide', { key: 'withdraw' })">Withdraw the request</button>
    </div>
  </section>`,
  props: { card: Object, busy: Boolean },
  emits: ["decide"],
  data: () => ({ asking: "", text: "", typed: "" }),
  computed: { may() { return this.asking === "refuse" ? this.text.trim() !== "" : !this.card.typed || this.typed === this.card.typed; } },
  watch: { "card.open"(open) { if (!open) this.asking = ""; } },
  methods: {
    ask(what) { this.asking = what; this.$nextTick(() => this.$refs.text?.focus()); },
    give() { this.$emit("decide", { key: this.asking, version: this.card.version, text: this.text.trim() }); },
  },
};
