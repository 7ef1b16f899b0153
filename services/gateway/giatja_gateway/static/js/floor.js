// The floor: tap a person, type a number, save. What cannot be sent stays on this device, by ids and numbers only,
// and is sent later under the key it was given here, so that it is recorded exactly once however often it is sent.
import { newKey, read, send } from "./send.js";
import { toast } from "./toasts.js";

const LONGEST = 5;
const MOST = 100;
const RETRY = [3000, 8000, 20000, 45000];
const REFRESH = 20000;

const floor = document.querySelector("[data-floor]");
const words = JSON.parse(floor.dataset.words);
const numbers = new Intl.NumberFormat(document.documentElement.lang);
const find = (name) => document.querySelector(`[data-${name}]`);
const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => (typeof values[name] === "number" ? numbers.format(values[name]) : values[name]));
const tiles = [...document.querySelectorAll("[data-inmate]")];
const byInmate = new Map(tiles.map((tile) => [tile.dataset.inmate, tile]));
const nameOf = (inmate) => byInmate.get(inmate)?.querySelector("b").textContent ?? words.choose;

const state = {
  chosen: new Set(),
  number: "",
  target: Number(floor.dataset.target),
  actual: Number(floor.dataset.actual),
  waiting: Number(floor.dataset.waiting),
  rework: Number(floor.dataset.rework),
  sent: [],
};

// -- what waits on this device; a key of its own for each person, since nobody sends in another's name ------------
const SHELF = `giatja-lantai-${floor.dataset.person}`;
const REFUSED = `${SHELF}-refused`;

function load(shelf) {
  try {
    return JSON.parse(localStorage.getItem(shelf) ?? "[]");
  } catch {
    return [];
  }
}

function keep(shelf, records) {
  try {
    if (records.length) localStorage.setItem(shelf, JSON.stringify(records));
    else localStorage.removeItem(shelf);
    return true;
  } catch {
    return false;
  }
}

let queue = load(SHELF);
const here = (record) =>
  record.body.work_order_id === floor.dataset.workOrder && record.body.stage_id === floor.dataset.stage && record.body.work_date === floor.dataset.date && record.body.shift === floor.dataset.shift;

function forget(record) {
  // Another tab may have put something on the shelf meanwhile.
  queue = load(SHELF).filter((other) => other.key !== record.key);
  if (!keep(SHELF, queue)) queue = [];
}

// -- what is shown ---------------------------------------------------------------------------------------------------
const pending = () => queue.filter(here).flatMap((record) => record.body.entries);

function counts(tile) {
  const mine = pending().filter((entry) => entry.inmate_id === tile.dataset.inmate);
  const sum = (kind) => Number(tile.dataset[kind]) + mine.reduce((total, entry) => total + entry[kind], 0);
  return { good: sum("good"), rework: sum("rework"), reject: sum("reject"), recorded: tile.dataset.recorded === "1" || mine.length > 0, unsent: mine.length > 0 };
}

const isMissing = (tile) => tile.dataset.usual === "1" && !counts(tile).recorded;

function showTile(tile) {
  const count = counts(tile);
  const figure = tile.querySelector("[data-count]");
  figure.textContent = count.recorded ? numbers.format(count.good) : words.none;
  figure.className = count.recorded ? "tile-count" : "tile-note";
  tile.querySelector("[data-parts]").textContent = [count.rework && ` · ${numbers.format(count.rework)} ${words.rework}`, count.reject && ` · ${numbers.format(count.reject)} ${words.reject}`].filter(Boolean).join("");
  tile.classList.toggle("is-open", !count.recorded);
  tile.classList.toggle("is-unsent", count.unsent);
  tile.setAttribute("aria-pressed", state.chosen.has(tile.dataset.inmate));
}

