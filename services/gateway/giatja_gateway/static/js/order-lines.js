// Lines of an order come and go without leaving the page; without scripts the same buttons reload it.
import { startSizeGrids } from "./size-grid.js";

async function change(button) {
  const form = button.form;
  const area = document.getElementById("lines");
  const body = new FormData(form);
  body.set(button.name, button.value);
  area.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(form.action, { method: "POST", body, credentials: "same-origin", headers: { Accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("lines");
    if (!response.ok || !fresh) throw new Error(response.status);
    area.replaceChildren(...fresh.childNodes);
    startSizeGrids(area);
    const lines = area.querySelectorAll(".order-line");
    if (button.value === "add") {
      form.querySelector("#f-product").value = "";
      lines[lines.length - 1]?.querySelector("[data-size-grid] input")?.focus();
    } else {
      document.getElementById("f-product").focus();
    }
    // What was typed has changed, also for the question asked before leaving.
    form.dispatchEvent(new Event("input", { bubbles: true }));
  } catch {
    button.dataset.plain = "1";
    button.click();
  } finally {
    area.removeAttribute("aria-busy");
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-lines]");
  if (!button || button.dataset.plain) return;
  event.preventDefault();
  if (button.value === "add" && !button.form.querySelector("#f-product").value) {
    button.form.querySelector("#f-product").focus();
    return;
  }
  change(button);
});

// A chosen product is a line at once: the button beside it is for keyboards and for pages without scripts.
document.getElementById("f-product")?.addEventListener("change", (event) => {
  if (event.target.value) document.querySelector('button[data-lines][value="add"]')?.click();
});
