// Walks the screens and tells the opener how it ended: a JSON string for the page, another form
// for the SDK. The server makes both; here is only their order and the moment they are sent.
(function () {
  "use strict";
  const session = JSON.parse(document.getElementById("session").textContent);
  const form = document.getElementById("signup");
  const screens = [...form.querySelectorAll("section")];
  const problem = document.getElementById("problem");
  let at = 0;
  let result = null;
  let told = false;

  function fill() {
    const category = form.elements.category;
    for (const name of session.categories) category.add(new Option(name, name));
    for (const [name, value] of Object.entries(session.details)) {
      if (form.elements[name] && value) form.elements[name].value = value;
    }
    const codes = document.getElementById("error_code");
    for (const [code, text] of Object.entries(session.errors)) {
      codes.add(new Option(`${code}: ${text}`, code));
    }
    document.getElementById("quick-number").textContent = session.details.phone;
    document.getElementById("portfolio").textContent = session.portfolio
      ? `Your portfolio: ${session.portfolio}`
      : "A new portfolio is made for this business.";
  }

  function show(index) {
    at = index;
    const last = at === screens.length - 1;
    screens.forEach((screen, position) => { screen.hidden = position !== at; });
    const screen = screens[at];
    if (!screen.querySelector("h1")) {
      const title = document.createElement("h1");
      title.textContent = screen.dataset.title;
      title.tabIndex = -1;
      screen.prepend(title);
    }
    screen.querySelector("h1").focus();
    document.getElementById("progress").textContent = last ? "" : `Step ${at + 1} of 6`;
    document.getElementById("moves").hidden = last;
    document.getElementById("endings").hidden = last;
    form.querySelector('[data-act="back"]').disabled = at === 0;
    const review = screen.dataset.step === "PERMISSIONS";
    document.getElementById("next").textContent = review ? "Allow and continue" : "Next";
    if (review) list(document.getElementById("review"));
    problem.hidden = true;
  }

  function list(review) {
    const rows = [["Business", "business_name"], ["Display name", "display_name"],
      ["Phone number", "phone"]];
    review.replaceChildren(...rows.flatMap(([title, name]) => {
      const term = document.createElement("dt");
      const value = document.createElement("dd");
      term.textContent = title;
      value.textContent = form.elements[name].value;
      return [term, value];
    }));
  }

  function complain(text) {
    problem.textContent = text;
    problem.hidden = false;
  }

  async function post(path, body) {
    const answer = await fetch(`/es/${session.id}/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const data = await answer.json();
    if (answer.ok) return data;
    document.getElementById("error_code").value = data.code;
    complain(`${data.message} (code ${data.code})`);
    return null;
  }

  function details(extra) {
    return { ...Object.fromEntries(new FormData(form)), ...extra };
  }

  function tellPage() {
    if (result.message && result.order !== "message_lost") say(result.message);
  }

  function tellSdk() {
    const code = result.code ? `&code=${encodeURIComponent(result.code)}` : "&status=unknown";
    say(`sandbox_sdk&cb=${result.callback_id}${code}`);
  }

  function say(text) {
    // Never "*": the code must not reach another page that has taken the opener's place.
    if (window.opener) window.opener.postMessage(text, result.host_origin);
  }

  function tell(gap) {
    if (told) return;
    told = true;
    const [first, second] =
      result.order === "message_first" || !result.code ? [tellPage, tellSdk] : [tellSdk, tellPage];
    first();
    if (gap) setTimeout(() => { second(); window.close(); }, 150);
    else second();
  }

  async function finish(ending) {
    result = await post("finish", details({ ending }));
    if (!result) return;
    say(`sandbox_sdk&cb=${result.callback_id}&held=${encodeURIComponent(result.code)}`);
    show(screens.length - 1);
  }

  async function done() {
    await post("done", {});
    tell(true);
  }

  async function leave(extra) {
    result = await post("leave", details({ step: screens[at].dataset.step, ...extra }));
    if (result) tell(true);
  }

  const acts = {
    back: () => show(at - 1),
    quick: async () => { await finish("finish"); if (result) await done(); },
    done: done,
    no_number: () => finish("no_number"),
    coexistence: () => finish("coexistence"),
    grant_only: () => finish("grant_only"),
    obo: () => finish("obo"),
    leave: () => leave({}),
    shared: () => leave({ shared: true }),
    report: (button) => {
      const panel = document.getElementById("report");
      panel.hidden = !panel.hidden;
      button.setAttribute("aria-expanded", String(!panel.hidden));
    },
    send_report: () => {
      const code = document.getElementById("error_code").value;
      return leave({ error_code: code, error_message: session.errors[code] });
    },
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    if (button) acts[button.dataset.act](button);
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const fields = [...screens[at].querySelectorAll("input, select, textarea")];
    const wrong = fields.find((field) => !field.checkValidity());
    if (wrong) {
      complain(`Please check: ${wrong.labels[0].firstChild.textContent.trim()}`);
      wrong.focus();
      return;
    }
    const step = screens[at].dataset.step;
    if (step === "PERMISSIONS") finish("finish");
    // A preverified number needs neither typing nor a code.
    else if (step === "WHATSAPP_BUSINESS_PROFILE_SETUP" && session.preverified) show(at + 3);
    else show(at + 1);
  });

  // Closing the window on the last screen counts as success.
  window.addEventListener("pagehide", () => {
    if (!result || told || !result.code) return;
    navigator.sendBeacon(`/es/${session.id}/done`);
    tell(false);
  });

  fill();
  show(0);
  if (!window.opener) complain("This window was not opened by a page; nobody hears how it ends.");
})();
