// The tally of a shift: tap a person, type a number, next; at the end look it over and send all of it in one request.
// What cannot be sent stays on this device and is sent later under the key it was given, so that it is recorded once.
import { newKey, read, send } from "./send.js";
import { toast } from "./toasts.js";
import { openDialog } from "./dialogs.js";
import { shares } from "./tally-share.js";
import { Shelf, draftName, emptyDraft, isEmpty } from "./tally-shelf.js";

const LONGEST = 5;
const MOST_LINES = 300;
const MOST_TEAMS = 20;
const RETRY = [3000, 8000, 20000, 45000];
const REFRESH = 20000;
const CLOCK_MAY_BE_OFF = 10;
const CLOSED = "work-day-already-closed";
const KINDS = ["good", "rework", "reject"];

const floor = document.querySelector("[data-floor]");
const words = JSON.parse(floor.dataset.words);
const language = document.documentElement.lang;
const numbers = new Intl.NumberFormat(language);
const find = (name) => document.querySelector(`[data-${name}]`);
const input = (name) => document.querySelector(`[name="${name}"]`);
const checked = (name) => document.querySelector(`[name="${name}"]:checked`)?.value;
const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => (typeof values[name] === "number" ? numbers.format(values[name]) : values[name]));
const amounts = (made) => KINDS.filter((kind) => made[kind]).map((kind) => `${numbers.format(made[kind])} ${words[kind]}`).join(", ") || `0 ${words.good}`;
const clock = (moment) => new Intl.DateTimeFormat("id", { hour: "2-digit", minute: "2-digit", timeZone: floor.dataset.zone }).format(new Date(moment));

const here = { unit: floor.dataset.unit, date: floor.dataset.date, shift: floor.dataset.shift };
const label = `${document.querySelector(".floor-bar h1").textContent.trim()}, ${document.querySelector(".floor-bar .small").textContent.trim()}`;
const tiles = [...document.querySelectorAll("[data-inmate]")];
const byInmate = new Map(tiles.map((tile) => [tile.dataset.inmate, tile]));
const nameOf = (inmate) => byInmate.get(inmate)?.querySelector("b").textContent ?? words.choose;

const shelf = new Shelf(floor.dataset.person);
let seen = JSON.parse(floor.dataset.seen);
let people = new Map();
let clockOff = 0;
let draft = shelf.load(draftName(here), emptyDraft());
let queue = shelf.load("antrean", []);
const before = [];
const state = { chosen: new Set(), number: "", job: "", stage: "", cell: "", points: new Map(), onlyMissing: false, several: false, pinned: false };

// -- small builders --------------------------------------------------------------------------------------------------
function element(name, { text, css, ...attributes } = {}, ...children) {
  const made = document.createElement(name);
  if (css) made.className = css;
  if (text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter(Boolean));
  return made;
}

const button = (text, css, act) => {
  const made = element("button", { type: "button", css: `btn ${css}`, text });
  made.addEventListener("click", act);
  return made;
};

// -- what is known ---------------------------------------------------------------------------------------------------
const job = (id = state.job) => seen.jobs.find((one) => one.id === id);
const stage = (jobId = state.job, stageId = state.stage) => job(jobId)?.stages.find((one) => one.id === stageId);
const isOpen = (one) => ["released", "in_progress"].includes(one.state);
// The order's number only where two work orders are of the same product.
const jobName = (one) => (seen.jobs.some((other) => other !== one && other.product_name === one.product_name) ? `${one.product_name} · ${one.order_number}` : one.product_name);
const workName = (jobId, stageId) => [stage(jobId, stageId)?.name, job(jobId) && jobName(job(jobId))].filter(Boolean).join(" · ");
const statusOf = (inmate) => people.get(inmate)?.status ?? null;
const isAway = (inmate) => ![null, "hadir"].includes(statusOf(inmate));
const waitingHere = () => queue.filter((record) => draftName(record.place) === draftName(here));

/** Take what the server says now; `age` in milliseconds is how long ago it said so. */
function learn(now, age = 0) {
  seen = now;
  clockOff = Math.round((Date.now() - Date.parse(now.at) - age) / 60000);
  people = new Map(seen.people.map((one) => [one.inmate_id, one]));
}

/** Everything that is not recorded yet: the draft, and what is on its way; teams as the parts of their members. */
function pending() {
  const unsaved = [draft, ...waitingHere().map((record) => record.draft)];
  return unsaved.flatMap((one) => [
    ...one.lines,
    ...one.teams.flatMap((team) => [...sharesOf(team)].map(([inmate_id, part]) => ({ ...part, inmate_id, work_order_id: team.work_order_id, stage_id: team.stage_id }))),
  ]);
}

