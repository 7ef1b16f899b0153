// Talk to our own pages: with the proof that it is us, a key that makes repeating safe, and a plain answer.

/** What the server said no to, or that it could not be reached (`status` 0). */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || document.body.dataset.failed || "");
    this.status = status;
    this.problem = problem;
  }
}

const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

/** A new key for one intent; keep it with the intent so that sending again does nothing twice. */
export const newKey = () =>
  crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

async function answered(response) {
  const text = await response.text();
  let body = null;
  try {
    body = text ? JSON.parse(text) : null;
  } catch {
    body = null;
  }
  if (!response.ok) throw new Refused(response.status, body ?? {});
  return { body, etag: response.headers.get("ETag"), status: response.status };
}

async function ask(url, options) {
  let response;
  try {
    response = await fetch(url, { credentials: "same-origin", redirect: "follow", signal: AbortSignal.timeout(15000), ...options });
  } catch {
    throw new Refused(0, { title: document.body.dataset.offline });
  }
  return answered(response);
}

/** Read JSON; with an `etag` of before, an unchanged answer has `status` 304 and no body. */
export async function read(url, { etag } = {}) {
  const headers = { Accept: "application/json" };
  if (etag) headers["If-None-Match"] = etag;
  const response = await fetch(url, { credentials: "same-origin", headers, cache: "no-store" }).catch(() => {
    throw new Refused(0, { title: document.body.dataset.offline });
  });
  if (response.status === 304) return { body: null, etag, status: 304 };
  return answered(response);
}

/** Send JSON to one of our pages. Give `key` to repeat an intent, `version` (a number) for what the person was looking at. */
export function send(url, data, { method = "POST", key = newKey(), version } = {}) {
  const headers = { Accept: "application/json", "Accept-Language": document.documentElement.lang, "Content-Type": "application/json", "X-CSRF-Token": token(), "Idempotency-Key": key };
  if (version) headers["If-Match"] = `"v${version}"`;
  return ask(url, { method, headers, body: JSON.stringify(data) });
}
