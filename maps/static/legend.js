/* Small pictures of styles, for switches and legends: the same table as the map, drawn as SVG. */
(function () {
  "use strict";

  const C = window.corridors;
  const svg = (width, ...children) =>
    C.el("svg", { class: "symbol", width, height: 16, viewBox: `0 0 ${width} 16`, "aria-hidden": "true" }, ...children);

  C.lineSymbol = function (mode, status, width) {
    const row = C.styleOf("mode", mode);
    const life = C.styleOf("status", status || "open");
    return svg(
      width || 34,
      C.el("line", {
        x1: 1,
        x2: (width || 34) - 1,
        y1: 8,
        y2: 8,
        stroke: C.ink(row),
        "stroke-width": row.width * life.width + 0.6,
        "stroke-dasharray": (life.dash || []).join(" ") || null,
      }),
    );
  };

  C.corridorSymbol = function (index) {
    const keys = Object.keys(C.style.corridor);
    const row = C.style.corridor[keys[index % keys.length]];
    return svg(
      34,
      C.el("line", {
        x1: 4,
        x2: 30,
        y1: 8,
        y2: 8,
        stroke: C.ink(row),
        "stroke-width": 8,
        opacity: 0.55,
        "stroke-linecap": "round",
      }),
    );
  };

  C.areaSymbol = function (key) {
    const colour = C.ink(C.styleOf("area", key));
    const isFilled = key !== "country";
    return svg(
      34,
      C.el("rect", {
        x: 5,
        y: 2,
        width: 24,
        height: 12,
        fill: isFilled ? colour : "none",
        opacity: isFilled ? 0.3 : 1,
        stroke: colour,
        "stroke-width": 1.2,
      }),
    );
  };

  C.hatchSymbol = function () {
    const colour = C.ink(C.styleOf("area", "disputed"));
    const lines = [0, 6, 12, 18].map((x) =>
      C.el("line", { x1: 5 + x, y1: 2, x2: 11 + x, y2: 14, stroke: colour, "stroke-width": 1 }),
    );
    const frame = C.el("rect", {
      x: 5,
      y: 2,
      width: 24,
      height: 12,
      fill: "none",
      stroke: colour,
      "stroke-width": 1,
      "stroke-dasharray": "3 2",
    });
    return svg(34, lines, frame);
  };

  class Outline {
    /* collects what C.MARKERS draws as the text of an SVG path */
    constructor() {
      this.text = "";
    }
    moveTo(x, y) {
      this.text += `M${x.toFixed(2)} ${y.toFixed(2)}`;
    }
    lineTo(x, y) {
      this.text += `L${x.toFixed(2)} ${y.toFixed(2)}`;
    }
    closePath() {
      this.text += "Z";
    }
    rect(x, y, w, h) {
      this.text += `M${x} ${y}h${w}v${h}h${-w}Z`;
    }
    arc(x, y, r) {
      this.text += `M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
    }
  }

  C.markerSymbol = function (kind, width) {
    const style = C.styleOf("place", kind);
    const outline = new Outline();
    const radius = style.size / 2;
    C.MARKERS[style.marker](outline, radius);
    const isSolid = ["circle-solid", "dot", "square-solid"].includes(style.marker);
    const ink = C.ink(style);
    const half = (width || 34) / 2;
    return svg(
      width || 34,
      C.el(
        "g",
        { transform: `translate(${half} 8)` },
        C.el("path", {
          d: outline.text,
          fill: isSolid ? ink : C.paper("point"),
          stroke: ink,
          "stroke-width": style.width,
        }),
        style.marker === "ringed-square" &&
          C.el("rect", { x: -radius / 2.4, y: -radius / 2.4, width: radius / 1.2, height: radius / 1.2, fill: ink }),
      ),
    );
  };

  /** The picture that stands for one feature in lists. */
  C.featureSymbol = function (feature) {
    const { layer, properties } = feature;
    if (layer.geometry === "point") return C.markerSymbol(feature.kind, 22);
    if (layer.isItemised) return C.corridorSymbol(feature.index);
    if (layer.geometry === "line")
      return C.lineSymbol(String(properties.mode || "other"), String(properties.status || "open"));
    return C.areaSymbol(layer.key === "countries" ? "country" : layer.key === "belts" ? "belt" : "other");
  };
})();
