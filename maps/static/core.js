/* Ground for the other scripts: the data island, interface strings, element construction, state and its URL hash.
 *
 * Every script of the page adds its functions to one object, `window.corridors` (here `C`). Data is hostile until it is
 * text in the document: elements are made by `C.el`, which knows only text nodes, listed attributes and listeners.
 * Nothing in these scripts assigns markup, evaluates text or opens a connection.
 */
(function () {
  "use strict";

  const C = (window.corridors = {});
  const data = JSON.parse(document.getElementById("corridors-data").textContent);
  const LANGUAGES = ["en", "ru", "zh", "tr"];
  const own = (object, key) => Object.prototype.hasOwnProperty.call(object, key);

  C.data = data;
  C.map = window.corridorsMap;
  C.languages = LANGUAGES;
  C.own = own;
  C.state = {
    language: LANGUAGES.includes(data.language) ? data.language : "en",
    theme: "auto",
    tab: "layers",
    selected: null,
    year: null,
    projection: "equal-area",
    graticule: true,
    disputed: true,
    labels: true,
  };

  /* ---- events between the parts ---- */
  const listeners = new Map();
  C.on = function (name, listener) {
    if (!listeners.has(name)) listeners.set(name, []);
    listeners.get(name).push(listener);
  };
  C.emit = function (name, value) {
    for (const listener of listeners.get(name) || []) listener(value);
  };

  /* ---- text ---- */
  C.t = function (key, values) {
    const entry = own(data.strings, key) ? data.strings[key] : null;
    let text = entry ? entry[C.state.language] || entry.en : key;
    for (const [name, value] of Object.entries(values || {})) text = text.split(`{${name}}`).join(String(value));
    return text;
  };
  C.hasText = (key) => own(data.strings, key);

  /** A word of the vocabulary in the language of the page, or the word itself, made readable. */
  C.word = function (family, word) {
    const key = `${family}.${word}`;
    return own(data.strings, key) ? C.t(key) : String(word).replace(/-/g, " ");
  };

  C.nameOf = function (names, language) {
    const wanted = language || C.state.language;
    return names[wanted] || names.en || names.local || Object.values(names)[0] || "";
  };

  /** The names a feature brings itself: `name` in English, `name_ru`, `name_zh`, `name_tr`, `name_local`. */
  C.namesIn = function (properties) {
    const names = {};
    for (const language of ["en", "ru", "zh", "tr", "local"]) {
      const name = properties[language === "en" ? "name" : `name_${language}`];
      if (name !== undefined) names[language] = String(name);
    }
    return names;
  };

  C.detailOf = (target) => (own(data.details, target) ? data.details[target] : null);
  C.sourceOf = (id) => (own(data.sources, id) ? data.sources[id] : null);

  C.targetName = function (target) {
    const detail = C.detailOf(target);
    if (detail && detail.names) return C.nameOf(detail.names);
    const feature = C.featureOf && C.featureOf(target);
    const names = feature ? C.namesIn(feature.properties) : {};
    return C.nameOf(names) || target;
  };

  const locale = () => ({ en: "en-GB", ru: "ru-RU", zh: "zh-CN", tr: "tr-TR" })[C.state.language];
  C.number = function (value, digits) {
    const rounded = digits === undefined ? (Math.abs(value) < 10 ? 1 : 0) : digits;
    return Number(value).toLocaleString(locale(), { maximumFractionDigits: rounded });
  };
  C.band = (band, digits) =>
    `${C.number(band.p50, digits)} (${C.number(band.p10, digits)}–${C.number(band.p90, digits)})`;

  /** Lower case, without accents, apostrophes, hyphens and spaces: what two spellings of a name have in common. */
  C.fold = (text) =>
    String(text)
      .normalize("NFD")
      .replace(/[\u0300-\u036f]/g, "")
      .toLowerCase()
      .replace(/ı/g, "i")
      .replace(/ß/g, "ss")
      .replace(/['’‘ʼʻ`\-‐–—.·\s]/g, "");

  /* ---- elements ---- */
  const ATTRIBUTES = new Set(
    (
      "class id type role tabindex title for lang dir href target rel name value min max step checked disabled hidden " +
      "placeholder autocomplete spellcheck scope colspan width height viewBox d fill stroke stroke-width " +
      "stroke-dasharray stroke-linecap opacity x y x1 x2 y1 y2 cx cy r points transform open"
    ).split(" "),
  );
  const SVG = new Set(["svg", "path", "line", "circle", "rect", "polygon", "g"]);

  /** Make an element; children are elements or text, which stays text. Attributes not listed above are refused. */
  C.el = function (tag, attributes, ...children) {
    const element = SVG.has(tag)
      ? document.createElementNS("http://www.w3.org/2000/svg", tag)
      : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (name.startsWith("aria-") || name.startsWith("data-") || ATTRIBUTES.has(name))
        element.setAttribute(name, value === true ? "" : String(value));
      else throw new Error(`attribute ${name} is not allowed`);
    }
    C.append(element, children);
    return element;
  };
  C.append = function (element, children) {
    for (const child of children.flat(3)) {
      if (child === null || child === undefined || child === false || child === "") continue;
      element.append(child instanceof Node ? child : document.createTextNode(String(child)));
    }
    return element;
  };
  C.fill = function (element, ...children) {
    element.replaceChildren();
    return C.append(element, children);
  };

  /** A link outward if the address is http or https, else its text only. */
  C.link = function (address, ...children) {
    let url = null;
    try {
      url = new URL(address);
    } catch {
      url = null;
    }
    if (!url || !/^https?:$/.test(url.protocol)) return C.el("span", {}, ...children);
    return C.el("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }, ...children);
  };

  /** A button that leads to a feature: selects it and brings it into view. */
  C.targetButton = function (target, text) {
    return C.el(
      "button",
      { type: "button", class: "target", "data-target": target, onclick: () => C.select(target, { zoom: true }) },
      text || C.targetName(target),
    );
  };

  /** What a label, a list and the hash call a place in one line of text. */
  C.announce = function (text) {
    const live = document.getElementById("live");
    if (live) live.textContent = text;
  };

  /* ---- theme ---- */
  const darkQuery = window.matchMedia("(prefers-color-scheme: dark)");
  C.isDark = () => (C.state.theme === "auto" ? darkQuery.matches : C.state.theme === "dark");
  darkQuery.addEventListener("change", () => C.emit("theme"));
  C.style = {};
  for (const style of data.styles) {
    (C.style[style.table] = C.style[style.table] || {})[style.key] = style;
  }
  C.styleOf = function (table, key) {
    const rows = C.style[table];
    return own(rows, key) ? rows[key] : rows.other || rows.open;
  };
  C.ink = (style) => (C.isDark() ? style.dark : style.colour);
  C.paper = function (name) {
    return getComputedStyle(document.documentElement).getPropertyValue(`--map-${name}`).trim();
  };

  /* ---- URL hash ---- */
  C.readHash = function () {
    const found = {};
    for (const [key, value] of new URLSearchParams(location.hash.slice(1))) found[key] = value;
    return found;
  };
  // half a surrogate pair has no form in an address
  const encode = (value) => encodeURIComponent(String(value).replace(/\p{Surrogate}/gu, "\ufffd"));
  C.writeHash = function (record) {
    const text = Object.entries(record)
      .filter(([, value]) => value !== null && value !== undefined && value !== "")
      .map(([key, value]) => `${key}=${encode(value).replace(/%2C/g, ",").replace(/%3A/g, ":")}`)
      .join("&");
    try {
      history.replaceState(null, "", `#${text}`);
    } catch {
      // some browsers forbid it for files; the map works without
    }
  };
})();
