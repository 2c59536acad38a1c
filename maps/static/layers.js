/* The Layers tab: grouped switches with their legend in place, the features of each layer as a list, view options. */
(function () {
  "use strict";

  const C = window.corridors;
  const GROUPS = ["corridors", "network", "places", "evidence", "areas"];
  const openLists = new Set();

  function setVisible(layer, isVisible) {
    layer.isVisible = isVisible;
    if (layer.isItemised && isVisible && !layer.features.some((feature) => feature.isVisible))
      for (const feature of layer.features) feature.isVisible = true;
    C.emit("layers");
  }
  C.setLayerVisible = setVisible;

  function toggle(label, isOn, onchange, key) {
    return C.el(
      "label",
      { class: "switch" },
      C.el("input", {
        type: "checkbox",
        role: "switch",
        checked: isOn,
        "data-key": key,
        onchange: (event) => onchange(event.target.checked),
      }),
      label,
    );
  }

  function combinations(layer) {
    const seen = new Map();
    for (const feature of layer.features) {
      const mode = String(feature.properties.mode || "other");
      const key = layer.geometry === "point" ? feature.kind : mode;
      if (!seen.has(key)) seen.set(key, 0);
      seen.set(key, seen.get(key) + 1);
    }
    return [...seen];
  }

  function symbol(layer) {
    if (layer.isItemised) return C.corridorSymbol(0);
    if (layer.geometry === "area")
      return C.areaSymbol(layer.key === "countries" ? "country" : layer.key === "belts" ? "belt" : "other");
    const first = combinations(layer)[0];
    if (!first) return null;
    return layer.geometry === "line" ? C.lineSymbol(first[0], "open") : C.markerSymbol(first[0]);
  }

  /** Below the switch: one line per mode or kind where the layer has several. */
  function legend(layer) {
    if (layer.isItemised || layer.geometry === "area") return null;
    const kinds = combinations(layer);
    if (kinds.length < 2) return null;
    const table = layer.geometry === "line" ? "mode" : "kind";
    const order = (key) => C.styleOf(layer.geometry === "line" ? "mode" : "place", key).order;
    kinds.sort((a, b) => order(a[0]) - order(b[0]));
    return C.el(
      "ul",
      { class: "legend" },
      kinds.map(([key]) =>
        C.el(
          "li",
          {},
          layer.geometry === "line" ? C.lineSymbol(key, "open") : C.markerSymbol(key, 22),
          C.word(table, key),
        ),
      ),
    );
  }

  function listItem(layer, feature) {
    const row = C.el("li", {});
    if (layer.isItemised) {
      const box = C.el("input", {
        type: "checkbox",
        checked: layer.isVisible && feature.isVisible,
        "aria-label": C.targetName(feature.target),
        onchange: (event) => {
          if (!layer.isVisible) for (const other of layer.features) other.isVisible = false;
          feature.isVisible = event.target.checked;
          layer.isVisible = layer.features.some((other) => other.isVisible);
          C.emit("layers");
        },
      });
      row.append(box);
    }
    return C.append(row, [C.featureSymbol(feature), C.targetButton(feature.target)]);
  }

  function featureList(layer) {
    const compare = new Intl.Collator(C.state.language).compare;
    const first = new Map();
    for (const feature of layer.features) if (!first.has(feature.target)) first.set(feature.target, feature);
    const sorted = layer.isItemised
      ? [...first.values()]
      : [...first.values()].sort((a, b) => compare(C.targetName(a.target), C.targetName(b.target)));
    return C.el(
      "ul",
      { class: "features" },
      sorted.map((feature) => listItem(layer, feature)),
    );
  }

  function layerRow(layer) {
    const list = C.el("div", { class: "list", id: `list-${C.layers.indexOf(layer)}` });
    const button = C.el(
      "button",
      {
        type: "button",
        class: "count",
        "aria-expanded": String(openLists.has(layer.key)),
        "aria-controls": list.id,
        title: C.t("layers.list"),
        "aria-label": C.t("layers.list.of", { layer: C.layerTitle(layer), count: layer.features.length }),
        onclick: () => {
          if (openLists.has(layer.key)) openLists.delete(layer.key);
          else openLists.add(layer.key);
          button.setAttribute("aria-expanded", String(openLists.has(layer.key)));
          C.fill(list, openLists.has(layer.key) && featureList(layer));
        },
      },
      C.number(layer.features.length, 0),
    );
    if (openLists.has(layer.key)) list.append(featureList(layer));
    return C.el(
      "li",
      { class: "layer" },
      C.el(
        "div",
        { class: "row" },
        toggle(
          [symbol(layer), C.el("span", {}, C.layerTitle(layer))],
          layer.isVisible,
          (isOn) => setVisible(layer, isOn),
          layer.key,
        ),
        button,
      ),
      layer.note && C.el("p", { class: "hint" }, layer.note),
      legend(layer),
      list,
    );
  }

  function groupOf(name) {
    const layers = C.layers.filter((layer) => layer.group === name && layer.features.length);
    if (!layers.length) return null;
    const title = C.hasText(`group.${name}`) ? C.t(`group.${name}`) : name;
    return C.el("section", {}, C.el("h3", {}, title), C.el("ul", { class: "layers" }, layers.map(layerRow)));
  }

  function statusLegend() {
    const present = new Set(
      C.layers.flatMap((layer) =>
        layer.geometry === "line" && !layer.isItemised
          ? layer.features.map((feature) => String(feature.properties.status || "open"))
          : [],
      ),
    );
    const rows = Object.keys(C.style.status).filter((status) => present.has(status));
    if (!rows.length) return null;
    return C.el(
      "section",
      { class: "statuses" },
      C.el("h3", {}, C.t("status")),
      C.el(
        "ul",
        { class: "legend" },
        rows.map((status) => C.el("li", {}, C.lineSymbol("other", status, 44), C.word("status", status))),
      ),
    );
  }

  const FIRST_YEAR = 2013;
  const LAST_YEAR = 2035;
  function timeControl() {
    const isOn = C.state.year !== null;
    const value = C.state.year === null ? new Date().getFullYear() : C.state.year;
    const output = C.el("output", { class: "year" }, isOn ? String(value) : C.t("time.all"));
    const range = C.el("input", {
      type: "range",
      min: FIRST_YEAR,
      max: LAST_YEAR,
      step: 1,
      value: Math.min(LAST_YEAR, Math.max(FIRST_YEAR, value)),
      disabled: !isOn,
      "aria-label": C.t("time"),
      oninput: (event) => {
        C.state.year = Number(event.target.value);
        C.fill(output, event.target.value);
        C.emit("layers-drawn");
      },
    });
    const box = toggle(
      C.el("span", {}, C.t("time.switch")),
      isOn,
      (on) => {
        C.state.year = on ? Number(range.value) : null;
        C.emit("layers");
      },
      "time",
    );
    return C.el(
      "section",
      { class: "time" },
      C.el("h3", {}, C.t("time")),
      C.el("div", { class: "row" }, box, output),
      range,
      C.el("p", { class: "hint" }, C.t("time.hint")),
    );
  }

  function viewOptions() {
    const option = (key, symbolOf) =>
      C.el(
        "li",
        { class: "layer" },
        toggle(
          [symbolOf, C.el("span", {}, C.t(`view.${key}`))],
          C.state[key],
          (isOn) => {
            C.state[key] = isOn;
            C.emit("layers-drawn");
          },
          key,
        ),
      );
    const network = (entry) =>
      C.el(
        "li",
        { class: "layer" },
        toggle(
          [
            C.lineSymbol(entry.mode, "open"),
            C.el("span", {}, C.hasText(`network.${entry.key}`) ? C.t(`network.${entry.key}`) : entry.title),
          ],
          entry.isVisible,
          (isOn) => {
            entry.isVisible = isOn;
            C.emit("layers-drawn");
          },
          entry.key,
        ),
      );
    const isMercator = C.state.projection === "mercator";
    return C.el(
      "section",
      {},
      C.el("h3", {}, C.t("group.view")),
      C.el(
        "ul",
        { class: "layers" },
        C.networks.map(network),
        C.data.basemap.disputed.length > 0 && option("disputed", C.hatchSymbol()),
        option("labels"),
        option("graticule"),
        C.el(
          "li",
          { class: "layer" },
          toggle(
            C.el("span", {}, C.t("view.mercator")),
            isMercator,
            (isOn) => C.setProjection(isOn ? "mercator" : "equal-area"),
            "mercator",
          ),
        ),
      ),
    );
  }

  C.renderLayers = function (panel) {
    const known = GROUPS.filter((name) => C.layers.some((layer) => layer.group === name));
    const extra = [...new Set(C.layers.map((layer) => layer.group))].filter((name) => !GROUPS.includes(name));
    C.fill(panel, [...known, ...extra].map(groupOf), statusLegend(), timeControl(), viewOptions());
  };
})();
