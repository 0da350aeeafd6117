// One conversation: head, request, messages, composer. What is said comes from the server and is shown as text only;
// the browser keeps the draft, what is being sent, where one has scrolled, and who has just been typing.
import { look } from "chat_look";
import { AT_ONCE, bytes, keepDraft, draftOf, upload } from "chat_draft";
import RequestCard from "chat_request";

const TYPING_EVERY = 3000, TYPING_LASTS = 5000, HERE_EVERY = 10000, HERE_LASTS = 15000; // ms
const TOGETHER = 5 * 60000; // ms between messages that stand under one name

export default {
  components: { RequestCard },
  template: `
  <section v-if="!told.id" class="ch ch-none"><div v-if="told.title" class="h-state h-state-plain">
    <span :class="'h-state-icon tone-neutral i i-' + told.icon" aria-hidden="true"></span><h2>{{ told.title }}</h2><p>{{ told.sentence }}</p>
    <div v-if="told.action" class="h-actions"><button type="button" class="ch-button ch-main" @click="$emit('act', { key: 'new' })">{{ told.action }}</button></div>
  </div></section>
  <section v-else class="ch" :aria-label="told.subject" @dragenter.prevent="dragged" @dragover.prevent="dragged" @dragleave="left" @drop.prevent="dropped">
    <header class="ch-head">
      <a class="ch-back i i-chevron-left" :href="told.back" aria-label="All conversations" title="All conversations"></a>
      <div class="ch-title">
        <h2 class="cut" :title="told.subject">{{ told.subject }}</h2>
        <p><span :class="head.badge">{{ head.word }}</span><span v-if="told.whom" class="quiet cut ch-whom" :title="told.whom">{{ told.whom }}</span><small v-if="told.whom_id" class="quiet mono ch-whom-id">{{ told.whom_id }}</small>
          <span :class="['ch-here', { on: isHere }]">{{ isHere ? words.here : words.away }}</span></p>
      </div>
      <div class="ch-acts">
        <label v-if="head.staff" class="ch-assign"><span class="only-read">Assigned to</span>
          <select :value="head.assigned" @change="$emit('act', { conversation: told.id, key: 'assign', value: $event.target.value })">
            <option v-for="each in head.staff" :key="each[0]" :value="each[0]">{{ each[1] }}</option></select></label>
        <button v-for="act in head.acts" :key="act.key" type="button" class="ch-button" @click="$emit('act', { conversation: told.id, key: act.key })">{{ act.word }}</button>
        <button v-if="words.facts" type="button" class="ch-button ch-facts i i-info" :aria-label="words.facts" :title="words.facts" @click="$emit('act', { key: 'facts' })"></button>
      </div>
    </header>
    <request-card v-if="request" :card="request" :busy="deciding" @decide="decide"></request-card>
    <div class="ch-scroll" ref="scroll" role="log" tabindex="0" :aria-label="'Messages of ' + told.subject" @scroll.passive="scrolled">
      <button v-if="cursor" type="button" class="ch-button ch-earlier" :disabled="loading" @click="earlierOnes">{{ loading ? "Loading…" : "Earlier messages" }}</button>
      <p v-else-if="!items.length && !pending.length" class="quiet ch-begin">{{ words.begin }}</p>
      <ol>
        <template v-for="m in rows" :key="m.id">
          <li v-if="m.opens" class="ch-day"><span>{{ dayWord(m) }}</span></li>
          <li v-if="m.side === 'hub'" class="ch-hub"><span class="i i-info">{{ m.text }}</span> <time data-fixed :datetime="m.iso" :title="m.exact">{{ m.time }}</time></li>
          <li v-else :class="['ch-row', { mine: m.mine, note: m.note, joins: m.joins, fresh: m.fresh && !m.mine }]">
            <p v-if="!m.joins" class="ch-by"><span v-if="m.note" class="i i-lock ch-only">Note, for staff only</span><b>{{ m.name }}</b><span v-if="m.role" class="quiet">{{ m.role }}</span></p>
            <div class="ch-bubble">
              <p v-if="m.text" class="ch-text">{{ m.text }}</p>
              <ul v-if="m.files.length" class="ch-files"><li v-for="f in m.files" :key="f.id">
                <a v-if="f.picture" class="ch-picture" :href="f.href" target="_blank" rel="noopener" :title="f.name"><img :src="f.href" :alt="f.name" loading="lazy" @load="grew" @error="$event.target.classList.add('gone')"></a>
                <a v-else class="ch-file i i-receipt" :href="f.href" target="_blank" rel="noopener" download><span class="cut" :title="f.name">{{ f.name }}</span><small>{{ f.size }}</small></a>
              </li></ul>
            </div>
            <time data-fixed :datetime="m.iso" :title="m.exact">{{ m.time }}</time>
            <p v-if="m.id === seenId" class="ch-seen i i-check">{{ words.seen }}</p>
          </li>
        </template>
        <li v-for="p in pending" :key="p.key" :class="['ch-row mine', { note: p.note, failed: p.why }]">
          <div class="ch-bubble"><p v-if="p.text" class="ch-text">{{ p.text }}</p><p v-for="f in p.files" :key="f.id" class="ch-file i i-attach">{{ f.name }}</p></div>
          <p v-if="!p.why" class="ch-seen">Sending…</p>
          <p v-else class="ch-seen ch-fault" role="alert"><span class="i i-alert">Not sent. {{ p.why }}</span>
            <button type="button" class="ch-link" @click="again(p)">Send again</button><button type="button" class="ch-link" @click="takeBack(p)">Edit</button></p>
        </li>
      </ol>
    </div>
    <button v-if="below" type="button" class="ch-new i i-arrow-down" @click="toEnd">{{ below === 1 ? "1 new message" : below + " new messages" }}</button>
    <p class="ch-typing" role="status">{{ isTyping ? words.typing : "" }}</p>
    <form v-if="!told.mute" :class="['ch-write', { note: isNote }]" @submit.prevent="send">
      <div v-if="words.note" class="ch-modes" role="group" aria-label="Who sees it">
        <button type="button" :aria-pressed="String(!isNote)" @click="setMode(false)">Answer</button>
        <button type="button" class="i i-lock" :aria-pressed="String(isNote)" @click="setMode(true)">Note</button>
        <span class="quiet small">{{ isNote ? words.note : words.answer }}</span>
        <details class="ch-canned" ref="canned" @toggle="openedCanned"><summary class="h-chip i i-template">Canned answers</summary><div class="ch-panel">
          <input v-model="wanted" type="search" placeholder="Search answers" aria-label="Search canned answers">
          <ul><li v-for="c in fitting" :key="c.id"><button type="button" @click="insertCanned(c)"><b class="cut" :title="c.title">{{ c.title }}</b><span class="cut quiet" :title="c.text">{{ c.text }}</span></button></li></ul>
          <p v-if="!fitting.length" class="quiet small">{{ told.canned.length ? "No answer contains this." : "No canned answers yet." }}</p>
          <button type="button" class="ch-link" @click="manage">Manage answers</button></div></details>
      </div>
      <ul v-if="draft.files.length" class="ch-drafts"><li v-for="f in draft.files" :key="f.key" :class="{ failed: f.why }">
        <span :class="['i', f.why ? 'i-alert' : 'i-attach']"><span class="cut" :title="f.name">{{ f.name }}</span></span>
        <small v-if="f.why" role="alert">{{ f.why }}</small><small v-else>{{ f.id ? f.size : Math.round(f.done * 100) + " %" }}</small>
        <progress v-if="!f.id && !f.why" max="1" :value="f.done" :aria-label="'Uploading ' + f.name"></progress>
        <button type="button" class="ch-x i i-close" :aria-label="'Remove ' + f.name" @click="drop(f)"></button></li></ul>
      <div class="ch-line">
        <button v-if="!isNote" type="button" class="ch-tool i i-attach" :aria-label="words.attach" :title="words.attach" @click="$refs.picker.click()"></button>
        <input ref="picker" type="file" class="ch-picker" tabindex="-1" multiple accept="image/png,image/jpeg,image/webp,application/pdf" aria-label="Files" @change="picked">
        <textarea ref="field" :value="draft.text" rows="1" :maxlength="10000" :placeholder="isNote ? words.note_here : words.write_here" :aria-label="isNote ? 'Note' : 'Message'"
                  @input="typed" @keydown="key" @paste="pasted"></textarea>
        <button type="submit" class="ch-send i i-send" :disabled="!maySend" :aria-label="isNote ? 'Keep the note' : 'Send'" :title="isNote ? 'Keep the note' : 'Send (Enter)'"></button>
      </div>
      <p v-if="!isNote && draft.files.some((f) => f.why)" class="small quiet" role="status">Remove the file that was not taken, then send.</p>
      <p v-if="isWaiting" class="small quiet" role="status">Sent as soon as the files are there.</p>
      <p v-if="draft.text.length > 9000" class="small quiet" role="status">{{ 10000 - draft.text.length }} characters left</p>
    </form>
    <p v-else class="ch-mute quiet">{{ told.mute }}</p>
    <div v-if="isOver && !told.mute" class="ch-over"><p class="i i-upload">Drop files to attach them</p><p class="small">PNG, JPEG, WebP or PDF</p></div>
  </section>`,
  props: { told: Object, words: Object },
  emits: ["send", "seen", "typing", "here", "earlier", "act", "decide", "manage"],
  data: () => ({
    items: [], cursor: "", loading: false, today: "", head: {}, request: null, deciding: false, mark: "", pending: [],
    draft: { text: "", files: [] }, isNote: false, isOver: false, below: 0, isTyping: false, isHere: false, wanted: "", lastSeen: "", isWaiting: false, glowing: new Set(),
  }),
  computed: {
    rows() {
      return this.items.map((m, n) => {
        const before = this.items[n - 1], opens = !before || before.day !== m.day;
        const near = before && before.side === m.side && before.name === m.name && before.note === m.note && Date.parse(m.iso) - Date.parse(before.iso) < TOGETHER;
        return { ...m, opens, joins: !opens && near, fresh: this.glowing.has(m.id) };
      });
    },
    seenId() {
      const at = this.items.findIndex((m) => m.id === this.mark);
      if (at < 0) return "";
      const mine = this.items.slice(0, at + 1).filter((m) => m.own && !m.note);
      return mine.length && this.items.filter((m) => m.own && !m.note).at(-1).id === mine.at(-1).id ? mine.at(-1).id : "";
    },
    maySend() {
      const files = this.isNote ? [] : this.draft.files;
      return Boolean((this.draft.text.trim() || files.length) && !files.some((f) => f.why));
    },
    isUploading() { return this.draft.files.some((f) => !f.id && !f.why); },
    fitting() {
      const text = this.wanted.trim().toLowerCase();
      return (this.told.canned || []).filter((c) => (c.title + " " + c.text).toLowerCase().includes(text));
    },
  },
  watch: { told: { immediate: true, handler(told, before) { this.take(told, before); } } },
  created() { look(); },
  mounted() {
    this.pulse = setInterval(this.beat, HERE_EVERY);
    this.beat();
    this.toEnd();
    this.fit();
    document.addEventListener("visibilitychange", this.back);
    window.addEventListener("focus", this.back);
    document.addEventListener("click", this.outside);
  },
  unmounted() {
    [this.pulse, this.typingEnds, this.hereEnds].forEach(clearTimeout);
    document.removeEventListener("visibilitychange", this.back);
    window.removeEventListener("focus", this.back);
    document.removeEventListener("click", this.outside);
  },
  methods: {
    // Told by the server.
    take(told, before) {
      const isNew = !before || before.id !== told.id;
      this.items = (told.messages || []).slice();
      Object.assign(this, { cursor: told.older || "", today: told.today || "", head: told.head || {}, request: told.request || null, mark: told.mark || "", loading: false, deciding: false });
      if (!isNew) return;
      Object.assign(this, { pending: [], below: 0, isNote: false, isWaiting: false, isTyping: false, isHere: false, lastSeen: "", draft: draftOf(told.id) });
      // A break swallowed the answer: what is here already has been sent, the rest is offered again.
      const lost = this.draft.sending || [];
      this.pending = lost.filter((p) => !this.items.slice(-10).some((m) => m.mine && m.text === p.text)).map((p) => ({ ...p, why: "The connection broke." }));
      this.keep();
      this.$nextTick(() => { this.toEnd(); this.fit(); this.beat(); });
    },
    add(messages, today) {
      const near = this.nearEnd(), known = new Set(this.items.map((m) => m.id));
      const fresh = messages.filter((m) => !known.has(m.id));
      this.today = today;
      this.items.push(...fresh);
      fresh.forEach((m) => this.glowing.add(m.id));
      const others = fresh.filter((m) => !m.mine);
      if (others.length) { this.isTyping = false; hub.announce(`${others.at(-1).name || "Support"}: ${others.at(-1).text || "a file"}`); }
      if (near || fresh.some((m) => m.mine)) this.$nextTick(this.toEnd);
      else this.below += others.length;
    },
    earlier(messages, cursor) {
      const box = this.$refs.scroll, from = box ? box.scrollHeight - box.scrollTop : 0;
      Object.assign(this, { loading: false, cursor });
      const known = new Set(this.items.map((m) => m.id));
      this.items.unshift(...messages.filter((m) => !known.has(m.id)));
      this.$nextTick(() => { if (box) box.scrollTop = box.scrollHeight - from; });
    },
    patch({ head, request, mark }) { Object.assign(this, { head, request, mark, deciding: false }); },
    sent(key, messages, today) { this.pending = this.pending.filter((p) => p.key !== key); this.keep(); this.add(messages, today); },
    refused(key, why) { this.pending.filter((p) => p.key === key).forEach((p) => { p.why = why; }); this.$nextTick(this.toEnd); },
    settle() { Object.assign(this, { deciding: false, loading: false }); },
    signal(what) {
      // Whoever has just come hears at once that we are here, too.
      if (!this.isHere) this.$nextTick(this.beat);
      this.isHere = true;
      clearTimeout(this.hereEnds);
      this.hereEnds = setTimeout(() => { this.isHere = this.isTyping = false; }, HERE_LASTS);
      if (what !== "typing") return;
      this.isTyping = true;
      clearTimeout(this.typingEnds);
      this.typingEnds = setTimeout(() => { this.isTyping = false; }, TYPING_LASTS);
    },
    // Sending.
    send() {
      if (!this.maySend) return;
      // Files that are still on their way are waited for.
      this.isWaiting = !this.isNote && this.isUploading;
      if (this.isWaiting) return;
      const note = this.isNote, files = note ? [] : this.draft.files.filter((f) => f.id).map(({ id, name }) => ({ id, name }));
      this.pending.push({ key: crypto.randomUUID?.() || String(Math.random()), text: this.draft.text.trim(), files, note, why: "" });
      this.draft.text = "";
      if (!note) this.draft.files = [];
      this.tell(this.pending.at(-1));
      this.$nextTick(() => { this.fit(); this.toEnd(); this.$refs.field?.focus(); });
    },
    tell(p) { this.keep(); this.$emit("send", { conversation: this.told.id, key: p.key, text: p.text, files: p.files.map((f) => f.id), note: p.note }); },
    again(p) { p.why = ""; this.tell(p); },
    takeBack(p) { this.draft.text = [this.draft.text, p.text].filter(Boolean).join("\n"); this.sent(p.key, [], this.today); this.$nextTick(() => { this.fit(); this.$refs.field?.focus(); }); },
    keep() { keepDraft(this.told.id, { text: this.draft.text, files: this.draft.files, sending: this.pending }); },
    decide(what) { this.deciding = true; this.$emit("decide", { conversation: this.told.id, ...what }); },
    // Writing.
    typed(event) {
      this.draft.text = event.target.value;
      this.fit(); this.keep();
      const now = Date.now();
      if (!this.isNote && now - (this.toldTyping || 0) > TYPING_EVERY) { this.toldTyping = now; this.$emit("typing", this.told.id); }
    },
    key(event) {
      const wide = matchMedia("(pointer: fine)").matches;
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing && (wide || event.ctrlKey || event.metaKey)) { event.preventDefault(); this.send(); }
    },
    fit() {
      const field = this.$refs.field;
      if (!field) return;
      field.style.height = "auto";
      field.style.height = Math.min(field.scrollHeight + 2, 180) + "px";
    },
    setMode(note) { this.isNote = note; this.$refs.field?.focus(); },
    insertCanned(c) { this.draft.text = [this.draft.text, c.text].filter(Boolean).join("\n"); this.$refs.canned.open = false; this.wanted = ""; this.keep(); this.$nextTick(() => { this.fit(); this.$refs.field.focus(); }); },
    manage() { this.$refs.canned.open = false; this.$emit("manage", null); },
    openedCanned(event) { if (event.target.open) event.target.querySelector("input").focus(); },
    outside(event) { const menu = this.$refs.canned; if (menu?.open && !menu.contains(event.target)) menu.open = false; },
    // Files.
    picked(event) { this.attach([...event.target.files]); event.target.value = ""; },
    pasted(event) { const files = [...(event.clipboardData?.files || [])]; if (files.length && !this.isNote) { event.preventDefault(); this.attach(files); } },
    dragged(event) { if ([...(event.dataTransfer?.types || [])].includes("Files")) this.isOver = true; },
    left(event) { if (!event.currentTarget.contains(event.relatedTarget)) this.isOver = false; },
    dropped(event) { this.isOver = false; if (!this.told.mute) { this.isNote = false; this.attach([...event.dataTransfer.files]); } },
    attach(files) {
      for (const file of files) {
        this.draft.files.push({ key: crypto.randomUUID?.() || String(Math.random()), name: file.name, size: bytes(file.size), done: 0, id: "", why: "" });
        const entry = this.draft.files.at(-1);
        if (this.draft.files.filter((f) => !f.why).length > AT_ONCE) entry.why = `Up to ${AT_ONCE} files at once.`;
        else upload(this.told.upload, file, entry).then(this.uploaded);
      }
      this.$refs.field?.focus();
    },
    uploaded() {
      this.keep();
      if (this.isWaiting && !this.isUploading) { this.isWaiting = false; this.send(); }
    },
    drop(file) { this.draft.files = this.draft.files.filter((f) => f !== file); this.keep(); this.$refs.field?.focus(); },
    // Reading.
    nearEnd() { const box = this.$refs.scroll; return !box || box.scrollHeight - box.scrollTop - box.clientHeight < 80; },
    grew() { if (this.stuck !== false) this.toEnd(); },
    scrolled() { this.stuck = this.nearEnd(); if (this.stuck) { this.below = 0; this.see(); } },
    toEnd() { const box = this.$refs.scroll; if (box) box.scrollTop = box.scrollHeight; this.below = 0; this.stuck = true; this.see(); },
    see() {
      const last = this.items.at(-1)?.id;
      // Only whoever looks has read it.
      if (!last || last === this.lastSeen || document.hidden || !document.hasFocus() || !this.$el?.offsetParent) return;
      this.lastSeen = last;
      this.$emit("seen", { conversation: this.told.id, last });
    },
    back() { if (!document.hidden) { this.beat(); if (this.nearEnd()) this.see(); } },
    beat() { if (this.told.id && !document.hidden && this.$el?.offsetParent) this.$emit("here", this.told.id); },
    earlierOnes() { this.loading = true; this.$emit("earlier", { conversation: this.told.id, cursor: this.cursor }); },
    dayWord(m) {
      const days = Math.round((Date.parse(this.today) - Date.parse(m.day)) / 86400000);
      return days === 0 ? "Today" : days === 1 ? "Yesterday" : m.day_word;
    },
  },
};
