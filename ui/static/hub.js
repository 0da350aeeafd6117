// The browser's part of the frame: theme, connection, copy, keys, focus, times. Loaded before
// anything is drawn, so that a chosen theme never flashes. Holds no data of the hub.
(() => {
  "use strict";
  const root = document.documentElement;
  const year = 31536000;

  // Theme: "system" follows the device; the choice stays in this browser.
  const stored = () => {
    try { return localStorage.getItem("hub-theme") || "system"; } catch { return "system"; }
  };
  const applyTheme = () => {
    const choice = stored();
    if (choice === "system") delete root.dataset.theme;
    else root.dataset.theme = choice;
    if (window.Quasar?.Dark?.set) window.Quasar.Dark.set(choice === "system" ? "auto" : choice === "dark");
    document.querySelectorAll("[data-theme-choice]").forEach((button) =>
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice)));
  };
  const chooseTheme = (choice) => {
    try { localStorage.setItem("hub-theme", choice); } catch { /* private window: this page only */ }
    applyTheme();
  };
  applyTheme();

  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  if (/^[\w+/-]{1,64}$/.test(zone)) {
    document.cookie = `hub_zone=${zone}; path=/; max-age=${year}; samesite=lax`;
  }

  const announce = (text) => {
    const region = document.getElementById("announcer");
    if (region) region.textContent = text;
  };

  // Connection: the socket's own events, told by a dot with a word and to screen readers.
  const words = { connecting: "Connecting…", live: "Live", lost: "Reconnecting…" };
  const setConnection = (state) => {
    const before = root.dataset.connection;
    root.dataset.connection = state;
    document.querySelectorAll(".conn-word").forEach((word) => { word.textContent = words[state]; });
    if (state === "lost") announce("Connection lost. Reconnecting.");
    if (state === "live" && before === "lost") announce("Connected again.");
  };
  root.dataset.connection = "connecting";
  const followSocket = () => {
    const socket = window.socket;
    if (!socket?.io) return void setTimeout(followSocket, 30);
    applyTheme(); // drawn by now: the person menu shows the choice
    socket.on("connect", () => setConnection("live"));
    socket.on("disconnect", () => setConnection("lost"));
    socket.io.on("reconnect_attempt", () => setConnection("lost"));
    if (socket.connected) setConnection("live");
  };
  addEventListener("DOMContentLoaded", followSocket);

  const copy = async (button) => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      announce("Copying was not allowed by the browser.");
      return;
    }
    button.dataset.done = "";
    button.classList.replace("i-copy", "i-check");
    announce("Copied.");
    setTimeout(() => {
      delete button.dataset.done;
      button.classList.replace("i-check", "i-copy");
    }, 1600);
  };

  document.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest?.(selector);
    const copies = at("[data-copy]");
    if (copies) { event.preventDefault(); event.stopPropagation(); copy(copies); }
    const theme = at("[data-theme-choice]");
    if (theme) chooseTheme(theme.dataset.themeChoice);
    if (at("[data-open-palette]")) hub.palette?.open();
    if (at(".skip")) { event.preventDefault(); document.getElementById("main")?.focus(); }
    const link = at("[popover] a");
    if (link) link.closest("[popover]").hidePopover?.();
  }, true);

  const typing = (target) => target.closest?.("input, textarea, select, [contenteditable=true]");
  document.addEventListener("keydown", (event) => {
    const command = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
    const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target);
    if ((command || slash) && hub.palette) { event.preventDefault(); hub.palette.open(); }
  });

  // Times age while the page is open. The hub's clock counts, not this device's.
  const skew = () => {
    const told = document.querySelector('meta[name="hub-now"]')?.content;
    return told ? Date.parse(told) - pageStart : 0;
  };
  const pageStart = Date.now();
  const relative = (iso) => {
    const seconds = (Date.now() + skew() - Date.parse(iso)) / 1000;
    if (Number.isNaN(seconds) || seconds < 0 || seconds >= 12 * 3600) return null; // the server's words stay
    if (seconds < 60) return "just now";
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
    return `${Math.floor(seconds / 3600)} h ago`;
  };
  setInterval(() => {
    if (document.hidden) return;
    document.querySelectorAll("time[datetime]:not([data-fixed])").forEach((time) => {
      const text = relative(time.getAttribute("datetime"));
      if (text && /ago|just now/.test(time.textContent) && time.textContent !== text) time.textContent = text;
    });
  }, 30000);

  window.hub = {
    announce, applyTheme, relative, palette: null,
    // After a switch of section: a screen reader starts at the new title. Whoever types is left alone.
    arrived() {
      const title = document.querySelector("#main h1");
      if (title && !typing(document.activeElement)) {
        title.setAttribute("tabindex", "-1");
        title.focus({ preventScroll: true });
      }
    },
    // Page state in the address without a new entry in the history and without a reload.
    replacePath(path) {
      history.replaceState({ page: path }, "", (window.path_prefix || "") + path);
    },
    // Another place of the same page, which is drawn already.
    pushPath(path) {
      history.pushState({ page: path }, "", (window.path_prefix || "") + path);
    },
  };
})();
