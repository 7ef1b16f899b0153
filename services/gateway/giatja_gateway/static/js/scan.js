// The scan page: a box that stays open and focused, fed by camera, USB scanner (which types and presses Enter) or hand.
import { newKey, Refused, send } from "./send.js";
import { toast } from "./toasts.js";

const page = document.getElementById("scan");
const words = JSON.parse(page.dataset.words);
const find = (name) => page.querySelector(`[data-${name}]`);
const input = page.querySelector("#kode");
const SHELF = `giatja.scan.${page.dataset.shelf}`;
const PEOPLE = `giatja.scan.people.${page.dataset.shelf}`;
const LAST = 10;
const AGAIN = 3000;

const say = (text, values = {}) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

// Only codes, numbers and ids of inmates are kept, and only until the tab is closed; never a name.
function load(shelf, otherwise) {
  try {
    return JSON.parse(sessionStorage.getItem(shelf)) ?? otherwise;
  } catch {
    return otherwise;
  }
}
function keep(shelf, value) {
  try {
    sessionStorage.setItem(shelf, JSON.stringify(value));
  } catch {
    // Without room the list is only shorter.
  }
}

// -- the last ten -----------------------------------------------------------------------------------------------------
let last = load(SHELF, []);

function showLast() {
  const row = find("last-row").content;
  find("last").replaceChildren(
    ...last.map((one) => {
      const line = row.cloneNode(true);
      const link = line.querySelector("a");
      link.textContent = one.code;
      link.href = `${page.dataset.one}?kode=${encodeURIComponent(one.code)}`;
      line.querySelector("span").textContent = one.text;
      const button = line.querySelector("button");
      button.hidden = !one.tally;
      button.addEventListener("click", () => takeBack(one, button));
      return line;
    }),
  );
  find("last-none").hidden = last.length > 0;
}

function remember(code, text, tally = null) {
  last = [{ code, text, tally }, ...last.filter((one) => one.code !== code || one.tally)].slice(0, LAST);
  keep(SHELF, last);
  showLast();
}

async function takeBack(one, button) {
  button.setAttribute("aria-busy", "true");
  try {
    await send(page.dataset.undo, { id: one.tally }, { key: `undo-${one.tally}` });
    one.tally = null;
    one.text = say(words.undone, one);
    keep(SHELF, last);
    toast(one.text);
  } catch (problem) {
    complain(problem);
  }
  showLast();
  ready();
}

// -- asking ------------------------------------------------------------------------------------------------------------
function tell(text, bad = false) {
  const box = find("say");
  const line = document.createElement("span");
  line.className = bad ? "bad" : "";
  line.textContent = text;
  box.replaceChildren(line);
}

function complain(problem) {
  const text = problem.status === 0 ? words.offline : problem.status === 401 ? words.signin : (problem.problem?.errors?.[0]?.detail ?? problem.message);
  tell(text, true);
  return text;
}

function ready() {
  input.value = "";
  if (!page.querySelector("dialog[open]")) input.focus({ preventScroll: true });
}

async function fetchCard(code) {
  let answer;
  try {
    answer = await fetch(`${page.dataset.card}?kode=${encodeURIComponent(code)}`, { credentials: "same-origin", headers: { Accept: "application/json" }, cache: "no-store", signal: AbortSignal.timeout(15000) });
  } catch {
    throw new Refused(0, { title: words.offline });
  }
  const text = await answer.text();
  if (answer.redirected) throw new Refused(401, {});
  if (!answer.ok) {
    let problem = {};
    try {
      problem = JSON.parse(text);
    } catch {
      // A page instead of a problem says nothing more.
    }
    throw new Refused(answer.status, problem);
  }
  return new DOMParser().parseFromString(text, "text/html").querySelector("[data-scanned]");
}

let asking = 0;

async function look(typed) {
  const code = typed.trim().toUpperCase();
  if (!code) return;
  const mine = ++asking;
  tell(say(words.reading, { code }));
  try {
    const card = await fetchCard(code);
    if (mine !== asking) return;
    show(card);
    tell("");
    remember(card.dataset.code, `${card.dataset.pieces} · ${card.dataset.stage}`);
  } catch (problem) {
    if (mine !== asking) return;
    complain(problem);
    input.select();
    return;
  }
  ready();
}

