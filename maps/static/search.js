/* The Search tab: any name in any language finds its feature; accents, apostrophes and case do not matter. */
(function () {
  "use strict";

  const C = window.corridors;
  const LIMIT = 30;
  let entries = null;
  let active = -1;
  let query = "";

  function build() {
    entries = Object.entries(C.data.names.of).flatMap(([target, names]) =>
      names.map((name) => ({ target, name, folded: C.fold(name) })),
    );
    const known = new Set(Object.keys(C.data.names.of));
    // features without an entry of their own are found by the names of their detail
    for (const layer of C.layers)
      for (const feature of layer.features)
        if (!known.has(feature.target)) {
          known.add(feature.target);
          for (const name of namesOf(feature)) entries.push({ target: feature.target, name, folded: C.fold(name) });
        }
  }
  function namesOf(feature) {
    const detail = C.detailOf(feature.target);
    const names = Object.values((detail && detail.names) || C.namesIn(feature.properties));
    return names.length ? names : [feature.target];
  }

  /** 0 the whole name, 1 its beginning, 2 the beginning of a word in it, 3 anywhere, or no match. */
  function rank(entry, wanted) {
    const at = entry.folded.indexOf(wanted);
    if (at < 0) return Infinity;
    if (entry.folded === wanted) return 0;
    if (at === 0) return 1;
    return entry.name.split(/[\s\-–—]+/).some((word) => C.fold(word).startsWith(wanted)) ? 2 : 3;
  }
  const KIND = { place: 0, country: 0, corridor: 1, line: 2 };

  function find(text) {
    if (!entries) build();
    const wanted = C.fold(text);
    if (!wanted) return [];
    const best = new Map();
    for (const entry of entries) {
      const found = rank(entry, wanted);
      const known = best.get(entry.target);
      if (found < Infinity && (!known || found < known.found)) best.set(entry.target, { entry, found });
    }
    const kind = ({ entry }) => {
      const feature = C.featureOf(entry.target);
      return (KIND[entry.target.split(":")[0]] || 0) * 10 + (feature ? feature.rank : 5);
    };
    return [...best.values()]
      .sort(
        (a, b) =>
          a.found - b.found ||
          kind(a) - kind(b) ||
          a.entry.name.length - b.entry.name.length ||
          (a.entry.target < b.entry.target ? -1 : 1),
      )
      .slice(0, LIMIT);
  }
  C.find = (text) => find(text).map(({ entry }) => entry.target);

  function choose(entry) {
    const { where } = C.data.names;
    if (C.own(where, entry.target)) C.zoomTo(C.boundsOf([C.project(Float64Array.from(where[entry.target]))]), 6);
    C.select(entry.target, { zoom: !C.own(where, entry.target) });
  }

  function option({ entry }, index) {
    const feature = C.featureOf(entry.target);
    const name = C.targetName(entry.target);
    const kind = feature && feature.layer.geometry === "point" ? feature.kind : entry.target.split(":")[0];
    return C.el(
      "li",
      { role: "option", id: `option-${index}`, "aria-selected": "false", onclick: () => choose(entry) },
      feature ? C.featureSymbol(feature) : null,
      C.el("span", {}, C.el("b", {}, name), entry.name !== name && C.el("span", { class: "alias" }, entry.name)),
      C.el("small", {}, C.word("kind", kind)),
    );
  }

  C.renderSearch = function (panel) {
    const list = C.el("ul", { role: "listbox", id: "search-results", "aria-label": C.t("search.results") });
    const count = C.el("p", { class: "hint", role: "status" });
    let results = [];
    const move = (to) => {
      active = results.length ? (to + results.length) % results.length : -1;
      [...list.children].forEach((row, index) => row.setAttribute("aria-selected", String(index === active)));
      if (active >= 0) {
        input.setAttribute("aria-activedescendant", `option-${active}`);
        list.children[active].scrollIntoView({ block: "nearest" });
      } else input.removeAttribute("aria-activedescendant");
    };
    const update = () => {
      results = find(query);
      C.fill(list, results.map(option));
      C.fill(
        count,
        query ? C.t(results.length ? "search.found" : "search.nothing", { count: results.length }) : C.t("search.hint"),
      );
      input.setAttribute("aria-expanded", String(results.length > 0));
      move(results.length ? 0 : -1);
    };
    const onkeydown = (event) => {
      const steps = { ArrowDown: active + 1, ArrowUp: active - 1, Home: 0, End: results.length - 1 };
      if (C.own(steps, event.key) && results.length) {
        event.preventDefault();
        move(steps[event.key]);
      } else if (event.key === "Enter" && active >= 0) {
        event.preventDefault();
        choose(results[active].entry);
      } else if (event.key === "Escape" && query) {
        event.stopPropagation();
        query = input.value = "";
        update();
      }
    };
    const input = C.el("input", {
      type: "search",
      id: "search-input",
      role: "combobox",
      "aria-expanded": "false",
      "aria-controls": "search-results",
      "aria-autocomplete": "list",
      "aria-label": C.t("search.label"),
      placeholder: C.t("search.placeholder"),
      autocomplete: "off",
      spellcheck: "false",
      value: query,
      oninput: () => {
        query = input.value;
        update();
      },
      onkeydown,
    });
    C.fill(panel, input, count, list);
    update();
  };
})();
