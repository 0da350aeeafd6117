// The browser's part of a client's onboarding: opens Meta's popup inside the click, hears its two
// signals, and brings them to the hub by the socket, or by a plain request when that is silent.
const TYPE = "WA_EMBEDDED_SIGNUP";
const MAX_TEXT = 20000;
const RECEIPT_MS = 1000; // the code lives for thirty seconds: a second for the socket is enough
const GIVE_UP_MS = 120000;
const BLOCKED_MS = 600; // no person closes a window faster than this
const SOCKET_MS = 50;
const TYPED = /^ob-(company|full_name|email|bill_[a-z_]+)$/;
const LEAVE_MS = 1800; // long enough to read that it worked

const signalOf = (data) => {
  if (typeof data === "string") return data.length <= MAX_TEXT && data.includes(TYPE) ? data : null;
  return data && typeof data === "object" && data.type === TYPE ? data : null;
};

export default {
  template: "<div hidden></div>",
  props: { launch: Object, runId: String, language: String, exit: String },
  emits: ["signal", "unloadable"],
  data: () => ({ loading: null, queue: [], busy: false, receipt: null }),
  computed: {
    shelf() { return `hub-onboarding:${this.runId}`; },
    origins() { return this.launch?.message_origins || []; },
  },
  watch: {
    launch() { this.prepare(); },
    language() { document.documentElement.lang = this.language; },
    exit() { this.leave(); },
  },
  mounted() {
    // Meta's origins outlive a launch that is over: the message may come after the code.
    this.known = new Set(this.origins);
    this.listener = (event) => this.heard(event);
    window.addEventListener("message", this.listener);
    document.addEventListener("input", this.keepTyped);
    this.giveBackTyped();
    this.prepare();
    this.takeUp();
    this.leave();
  },
  unmounted() {
    window.removeEventListener("message", this.listener);
    document.removeEventListener("input", this.keepTyped);
  },
  methods: {
    // Load the SDK ahead, so that FB.login can run inside the click.
    prepare() {
      this.origins.forEach((origin) => this.known?.add(origin));
      if (!this.launch || this.loading) return;
      const script = document.createElement("script");
      script.src = this.launch.sdk_url;
      script.async = true;
      script.crossOrigin = "anonymous";
      this.loading = new Promise((resolve) => {
        script.onload = () => { this.init(); resolve(true); };
        script.onerror = () => { this.loading = null; resolve(false); };
      });
      document.head.append(script);
    },
    init() {
      const { app_id: appId, api_version: version } = this.launch || {};
      if (window.FB && appId) window.FB.init({ appId, version, autoLogAppEvents: true, xfbml: true });
    },
    open() {
      if (!this.launch) return;
      if (!window.FB) { this.openLater(); return; }
      const login = { since: performance.now(), over: false, isOpen: false };
      this.send("opened", "");
      this.inside(login, () => window.FB.login((answer) => this.answered(login, answer), {
        config_id: this.launch.config_id,
        response_type: "code",
        override_default_response_type: true,
        extras: this.launch.extras,
      }));
    },
    // Still loading (say so and let the person click again) or kept away by the browser.
    async openLater() {
      this.prepare();
      const late = new Promise((resolve) => setTimeout(() => resolve(false), 4000));
      const loaded = await Promise.race([this.loading, late]);
      if (loaded && navigator.userActivation?.isActive) this.open();
      else if (!loaded) this.$emit("unloadable");
    },
    // Watches window.open for the length of the call: a refused popup returns null there.
    inside(login, act) {
      const open = window.open;
      let popup;
      window.open = (...args) => (popup = open.apply(window, args));
      try { act(); } finally { window.open = open; }
      login.isOpen = Boolean(popup);
      if (popup === null) this.blocked(login);
    },
    blocked(login) {
      if (login.over) return;
      login.over = true;
      this.send("blocked", "");
    },
    answered(login, answer) {
      if (login.over) return;
      const code = answer?.authResponse?.code || "";
      // Where the SDK opens the window later, only the haste of the answer tells.
      const hasty = performance.now() - login.since < BLOCKED_MS;
      if (!code && !login.isOpen && hasty) { this.blocked(login); return; }
      login.over = true;
      this.send("code", code);
    },
    heard(event) {
      if (!this.known.has(event.origin)) return;
      const value = signalOf(event.data);
      if (value !== null) this.send("message", value, event.origin);
    },

    // --- to the hub: in order, each until it is received ------------------------------------
    send(kind, value, origin = "") {
      this.queue.push({ id: `${Date.now()}-${Math.random()}`, kind, value, origin, at: Date.now() });
      this.keep();
      this.work();
    },
    keep() {
      try {
        if (this.queue.length) sessionStorage.setItem(this.shelf, JSON.stringify(this.queue));
        else sessionStorage.removeItem(this.shelf);
      } catch { /* private window: this page only */ }
    },
    // What a reload interrupted.
    takeUp() {
      try { this.queue = JSON.parse(sessionStorage.getItem(this.shelf) || "[]"); } catch { this.queue = []; }
      if (this.queue.length) this.work();
    },
    async work() {
      if (this.busy) return;
      this.busy = true;
      while (this.queue.length) {
        const signal = this.queue[0];
        const done = Date.now() - signal.at > GIVE_UP_MS || await this.tell(signal) || await this.post(signal);
        if (!done) { await new Promise((resolve) => setTimeout(resolve, RECEIPT_MS)); continue; }
        this.queue.shift();
        this.keep();
      }
      this.busy = false;
    },
    tell(signal) {
      if (!window.socket?.connected) return false;
      return new Promise((resolve) => {
        const timer = setTimeout(() => resolve(false), RECEIPT_MS);
        this.receipt = (id) => { if (id === signal.id) { clearTimeout(timer); resolve(true); } };
        this.$emit("signal", signal);
      });
    },
    received(id) { this.receipt?.(id); },
    async post(signal) {
      try {
        const answer = await fetch(`/onboarding/api/${encodeURIComponent(this.runId)}/signal`, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify(signal),
          keepalive: true,
        });
        return answer.status < 500 && answer.status !== 429;
      } catch { return false; }
    },

    // --- what was typed and not sent: a restarted hub draws the page anew, this tab remembers ---
    keepTyped(event) {
      if (!TYPED.test(event.target.id)) return;
      try {
        const typed = { ...this.typed(), [event.target.id]: event.target.value };
        sessionStorage.setItem(`${this.shelf}:typed`, JSON.stringify(typed));
      } catch { /* private window: this page only */ }
    },
    typed() {
      try { return JSON.parse(sessionStorage.getItem(`${this.shelf}:typed`) || "{}"); } catch { return {}; }
    },
    // Into fields that are empty, as if typed again, once the hub hears it.
    giveBackTyped() {
      if (!window.socket?.connected) { setTimeout(() => this.giveBackTyped(), SOCKET_MS); return; }
      for (const [id, value] of Object.entries(this.typed())) {
        const field = document.getElementById(id);
        if (!field || field.value || !TYPED.test(id)) continue;
        field.value = value;
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
    },

    // --- the page itself --------------------------------------------------------------------
    // A new step: a screen reader and the keyboard start at its heading.
    arrived() {
      setTimeout(() => document.querySelector("main h1")?.focus({ preventScroll: true }));
      window.scrollTo({ top: 0 });
    },
    wrong(id) { setTimeout(() => document.getElementById(id)?.focus()); },
    // Once per tab: who comes back by the back button shall not be sent away again.
    leave() {
      if (!this.exit || !/^https?:\/\//.test(this.exit)) return;
      const mark = `${this.shelf}:left`;
      try {
        if (sessionStorage.getItem(mark)) return;
        sessionStorage.setItem(mark, "1");
      } catch { /* then it leaves again */ }
      setTimeout(() => window.location.assign(this.exit), LEAVE_MS);
    },
  },
};
