// A button that counts down until another code may be asked for.
export default {
  template: `<button type="button" class="ob-plain" :aria-disabled="String(left > 0)" @click="left || $emit('resend')">{{ text }}</button>`,
  props: { label: String, waiting: String, seconds: Number, sent: String },
  emits: ["resend"],
  data: () => ({ left: 0, timer: null }),
  computed: {
    text() {
      const time = `${Math.floor(this.left / 60)}:${String(this.left % 60).padStart(2, "0")}`;
      return this.left > 0 ? this.waiting.replace("%", time) : this.label;
    },
  },
  watch: { sent() { this.begin(); } },
  mounted() { this.begin(); },
  unmounted() { clearInterval(this.timer); },
  methods: {
    begin() {
      clearInterval(this.timer);
      const until = Date.now() + (this.seconds || 0) * 1000;
      const tick = () => {
        this.left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
        if (!this.left) clearInterval(this.timer);
      };
      tick();
      if (this.left) this.timer = setInterval(tick, 500);
    },
  },
};
