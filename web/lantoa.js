// Progressive touches for the office pages. Every page works without this file.
// @ts-check

/** On a narrow screen the menu starts folded. */
function foldMenu() {
  const menu = document.querySelector("details.places-fold");
  if (menu instanceof HTMLDetailsElement && matchMedia("(max-width: 60rem)").matches) {
    menu.open = false;
  }
}

/** A form marked data-once is sent once, also when its button is pressed twice. */
function sendOnce() {
  for (const form of document.querySelectorAll("form[data-once]")) {
    form.addEventListener("submit", (event) => {
      if (form.hasAttribute("data-sent")) event.preventDefault();
      form.setAttribute("data-sent", "");
    });
  }
}

/** A filter marked data-at-once is applied as soon as one of its choices changes. */
function filterAtOnce() {
  for (const form of document.querySelectorAll("form[data-at-once]")) {
    form.addEventListener("change", () => {
      if (form instanceof HTMLFormElement) form.requestSubmit();
    });
  }
}

/** Offers to copy a text where the browser can. */
function offerCopies() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("button[data-copy]")) {
    if (!(button instanceof HTMLButtonElement)) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy ?? "");
      button.textContent = button.dataset.done ?? "";
    });
  }
}

/** Keys of the calendar, while the focus is in it: arrows, n, t, m, w, d, a, ?. */
function calendarKeys() {
  const calendar = document.querySelector(".calendar");
  if (!(calendar instanceof HTMLElement)) return;
  const days = /** @type {HTMLElement[]} */ ([...calendar.querySelectorAll("[data-day]")]);
  /** @param {string} key */
  const follow = (key) => {
    const link = calendar.querySelector(`a[data-key="${key}"]`);
    if (link instanceof HTMLAnchorElement) link.click();
  };
  // A link that points at a day puts the focus there.
  const pointed = location.hash ? document.getElementById(location.hash.slice(1)) : null;
  if (pointed && days.includes(pointed)) pointed.focus();
  calendar.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const here = days.findIndex((day) => day === document.activeElement);
    const row = calendar.dataset.view === "month" ? 7 : 1;
    /** @type {Record<string, number>} */
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -row, ArrowDown: row };
    const step = steps[event.key];
    if (step !== undefined) {
      if (here < 0) return;
      const next = days[here + step];
      if (next) next.focus();
      else follow(step < 0 ? "before" : "after");
    } else if ("mwdat".includes(event.key)) {
      follow(event.key);
    } else if (event.key === "n") {
      const add = (days[here] ?? days.find((day) => day.dataset.add))?.dataset.add;
      if (!add) return;
      location.assign(add);
    } else if (event.key === "?") {
      const keys = calendar.querySelector("details.keys");
      if (keys instanceof HTMLDetailsElement) {
        keys.open = true;
        keys.querySelector("summary")?.focus();
      }
    } else {
      return;
    }
    event.preventDefault();
  });
}

/** What stands against an activity is shown while its form is filled in. */
function conflictsAtOnce() {
  const form = document.querySelector("form#activity");
  if (!(form instanceof HTMLFormElement)) return;
  const told = document.createElement("div");
  told.setAttribute("aria-live", "polite");
  form.querySelector(".actions")?.before(told);
  const id = form.action.match(/[0-9a-f-]{36}/)?.[0] ?? "";
  let asked = 0;
  form.addEventListener("change", async () => {
    const query = new URLSearchParams({ id });
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string") query.append(name, value);
    }
    asked += 1;
    const mine = asked;
    const answer = await fetch(`/activities/check?${query}`).catch(() => undefined);
    if (mine === asked && answer?.ok) told.innerHTML = await answer.text();
  });
}

/** Of the ways to repeat, only the fields of the chosen one are shown. */
function repeatFields() {
  const way = document.querySelector("form#activity select[name=repeat]");
  if (!(way instanceof HTMLSelectElement)) return;
  /** @type {Record<string, string[]>} */
  const of = { days: ["weekly"], every: ["weekly"], nth: ["monthly"], until: ["weekly", "monthly"], count: ["weekly", "monthly"] };
  const show = () => {
    for (const [name, ways] of Object.entries(of)) {
      const field = way.form?.querySelector(`[name="${name}"]`)?.closest(".field");
      if (field instanceof HTMLElement) field.hidden = !ways.includes(way.value);
    }
  };
  way.addEventListener("change", show);
  show();
}

/** A page that waits for work looks again every second, and leaves the reader where they are. */
function lookAgain() {
  const main = document.querySelector("main[data-refresh]");
  if (!main) return;
  setTimeout(async () => {
    const answer = await fetch(location.href).catch(() => undefined);
    const page = new DOMParser().parseFromString((await answer?.text()) ?? "", "text/html");
    const fresh = page.querySelector("main");
    if (answer?.ok && fresh && !fresh.hasAttribute("data-refresh")) {
      location.reload();
      return;
    }
    const held = main.contains(document.activeElement);
    if (answer?.ok && fresh) main.replaceChildren(...fresh.childNodes);
    const button = main.querySelector("button");
    if (held && button) button.focus();
    lookAgain();
  }, 1000);
}

foldMenu();
offerCopies();
repeatFields();
calendarKeys();
conflictsAtOnce();
lookAgain();
sendOnce();
filterAtOnce();
