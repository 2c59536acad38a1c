/* The features of the layers: what is shown, how it is drawn, what lies under a click. */
(function () {
  "use strict";

  const C = window.corridors;
  const byTarget = new Map();

  const RANK = { capital: 1, city: 2, port: 3, border: 3, "dry-port": 4, airport: 4, strait: 3, event: 2, figure: 3 };

  // a country names its capital by the id of the place
  const CAPITALS = new Set(
    C.data.layers
      .filter((layer) => layer.key === "countries")
      .flatMap((layer) => layer.features)
      .map((record) => `place:${(record.p || {}).capital}`),
  );

  function decodeGeometry(layer, geometry) {
    const decode = (text) => C.decode(text, layer.decimals);
    if (layer.geometry === "point") return geometry.map((point) => Float64Array.from(point));
    if (layer.geometry === "line") return geometry.map(decode);
    return geometry.flatMap((rings) => rings.map(decode));
  }

  function makeFeature(layer, record, index) {
    const properties = record.p || {};
    const feature = {
      layer,
      index,
      target: record.t,
      properties,
      runs: decodeGeometry(layer, record.g),
      label: record.l || null,
      isVisible: true,
      world: null,
    };
    feature.kind = layer.geometry === "point" ? pointKind(layer, properties, record.t) : String(properties.kind || "");
    feature.rank = Number(properties.rank) || RANK[feature.kind] || 5;
    // among equals the larger town, then the one where more lines meet
    feature.size = Number(properties.population) || 0;
    feature.lines = Number(record.n) || 0;
    return feature;
  }
  function pointKind(layer, properties, target) {
    if (layer.key === "events") return "event";
    if (layer.key === "figures") return "figure";
    if (properties.capital === true || CAPITALS.has(target)) return "capital";
    return String(properties.kind || "other");
  }

  C.layers = C.data.layers.map((record) => {
    const layer = {
      key: record.key,
      group: record.group,
      title: record.title,
      geometry: record.geometry,
      decimals: record.decimals,
      tolerance: record.tolerance_deg,
      note: record.note,
      isVisible: record.visible === true,
      isItemised: record.itemised === true,
    };
    layer.features = record.features.map((entry, index) => makeFeature(layer, entry, index));
    if (layer.isItemised) for (const feature of layer.features) feature.isVisible = false;
    for (const feature of layer.features) {
      if (!byTarget.has(feature.target)) byTarget.set(feature.target, []);
      byTarget.get(feature.target).push(feature);
    }
    return layer;
  });
  C.layerTitle = (layer) => (C.hasText(`layer.${layer.key}`) ? C.t(`layer.${layer.key}`) : layer.title);
  C.featuresOf = (target) => byTarget.get(target) || [];
  C.featureOf = (target) => C.featuresOf(target)[0] || null;
  C.countryLayer = C.layers.find((layer) => layer.key === "countries") || null;

  /* ---- geometry in world pixels, made on first use and again for another projection ---- */
  function world(feature) {
    if (!feature.world) {
      const runs = feature.runs.map(C.project);
      feature.world = {
        runs,
        bounds: C.boundsOf(runs),
        path: feature.layer.geometry === "point" ? null : C.pathOf(runs, feature.layer.geometry === "area"),
      };
      if (feature.label) {
        const place = C.project(Float64Array.from(feature.label));
        feature.world.label = { x: place[0], y: place[1] };
      }
    }
    return feature.world;
  }
  C.worldOf = world;
  C.on("projection", () => {
    for (const layer of C.layers) for (const feature of layer.features) feature.world = null;
  });
  C.boundsOfTarget = function (target) {
    const bounds = C.emptyBounds();
    for (const feature of C.featuresOf(target)) {
      const own = world(feature).bounds;
      C.extend(bounds, [own.x1, own.y1, own.x2, own.y2]);
    }
    return bounds;
  };
  C.countryPaths = () => (C.countryLayer ? C.countryLayer.features.map(world) : []);

  /* ---- what is shown ---- */
  const yearOf = (text) => {
    const found = /^-?(\d{4})/.exec(String(text === undefined ? "" : text));
    return found ? Number(found[1]) : null;
  };
  /** In a chosen year a line is there if it opened by then; one without a date only if it is open today. */
  function isInYear(feature) {
    const year = C.state.year;
    if (year === null) return true;
    const { opened, date, period, status } = feature.properties;
    const from = yearOf(opened || date || period);
    if (from !== null) return from <= year;
    return feature.layer.geometry !== "line" || !status || status === "open" || feature.layer.isItemised;
  }
  C.isShown = (feature) => feature.layer.isVisible && feature.isVisible && isInYear(feature);
  const minZoom = (feature) => C.styleOf("place", feature.kind).min_zoom;
  C.byImportance = (a, b) =>
    a.rank - b.rank ||
    b.size - a.size ||
    b.lines - a.lines ||
    a.layer.features.length - b.layer.features.length ||
    a.index - b.index;

  /* Far out a map shows few places: each keeps a distance from all more important ones, the more of it the less it
   * matters. The choice depends on zoom and switches only, so panning never changes it. */
  const SPACING = { 1: 20, 2: 30, 3: 26 };
  const thinned = { key: "", features: new Set() };
  function placesAt(zoom) {
    const key = [zoom, C.state.projection, C.state.year, version].join(" ");
    if (thinned.key !== key) {
      thinned.key = key;
      thinned.features = thinOut(zoom);
    }
    return thinned.features;
  }
  let version = 0;
  C.on("layers", () => (version += 1));
  C.on("layers-drawn", () => (version += 1));

  function thinOut(zoom) {
    const scale = 2 ** zoom;
    const ease = Math.max(0, Math.min(1, (8.5 - zoom) / 3));
    const cells = new Map();
    const kept = new Set();
    const cell = 32;
    const isFree = (x, y, spacing) => {
      for (let i = Math.floor((x - spacing) / cell); i <= Math.floor((x + spacing) / cell); i += 1)
        for (let j = Math.floor((y - spacing) / cell); j <= Math.floor((y + spacing) / cell); j += 1)
          for (const [px, py] of cells.get(`${i},${j}`) || []) if (Math.hypot(px - x, py - y) < spacing) return false;
      return true;
    };
    const points = shown("point")
      .filter((feature) => zoom >= minZoom(feature))
      .sort(C.byImportance);
    for (const feature of points) {
      const spacing = (SPACING[feature.rank] || 22) * ease;
      for (const run of world(feature).runs) {
        const [x, y] = [run[0] * scale, run[1] * scale];
        if (spacing && !isFree(x, y, spacing)) continue;
        kept.add(feature);
        const name = `${Math.floor(x / cell)},${Math.floor(y / cell)}`;
        if (!cells.has(name)) cells.set(name, []);
        cells.get(name).push([x, y]);
      }
    }
    return kept;
  }
  const isNearEnough = (feature, zoom) =>
    feature.layer.geometry !== "point" || feature.target === C.state.selected || placesAt(zoom).has(feature);
  C.isDrawn = (feature, zoom) => C.isShown(feature) && isNearEnough(feature, zoom);

  /* ---- style ---- */
  const palette = Object.keys(C.style.corridor);
  C.lineStyle = function (feature, zoom) {
    if (feature.layer.isItemised) {
      const row = C.style.corridor[palette[feature.index % palette.length]];
      return {
        colour: C.ink(row),
        width: row.width * (0.55 + 0.3 * C.weight(zoom)),
        dash: [],
        alpha: 0.42,
        cap: "round",
        row,
      };
    }
    const row = C.styleOf("mode", String(feature.properties.mode || "other"));
    const status = C.styleOf("status", String(feature.properties.status || "open"));
    const factor = C.weight(zoom);
    return { colour: C.ink(row), width: row.width * status.width * factor, dash: status.dash || [], row };
  };
  C.areaStyle = (feature) =>
    C.styleOf("area", feature.layer.key === "countries" ? "country" : feature.layer.key === "belts" ? "belt" : "other");

  /* ---- drawing ---- */
  const order = (feature) =>
    feature.layer.isItemised ? 0 : C.styleOf("mode", String(feature.properties.mode || "other")).order;
  const shown = (geometry) =>
    C.layers
      .filter((layer) => layer.geometry === geometry && layer.isVisible)
      .flatMap((layer) => layer.features.filter(C.isShown));

  function paintAreas(ctx, view) {
    for (const feature of shown("area")) {
      if (feature.layer.key === "countries") continue;
      const { path, bounds } = world(feature);
      if (!C.touches(bounds, view)) continue;
      const colour = C.ink(C.areaStyle(feature));
      ctx.globalAlpha = 0.13;
      ctx.fillStyle = colour;
      ctx.fill(path);
      ctx.globalAlpha = 1;
      C.stroke(ctx, view, path, { colour, width: 1, dash: [1, 3], cap: "round" });
    }
  }

  function paintLines(ctx, view) {
    const lines = shown("line").filter((feature) => C.touches(world(feature).bounds, view));
    lines.sort((a, b) => order(a) - order(b));
    const casing = C.paper("land");
    for (const feature of lines) {
      const style = C.lineStyle(feature, view.zoom);
      const { path } = world(feature);
      if (!feature.layer.isItemised)
        C.stroke(ctx, view, path, { colour: casing, width: style.width + 1.6, alpha: style.dash.length ? 0.6 : 0.9 });
      C.stroke(ctx, view, path, style);
    }
  }

  function paintPoints(ctx, view) {
    view.leave();
    const factor = Math.max(0.8, Math.min(1.25, 0.8 + (view.zoom - 4) * 0.12));
    const points = shown("point").filter(
      (feature) => isNearEnough(feature, view.zoom) && C.touches(world(feature).bounds, view),
    );
    points.sort((a, b) => b.rank - a.rank);
    for (const feature of points) {
      const style = C.styleOf("place", feature.kind);
      for (const run of world(feature).runs) {
        const at = view.screen(run[0], run[1]);
        C.drawMarker(ctx, style, at.x, at.y, factor);
      }
    }
  }

  function paint(ctx, view) {
    // beside a route the rest steps back
    ctx.canvas.style.opacity = C.isRouteShown() ? "0.45" : "1";
    view.enter();
    paintAreas(ctx, view);
    paintLines(ctx, view);
    paintPoints(ctx, view);
  }

  /* ---- selection, hover and the legs of a route, above all else ---- */
  function paintFocus(ctx, view) {
    view.enter();
    if (C.paintRoute) C.paintRoute(ctx, view);
    if (C.paintArticle) C.paintArticle(ctx, view);
    view.enter();
    for (const [target, isHover] of [
      [C.hovered, true],
      [C.state.selected, false],
    ]) {
      if (!target || (isHover && target === C.state.selected)) continue;
      for (const feature of C.featuresOf(target)) if (C.isShown(feature)) paintHalo(ctx, view, feature, isHover);
    }
  }
  function paintHalo(ctx, view, feature, isHover) {
    const { path, runs } = world(feature);
    const halo = C.paper("halo");
    view.enter();
    if (feature.layer.geometry === "area") {
      C.stroke(ctx, view, path, { colour: halo, width: isHover ? 1.5 : 3, alpha: isHover ? 0.6 : 0.9 });
    } else if (feature.layer.geometry === "line") {
      const style = C.lineStyle(feature, view.zoom);
      const wide = (feature.layer.isItemised ? style.width * 0.8 : style.width) + (isHover ? 4 : 7);
      C.stroke(ctx, view, path, {
        colour: halo,
        width: wide,
        alpha: (isHover ? 0.4 : 0.75) * (feature.layer.isItemised ? 0.7 : 1),
        cap: "round",
      });
      if (!feature.layer.isItemised) C.stroke(ctx, view, path, { colour: C.paper("land"), width: style.width + 1.4 });
      C.stroke(ctx, view, path, { ...style, alpha: feature.layer.isItemised ? 0.55 : 1 });
    } else {
      view.leave();
      for (const run of runs) {
        const at = view.screen(run[0], run[1]);
        ctx.beginPath();
        ctx.arc(at.x, at.y, isHover ? 9 : 11, 0, 7);
        ctx.strokeStyle = halo;
        ctx.lineWidth = isHover ? 2 : 3.5;
        ctx.stroke();
        C.drawMarker(ctx, C.styleOf("place", feature.kind), at.x, at.y, 1.15);
      }
    }
  }

  let focus = null;
  C.startFeatures = function () {
    C.painter("corridors-features", 400, paint);
    focus = C.painter("corridors-focus", 420, paintFocus);
  };
  C.repaintFocus = () => focus && focus.repaint();

  /* ---- what lies under a point of the screen ---- */
  const GRASP = { point: 10, line: 7 };
  function distance(feature, at, scale) {
    const { runs, bounds } = world(feature);
    const reach = (GRASP[feature.layer.geometry] || 0) / scale;
    if (at.x < bounds.x1 - reach || at.x > bounds.x2 + reach || at.y < bounds.y1 - reach || at.y > bounds.y2 + reach)
      return Infinity;
    if (feature.layer.geometry === "area") return C.isInside(runs, at.x, at.y) ? 0 : Infinity;
    const find =
      feature.layer.geometry === "line" ? C.distanceToRun : (run) => Math.hypot(run[0] - at.x, run[1] - at.y);
    const pixels = Math.min(...runs.map((run) => find(run, at.x, at.y))) * scale;
    return pixels <= GRASP[feature.layer.geometry] ? pixels : Infinity;
  }

  /** Features under a lat/lng, nearest first; points before lines before areas; each target once. */
  C.featuresAt = function (latlng) {
    const point = C.crs().latLngToPoint(latlng, 0);
    const at = { x: point.x - 128, y: point.y - 128 };
    const zoom = C.map.getZoom();
    const hits = [];
    const rank = { point: 0, line: 1, area: 2 };
    for (const layer of C.layers) {
      if (!layer.isVisible) continue;
      for (const feature of layer.features) {
        if (!C.isDrawn(feature, zoom)) continue;
        const pixels = distance(feature, at, 2 ** zoom);
        if (pixels < Infinity) hits.push({ feature, pixels });
      }
    }
    hits.sort((a, b) => rank[a.feature.layer.geometry] - rank[b.feature.layer.geometry] || a.pixels - b.pixels);
    const seen = new Set();
    return hits.map((hit) => hit.feature).filter((feature) => !seen.has(feature.target) && seen.add(feature.target));
  };
})();
