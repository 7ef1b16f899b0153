// Forms are sent once, and a refused one begins at what was wrong.

export function startForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    // After the browser has collected the values: a disabled button would not be sent.
    setTimeout(() => (event.submitter ?? form.querySelector("[type=submit]"))?.setAttribute("aria-busy", "true"));
  });
  // Coming back by the back button finds the form ready again.
  addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
    });
  });
  document.querySelector("[data-focus]")?.focus();
  document.querySelectorAll('input[type="number"]').forEach((input) => input.addEventListener("wheel", () => input.blur(), { passive: true }));
  const half = document.querySelector("form[data-warn]");
  if (half) {
    let changed = false;
    half.addEventListener("input", () => (changed = true));
    half.addEventListener("submit", () => (changed = false));
    addEventListener("beforeunload", (event) => changed && event.preventDefault());
  }
}
