// A stand-in for Meta's browser SDK: FB.init and FB.login, nothing else.
// Switches may stand in this script's own address: sdk.js?order=message_lost&phone=%2B49...
(function () {
  "use strict";
  const source = document.currentScript && document.currentScript.src;
  const address = new URL(source || "{{public_url}}/sdk.js");
  const switches = ["order", "code_delay_seconds", "phone"];
  const waiting = new Map();
  let settings = null;

  function dialogAddress(options, callbackId) {
    const query = new URLSearchParams({
      client_id: String(settings.appId),
      config_id: String(options.config_id || ""),
      response_type: String(options.response_type || "token"),
      override_default_response_type: String(Boolean(options.override_default_response_type)),
      extras: JSON.stringify(options.extras || {}),
      display: "popup",
      origin: window.location.origin,
      cb: callbackId,
    });
    for (const name of switches) {
      if (address.searchParams.has(name)) query.set(name, address.searchParams.get(name));
    }
    return `${address.origin}/${settings.version}/dialog/oauth?${query}`;
  }

  function settle(callbackId, code) {
    const login = waiting.get(callbackId);
    if (!login) return;
    waiting.delete(callbackId);
    clearInterval(login.watch);
    const authResponse = code
      ? { code: code, userID: null, expiresIn: null, accessToken: null }
      : null;
    login.callback({ authResponse: authResponse, status: code ? "connected" : "unknown" });
  }

  // The popup talks to this script in a form that is not JSON, as the real channel does.
  window.addEventListener("message", (event) => {
    if (event.origin !== address.origin || typeof event.data !== "string") return;
    if (!event.data.startsWith("sandbox_sdk&")) return;
    const answer = new URLSearchParams(event.data);
    const login = waiting.get(answer.get("cb"));
    if (!login) return;
    // "held" is the code of a popup on its last screen: closing it there counts as success.
    if (answer.has("held")) login.held = answer.get("held");
    else settle(answer.get("cb"), answer.get("code"));
  });

  window.FB = {
    init(options) {
      if (!options || !options.appId || !options.version) {
        throw new Error("FB.init needs appId and version");
      }
      settings = options;
    },
    login(callback, options) {
      if (!settings) {
        console.error("FB.login() called before FB.init().");
        return;
      }
      const callbackId = `f${Math.random().toString(36).slice(2)}`;
      const login = { callback: callback || (() => {}), held: null, watch: 0 };
      waiting.set(callbackId, login);
      const size = "popup,width=560,height=760";
      const popup = window.open(dialogAddress(options || {}, callbackId), "_blank", size);
      if (!popup) {
        setTimeout(() => settle(callbackId, null));
        return;
      }
      login.watch = setInterval(() => {
        if (!popup.closed) return;
        clearInterval(login.watch);
        // A last message may still be on its way when the window is gone.
        setTimeout(() => settle(callbackId, login.held), 300);
      }, 200);
    },
    getLoginStatus(callback) {
      callback({ authResponse: null, status: "unknown" });
    },
    logout(callback) {
      if (callback) callback({ authResponse: null, status: "unknown" });
    },
  };

  if (typeof window.fbAsyncInit === "function") window.fbAsyncInit();
})();
