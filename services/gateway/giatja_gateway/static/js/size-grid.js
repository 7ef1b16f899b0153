// Totals of a size x colour grid, kept while it is filled in; arrows and Enter move from cell to cell.

const whole = (input) => Number.parseInt(input.value, 10) || 0;

function count(table) {
  const written = new Intl.NumberFormat(document.documentElement.lang);
  const rows = [...table.tBodies[0].rows].map((row) => [...row.querySelectorAll("input")].map(whole));
  const sum = (list) => list.reduce((a, b) => a + b, 0);
  table.querySelectorAll("[data-row]").forEach((output, i) => (output.value = written.format(sum(rows[i]))));
  table.querySelectorAll("[data-column]").forEach((output, i) => (output.value = written.format(sum(rows.map((row) => row[i])))));
  table.querySelector("[data-grand]").value = written.format(sum(rows.flat()));
  table.dispatchEvent(new CustomEvent("giatja:total", { bubbles: true, detail: sum(rows.flat()) }));
}

function move(event) {
  const down = { ArrowDown: 1, Enter: 1, ArrowUp: -1 }[event.key];
  if (!down || !event.target.matches("input")) return;
  event.preventDefault();
  const cell = event.target.closest("td");
  const rows = [...cell.closest("tbody").rows];
  rows[rows.indexOf(cell.parentElement) + down]?.cells[cell.cellIndex].querySelector("input")?.select();
}

export function startSizeGrids(within = document) {
  within.querySelectorAll("[data-size-grid]").forEach((table) => {
    if (!table.querySelector("input")) return;
    table.addEventListener("input", () => count(table));
    table.addEventListener("keydown", move);
  });
}
