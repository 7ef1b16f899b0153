// Keeps the standing of facts fresh while somebody looks, without disturbing what they are doing.

const EVERY = 4000;
const area = document.querySelector("[data-poll]");
let etag = null;

const busy = () => document.hidden || document.querySelector("dialog[open]") || area.contains(document.activeElement);

async function look() {
  if (busy()) return;
  const headers = { Accept: "text/html" };
  if (etag) headers["If-None-Match"] = etag;
  const response = await fetch(area.dataset.poll, { credentials: "same-origin", headers, cache: "no-store" });
  if (response.redirected || response.status === 401) {
    location.reload();
    return;
  }
  if (response.status !== 200 || busy()) return;
  etag = response.headers.get("ETag");
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  area.replaceChildren(...fresh.body.childNodes);
}

// A look that fails is tried again: the network or the gateway may be away for a moment.
if (area) setInterval(() => look().catch(() => {}), EVERY);