function showScore() {
  const extra = pending().reduce((total, entry) => total + entry.good, 0);
  const actual = state.actual + extra;
  const gap = Math.max(0, state.target - actual);
  const recorded = tiles.filter((tile) => counts(tile).recorded).length;
  const missing = tiles.filter(isMissing).length;
  floor.querySelector("span[data-actual]").textContent = numbers.format(actual);
  floor.querySelector("span[data-target]").textContent = numbers.format(state.target);
  find("bar").setAttribute("width", state.target ? Math.min(100, (actual / state.target) * 100) : 100);
  find("gap").textContent = gap ? say(words.gap, { n: gap }) : words.done;
  find("gap").className = gap ? "" : "is-good";
  find("mini").textContent = `${numbers.format(actual)} / ${numbers.format(state.target)}`;
  find("people").textContent = say(words.recorded, { n: recorded });
  find("missing").textContent = missing ? say(words.missing, { n: missing }) : "";
  find("standing-line").textContent = [say(words.waiting, { n: state.waiting }), state.rework && say(words.rework_open, { n: state.rework })].filter(Boolean).join(" · ");
}

function showPanel() {
  const chosen = [...state.chosen];
  find("who").textContent = chosen.length === 0 ? words.choose : chosen.length === 1 ? nameOf(chosen[0]) : say(words.several, { n: chosen.length });
  find("number").textContent = state.number || "0";
  document.querySelector(".floor-panel").classList.toggle("has-choice", chosen.length > 0);
  find("defects").hidden = kind() === "good";
  find("from-rework").hidden = kind() === "rework" || state.rework === 0;
  if (find("from-rework").hidden) find("from-rework").querySelector("input").checked = false;
  const all = find("all");
  all.setAttribute("aria-pressed", chosen.length > 1);
  all.querySelector("span").textContent = chosen.length > 1 ? words.clear : words.all;
}

function showQueue() {
  const chip = find("unsent");
  const stuck = queue.filter((record) => record.tries > 0).length;
  chip.hidden = stuck === 0;
  chip.querySelector("span").textContent = say(words.unsent, { n: queue.length });
  find("undo-last").disabled = state.sent.length === 0 && !queue.some((record) => here(record) && record.tries === 0);
}

function showRefused() {
  const box = find("refused");
  const records = load(REFUSED);
  box.hidden = records.length === 0;
  box.replaceChildren(
    ...records.map((record) => {
      const line = document.createElement("p");
      line.className = "notice notice-merah";
      const text = document.createElement("span");
      text.textContent = say(words.refused, { who: who(record), ...amount(record), why: record.why });
      const close = document.createElement("button");
      close.type = "button";
      close.className = "btn btn-plain push";
      close.textContent = document.body.dataset.close;
      close.addEventListener("click", () => {
        keep(REFUSED, load(REFUSED).filter((other) => other.key !== record.key));
        showRefused();
      });
      line.append(text, close);
      return line;
    }),
  );
}

function show() {
  tiles.forEach(showTile);
  showScore();
  showPanel();
  showQueue();
}

function who(record) {
  return record.body.entries.length === 1 ? nameOf(record.body.entries[0].inmate_id) : say(words.people, { n: record.body.entries.length });
}

function amount(record) {
  const entry = record.body.entries[0];
  const which = ["good", "rework", "reject"].find((name) => entry[name]) ?? "good";
  return { n: entry[which], kind: words[which] };
}

// -- recording -------------------------------------------------------------------------------------------------------
const kind = () => document.querySelector('[name="kind"]:checked').value;

function choose(inmate) {
  if (state.chosen.size > 1) {
    if (!state.chosen.delete(inmate)) state.chosen.add(inmate);
  } else {
    // The next person may be chosen already: a tap on them means them, never nobody.
    if (!state.chosen.has(inmate)) state.number = "";
    state.chosen = new Set([inmate]);
  }
  show();
  const tile = byInmate.get(inmate);
  if (state.chosen.has(inmate)) setTimeout(() => tile.scrollIntoView({ block: "nearest", behavior: "smooth" }));
}

function type(digit) {
  if (state.chosen.size === 0) return toast(words.person, "kunyit");
  const text = (state.number + digit).replace(/^0+/, "");
  if (text.length <= LONGEST) state.number = text;
  showPanel();
}