/** Minutes at work in this shift; who is marked present with it gets those of the whole shift. */
const hoursOf = (inmate, present) => (present ? seen.minutes : people.get(inmate)?.minutes) || 0;

function weightsOf(team) {
  if (team.key === "points") return new Map(team.members.map((one) => [one.inmate_id, one.points]));
  if (team.key === "hours") return new Map(team.members.map((one) => [one.inmate_id, hoursOf(one.inmate_id, one.present)]));
  return new Map(team.members.map((one) => [one.inmate_id, 1]));
}

function sharesOf(team) {
  const weights = weightsOf(team);
  if ([...weights.values()].some((weight) => !weight)) return new Map([...weights.keys()].map((id) => [id, { good: 0, rework: 0, reject: 0 }]));
  return shares(team, weights, here.date);
}

const nothing = () => ({ good: 0, rework: 0, reject: 0 });
const sum = (parts) => parts.reduce((total, part) => (KINDS.forEach((kind) => (total[kind] += part[kind])), total), nothing());

function countsOf(inmate, unsaved) {
  const saved = people.get(inmate) ?? { ...nothing(), entries: 0 };
  const mine = unsaved.filter((line) => line.inmate_id === inmate);
  const all = sum([saved, ...mine]);
  return { ...all, recorded: saved.entries > 0 || mine.length > 0, unsaved: mine.length > 0 };
}

const isMissing = (tile, unsaved = pending()) => tile.dataset.expected === "1" && !tile.disabled && !isAway(tile.dataset.inmate) && !countsOf(tile.dataset.inmate, unsaved).recorded;

// -- where somebody works: as noted or recorded in this shift, as on the days before, as placed ----------------------
function workOf(inmate, unsaved = pending()) {
  const last = [...seen.entries, ...unsaved].findLast((entry) => entry.inmate_id === inmate);
  if (last && stage(last.work_order_id, last.stage_id) && isOpen(job(last.work_order_id))) return [last.work_order_id, last.stage_id];
  const { stageKey: key, job: before } = byInmate.get(inmate)?.dataset ?? {};
  const usual = key && seen.jobs.filter(isOpen).flatMap((one) => one.stages.filter((each) => each.key === key).map((each) => [one.id, each]));
  const best = usual && (usual.find(([id, each]) => id === before && each.waiting > 0) ?? usual.find(([, each]) => each.waiting > 0) ?? usual[0]);
  return best ? [best[0], best[1].id] : null;
}

// -- what is shown ---------------------------------------------------------------------------------------------------
function showTile(tile, unsaved) {
  const inmate = tile.dataset.inmate;
  const count = countsOf(inmate, unsaved);
  const figure = tile.querySelector("[data-count]");
  const away = isAway(inmate);
  figure.className = count.recorded ? "tile-count" : "tile-note";
  figure.textContent = count.recorded ? numbers.format(count.good) : away ? words[statusOf(inmate)] : words.none;
  const extra = KINDS.slice(1).filter((kind) => count[kind]).map((kind) => `${numbers.format(count[kind])} ${words[kind]}`).join(", ");
  const work = workOf(inmate, unsaved);
  const place = tile.querySelector("[data-work]");
  place.textContent = [work ? workName(...work) : "", extra].filter(Boolean).join(" · ");
  tile.classList.toggle("is-open", !count.recorded && !away);
  tile.classList.toggle("is-out", away && !count.recorded);
  tile.classList.toggle("is-unsent", count.unsaved);
  tile.setAttribute("aria-pressed", state.chosen.has(inmate));
  const wanted = find("find").value.trim().toLocaleLowerCase();
  const found = !wanted || tile.textContent.toLocaleLowerCase().includes(wanted);
  tile.parentElement.hidden = !found || (state.onlyMissing && !isMissing(tile, unsaved));
}

function options(select, entries, value) {
  const shown = entries.map(([key, text, off]) => {
    const option = element("option", { value: key, text });
    option.disabled = Boolean(off);
    return option;
  });
  select.replaceChildren(...shown);
  select.value = value;
}

function showWork() {
  options(input("job"), seen.jobs.map((one) => [one.id, `${jobName(one)}${isOpen(one) ? "" : ` (${words[one.state]})`}`]), state.job);
  const stages = job()?.stages ?? [];
  options(input("stage"), stages.map((one) => [one.id, `${one.no}. ${one.name} (${numbers.format(one.waiting)})`]), state.stage);
  const cells = job()?.cells ?? [];
  input("cell").hidden = cells.length < 2;
  options(input("cell"), [["", words.in_order], ...cells.map((one, nth) => [String(nth), [one.size, one.colour].filter(Boolean).join(", ")])], state.cell);
  const current = stage();
  const made = sum(pending().filter((line) => line.work_order_id === state.job && line.stage_id === state.stage));
  const actual = (current?.actual ?? 0) + made.good;
  const target = current?.target ?? 0;
  const gap = Math.max(0, target - actual);
  floor.querySelector("span[data-actual]").textContent = numbers.format(actual);
  floor.querySelector("span[data-target]").textContent = numbers.format(target);
  find("bar").setAttribute("width", target ? Math.min(100, (actual / target) * 100) : 100);
  find("gap").textContent = gap ? say(words.gap, { n: gap }) : words.done;
  find("gap").className = gap ? "" : "is-good";
  find("mini").textContent = `${numbers.format(actual)} / ${numbers.format(target)}`;
  find("standing-line").textContent = current ? [say(words.waiting, { n: Math.max(0, current.waiting - made.good - made.rework - made.reject) }), current.rework && say(words.rework_open, { n: current.rework })].filter(Boolean).join(" · ") : "";
}

