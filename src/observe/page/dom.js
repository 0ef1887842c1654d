/**
 * Throws when the page has no such element.
 * @param {string} id
 */
export function element(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`there is no #${id}`);
  return found;
}

/**
 * Sets a text only when it differs, because a screen reader reads every text that is set.
 * @param {string} id
 * @param {string} text
 */
export function setText(id, text) {
  const one = element(id);
  if (one.textContent !== text) one.textContent = text;
}

/** @param {string} id @param {boolean} isShown */
export function show(id, isShown) {
  element(id).hidden = !isShown;
}

/**
 * @param {string} name
 * @param {string} text
 * @param {string} [className]
 */
export function createElement(name, text, className = "") {
  const one = document.createElement(name);
  one.textContent = text;
  one.className = className;
  return one;
}

/** @param {"row" | "col"} scope @param {string} text */
export function createHeaderCell(scope, text) {
  const head = createElement("th", text);
  head.setAttribute("scope", scope);
  return head;
}
