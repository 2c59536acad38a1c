/* Names on the map: no tiles carry them, so the page writes them itself, most important first, none over another. */
(function () {
  "use strict";

  const C = window.corridors;
  const SANS =
    'system-ui, -apple-system, "Segoe UI", "Noto Sans", "Helvetica Neue", Arial, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';
  const SERIF = 'Georgia, "Noto Serif", "Liberation Serif", "Songti SC", "Noto Serif CJK SC", serif';
  const widths = new Map();

  function measure(ctx, font, text, spacing) {
    const key = `${font}|${spacing}|${text}`;
    if (!widths.has(key)) {
      if (widths.size > 5000) widths.clear();
      ctx.font = font;
      widths.set(key, ctx.measureText(text).width + spacing * text.length);
    }
    return widths.get(key);
  }

  const overlaps = (a, b) => a.x1 < b.x2 && a.x2 > b.x1 && a.y1 < b.y2 && a.y2 > b.y1;
  function isFree(taken, box, view) {
    if (box.x1 < 0 || box.y1 < 0 || box.x2 > view.size.x || box.y2 > view.size.y) return false;
    return !taken.some((other) => overlaps(box, other));
  }

  function write(ctx, text, x, y, look) {
    ctx.font = look.font;
    if ("letterSpacing" in ctx) ctx.letterSpacing = `${look.spacing || 0}px`;
    ctx.textAlign = look.align;
    ctx.textBaseline = "middle";
    ctx.lineJoin = "round";
    ctx.globalAlpha = look.alpha === undefined ? 1 : look.alpha;
    if (look.halo) {
      ctx.strokeStyle = look.halo;
      ctx.lineWidth = 3;
      ctx.strokeText(text, x, y);
    }
    ctx.fillStyle = look.colour;
    ctx.fillText(text, x, y);
    ctx.globalAlpha = 1;
    if ("letterSpacing" in ctx) ctx.letterSpacing = "0px";
  }

  // in widths and heights of the text: the point itself, then a little around it
  const AROUND = [
    [0, 0],
    [0, -1.3],
    [0, 1.3],
    [0, -2.6],
    [0, 2.6],
    [-0.3, 0],
    [0.3, 0],
    [-0.3, -1.6],
    [0.3, 1.6],
    [-0.3, 1.6],
    [0.3, -1.6],
  ];

  /** Try to write a text centred at a point or near it; gives the box it took. */
  function centred(ctx, view, taken, text, at, look, size) {
    const width = measure(ctx, look.font, text, look.spacing || 0);
    for (const [dx, dy] of AROUND) {
      const x = at.x + dx * width;
      const y = at.y + dy * size;
      const box = { x1: x - width / 2 - 2, x2: x + width / 2 + 2, y1: y - size * 0.7, y2: y + size * 0.7 };
      if (!isFree(taken, box, view)) continue;
      write(ctx, text, x, y, { ...look, align: "center" });
      return box;
    }
    return null;
  }

  /** Try to write a text beside a marker. */
  function beside(ctx, view, taken, text, at, look, size) {
    const width = measure(ctx, look.font, text, 0);
    const gap = 8;
    const sides = [
      ["left", gap, 0, 0, width],
      ["left", gap, -size * 0.75, 0, width],
      ["right", -gap, 0, -width, 0],
      ["left", gap, size * 0.75, 0, width],
      ["center", 0, -size * 1.05, -width / 2, width / 2],
      ["center", 0, size * 1.1, -width / 2, width / 2],
    ];
    for (const [align, dx, dy, from, to] of sides) {
      const box = {
        x1: at.x + dx + from - 1,
        x2: at.x + dx + to + 1,
        y1: at.y + dy - size * 0.55,
        y2: at.y + dy + size * 0.55,
      };
      if (!isFree(taken, box, view)) continue;
      taken.push(box);
      write(ctx, text, at.x + dx, at.y + dy, { ...look, align });
      return true;
    }
    return false;
  }

  function placeLook(feature) {
    const isCapital = feature.kind === "capital";
    const isSelected = feature.target === C.state.selected;
    const size = isCapital ? 12.5 : feature.kind === "city" ? 11.5 : 10.5;
    const weight = isSelected ? 700 : isCapital ? 600 : 400;
    const colour = C.paper(feature.rank <= 1 || isSelected ? "text" : "text-soft");
    return { size, look: { font: `${weight} ${size}px ${SANS}`, colour, halo: C.paper("land") } };
  }

  function writePlaces(ctx, view, taken, features) {
    for (const feature of features) {
      const run = C.worldOf(feature).runs[0];
      if (!run) continue;
      const { size, look } = placeLook(feature);
      beside(ctx, view, taken, C.targetName(feature.target), view.screen(run[0], run[1]), look, size + 2);
    }
  }

  /** Width of the part that carries the name: far islands do not make a country wider. */
  function widestPart(feature) {
    const shape = C.worldOf(feature);
    if (shape.width === undefined) {
      const area = (bounds) => (bounds.x2 - bounds.x1) * (bounds.y2 - bounds.y1);
      const parts = shape.runs.map((run) => C.boundsOf([run]));
      const largest = parts.reduce((a, b) => (area(b) > area(a) ? b : a));
      shape.width = largest.x2 - largest.x1;
    }
    return shape.width;
  }

  /** A name that stands in for a missing translation keeps its own capitals (RUSSIA, not RUSSİA, on a Turkish map). */
  function languageOf(feature) {
    const detail = C.detailOf(feature.target);
    const names = (detail && detail.names) || C.namesIn(feature.properties);
    return names[C.state.language] ? C.state.language : "en";
  }

  function writeCountries(ctx, view, taken, names) {
    if (!C.countryLayer || !C.countryLayer.isVisible) return;
    const areas = C.countryLayer.features.filter((feature) => feature.label && C.isShown(feature));
    const extent = (feature) => widestPart(feature) * view.scale;
    areas.sort((a, b) => extent(b) - extent(a));
    for (const feature of areas) {
      const room = extent(feature);
      const size = Math.max(9.5, Math.min(17, 7.5 + room / 55));
      const spacing = size * (room > 260 ? 0.28 : 0.12);
      const text = C.targetName(feature.target).toLocaleUpperCase(languageOf(feature));
      const look = { font: `500 ${size}px ${SANS}`, spacing, colour: C.paper("country"), halo: C.paper("land") };
      if (measure(ctx, look.font, text, spacing) > room * 1.15 || room > view.size.x * 6) continue;
      const { label } = C.worldOf(feature);
      const at = view.screen(label.x, label.y);
      // better across a marker than no name
      const box = centred(ctx, view, taken, text, at, look, size) || centred(ctx, view, names, text, at, look, size);
      if (box) {
        taken.push(box);
        names.push(box);
      }
    }
  }

  function writeBase(ctx, view, taken) {
    for (const label of C.data.basemap.labels) {
      if (view.zoom < label.min_zoom) continue;
      const at = C.world(label.lon, label.lat);
      const isWater = label.kind === "water";
      const size = Math.min(16, 9.5 + (view.zoom - label.min_zoom) * 1.8);
      const look = {
        font: `italic 400 ${size}px ${SERIF}`,
        spacing: size * 0.12,
        colour: C.paper(isWater ? "water" : "country"),
      };
      const box = centred(ctx, view, taken, C.nameOf(label.names), view.screen(at.x, at.y), look, size);
      if (box) taken.push(box);
    }
  }

  /** What the panels cover: a name half under one cannot be read. */
  function panelBoxes(view) {
    const map = C.map.getContainer().getBoundingClientRect();
    const boxes = [...document.querySelectorAll("#panel, #detail, #controls, #credit, .leaflet-control-scale")].map(
      (element) => element.getBoundingClientRect(),
    );
    return boxes
      .filter((box) => box.width)
      .map((box) => {
        const corner = C.map.containerPointToLayerPoint([box.left - map.left, box.top - map.top]).subtract(view.offset);
        return { x1: corner.x, y1: corner.y, x2: corner.x + box.width, y2: corner.y + box.height };
      });
  }

  function markerBoxes(view, features) {
    return features.flatMap((feature) =>
      C.worldOf(feature).runs.map((run) => {
        const at = view.screen(run[0], run[1]);
        return { x1: at.x - 4, x2: at.x + 4, y1: at.y - 4, y2: at.y + 4 };
      }),
    );
  }

  function paint(ctx, view) {
    view.leave();
    if (!C.state.labels) return;
    const points = C.layers
      .filter((layer) => layer.geometry === "point" && layer.isVisible)
      .flatMap((layer) => layer.features)
      .filter((feature) => C.isDrawn(feature, view.zoom) && C.touches(C.worldOf(feature).bounds, view));
    const isFirst = (feature) => feature.target === C.state.selected || feature.rank <= 1;
    points.sort((a, b) => Number(isFirst(b)) - Number(isFirst(a)) || C.byImportance(a, b));
    const ends = C.routeEnds();
    const isNamed = (feature) => !ends.some((end) => end.name === C.targetName(feature.target));
    const first = points.filter((feature) => isFirst(feature) && isNamed(feature));
    const rest = points.filter((feature) => !isFirst(feature) && isNamed(feature));
    // a name keeps clear of panels, markers and other names
    const covered = panelBoxes(view);
    const taken = [...covered, ...markerBoxes(view, points)];
    const bold = { font: `700 13px ${SANS}`, colour: C.paper("text"), halo: C.paper("land") };
    for (const end of ends) beside(ctx, view, taken, end.name, view.screen(end.x, end.y), bold, 15);
    writePlaces(ctx, view, taken, first);
    const names = [...covered, ...markerBoxes(view, first), ...taken.slice(covered.length + points.length)];
    writeCountries(ctx, view, taken, names);
    writePlaces(ctx, view, taken, rest);
    writeBase(ctx, view, taken);
  }

  C.startLabels = () => C.painter("corridors-labels", 450, paint, 0.1);
})();
