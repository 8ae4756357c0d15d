type Attributes = Readonly<Record<string, string | boolean | undefined>>;

/** Makes an element. Text is always text: nothing a person wrote is ever read as HTML. */
export function element<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

export function button(label: string, act: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = element("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", act);
  return made;
}

type Shown = Map<string, { readonly text: string; readonly element: HTMLElement }>;

/** Keeps the children of `parent` in step with a list: entries keep their element, so that focus stays where it is and nothing is announced twice. */
export class KeyedList<T> {
  readonly #parent: HTMLElement;
  readonly #make: (entry: T) => HTMLElement;
  #shown: Shown = new Map();

  constructor(parent: HTMLElement, make: (entry: T) => HTMLElement) {
    this.#parent = parent;
    this.#make = make;
  }

  show(entries: readonly T[], keyOf: (entry: T) => string): void {
    const next: Shown = new Map();
    for (const entry of entries) {
      const key = keyOf(entry);
      const text = JSON.stringify(entry);
      const known = this.#shown.get(key);
      if (known === undefined) next.set(key, { text, element: this.#make(entry) });
      else {
        if (known.text !== text) become(known.element, this.#make(entry));
        next.set(key, { text, element: known.element });
      }
    }
    for (const [key, { element: old }] of this.#shown) {
      if (next.get(key)?.element !== old) old.remove();
    }
    let at: ChildNode | null = this.#parent.firstChild;
    for (const { element: wanted } of next.values()) {
      if (wanted === at) at = at.nextSibling;
      else this.#parent.insertBefore(wanted, at);
    }
    this.#shown = next;
  }
}

/** Makes an element look like another of the same entry, changing only what differs. Its listeners stay: they are those of the same entry. */
function become(shown: Element, wanted: Element): void {
  for (const { name } of [...shown.attributes]) if (!wanted.hasAttribute(name)) shown.removeAttribute(name);
  for (const { name, value } of wanted.attributes) if (shown.getAttribute(name) !== value) shown.setAttribute(name, value);
  const next = [...wanted.childNodes];
  for (const child of [...shown.childNodes].slice(next.length)) child.remove();
  for (const [index, node] of next.entries()) {
    const child = shown.childNodes[index];
    if (child === undefined) shown.append(node);
    else if (child.isEqualNode(node)) continue;
    else if (child instanceof Element && node instanceof Element && doesTheSame(child, node)) become(child, node);
    else child.replaceWith(node);
  }
}

/** A button with another label does something else: it comes with listeners of its own. */
function doesTheSame(one: Element, another: Element): boolean {
  return one.tagName === another.tagName && (one.tagName !== "BUTTON" || one.firstChild?.textContent === another.firstChild?.textContent);
}
