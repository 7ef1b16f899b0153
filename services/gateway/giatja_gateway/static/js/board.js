// The board looks after itself: it asks every few seconds and is told mostly that nothing changed, turns its faces, says
// when it has lost its connection, comes back alone, and loads itself anew when a new version was installed.
const POLL = 8000;
const TURN = 12000;
const TIMEOUT = 10000;
const STALE = 40000;
const SETTLED = 60000;
const ENDED = 60000;
const IDLE = 3000;

const root = document.documentElement;
const body = document.body;
const board = document.getElementById("papan");
const stale = document.querySelector("[data-stale]");
const sheet = () => board.querySelector(".sheet");

// The clock of a television is often wrong: the time shown is the server's, carried on from its last answer.
const began = performance.now();
let offset = Date.parse(sheet().dataset.at) - began;
let seen = performance.now();
let etag = "";
let face = 0;
let ended = false;

const now = () => new Date(offset + performance.now());

function clock(moment, seconds = false) {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone: sheet().dataset.zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(moment).split(":");
  return parts.slice(0, seconds ? 3 : 2).join(".");
}

// -- faces -----------------------------------------------------------------------------------------------------------
function show() {
  const faces = [...board.querySelectorAll(".face")];
  face = faces.length ? face % faces.length : 0;
  faces.forEach((one, nth) => one.classList.toggle("is-now", nth === face));
  say("turn", faces.length > 1 ? `${face + 1}/${faces.length}` : "");
}

function turn() {
  face += 1;
  show();
}

// -- asking ----------------------------------------------------------------------------------------------------------
async function ask() {
  const headers = { Accept: "text/html" };
  if (etag) headers["If-None-Match"] = etag;
  const response = await fetch(body.dataset.sheet, { headers, cache: "no-store", credentials: "same-origin", signal: AbortSignal.timeout(TIMEOUT) });
  ended = response.status === 404;
  if (response.status === 304) return arrived(response);
  if (!response.ok) throw new Error(String(response.status));
  const text = await response.text();
  const found = new DOMParser().parseFromString(text, "text/html").querySelector(".sheet");
  if (!found) throw new Error("no sheet");
  if (found.dataset.version !== sheet().dataset.version) return renew();
  etag = response.headers.get("ETag") ?? "";
  board.replaceChildren(document.importNode(found, true));
  arrived(response);
  return show();
}

function arrived(response) {
  seen = performance.now();
  const at = Date.parse(response.headers.get("Date") ?? "");
  if (!Number.isNaN(at)) offset = at - seen;
}

// A new version was installed. Only a page that can be had now is loaded, or the screen would stand on an error; and not
// at once again, while some processes are of the version before.
async function renew() {
  if (performance.now() - began < SETTLED) return arrived({ headers: new Headers() });
  const page = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT) });
  if (page.ok) location.reload();
}

async function poll() {
  try {
    await ask();
  } catch {
    // What is shown stays; how old it is is said below.
  }
  tick();
  setTimeout(poll, ended ? ENDED : POLL + Math.random() * 1000);
}

function say(name, text) {
  for (const place of board.querySelectorAll(`[data-${name}]`)) if (place.textContent !== text) place.textContent = text;
}

// -- time ------------------------------------------------------------------------------------------------------------
function tick() {
  const old = performance.now() - seen > STALE;
  say("clock", clock(now()));
  say("seen", clock(new Date(offset + seen), true));
  const says = ended ? body.dataset.ended : old ? body.dataset.lost.replace("{time}", clock(new Date(offset + seen))) : "";
  if (stale.textContent !== says) stale.textContent = says;
  stale.hidden = !says;
  body.classList.toggle("is-stale", Boolean(says));
}

// -- the screen ------------------------------------------------------------------------------------------------------
let wake;

async function stayAwake() {
  try {
    if (document.visibilityState === "visible") wake = await navigator.wakeLock?.request("screen");
  } catch {
    // Refused, or not over HTTPS: whether the screen sleeps is then the television's own setting.
  }
}

let idle;
function rest() {
  body.classList.remove("idle");
  clearTimeout(idle);
  idle = setTimeout(() => body.classList.add("idle"), IDLE);
}

root.classList.add("turns");
document.addEventListener("visibilitychange", stayAwake);
document.addEventListener("pointermove", rest);
document.addEventListener("keydown", (event) => {
  if (event.key === "ArrowRight") turn();
  if (event.key === "f") document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen?.();
});
document.addEventListener("dblclick", () => root.requestFullscreen?.());
addEventListener("online", () => ask().then(tick, tick));
setInterval(tick, 1000);
setInterval(turn, TURN);
rest();
stayAwake();
show();
tick();
setTimeout(poll, POLL);
