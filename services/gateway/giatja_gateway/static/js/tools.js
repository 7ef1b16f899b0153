// The counter: choosing another workshop shows it, and the scan box is ready for the next tool.
for (const chooser of document.querySelectorAll("[data-auto]"))
  chooser.addEventListener("change", () => chooser.requestSubmit());
const counter = document.querySelector("[data-counter]");
if (counter) {
  const code = counter.querySelector('[name="code"]');
  const person = counter.querySelector('[name="wbp"]');
  person.addEventListener("change", () => code.focus());
  code.addEventListener("keydown", (event) => {
    // A scanner ends with Enter; without a person it would send a form that cannot be taken.
    if (event.key === "Enter" && !person.value) {
      event.preventDefault();
      person.focus();
    }
  });
}
