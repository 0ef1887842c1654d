/** @param {string} id */
export function element(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`there is no #${id}`);
  return found;
}

/**
 * Changes nothing that is already so: a screen reader repeats what is set anew.
 * @param {string} id
 * @param {string} text
 */
export function put(id, text) {
  const place = element(id);
  if (place.textContent !== text) place.textContent = text;
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
export function made(name, text, className = "") {
  const one = document.createElement(name);
  one.textContent = text;
  one.className = className;
  return one;
}

/** @param {"row" | "col"} scope @param {string} text */
export function headed(scope, text) {
  const head = made("th", text);
  head.setAttribute("scope", scope);
  return head;
}
