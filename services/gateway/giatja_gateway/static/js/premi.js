// Premi: a list that is being worked out shows how far it is; a page of lines is ticked at once; a form follows its method.

const EVERY = 1000;

function watch(bar) {
  const share = document.querySelector("[data-premi-share]");
  const look = async () => {
    try {
      const answer = await fetch(bar.dataset.premiProgress, { credentials: "same-origin", headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const now = await answer.json();
      if (now.state !== "computing") {
        location.reload();
        return;
      }
      bar.max = now.total;
      bar.value = now.done;
      if (share) share.textContent = `${Math.round((100 * now.done) / now.total)}%`;
    } catch {
      // The next look tells; a lost connection is not the end of the work.
    }
    setTimeout(look, EVERY);
  };
  setTimeout(look, EVERY);
}

const bar = document.querySelector("[data-premi-progress]");
if (bar) watch(bar);

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-tick-all]")) {
    document.querySelectorAll("[data-tick]").forEach((box) => (box.checked = event.target.checked));
  }
  const ticked = document.querySelectorAll("[data-tick]:checked").length;
  const choice = document.querySelector(`#credit-form input[name="whom"][value="${ticked ? "ticked" : "all"}"]`);
  if (choice && event.target.matches("[data-tick-all], [data-tick]")) choice.checked = true;
});

const show = document.querySelector("[data-premi-show]");
if (show) {
  show.hidden = true;
  show.form.addEventListener("change", (event) => {
    if (event.target.matches('[name="method"], [name="workshop_id"]')) show.click();
  });
}
