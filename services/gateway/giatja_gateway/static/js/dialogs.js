// Native dialogs: opened by a link or button that names them, closed by Esc, the cloth around them, or "Tidak jadi".

export function openDialog(dialog) {
  if (dialog.open) return;
  dialog.showModal();
  dialog.querySelector("[autofocus], input:not([type=hidden]), textarea, select")?.focus();
}

export function startDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (dialog) {
      event.preventDefault();
      openDialog(dialog);
      return;
    }
    const within = event.target.closest("dialog");
    if (!within?.open) return;
    if (event.target.closest("[data-close-dialog]") || event.target === within) {
      event.preventDefault();
      within.close();
    }
  });
  // A link that says role=button must also answer to the space bar.
  document.addEventListener("keydown", (event) => {
    if (event.key === " " && event.target.matches('a[role="button"]')) {
      event.preventDefault();
      event.target.click();
    }
  });
}
