// The few things that every part of the page needs of the DOM. Text is only ever set as text: the Content-Security-Policy
// forbids markup made from strings.

export const find = (selector, within = document) => within.querySelector(selector);

export function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

// setText leaves alone what is the same, so that a screen reader and a selection are not disturbed ten times a second.
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

// syncList makes the children of a list those of items, in their order. An element is made once for a key and then
// changed, so that it keeps the focus.
export function syncList(list, items, keyOf, create, update) {
  const old = new Map([...list.children].map((child) => [child.dataset.key, child]));
  items.forEach((item, i) => {
    const key = String(keyOf(item));
    const element = old.get(key) ?? create(item);
    element.dataset.key = key;
    old.delete(key);
    update(element, item);
    if (list.children[i] !== element) list.insertBefore(element, list.children[i] ?? null);
  });
  for (const gone of old.values()) gone.remove();
}