function showPeople() {
  const unsaved = pending();
  tiles.forEach((tile) => showTile(tile, unsaved));
  const missing = tiles.filter((tile) => isMissing(tile, unsaved)).length;
  find("people").textContent = say(words.recorded, { n: tiles.filter((tile) => countsOf(tile.dataset.inmate, unsaved).recorded).length });
  find("missing").textContent = missing ? say(words.missing, { n: missing }) : "";
}

function showPanel() {
  const chosen = [...state.chosen];
  const several = chosen.length > 1;
  find("who").textContent = chosen.length === 0 ? words.choose : several ? say(words.several, { n: chosen.length }) : nameOf(chosen[0]);
  find("panel-work").textContent = workName(state.job, state.stage);
  find("number").textContent = state.number || "0";
  document.querySelector(".floor-panel").classList.toggle("has-choice", chosen.length > 0);
  find("defects").hidden = checked("kind") === "good";
  const defects = job()?.defects ?? [];
  const known = checked("defect");
  if (find("defects").dataset.of !== state.job) {
    find("defects").dataset.of = state.job;
    find("defects").replaceChildren(
      ...defects.map((one) => {
        const radio = element("input", { type: "radio", name: "defect", value: one.key });
        radio.checked = one.key === known;
        return element("label", {}, radio, element("span", { text: one.name }));
      }),
    );
  }
  find("from-rework").hidden = checked("kind") === "rework" || !stage()?.rework;
  if (find("from-rework").hidden) input("from_rework").checked = false;
  const away = chosen.filter(isAway);
  find("present").hidden = away.length === 0;
  if (away.length) find("present").querySelector("span").textContent = say(words.absent, { who: away.map(nameOf).join(", "), status: words[statusOf(away[0])] });
  else input("present").checked = false;
  find("team").hidden = !several;
  find("sharing").hidden = !several || checked("together") !== "team";
  if (!find("sharing").hidden) showShares(chosen);
  showLines(chosen);
  const all = find("all");
  all.setAttribute("aria-pressed", several);
  all.querySelector("span").textContent = several ? words.clear : words.all;
  find("several").setAttribute("aria-pressed", state.several);
  find("pin").setAttribute("aria-pressed", state.pinned);
}

function showShares(chosen) {
  const team = teamOf(chosen);
  const parts = sharesOf(team);
  const points = team.key === "points";
  const rows = chosen.map((inmate) => {
    const text = team.key === "hours" && !hoursOf(inmate, statusOf(inmate) !== "hadir") ? say(words.no_hours, { who: "" }).replace(/^: /, "") : amounts(parts.get(inmate));
    const row = element("li", {}, element("span", { text: nameOf(inmate) }), element("b", { text }));
    if (points) {
      const field = element("input", { type: "number", css: "form-control", min: "1", max: "1000", inputmode: "numeric", value: state.points.get(inmate) ?? 1, "aria-label": say(words.points_of, { who: nameOf(inmate) }), "data-points": inmate });
      row.insertBefore(field, row.lastChild);
    }
    return row;
  });
  const focused = document.activeElement?.dataset?.points;
  find("shares").replaceChildren(...rows);
  if (focused) find("shares").querySelector(`[data-points="${focused}"]`)?.focus();
}

function showLines(chosen) {
  const mine = chosen.length === 1 ? draft.lines.filter((line) => line.inmate_id === chosen[0]) : [];
  find("lines").replaceChildren(
    ...mine.map((line) => element("li", {}, element("span", { text: `${amounts(line)} · ${stage(line.work_order_id, line.stage_id)?.name ?? ""}` }), button(words.take_out, "btn-bare", () => takeOut(line.id)))),
  );
}

function showFoot() {
  const size = draft.lines.length + draft.teams.length;
  find("check").querySelector("span").textContent = size ? say(words.check, { n: size }) : words.check_none;
  find("undo-last").disabled = before.length === 0;
  const stuck = queue.filter((record) => record.tries > 0);
  find("unsent").hidden = stuck.length === 0;
  find("unsent").querySelector("span").textContent = say(words.unsent, { n: stuck.reduce((total, record) => total + record.body.entries.length + record.body.teams.length, 0) });
}