function show(card) {
  find("found").replaceChildren(card);
  prepare(card);
}

// -- recording -----------------------------------------------------------------------------------------------------------
function prepare(card) {
  const form = card.querySelector("[data-record]");
  const who = form?.querySelector("select");
  if (!who) return;
  // The same person is likely to bring the next bundle of the stage.
  const before = load(PEOPLE, {})[card.dataset.stageKey];
  if (before && [...who.options].some((option) => option.value === before)) who.value = before;
  const present = form.querySelector("[data-present]");
  const absent = () => {
    present.hidden = !who.selectedOptions[0]?.hasAttribute("data-absent");
    if (present.hidden) present.querySelector("input").checked = false;
  };
  who.addEventListener("change", absent);
  absent();
  const key = newKey();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    record(card, form, key);
  });
}

async function record(card, form, key) {
  const values = new FormData(form);
  if (!values.get("inmate_id")) {
    tell(words.choose, true);
    return form.querySelector("select").focus();
  }
  const button = form.querySelector("[type=submit]");
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  try {
    const body = { code: values.get("code"), inmate_id: values.get("inmate_id"), present: values.get("present") === "1" };
    const { body: made } = await send(page.dataset.record, body, { key });
    keep(PEOPLE, { ...load(PEOPLE, {}), [card.dataset.stageKey]: body.inmate_id });
    const text = say(words.recorded, { code: made.code, n: made.pieces, stage: made.stage });
    tell(text);
    remember(made.code, `${made.pieces} · ${made.stage} ✓`, made.id);
    toast(text);
    try {
      show(await fetchCard(made.code));
    } catch {
      find("found").replaceChildren();
    }
    ready();
  } catch (problem) {
    // The key stays with the card on the screen: pressing again records once.
    button.removeAttribute("aria-busy");
    complain(problem);
  }
}

// -- camera --------------------------------------------------------------------------------------------------------------
const camera = find("camera");
const video = find("video");
let stream;
let seen = { code: "", at: 0 };

function cameraLabel(on) {
  const label = camera.querySelector("span");
  label.textContent = on ? label.dataset.on : label.dataset.off;
  camera.setAttribute("aria-pressed", on);
  video.hidden = !on;
}

async function startCamera() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) return tell(words.camera_none, true);
  try {
    const formats = await window.BarcodeDetector.getSupportedFormats();
    if (!formats.includes("qr_code")) return tell(words.camera_none, true);
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
  } catch {
    return tell(words.camera_refused, true);
  }
  video.srcObject = stream;
  cameraLabel(true);
  // The loop waits for the first picture by itself: a frame that is not there yet cannot be read.
  video.play().catch(() => {});
  watch(new window.BarcodeDetector({ formats: ["qr_code"] }));
}

function stopCamera() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = undefined;
  video.srcObject = null;
  cameraLabel(false);
}

async function watch(detector) {
  while (stream) {
    try {
      const [card] = await detector.detect(video);
      const now = Date.now();
      // A card held before the camera is one card, not thirty a second.
      if (card && (card.rawValue !== seen.code || now - seen.at > AGAIN)) {
        seen = { code: card.rawValue, at: now };
        navigator.vibrate?.(60);
        await look(card.rawValue);
      } else if (card) seen.at = now;
    } catch {
      // A frame that cannot be read is followed by another.
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

camera.addEventListener("click", () => {
  if (stream) stopCamera();
  else startCamera();
  input.focus();
});
addEventListener("pagehide", stopCamera);

find("form").addEventListener("submit", (event) => {
  event.preventDefault();
  look(input.value);
});
// A USB scanner types wherever the focus is: letters that no field takes go into the box.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1 || !/[0-9a-z-]/i.test(event.key)) return;
  if (event.target.closest("input, select, textarea, dialog")) return;
  input.focus();
});
const first = page.querySelector("[data-scanned]");
if (first) {
  prepare(first);
  remember(first.dataset.code, `${first.dataset.pieces} · ${first.dataset.stage}`);
}
showLast();
