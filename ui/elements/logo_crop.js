// The logo: what is there, a picture from this device, and the part of it that is kept. Mouse, finger and keys do the
// same; the file is posted as it is, the hub cuts it. Nothing leaves the browser before Save but a small preview.
import { look } from "logo_crop_look";

const TYPES = ["image/png", "image/jpeg", "image/webp"];
const SMALL = 240; // pixels of the preview's longest side
const SHOWN = 200; // pixels of the screen: no picture is shown smaller than that
const TELL_AFTER = 120; // ms without another move
const BROKEN = "This file cannot be read. Save it again, or take another one.";
const KEPT_FOR = 60000; // ms: after a break of the connection the page is drawn anew, and the choice is not lost

let kept = null;

export default {
  template: `
  <div :class="['lc', { over }]" @dragenter.prevent="over = true" @dragover.prevent="over = true" @dragleave="left" @drop.prevent="dropped">
    <div v-if="!picture" class="lc-now">
      <div v-if="logo" class="lc-tile"><img :src="logo" alt="Your logo"></div>
      <div v-else class="lc-tile none">No logo</div>
      <div class="lc-acts">
        <button type="button" class="lc-button" ref="choose" @click="$refs.picker.click()">{{ logo ? "Replace…" : "Choose a picture…" }}</button>
        <button v-if="logo" type="button" class="lc-button away" @click="$emit('remove')">Remove logo</button>
      </div>
    </div>
    <template v-else>
      <div class="lc-stage" role="group" aria-label="Part of the picture that is kept">
        <img ref="image" :src="picture" :style="enlarged" alt="The picture that you chose" draggable="false">
        <div class="lc-frame"><button v-if="crop.width" type="button" class="lc-move" ref="move" :style="box" aria-label="Move the part that is kept: arrow keys, Shift for larger steps"
                @keydown="key($event, 'move')" @pointerdown="grab($event, 'move')" @pointermove="drag" @pointerup="drop" @pointercancel="drop"></button></div>
        <button v-for="corner in corners" :key="corner.name" type="button" class="lc-corner" :style="corner.at" :aria-label="corner.label"
                @keydown="key($event, corner.name)" @pointerdown="grab($event, corner.name)" @pointermove="drag" @pointerup="drop" @pointercancel="drop"></button>
      </div>
      <p class="lc-told" role="status">{{ told }}<span v-if="isThin" class="lc-warned">{{ thin }}</span></p>
      <div class="lc-acts">
        <button type="button" class="lc-button main" :disabled="busy || isThin" @click="save">{{ busy ? "Saving…" : "Save logo" }}</button>
        <button type="button" class="lc-button" :disabled="busy" @click="whole">Whole picture</button>
        <button type="button" class="lc-button" :disabled="busy" @click="square">Square</button>
        <button type="button" class="lc-button" :disabled="busy" @click="cancel">Cancel</button>
      </div>
    </template>
    <p class="lc-fault" role="alert">{{ why }}</p>
    <input ref="picker" type="file" class="lc-picker" tabindex="-1" accept="image/png,image/jpeg,image/webp" aria-label="Logo file" @change="picked">
  </div>`,
  props: { logo: String, post: String, most: Number, least: Number, longest: Number, pixels: Number, times: Number, thin: String },
  emits: ["draft", "saved", "remove"],
  data: () => ({ picture: "", size: { width: 0, height: 0 }, crop: { left: 0, top: 0, width: 0, height: 0 }, why: "", busy: false, over: false }),
  computed: {
    box() {
      const of = (part, all) => `${(100 * part) / all}%`;
      const { left, top, width, height } = this.crop;
      return { left: of(left, this.size.width), top: of(top, this.size.height), width: of(width, this.size.width), height: of(height, this.size.height) };
    },
    corners() {
      if (!this.crop.width) return [];
      const at = (x, y) => ({ left: `${(100 * x) / this.size.width}%`, top: `${(100 * y) / this.size.height}%` });
      const { left, top, width, height } = this.crop;
      return [
        { name: "first", label: "Top left corner: arrow keys change the size", at: at(left, top) },
        { name: "last", label: "Bottom right corner: arrow keys change the size", at: at(left + width, top + height) },
      ];
    },
    // Small pictures are shown larger, or the handles would hide them.
    enlarged() {
      const longest = Math.max(this.size.width, this.size.height);
      return longest < SHOWN ? { width: `${Math.round((SHOWN * this.size.width) / longest)}px` } : {};
    },
    isThin() { return Math.max(this.crop.width, this.crop.height) > this.times * Math.min(this.crop.width, this.crop.height); },
    told() { return `${this.crop.width} × ${this.crop.height} pixels of ${this.size.width} × ${this.size.height}`; },
  },
  created() { look(); },
  // A turn later: the element before goes after this one has come.
  mounted() { setTimeout(this.takeUp); },
  unmounted() {
    if (this.picture) kept = { file: this.file, crop: this.crop, at: Date.now() };
    this.forget();
  },
  methods: {
    async takeUp() {
      const before = kept;
      kept = null;
      if (!before || Date.now() - before.at > KEPT_FOR) return;
      await this.open(before.file);
      if (this.picture) this.put(before.crop);
    },
    picked(event) { this.take(event.target.files[0]); event.target.value = ""; },
    dropped(event) { this.over = false; this.take(event.dataTransfer.files[0]); },
    left(event) { if (!this.$el.contains(event.relatedTarget)) this.over = false; },
    async take(file) {
      if (!file || this.busy) return;
      await this.open(file);
      this.$nextTick(() => (this.$refs.move || this.$refs.choose)?.focus());
    },
    // A file that is refused leaves no earlier picture behind: nobody could tell which one is saved.
    refuse(why) {
      if (this.picture) this.$emit("draft", "");
      this.forget();
      this.why = why;
    },
    async open(file) {
      const wrong = this.wrongFile(file);
      if (wrong) return this.refuse(wrong);
      const url = URL.createObjectURL(file), image = new Image();
      image.src = url;
      // A picture that ends too early is drawn as far as it goes; as a bitmap it is refused.
      try { await image.decode(); (await createImageBitmap(file)).close(); } catch { URL.revokeObjectURL(url); return this.refuse(BROKEN); }
      const size = { width: image.naturalWidth, height: image.naturalHeight };
      const misfit = this.wrongSize(size);
      if (misfit) { URL.revokeObjectURL(url); return this.refuse(misfit); }
      this.forget();
      this.why = "";
      Object.assign(this, { picture: url, size });
      [this.file, this.image] = [file, image];
      this.whole();
    },
    wrongFile(file) {
      if (!TYPES.includes(file.type)) return "Only PNG, JPEG and WebP pictures can be a logo.";
      if (!file.size) return "This file is empty.";
      return file.size > this.most ? "This file is too large: up to 2 MB." : "";
    },
    wrongSize({ width, height }) {
      if (Math.min(width, height) < this.least) return `This picture is too small: ${this.least} pixels a side are needed.`;
      if (Math.max(width, height) > this.longest || width * height > this.pixels) return `This picture is too large: up to ${this.longest} pixels a side and ${this.pixels / 1e6} megapixels.`;
      return "";
    },
    whole() { this.put({ left: 0, top: 0, ...this.size }); },
    square() {
      const side = Math.min(this.size.width, this.size.height);
      this.put({ left: Math.round((this.size.width - side) / 2), top: Math.round((this.size.height - side) / 2), width: side, height: side });
    },
    // Whole pixels, inside the picture, never smaller than what is taken.
    put({ left, top, width, height }) {
      const within = (value, least, most) => Math.round(Math.min(Math.max(value, least), most));
      width = within(width, this.least, this.size.width);
      height = within(height, this.least, this.size.height);
      this.crop = { left: within(left, 0, this.size.width - width), top: within(top, 0, this.size.height - height), width, height };
      clearTimeout(this.telling);
      this.telling = setTimeout(this.tell, TELL_AFTER);
    },
    moved(what, from, x, y) {
      if (what === "move") return this.put({ ...from, left: from.left + x, top: from.top + y });
      if (what === "last") return this.put({ ...from, width: Math.min(from.width + x, this.size.width - from.left), height: Math.min(from.height + y, this.size.height - from.top) });
      x = Math.min(Math.max(x, -from.left), from.width - this.least);
      y = Math.min(Math.max(y, -from.top), from.height - this.least);
      this.put({ left: from.left + x, top: from.top + y, width: from.width - x, height: from.height - y });
    },
    key(event, what) {
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (event.key === "Escape") { event.preventDefault(); return this.cancel(); }
      if (!way) return;
      event.preventDefault();
      const step = Math.max(1, Math.round(Math.max(this.size.width, this.size.height) / (event.shiftKey ? 10 : 100)));
      this.moved(what, this.crop, way[0] * step, way[1] * step);
    },
    grab(event, what) {
      event.target.setPointerCapture(event.pointerId);
      this.held = { what, from: this.crop, x: event.clientX, y: event.clientY, scale: this.size.width / this.$refs.image.clientWidth };
    },
    drag(event) {
      const held = this.held;
      if (held) this.moved(held.what, held.from, (event.clientX - held.x) * held.scale, (event.clientY - held.y) * held.scale);
    },
    drop() { this.held = null; },
    // What it would look like, small: for the preview beside.
    tell() {
      if (!this.image) return;
      const { left, top, width, height } = this.crop, scale = Math.min(1, SMALL / Math.max(width, height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(width * scale));
      canvas.height = Math.max(1, Math.round(height * scale));
      canvas.getContext("2d").drawImage(this.image, left, top, width, height, 0, 0, canvas.width, canvas.height);
      this.$emit("draft", canvas.toDataURL("image/webp", 0.85));
    },
    async save() {
      this.busy = true;
      this.why = "";
      const query = new URLSearchParams(this.crop);
      let answer;
      try {
        answer = await fetch(`${this.post}?${query}`, { method: "POST", body: this.file });
      } catch { this.busy = false; this.why = "The connection broke. The picture is still here: save it once more."; return; }
      this.busy = false;
      if (answer.ok) { this.end(); this.$emit("saved"); return; }
      const told = await answer.json().catch(() => ({}));
      this.why = told.why || (answer.status === 413 ? "This file is too large: up to 2 MB." : "This file was not taken.");
    },
    cancel() { this.end(); this.$emit("draft", ""); },
    end() {
      this.forget();
      this.why = "";
      this.$nextTick(() => this.$refs.choose?.focus());
    },
    forget() {
      clearTimeout(this.telling);
      if (this.picture) URL.revokeObjectURL(this.picture);
      this.picture = "";
      this.file = this.image = this.held = null;
    },
  },
};