function notice(tone, text, ...acts) {
  return element("p", { css: `notice notice-${tone}` }, element("span", { text }), element("span", { css: "push notice-acts" }, ...acts));
}

function showNotices() {
  const told = [];
  if (Math.abs(clockOff) > CLOCK_MAY_BE_OFF) told.push(notice("kunyit", say(clockOff > 0 ? words.ahead : words.behind, { n: Math.abs(clockOff) })));
  if (here.date === floor.dataset.today && seen.today !== here.date) told.push(notice("kunyit", say(words.new_day, { day: floor.dataset.day }), element("a", { css: "btn btn-plain", href: `${floor.dataset.here}?unit=${here.unit}`, text: words.go_today })));
  if (seen.closed_at) told.push(notice("nila", say(words.closed, { who: seen.closed_by, time: clock(seen.closed_at) })));
  if (draft.problem) told.push(notice("merah", say(words.refused, { why: draft.problem.message }), button(words.open, "btn-plain", openCheck)));
  for (const name of shelf.names("draf-")) {
    const other = shelf.load(name, emptyDraft());
    if (name === draftName(here) || isEmpty(other) || !other.problem) continue;
    const link = `${floor.dataset.here}?unit=${other.place.unit}&tanggal=${other.place.date}&shift=${other.place.shift}`;
    told.push(notice("merah", say(words.elsewhere, { day: other.label, why: other.problem.message }), element("a", { css: "btn btn-plain", href: link, text: words.open })));
  }
  // Said again only when it changed, or a screen reader would read it out at every refresh.
  const text = told.map((one) => one.textContent).join("|");
  if (find("notices").dataset.text === text) return;
  find("notices").dataset.text = text;
  find("notices").replaceChildren(...told);
}

function show() {
  showPeople();
  showWork();
  showPanel();
  showFoot();
  showNotices();
  if (document.getElementById("check").open) showCheck();
}

// -- choosing --------------------------------------------------------------------------------------------------------
function goTo([jobId, stageId]) {
  if (state.job !== jobId) state.cell = "";
  [state.job, state.stage] = [jobId, stageId];
}

/** Go to where somebody works, unless the officer stays at one stage. */
function follow(inmate) {
  const work = !state.pinned && workOf(inmate);
  if (work) goTo(work);
}

function choose(inmate) {
  if (state.several || state.chosen.size > 1) {
    if (!state.chosen.delete(inmate)) state.chosen.add(inmate);
  } else {
    // The next person may be chosen already: a tap on them means them, never nobody.
    if (!state.chosen.has(inmate)) state.number = "";
    state.chosen = new Set([inmate]);
  }
  if (state.chosen.size === 1) follow(inmate);
  show();
  const tile = byInmate.get(inmate);
  if (state.chosen.has(inmate)) setTimeout(() => tile.scrollIntoView({ block: "nearest", behavior: "smooth" }));
}

function type(digit) {
  if (state.chosen.size === 0) return toast(words.person, "kunyit");
  const text = (state.number + digit).replace(/^0+/, "");
  if (text.length <= LONGEST) state.number = text;
  return showPanel();
}

function step(by) {
  if (state.chosen.size === 0) return toast(words.person, "kunyit");
  state.number = String(Math.max(0, Number(state.number) + by) || "");
  return showPanel();
}

function reset(next) {
  state.number = "";
  state.chosen = new Set();
  state.several = false;
  state.points.clear();
  document.querySelector('[name="kind"][value="good"]').checked = true;
  document.querySelector('[name="together"][value="each"]').checked = true;
  document.querySelectorAll('[name="defect"]').forEach((one) => (one.checked = false));
  input("from_rework").checked = input("present").checked = false;
  if (next) {
    state.chosen.add(next.dataset.inmate);
    follow(next.dataset.inmate);
  }
}

function nextMissing(after) {
  const unsaved = pending();
  const from = tiles.indexOf(after) + 1;
  return [...tiles.slice(from), ...tiles.slice(0, from)].find((tile) => isMissing(tile, unsaved));
}

// -- the draft -------------------------------------------------------------------------------------------------------
function made() {
  const cell = job().cells[Number(state.cell)];
  return {
    work_order_id: state.job,
    stage_id: state.stage,
    ...nothing(),
    [checked("kind")]: Number(state.number),
    defect: checked("kind") === "good" ? null : (checked("defect") ?? null),
    from_rework: input("from_rework").checked,
    size: state.cell === "" ? null : cell.size,
    colour: state.cell === "" ? null : cell.colour,
  };
}

