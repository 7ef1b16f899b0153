// The attendance sheet: sums keep up, "all present" fills in what is open without sending yet.
const form = document.querySelector("[data-attendance]");
for (const chooser of document.querySelectorAll("[data-auto]"))
  chooser.addEventListener("change", () => chooser.requestSubmit());
if (form) {
  const rows = [...form.querySelectorAll("[data-person]")];
  const counts = [...document.querySelectorAll("[data-count]")];
  const markOf = (row) => row.querySelector('input[type="radio"]:checked')?.value ?? "";
  const markable = (row) => row.querySelector('input[type="radio"]') !== null;
  function count() {
    const sums = new Map();
    for (const row of rows) {
      if (!markable(row)) continue;
      const others = row.closest("details") !== null;
      const mark = markOf(row) || (others ? "" : "belum");
      sums.set(mark, (sums.get(mark) ?? 0) + 1);
      row.classList.toggle("is-open", !markOf(row));
    }
    for (const place of counts) place.textContent = sums.get(place.dataset.count) ?? 0;
  }
  form.addEventListener("change", count);
  form.querySelector("[data-all]")?.addEventListener("click", (event) => {
    event.preventDefault();
    for (const row of rows) {
      if (row.closest("details") || markOf(row)) continue;
      const present = row.querySelector('input[type="radio"][value="hadir"]');
      if (present) present.checked = true;
    }
    form.dispatchEvent(new Event("change", { bubbles: true }));
  });
  form.querySelector("[data-only-open]")?.addEventListener("change", (event) => {
    form.classList.toggle("only-open", event.target.checked);
  });
  count();
}
