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
lookAgain();
sendOnce();
filterAtOnce();
