// One key for what is done often; off for whoever does not want it.
import { openDialog } from "./dialogs.js";

const KEPT = "giatja-shortcuts";
const on = () => localStorage.getItem(KEPT) !== "off";
const typing = (element) => element.closest("input, textarea, select, [contenteditable], dialog[open]");

const ACTS = {
  "/": () => document.querySelector("[data-search]"),
  n: () => document.querySelector("[data-new]"),
  j: () => document.querySelector('a[rel="next"]'),
};

export function startShortcuts() {
  const help = document.getElementById("help");
  const choice = help?.querySelector("[data-shortcuts-on]");
  if (choice) {
    choice.checked = on();
    choice.addEventListener("change", () => localStorage.setItem(KEPT, choice.checked ? "on" : "off"));
  }
  const showHelp = () => {
    document.querySelectorAll("[popover]:popover-open").forEach((sheet) => sheet.hidePopover());
    if (help) openDialog(help);
  };
  document.addEventListener("click", (event) => event.target.closest("[data-help]") && showHelp());
  document.addEventListener("keydown", (event) => {
    if (!on() || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "?") {
      event.preventDefault();
      showHelp();
      return;
    }
    const found = ACTS[event.key]?.();
    if (!found) return;
    event.preventDefault();
    if (found.matches("input")) found.select();
    else found.click();
  });
}
