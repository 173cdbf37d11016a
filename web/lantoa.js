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

foldMenu();
offerCopies();
sendOnce();
filterAtOnce();