function reset(next) {
  state.number = "";
  state.chosen = new Set(next ? [next.dataset.inmate] : []);
  document.querySelector('[name="kind"][value="good"]').checked = true;
  document.querySelectorAll('[name="defect"]').forEach((input) => (input.checked = false));
  find("from-rework").querySelector("input").checked = false;
}

function nextMissing(after) {
  const from = tiles.indexOf(after) + 1;
  return [...tiles.slice(from), ...tiles.slice(0, from)].find(isMissing);
}

function save() {
  const number = Number(state.number);
  if (state.chosen.size === 0) return toast(words.person, "kunyit");
  if (!number) return toast(words.number, "kunyit");
  const defect = document.querySelector('[name="defect"]:checked')?.value ?? null;
  if (kind() !== "good" && !defect) return toast(words.defect, "kunyit");
  const cell = document.querySelector('[name="cell"]')?.selectedOptions[0];
  const entry = {
    good: 0,
    rework: 0,
    reject: 0,
    [kind()]: number,
    defect: kind() === "good" ? null : defect,
    from_rework: find("from-rework").querySelector("input").checked,
    ...(cell?.value ? { size: cell.dataset.size, colour: cell.dataset.colour } : {}),
  };
  const entries = [...state.chosen].map((inmate_id) => ({ inmate_id, ...entry }));
  const records = [];
  while (entries.length) {
    records.push({
      key: newKey(),
      tries: 0,
      body: {
        work_order_id: floor.dataset.workOrder,
        stage_id: floor.dataset.stage,
        work_date: floor.dataset.date,
        shift: floor.dataset.shift,
        entries: entries.splice(0, MOST),
      },
    });
  }
  const last = byInmate.get([...state.chosen].at(-1));
  const one = state.chosen.size === 1;
  queue = [...load(SHELF), ...records];
  if (!keep(SHELF, queue)) toast(words.full, "kunyit");
  find("last").textContent = say(words.last, { who: one ? nameOf([...state.chosen][0]) : say(words.people, { n: state.chosen.size }), ...amount(records[0]) });
  reset(one ? nextMissing(last) : undefined);
  show();
  flush();
}

// -- sending ---------------------------------------------------------------------------------------------------------
let sending = false;
let timer;

async function flush() {
  if (sending) return;
  sending = true;
  clearTimeout(timer);
  while (queue.length) {
    const record = queue[0];
    try {
      const { body } = await send(floor.dataset.send, record.body, { key: record.key });
      accepted(record, body);
    } catch (problem) {
      if (later(problem)) {
        record.tries += 1;
        keep(SHELF, queue);
        if (problem.status === 401 || problem.status === 400) toast(words.signin, "merah");
        else timer = setTimeout(flush, RETRY[Math.min(record.tries, RETRY.length) - 1]);
        break;
      }
      refused(record, problem);
    }
  }
  sending = false;
  show();
}

// The network, a service that rests, a session that ended: the record is right, only its time has not come.
const later = (problem) => problem.status === undefined || problem.status === 0 || problem.status >= 500 || [400, 401, 408, 429].includes(problem.status);

function accepted(record, body) {
  forget(record);
  if (here(record)) {
    for (const entry of record.body.entries) {
      const tile = byInmate.get(entry.inmate_id);
      state.actual += entry.good;
      if (!tile) continue;
      for (const name of ["good", "rework", "reject"]) tile.dataset[name] = Number(tile.dataset[name]) + entry[name];
      tile.dataset.recorded = "1";
      tile.dataset.usual = "1";
    }
    if (body?.stage) ({ waiting: state.waiting, rework: state.rework } = body.stage);
    if (body?.entries) state.sent.push({ ids: body.entries.map((entry) => entry.id), record });
  }
  show();
}

function refused(record, problem) {
  forget(record);
  find("last").textContent = "";
  keep(REFUSED, [...load(REFUSED), { ...record, why: problem.problem?.errors?.[0]?.detail ?? problem.message }]);
  showRefused();
}

