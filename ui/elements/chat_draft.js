// What somebody was writing, kept through reloads and breaks of the connection, and files on their way to the hub.
const PLACE = "hub-draft-";
const MOST = 2 * 1024 * 1024; // as core/uploads/rules.py
export const AT_ONCE = 5; // as core/support/files.py

export function draftOf(id) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(PLACE + id) || "{}");
    return { text: kept.text || "", files: (kept.files || []).filter((f) => f.id), sending: kept.sending || [] };
  } catch { return { text: "", files: [], sending: [] }; }
}

export function keepDraft(id, draft) {
  if (!id) return;
  try {
    const isEmpty = !draft.text && !draft.files.length && !draft.sending.length;
    if (isEmpty) sessionStorage.removeItem(PLACE + id);
    else sessionStorage.setItem(PLACE + id, JSON.stringify(draft));
  } catch { /* private window: this page only */ }
}

export const bytes = (n) => (n < 1024 ? `${n} B` : n < 1048576 ? `${Math.round(n / 1024)} KB` : `${(n / 1048576).toFixed(1)} MB`);

// Sets `done` while it goes, then `id` or `why`; never rejects.
export function upload(url, file, entry) {
  return new Promise((resolve) => {
    const end = (facts) => { Object.assign(entry, facts); resolve(); };
    if (file.size > MOST) return end({ why: "This file is too large. Up to 2 MB can be attached." });
    const request = new XMLHttpRequest();
    request.open("POST", `${url}${url.includes("?") ? "&" : "?"}name=${encodeURIComponent(file.name.slice(-200))}`);
    request.responseType = "json";
    request.upload.onprogress = (event) => { if (event.lengthComputable) entry.done = event.loaded / event.total; };
    request.onerror = () => end({ why: "The connection broke. Try again." });
    request.onload = () => {
      const told = request.response || {};
      if (request.status < 300 && told.id) end({ id: told.id, done: 1 });
      else end({ why: told.why || (request.status === 413 ? "This file is too large." : "This file was not taken.") });
    };
    request.send(file);
  });
}
