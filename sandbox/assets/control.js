// Each form names a JSON route in data-path; its fields become path, query or body, and the
// answer is shown below its button. Nothing here knows what the routes mean.
"use strict";

function valueOf(field) {
  if (field.value === "") return undefined;
  const type = field.dataset.type || field.type;
  if (type === "number") return Number(field.value);
  if (type === "utc") return `${field.value}Z`;
  return field.value;
}

function requestOf(form) {
  const asked = { path: form.dataset.path, query: new URLSearchParams(), body: {} };
  const [listName] = (form.dataset.json || "").split(":");
  for (const field of form.querySelectorAll("[name]")) {
    const value = valueOf(field);
    if (field.dataset.in === "path") asked.path = asked.path.replace(`{${field.name}}`, encodeURIComponent(value));
    else if (value === undefined) continue;
    else if (field.dataset.in === "query") asked.query.set(field.name, value);
    else asked.body[field.name] = field.name === listName ? [value] : value;
  }
  return asked;
}

function bodyOf(form, body) {
  if (form.dataset.empty) return form.dataset.empty;
  if (form.dataset.raw) return form.elements[form.dataset.raw].value;
  return JSON.stringify(body);
}

async function send(form) {
  const { path, query, body } = requestOf(form);
  const options = { method: form.dataset.method, headers: {} };
  if (options.method === "POST") {
    options.headers["Content-Type"] = "application/json";
    options.body = bodyOf(form, body);
  }
  const answer = await fetch(query.size ? `${path}?${query}` : path, options);
  return `${answer.status} ${pretty(await answer.text())}`;
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

async function submitted(event) {
  event.preventDefault();
  const status = event.target.querySelector("pre");
  status.textContent = "…";
  try {
    status.textContent = await send(event.target);
  } catch (error) {
    status.textContent = `No answer: ${error.message}`;
  }
  showClock();
}

async function read(path) {
  const answer = await fetch(path);
  return answer.ok ? answer.json() : {};
}

async function showClock() {
  const clock = await read("/control/clock");
  const element = document.querySelector("[data-testid=clock]");
  element.textContent = `${clock.now} (offset ${Math.round(clock.offset_seconds)} s)`;
}

async function fillOptions(select) {
  const [path, key] = select.dataset.options.split("#");
  const known = (await read(path))[key] || {};
  for (const [name, meaning] of Object.entries(known)) select.add(new Option(`${name}: ${meaning}`, name));
}

function fillList(id, nodes, label) {
  const list = document.getElementById(id);
  for (const node of Object.values(nodes || {})) {
    const option = new Option(node[label] || node.name || "", node.id);
    list.append(option);
  }
}

async function fillTargets() {
  const state = await read("/control/meta/state");
  fillList("phones", state.phones || state.phone_numbers, "display_phone_number");
  fillList("wabas", state.wabas, "name");
  const solutions = document.getElementById("solutions");
  for (const { id, name } of Object.values(state.solutions || {})) solutions.append(new Option(name || id, id));
}

async function fillScenarios() {
  const { scenarios = [] } = await read("/control/meta/scenarios");
  const more = document.getElementById("more-scenarios");
  const known = [...more.parentElement.options].map((option) => option.value);
  for (const name of scenarios) if (!known.includes(name)) more.append(new Option(name, name));
}

for (const form of document.forms) form.addEventListener("submit", submitted);
for (const select of document.querySelectorAll("[data-options]")) fillOptions(select);
showClock();
fillTargets();
fillScenarios();