function teamOf(chosen) {
  const key = checked("key");
  const members = chosen.map((inmate_id) => ({ inmate_id, points: key === "points" ? (state.points.get(inmate_id) ?? 1) : null, present: statusOf(inmate_id) !== "hadir" }));
  return { id: newKey(), ...made(), key, members };
}

/** What forbids taking down what is typed, or nothing. */
function complaint(chosen) {
  if (chosen.length === 0) return words.person;
  if (!Number(state.number)) return words.number;
  if (!job() || !stage()) return words.work;
  if (!isOpen(job())) return words.not_now;
  if (checked("kind") !== "good" && !checked("defect")) return words.defect;
  if (chosen.some(isAway) && !input("present").checked) return words.absent_first;
  if (!find("sharing").hidden && checked("key") === "hours") {
    const without = chosen.find((inmate) => !hoursOf(inmate, statusOf(inmate) !== "hadir"));
    if (without) return say(words.no_hours, { who: nameOf(without) });
  }
  return "";
}

function add() {
  const chosen = [...state.chosen];
  const wrong = complaint(chosen);
  if (wrong) return toast(wrong, "kunyit");
  before.push(JSON.stringify(draft));
  if (isEmpty(draft)) draft = { ...emptyDraft(), seen: seen.entries.map((entry) => entry.id), label, place: here };
  if (!find("sharing").hidden) draft.teams.push(teamOf(chosen));
  else chosen.forEach(addLine);
  find("last").textContent = say(words.last, { who: chosen.length === 1 ? nameOf(chosen[0]) : say(words.people, { n: chosen.length }), what: amounts(made()) });
  keepDraft();
  const next = chosen.length === 1 ? nextMissing(byInmate.get(chosen[0])) : undefined;
  reset(next);
  show();
  if (!next) return;
  if (document.activeElement?.dataset.inmate) next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function addLine(inmate_id) {
  const line = { id: newKey(), inmate_id, ...made(), present: statusOf(inmate_id) !== "hadir" };
  const faulty = line.rework + line.reject > 0;
  const same = draft.lines.find((other) => ["inmate_id", "work_order_id", "stage_id", "size", "colour", "from_rework"].every((name) => other[name] === line[name]) && (!faulty || other.defect === null || other.defect === line.defect));
  if (!same) return draft.lines.push(line);
  KINDS.forEach((kind) => (same[kind] += line[kind]));
  if (faulty) same.defect = line.defect;
  same.present = line.present;
  return draft.lines.length;
}

function keepDraft() {
  if (isEmpty(draft)) draft = emptyDraft();
  if (!shelf.keep(draftName(here), isEmpty(draft) ? null : draft)) toast(words.full, "kunyit");
}

function takeOut(id) {
  before.push(JSON.stringify(draft));
  draft.lines = draft.lines.filter((line) => line.id !== id);
  draft.teams = draft.teams.filter((team) => team.id !== id);
  draft.problem = null;
  keepDraft();
  show();
}

function undoLast() {
  if (!before.length) return;
  draft = JSON.parse(before.pop());
  keepDraft();
  find("last").textContent = words.removed;
  show();
}

// -- looking it over -------------------------------------------------------------------------------------------------
/** Entries others made of people of a draft, since it was begun and not accepted beside it. */
function conflicts(of, now) {
  const mine = new Set([...of.lines.map((line) => line.inmate_id), ...of.teams.flatMap((team) => team.members.map((one) => one.inmate_id))]);
  return now.entries.filter((entry) => !entry.mine && mine.has(entry.inmate_id) && !of.seen.includes(entry.id));
}

async function openCheck() {
  if (isEmpty(draft)) return toast(words.nothing, "kunyit");
  openDialog(document.getElementById("check"));
  showCheck();
  await refresh();
  return showCheck();
}

function showCheck() {
  const everybody = new Set([...draft.lines.map((line) => line.inmate_id), ...draft.teams.flatMap((team) => team.members.map((one) => one.inmate_id))]);
  find("totals").textContent = say(words.totals, { n: everybody.size, what: amounts(sum([...draft.lines, ...draft.teams])) });
  find("problem").replaceChildren(...(draft.problem ? [notice("merah", draft.problem.message)] : []));
  const found = isEmpty(draft) ? [] : conflicts(draft, seen);
  find("conflicts").hidden = found.length === 0;
  find("conflict-list").replaceChildren(...[...new Set(found.map((entry) => entry.inmate_id))].map((inmate) => conflict(inmate, found.filter((entry) => entry.inmate_id === inmate))));
  showCheckLines();
  const missing = tiles.filter((tile) => isMissing(tile)).map((tile) => tile.querySelector("b").textContent);
  find("check-missing").hidden = missing.length === 0;
  find("check-missing").querySelector("h3").textContent = say(words.check_missing, { n: missing.length });
  find("check-missing").querySelector("p").textContent = missing.join(" · ");
  const late = isLate();
  find("reason").hidden = !late;
  find("submit").querySelector("span").textContent = late ? words.propose : words.send;
  find("submit").disabled = isEmpty(draft);
}

const isLate = () => Boolean(seen.closed_at) || draft.problem?.type === CLOSED;

function showCheckLines() {
  const groups = new Map();
  for (const one of [...draft.lines, ...draft.teams]) {
    const name = workName(one.work_order_id, one.stage_id);
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  const sections = [...groups].map(([name, ones]) => element("section", {}, element("h3", { text: name }), element("span", { css: "small", text: amounts(sum(ones)) }), element("ul", { css: "check-lines" }, ...ones.map(checkLine))));
  find("check-lines").replaceChildren(...sections);
}

function checkLine(one) {
  const team = one.members;
  const who = team ? say(words.team, { n: team.length }) : nameOf(one.inmate_id);
  const defect = one.defect && job(one.work_order_id)?.defects.find((each) => each.key === one.defect)?.name;
  const notes = [defect, [one.size, one.colour].filter(Boolean).join(", "), one.from_rework && words.from_rework, one.present && isAway(one.inmate_id) && words.present, team && words[one.key]].filter(Boolean);
  if (team) notes.push([...sharesOf(one)].map(([inmate, part]) => `${nameOf(inmate)} ${amounts(part)}`).join(", "));
  const wrong = draft.problem?.ids?.includes(one.id);
  return element("li", { css: wrong ? "is-wrong" : "" }, element("span", {}, element("b", { text: who }), element("small", { text: notes.join(" · ") })), element("span", { css: "push", text: amounts(one) }), button(words.take_out, "btn-bare", () => takeOut(one.id)));
}

function conflict(inmate, theirs) {
  const mine = sum(pending().filter((line) => line.inmate_id === inmate));
  const said = theirs.map((entry) => say(words.theirs, { what: `${amounts(entry)} (${stage(entry.work_order_id, entry.stage_id)?.name ?? ""})`, time: clock(entry.recorded_at), who: entry.by, mine: amounts(mine) }));
  const keepBoth = button(words.keep_both, "btn-plain", () => {
    draft.seen.push(...theirs.map((entry) => entry.id));
    draft.problem = null;
    keepDraft();
    show();
  });
  const dropMine = button(words.drop_mine, "btn-plain", () => {
    before.push(JSON.stringify(draft));
    draft.lines = draft.lines.filter((line) => line.inmate_id !== inmate);
    draft.teams = draft.teams.filter((team) => !team.members.some((one) => one.inmate_id === inmate));
    draft.problem = null;
    keepDraft();
    show();
  });
  return element("div", { css: "notice notice-kunyit conflict" }, element("div", {}, element("b", { text: nameOf(inmate) }), ...said.map((text) => element("p", { text }))), element("span", { css: "notice-acts" }, keepBoth, dropMine));
}

// -- sending ---------------------------------------------------------------------------------------------------------
function bodyOf(lines, teams) {
  return {
    workshop_id: here.unit,
    work_date: here.date,
    shift: here.shift,
    entries: lines.map(({ id, ...line }) => line),
    teams: teams.map(({ id, ...team }) => team),
  };
}

/** Say what is missing in the open dialog itself: a toast would lie below it. */
function complain(text) {
  find("problem").replaceChildren(notice("kunyit", text));
}

async function submit() {
  if (isEmpty(draft)) return;
  if (conflicts(draft, seen).length) return complain(words.decide);
  if (isLate()) return propose();
  const [lines, teams, fresh] = [[...draft.lines], [...draft.teams], new Set()];
  while (lines.length || teams.length) {
    const part = { ...draft, lines: lines.splice(0, MOST_LINES), teams: teams.splice(0, MOST_TEAMS), problem: null };
    const key = newKey();
    fresh.add(key);
    queue.push({ key, tries: 0, place: here, draft: part, body: bodyOf(part.lines, part.teams) });
  }
  if (!shelf.keep("antrean", queue)) toast(words.full, "kunyit");
  draft = emptyDraft();
  before.length = 0;
  keepDraft();
  document.getElementById("check").close();
  show();
  await flush(fresh);
}

async function propose() {
  const reason = document.getElementById("late-reason").value.trim();
  if (!reason) {
    document.getElementById("late-reason").focus();
    return complain(words.reason);
  }
  const body = { ...bodyOf(draft.lines, draft.teams), reason };
  // The same proposal keeps its key, so that sending it again after an answer was lost does not ask twice.
  const print = JSON.stringify(body);
  if (draft.proposal?.print !== print) draft.proposal = { print, key: newKey() };
  keepDraft();
  try {
    await send(floor.dataset.propose, body, { key: draft.proposal.key });
  } catch (problem) {
    return complain(detail(problem));
  }
  draft = emptyDraft();
  before.length = 0;
  keepDraft();
  document.getElementById("check").close();
  document.getElementById("late-reason").value = "";
  toast(words.proposed);
  return refresh();
}

let sending = false;
let timer;

/** Send what waits; `fresh` are the keys of what was looked over just now. */
async function flush(fresh = new Set()) {
  if (sending) return;
  sending = true;
  clearTimeout(timer);
  // Another tab may have put something there or sent it meanwhile.
  queue = shelf.load("antrean", []);
  while (queue.length) {
    const record = queue[0];
    try {
      // What waited may have been recorded by somebody else meanwhile.
      if (!fresh.has(record.key) && conflicts(record.draft, await look(record.place)).length) {
        giveBack(record, { message: words.conflict });
        continue;
      }
      await send(floor.dataset.send, record.body, { key: record.key });
      forget(record);
      toast(say(words.sent, { n: record.body.entries.length + record.body.teams.length }));
    } catch (problem) {
      if (later(problem)) {
        if (record.tries === 0 && problem.status !== 401) toast(say(words.kept, { n: record.body.entries.length + record.body.teams.length }), "kunyit");
        record.tries += 1;
        shelf.keep("antrean", queue);
        if (problem.status === 401 || problem.status === 400) toast(words.signin, "merah");
        else timer = setTimeout(() => flush(), RETRY[Math.min(record.tries, RETRY.length) - 1]);
        break;
      }
      giveBack(record, { message: detail(problem), type: (problem.problem?.type ?? "").split(":").at(-1), ids: pointed(record, problem) });
    }
  }
  sending = false;
  await refresh();
}

// The network, a service that rests, a session that ended: the tally is right, only its time has not come.
const later = (problem) => problem.status === undefined || problem.status === 0 || problem.status >= 500 || [400, 401, 408, 429].includes(problem.status);
const detail = (problem) => problem.problem?.errors?.[0]?.detail || problem.message;

/** Ids of the lines and teams a refusal is about. */
function pointed(record, problem) {
  return (problem.problem?.errors ?? []).map(({ pointer = "" }) => {
    const [, list, nth] = pointer.match(/\/(entries|teams)\/(\d+)/) ?? [];
    return list && record.draft[list === "entries" ? "lines" : "teams"][Number(nth)]?.id;
  });
}

function forget(record) {
  queue = queue.filter((other) => other.key !== record.key);
  shelf.keep("antrean", queue);
}

/** Put a tally that was not accepted back into the draft of its shift, with what was wrong. */
function giveBack(record, problem) {
  forget(record);
  const own = draftName(record.place) === draftName(here);
  const there = own ? draft : shelf.load(draftName(record.place), emptyDraft());
  const merged = { ...record.draft, lines: [...record.draft.lines, ...there.lines], teams: [...record.draft.teams, ...there.teams], problem };
  if (own) draft = merged;
  shelf.keep(draftName(record.place), merged);
  find("last").textContent = "";
  if (own) openCheck();
}

async function look(place) {
  const query = new URLSearchParams({ unit: place.unit, tanggal: place.date, shift: place.shift });
  const { body } = await read(`${floor.dataset.standing.split("?")[0]}?${query}`);
  return body;
}

async function refresh() {
  try {
    learn(await look(here));
  } catch {
    // What is shown is what was last known; the next turn asks again.
  }
  show();
}

// -- what is saved already -------------------------------------------------------------------------------------------
function showHistory() {
  const list = find("history");
  const rows = seen.tallies.map((tally) => {
    const who = say(words.by, { time: clock(tally.recorded_at), who: tally.mine ? words.you : tally.by });
    const row = element("li", {}, element("span", {}, element("b", { text: who }), element("small", { text: say(words.entries, { n: tally.entries }) })));
    row.append(tally.undone_at ? element("span", { css: "push small", text: words.was_undone }) : undoButton(tally));
    return row;
  });
  list.replaceChildren(...(rows.length ? rows : [element("li", { css: "small", text: words.no_tallies })]));
}

function undoButton(tally) {
  const made = button(words.undo, "btn-plain push", async () => {
    if (made.dataset.sure !== "1") {
      made.dataset.sure = "1";
      made.textContent = words.sure;
      made.classList.add("btn-bad");
      return;
    }
    made.disabled = true;
    try {
      await send(floor.dataset.undo, { id: tally.id }, { key: `undo-${tally.id}` });
      toast(say(words.undone, { time: clock(tally.recorded_at) }));
    } catch (problem) {
      document.getElementById("history").close();
      toast(detail(problem), "merah");
    }
    await refresh();
    showHistory();
  });
  return made;
}

// -- hands -----------------------------------------------------------------------------------------------------------
function move(key) {
  const shown = tiles.filter((tile) => tile.offsetParent !== null && !tile.disabled);
  if (!shown.length) return;
  const now = shown.find((tile) => state.chosen.has(tile.dataset.inmate));
  const top = shown[0].offsetTop;
  const columns = Math.max(1, shown.filter((tile) => tile.offsetTop === top).length);
  const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[key];
  const to = now ? shown[Math.min(shown.length - 1, Math.max(0, shown.indexOf(now) + by))] : shown[0];
  state.chosen.clear();
  state.several = false;
  choose(to.dataset.inmate);
  to.focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  if (event.target.closest("dialog")) return;
  if (event.key === "Enter" && event.ctrlKey) openCheck();
  else if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, input:not([type=checkbox]), textarea, summary, a")) return;
  else if (/^\d$/.test(event.key)) type(event.key);
  else if (event.key === "+") step(1);
  else if (event.key === "-") step(-1);
  else if (event.key === "Backspace") {
    state.number = state.number.slice(0, -1);
    showPanel();
  } else if (event.key === "Enter" && state.chosen.size && state.number) add();
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
find("keypad").addEventListener("click", (event) => {
  const key = event.target.closest("button");
  if (!key) return;
  if (key.dataset.digit) type(key.dataset.digit);
  else if (key.dataset.set) {
    state.number = "";
    type(key.dataset.set);
  } else if ("back" in key.dataset) {
    state.number = state.number.slice(0, -1);
    showPanel();
  } else if ("save" in key.dataset) add();
});
document.querySelectorAll("[data-step]").forEach((one) => one.addEventListener("click", () => step(Number(one.dataset.step))));
document.querySelectorAll('[name="kind"], [name="together"], [name="key"]').forEach((one) => one.addEventListener("change", showPanel));
find("shares").addEventListener("change", (event) => {
  state.points.set(event.target.dataset.points, Math.min(1000, Math.max(1, Math.round(Number(event.target.value)) || 1)));
  showPanel();
});
input("job").addEventListener("change", (event) => {
  const wanted = stage()?.key;
  const chosen = job(event.target.value);
  goTo([chosen.id, (chosen.stages.find((one) => one.key === wanted) ?? chosen.stages[0])?.id]);
  show();
});
input("stage").addEventListener("change", (event) => {
  state.stage = event.target.value;
  show();
});
input("cell").addEventListener("change", (event) => (state.cell = event.target.value));
find("all").addEventListener("click", () => {
  const unsaved = pending();
  const wanted = state.chosen.size <= 1;
  state.several = false;
  state.chosen = new Set(wanted ? tiles.filter((tile) => isMissing(tile, unsaved) && !tile.parentElement.hidden).map((tile) => tile.dataset.inmate) : []);
  state.number = "";
  if (wanted && state.chosen.size === 0) toast(words.complete);
  show();
});
find("only-missing").addEventListener("click", (event) => {
  state.onlyMissing = !state.onlyMissing;
  event.currentTarget.setAttribute("aria-pressed", state.onlyMissing);
  show();
});
find("several").addEventListener("click", () => {
  state.several = !state.several;
  showPanel();
});
find("pin").addEventListener("click", () => {
  state.pinned = !state.pinned;
  showPanel();
});
find("find").addEventListener("input", showPeople);
find("close-panel").addEventListener("click", () => {
  reset();
  show();
});
find("undo-last").addEventListener("click", undoLast);
document.querySelector("button[data-check]").addEventListener("click", openCheck);
find("submit").addEventListener("click", submit);
find("unsent").addEventListener("click", () => flush());
document.querySelectorAll("[data-open]").forEach((one) =>
  one.addEventListener("click", async () => {
    openDialog(document.getElementById(one.dataset.open));
    if (one.dataset.open === "history") {
      showHistory();
      await refresh();
      showHistory();
    }
  }),
);
document.querySelectorAll("[data-call-kind]").forEach((one) =>
  one.addEventListener("click", async () => {
    try {
      await send(floor.dataset.call, { workshop_id: here.unit, kind: one.dataset.callKind });
      document.getElementById("call").close();
      toast(say(words.called, { what: one.dataset.name }));
    } catch (problem) {
      document.getElementById("call").close();
      toast(detail(problem), "merah");
    }
  }),
);
addEventListener("online", () => flush());
setInterval(() => (queue.length ? flush() : refresh()), REFRESH);

learn(seen, performance.now());
const firstJob = job(floor.dataset.firstJob) ?? seen.jobs.find(isOpen) ?? seen.jobs[0];
if (firstJob) goTo([firstJob.id, (firstJob.stages.find((one) => one.id === floor.dataset.firstStage) ?? firstJob.stages.find((one) => one.waiting > 0) ?? firstJob.stages[0])?.id]);
show();
flush();
