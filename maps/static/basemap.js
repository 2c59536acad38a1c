/* What lies under the layers: sea, graticule, land, lakes, coast, borders, disputed areas, faint networks. */
(function () {
  "use strict";

  const C = window.corridors;
  const base = C.data.basemap;
  const decode = (text) => C.decode(text, base.decimals);
  const decoded = {
    land: base.land.map((rings) => rings.map(decode)),
    coast: base.coast.map(decode),
    borders: base.borders.map(decode),
    lakes: base.lakes.map((rings) => rings.map(decode)),
    disputed: base.disputed.map((area) => ({ areas: area.g.map((rings) => rings.map(decode)), properties: area.p })),
  };
  C.networks = base.networks.map((network) => ({
    key: network.key,
    title: network.title,
    mode: network.mode,
    isVisible: network.visible === true,
    texts: network.lines,
    path: null,
  }));

  let paths = null;
  const projectAll = (runs) => runs.map(C.project);
  const ringsPath = (areas) => C.pathOf(areas.flatMap(projectAll), true);

  function graticule() {
    const runs = [];
    for (let lon = -180; lon < 180; lon += 10) {
      runs.push(Float64Array.from({ length: 122 }, (_, i) => (i % 2 ? -40 + ((i - 1) / 2) * 2 : lon)));
    }
    for (let lat = -40; lat <= 80; lat += 10) {
      runs.push(Float64Array.from({ length: 362 }, (_, i) => (i % 2 ? lat : -20 + (i / 2) * 1.2)));
    }
    return C.pathOf(projectAll(runs), false);
  }

  function build() {
    paths = {
      graticule: graticule(),
      land: ringsPath(decoded.land),
      lakes: ringsPath(decoded.lakes),
      coast: C.pathOf(projectAll(decoded.coast), false),
      borders: C.pathOf(projectAll(decoded.borders), false),
      disputed: decoded.disputed.map((area) => ringsPath(area.areas)),
    };
    for (const network of C.networks) network.path = null;
  }
  C.on("projection", () => {
    paths = null;
  });

  function networkPath(network) {
    // decoded on first sight: a base network is large and off by default
    if (!network.path) network.path = C.pathOf(projectAll(network.texts.map(decode)), false);
    return network.path;
  }

  function hatch(ctx, view, path) {
    ctx.save();
    ctx.clip(path);
    view.leave();
    ctx.strokeStyle = C.paper("disputed");
    ctx.globalAlpha = 0.55;
    ctx.lineWidth = 1;
    ctx.beginPath();
    const shift = ((view.offset.x + view.offset.y) % 7) + 7;
    for (let x = -view.size.y - shift; x < view.size.x + 7; x += 7) {
      ctx.moveTo(x, 0);
      ctx.lineTo(x + view.size.y, view.size.y);
    }
    ctx.stroke();
    ctx.restore();
    view.enter();
    C.stroke(ctx, view, path, { colour: C.paper("disputed"), width: 0.8, dash: [3, 3], alpha: 0.9 });
  }

  function paintSea(ctx, view) {
    // two pale bands along the shore, as old atlases draw water
    C.stroke(ctx, view, paths.coast, { colour: C.paper("shore"), width: 9, alpha: 0.5, cap: "round" });
    C.stroke(ctx, view, paths.coast, { colour: C.paper("shore"), width: 4.5, alpha: 0.7, cap: "round" });
    if (C.state.graticule) C.stroke(ctx, view, paths.graticule, { colour: C.paper("graticule"), width: 0.7 });
  }

  function paintLand(ctx, view) {
    ctx.fillStyle = C.paper("land-far");
    ctx.fill(paths.land);
    for (const area of C.countryPaths ? C.countryPaths() : []) {
      if (!C.touches(area.bounds, view)) continue;
      ctx.fillStyle = C.paper("land");
      ctx.fill(area.path);
    }
    ctx.fillStyle = C.paper("sea");
    ctx.fill(paths.lakes);
    C.stroke(ctx, view, paths.lakes, { colour: C.paper("coast"), width: 0.6 });
    const near = C.weight(view.zoom);
    C.stroke(ctx, view, paths.coast, { colour: C.paper("coast"), width: 0.7 + 0.2 * near });
    C.stroke(ctx, view, paths.borders, { colour: C.paper("border-band"), width: 2.5 + 1.5 * near, alpha: 0.55 });
    C.stroke(ctx, view, paths.borders, {
      colour: C.paper("border"),
      width: 0.5 + 0.3 * near,
      dash: view.zoom >= 5 ? [6, 2, 1.5, 2] : [],
    });
  }

  function paint(ctx, view) {
    if (!paths) build();
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    view.enter();
    paintSea(ctx, view);
    paintLand(ctx, view);
    if (C.state.disputed) for (const path of paths.disputed) hatch(ctx, view, path);
    for (const network of C.networks) {
      if (!network.isVisible) continue;
      const colour = C.ink(C.styleOf("mode", network.mode));
      C.stroke(ctx, view, networkPath(network), { colour, width: 0.5 + 0.25 * C.weight(view.zoom), alpha: 0.45 });
    }
  }

  C.startBasemap = () => C.painter("corridors-base", 200, paint);
  C.disputedNames = () => decoded.disputed.map((area) => String(area.properties.name || "")).filter(Boolean);
})();