async function undo() {
  const unsent = queue.findLast((record) => here(record));
  if (unsent) {
    // Once it was tried, nobody knows whether it arrived: it must be sent before it can be taken back.
    if (unsent.tries > 0 || sending) return toast(words.wait, "kunyit");
    forget(unsent);
    toast(words.undone);
    return show();
  }
  const last = state.sent.at(-1);
  if (!last) return toast(words.nothing, "kunyit");
  find("undo-last").disabled = true;
  try {
    while (last.ids.length) {
      await send(floor.dataset.undo, { id: last.ids.at(-1) }, { key: `undo-${last.ids.at(-1)}` });
      last.ids.pop();
    }
    state.sent.pop();
    find("last").textContent = words.undone;
    toast(words.undone);
  } catch (problem) {
    if (!later(problem)) state.sent.pop();
    toast(problem.message, "merah");
  }
  await refresh();
}

async function refresh() {
  if (queue.length || sending) return show();
  try {
    const { body } = await read(floor.dataset.standing);
    if (queue.length || sending) return show();
    Object.assign(state, { target: body.target, actual: body.actual, waiting: body.waiting, rework: body.rework });
    for (const worker of body.workers) {
      const tile = byInmate.get(worker.inmate_id);
      if (!tile) continue;
      for (const name of ["good", "rework", "reject"]) tile.dataset[name] = worker[name];
      tile.dataset.recorded = worker.recorded ? "1" : "";
    }
  } catch {
    // What is shown is what was last known; the next turn asks again.
  }
  return show();
}

// -- hands -----------------------------------------------------------------------------------------------------------
function move(key) {
  const seen = tiles.filter((tile) => tile.offsetParent !== null);
  if (!seen.length) return;
  const now = seen.find((tile) => state.chosen.has(tile.dataset.inmate));
  const top = seen[0].offsetTop;
  const columns = Math.max(1, seen.filter((tile) => tile.offsetTop === top).length);
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[key];
  const to = now ? seen[Math.min(seen.length - 1, Math.max(0, seen.indexOf(now) + step))] : seen[0];
  state.chosen = new Set([to.dataset.inmate]);
  state.number = "";
  to.focus({ preventScroll: true });
  to.scrollIntoView({ block: "nearest" });
  show();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, dialog, [type=text], [type=radio], summary, a")) return;
  if (/^\d$/.test(event.key)) type(event.key);
  else if (event.key === "Backspace") {
    state.number = state.number.slice(0, -1);
    showPanel();
  } else if (event.key === "Enter" && state.chosen.size && state.number) save();
  else if (event.key.startsWith("Arrow")) move(event.key);
  else if (event.key === "Escape") {
    reset();
    show();
  } else return;
  event.preventDefault();
});

floor.addEventListener("click", (event) => {
  const tile = event.target.closest("[data-inmate]");
  if (tile) choose(tile.dataset.inmate);
});
find("close-panel").addEventListener("click", () => {
  reset();
  show();
});
find("keypad").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.digit) type(button.dataset.digit);
  else if (button.dataset.set) {
    state.number = "";
    type(button.dataset.set);
  } else if ("back" in button.dataset) {
    state.number = state.number.slice(0, -1);
    showPanel();
  } else if ("save" in button.dataset) save();
});
document.querySelectorAll('[name="kind"]').forEach((input) => input.addEventListener("change", showPanel));
find("all").addEventListener("click", () => {
  const wanted = state.chosen.size <= 1;
  state.chosen = new Set(wanted ? tiles.filter(isMissing).map((tile) => tile.dataset.inmate) : []);
  state.number = "";
  if (wanted && state.chosen.size === 0) toast(tiles.some((tile) => tile.dataset.usual === "1") ? words.complete : words.unusual);
  show();
});
find("only-missing").addEventListener("click", (event) => {
  const on = floor.classList.toggle("only-missing");
  event.currentTarget.setAttribute("aria-pressed", on);
});
find("undo-last").addEventListener("click", undo);
find("unsent").addEventListener("click", flush);
addEventListener("online", flush);
setInterval(refresh, REFRESH);
showRefused();
show();
flush();
