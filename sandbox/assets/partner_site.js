// Mounts the connect button and shows what it reports. The partner id is remembered for the
// tab, because after the popup the real button reloads the page with the answer as its query.
"use strict";

const query = new URLSearchParams(location.search);
const mount = document.querySelector("[data-testid=button]");
const onRedirect = location.pathname.endsWith("/redirect");
const partner = rememberedPartner();

function rememberedPartner() {
  const given = query.get("partner");
  if (given && !query.get("client")) sessionStorage.setItem("partner", given);
  return sessionStorage.getItem("partner") || (onRedirect ? "returning" : "");
}

function show(testid, value) {
  const element = document.querySelector(`[data-testid=${testid}]`);
  if (element) element.textContent = value;
}

function report({ client, channels, revokedChannels }) {
  show("result", JSON.stringify({ client, channels, revoked: revokedChannels || [] }));
}

function mountRealButton() {
  const script = document.createElement("script");
  script.src = "/partner-site/assets/dialog-connect-button.umd.js";
  script.addEventListener("load", () => {
    const button = document.createElement("dialog-connect-button");
    button.setAttribute("partner-id", partner);
    button.setAttribute("env", "local");
    button.setAttribute("label", "Connect WhatsApp");
    for (const name of buttonAttributes()) button.setAttribute(name, query.get(name));
    button.addEventListener("connect-callback", (event) => report(event.detail));
    mount.append(button);
  });
  document.head.append(script);
}

// Passed through from this page's address to the button, under the button's own names.
function buttonAttributes() {
  const known = [
    "requested-number", "email", "name", "state", "redirect-url", "next", "plan-selection",
    "flow", "io-signature", "io-timestamp", "preverified-phone-number-id",
  ];
  return client() ? [] : known.filter((name) => query.has(name));
}

function client() {
  return query.get("client");
}

function mountOwnButton() {
  if (onRedirect && opener) {
    opener.postMessage(location.search, location.origin);
    close();
    return;
  }
  const button = document.createElement("button");
  button.textContent = "Connect WhatsApp";
  button.addEventListener("click", openHub);
  mount.append(button);
  addEventListener("message", (event) => {
    if (event.origin !== location.origin || typeof event.data !== "string") return;
    report(answerIn(event.data));
  });
  if (client()) report(answerIn(location.search));
}

function openHub() {
  const address = new URL(`${mount.dataset.hub}/dashboard/app/${encodeURIComponent(partner)}`);
  for (const name of buttonAttributes()) {
    const key = name === "requested-number" ? "number" : name.replaceAll("-", "_");
    address.searchParams.set(key, query.get(name));
  }
  open(address, "connect-360dialog", "toolbar=no, menubar=no, width=600, height=920, top=100, left=100");
}

function answerIn(search) {
  const answer = new URLSearchParams(search);
  const list = (name) => {
    const value = answer.get(name);
    return value ? value.slice(1, -1).split(",") : undefined;
  };
  return { client: answer.get("client"), channels: list("channels"), revokedChannels: list("revoked") };
}

function showWelcome() {
  // In the popup the button closes the window; without an opener this is the client's last page.
  document.querySelector("[data-testid=welcome]").hidden = Boolean(opener);
  show("query", location.search);
}

show("which-button", mount.dataset.button === "real" ? "360dialog-connect-button" : "own lines");
if (onRedirect) showWelcome();
if (!partner) document.querySelector("[data-testid=no-partner]").hidden = false;
else if (mount.dataset.button === "real") mountRealButton();
else mountOwnButton();
