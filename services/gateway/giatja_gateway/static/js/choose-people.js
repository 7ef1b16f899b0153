// A list to choose people from: find by typing, choose all that are shown, how many are chosen.

function start(form) {
  const rows = [...form.querySelectorAll("[data-choose-row]")];
  const boxes = () => [...form.querySelectorAll("[data-choose-row]:not([hidden]) input[type=checkbox]")];
  const all = form.querySelector("[data-choose-all]");
  const count = form.querySelector("[data-choose-count]");
  const none = form.querySelector("[data-choose-none]");

  const tell = () => {
    const chosen = form.querySelectorAll("[data-choose-row] input:checked").length;
    if (count) count.textContent = chosen ? count.dataset.some.replace("{n}", chosen) : count.dataset.none;
    if (!all) return;
    const shown = boxes();
    const of = shown.filter((box) => box.checked).length;
    all.checked = shown.length > 0 && of === shown.length;
    all.indeterminate = of > 0 && of < shown.length;
  };
  form.querySelector("[data-choose-search]")?.addEventListener("input", (event) => {
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) row.hidden = !words.every((word) => row.dataset.chooseRow.includes(word));
    if (none) none.hidden = rows.some((row) => !row.hidden);
    tell();
  });
  // What is searched for is not what is sent: the key that closes a search must not place anybody.
  form.querySelector("[data-choose-search]")?.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  all?.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    tell();
  });
  form.addEventListener("change", tell);
  tell();
}

document.querySelectorAll("form[data-choose]").forEach(start);
