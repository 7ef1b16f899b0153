// Short words at the edge of the screen. What failed stays until somebody closes it.

const STAYS = 7000;

function leaveLater(box) {
  if (!box.classList.contains("toast-merah")) setTimeout(() => box.matches(":hover, :focus-within") ? leaveLater(box) : box.remove(), STAYS);
}

/** Say something: tone `daun` done, `nila` to know, `kunyit` careful, `merah` failed. */
export function toast(message, tone = "daun") {
  const box = document.createElement("div");
  box.className = `toast-box toast-${tone}`;
  const text = document.createElement("p");
  text.textContent = message;
  const close = document.createElement("button");
  close.type = "button";
  close.dataset.dismiss = "";
  close.setAttribute("aria-label", document.body.dataset.close);
  close.textContent = "×";
  box.append(text, close);
  document.getElementById("toasts").append(box);
  leaveLater(box);
}

export function startToasts() {
  document.querySelectorAll(".toast-box").forEach(leaveLater);
  document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".toast-box")?.remove());
}
