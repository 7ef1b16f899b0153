// Filters act as they are set: the list is fetched and swapped, the address keeps the state, the focus stays.

const WAIT = 300;

function address(form) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value !== "") query.append(name, value);
  const text = query.toString();
  return form.getAttribute("action") + (text ? `?${text}` : "");
}

// The language switch leads to this page as it is now.
function keepLanguageLinks(url) {
  document.querySelectorAll(".lang a").forEach((link) => {
    const there = new URL(url, location.href);
    there.searchParams.set("lang", link.lang);
    link.href = there.href;
  });
}

async function show(url, id, control) {
  const area = document.getElementById(id);
  area.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(url, { credentials: "same-origin", headers: { Accept: "text/html" }, signal: control.signal });
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById(id);
    if (!response.ok || response.redirected || !fresh) {
      location.assign(url);
      return;
    }
    area.replaceChildren(...fresh.childNodes);
    history.replaceState(null, "", url);
    keepLanguageLinks(url);
    area.removeAttribute("aria-busy");
  } catch (error) {
    if (error.name !== "AbortError") location.assign(url);
  }
}

function start(form) {
  let timer;
  let control = new AbortController();
  const go = () => {
    clearTimeout(timer);
    control.abort();
    control = new AbortController();
    show(address(form), form.dataset.filters, control);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go();
  });
  form.addEventListener("change", go);
  form.addEventListener("input", (event) => {
    if (!event.target.matches("[data-search]")) return;
    clearTimeout(timer);
    timer = setTimeout(go, WAIT);
  });
  // What somebody typed while the scripts were still on their way counts too.
  const search = form.querySelector("[data-search]");
  if (search && search.value !== search.defaultValue) go();
}

export function startFilters() {
  document.querySelectorAll("form[data-filters]").forEach((form) => {
    const area = document.getElementById(form.dataset.filters);
    if (!area) return;
    area.setAttribute("aria-live", "polite");
    start(form);
  });
}
