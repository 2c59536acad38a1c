/* The Route tab: the routes computed for this page, leg by leg, and their drawing on the map. */
(function () {
  "use strict";

  const C = window.corridors;
  const overlay = C.data.route;
  let chosen = 0;
  let leg = null;
  const worlds = new Map();

  function geometry(record) {
    if (!worlds.has(record)) {
      const runs = (record.geometry.lines || []).map((text) => C.project(C.decode(text, overlay.decimals)));
      const points = (record.geometry.points || []).map((point) => C.project(Float64Array.from(point)));
      worlds.set(record, { runs, points, path: C.pathOf(runs, false), bounds: C.boundsOf([...runs, ...points]) });
    }
    return worlds.get(record);
  }
  C.on("projection", () => worlds.clear());

  const colourOf = (record) => {
    const row = C.own(C.style.mode, record.kind) ? C.style.mode[record.kind] : C.style.route.other;
    return C.ink(row);
  };

  C.paintRoute = function (ctx, view) {
    if (!C.isRouteShown()) return;
    const { legs } = overlay.routes[chosen];
    const width = 3.4 + 1.2 * C.weight(view.zoom);
    for (const record of legs)
      C.stroke(ctx, view, geometry(record).path, { colour: C.paper("route-casing"), width: width + 3.2, cap: "round" });
    for (const record of legs) {
      const isChosen = leg === record;
      if (isChosen)
        C.stroke(ctx, view, geometry(record).path, {
          colour: C.paper("halo"),
          width: width + 9,
          cap: "round",
          alpha: 0.8,
        });
      C.stroke(ctx, view, geometry(record).path, {
        colour: colourOf(record),
        width,
        cap: "round",
        alpha: leg && !isChosen ? 0.45 : 1,
      });
    }
    view.leave();
    for (const record of legs)
      for (const run of geometry(record).points) stop(ctx, view.screen(run[0], run[1]), leg === record);
    ends(ctx, view);
    view.enter();
  };
  function stop(ctx, at, isChosen) {
    ctx.beginPath();
    ctx.arc(at.x, at.y, isChosen ? 7 : 4.5, 0, 7);
    ctx.fillStyle = C.paper("point");
    ctx.fill();
    ctx.lineWidth = 2;
    ctx.strokeStyle = isChosen ? C.paper("halo") : C.paper("text");
    ctx.stroke();
  }
  function ends(ctx, view) {
    for (const end of C.routeEnds()) {
      const at = view.screen(end.x, end.y);
      ctx.beginPath();
      ctx.arc(at.x, at.y, 7, 0, 7);
      ctx.fillStyle = C.paper("text");
      ctx.fill();
      ctx.lineWidth = 2.5;
      ctx.strokeStyle = C.paper("land");
      ctx.stroke();
    }
  }

  C.isRouteShown = () => Boolean(overlay && overlay.routes.length && C.state.tab === "route");
  /** The two ends of the shown route with their names, for the labels. */
  C.routeEnds = function () {
    if (!C.isRouteShown()) return [];
    const runs = overlay.routes[chosen].legs.flatMap((record) => geometry(record).runs);
    if (!runs.length) return [];
    const last = runs[runs.length - 1];
    return [
      { x: runs[0][0], y: runs[0][1], name: C.nameOf(overlay.origin) },
      { x: last[last.length - 2], y: last[last.length - 1], name: C.nameOf(overlay.destination) },
    ];
  };

  C.routeBounds = function () {
    const bounds = C.emptyBounds();
    if (overlay)
      for (const record of overlay.routes[chosen].legs) C.extend(bounds, [...Object.values(geometry(record).bounds)]);
    return bounds;
  };

  function chooseLeg(record, row) {
    leg = leg === record ? null : record;
    for (const other of row.parentElement.children) other.classList.toggle("chosen", leg !== null && other === row);
    row.querySelector("button").setAttribute("aria-pressed", String(leg === record));
    C.repaintFocus();
    if (leg) C.zoomTo(geometry(leg).bounds, 8);
  }

  function legRow(record, index) {
    const isPoint = ["border", "gauge_change", "transfer"].includes(record.kind);
    const row = C.el("tr", { class: isPoint ? "stop" : null });
    const from = C.nameOf(record.origin);
    const to = C.nameOf(record.destination);
    const symbol = C.own(C.style.mode, record.kind)
      ? C.lineSymbol(record.kind, "open", 26)
      : C.el("span", { class: "dot", "aria-hidden": "true" });
    const button = C.el(
      "button",
      { type: "button", class: "leg", "aria-pressed": "false", onclick: () => chooseLeg(record, row) },
      symbol,
      C.el(
        "span",
        {},
        C.el("b", {}, C.word("leg", record.kind)),
        C.el("span", { class: "ends" }, from === to ? from : `${from} → ${to}`),
      ),
    );
    const lines = (record.targets || []).map((target) => C.targetButton(target));
    const sources = (record.evidence || []).map((id) => C.sourceLink(id));
    const more =
      lines.length + sources.length > 0 &&
      C.el(
        "details",
        {},
        C.el("summary", {}, C.t("route.evidence")),
        C.el(
          "ul",
          { class: "targets" },
          [...lines, ...sources].map((entry) => C.el("li", {}, entry)),
        ),
      );
    return C.append(row, [
      C.el(
        "td",
        {},
        button,
        record.is_assumed && C.el("span", { class: "assumed", title: C.t("assumed.why") }, C.t("assumed")),
        more,
      ),
      C.el("td", { class: "figure" }, record.distance_km ? C.number(record.distance_km, 0) : "–"),
      C.el(
        "td",
        { class: "figure" },
        C.number(record.time_h.p50),
        C.el("small", {}, `${C.number(record.time_h.p10)}–${C.number(record.time_h.p90)}`),
      ),
      C.el(
        "td",
        { class: "figure" },
        C.number(record.cost_usd.p50, 0),
        C.el("small", {}, `${C.number(record.cost_usd.p10, 0)}–${C.number(record.cost_usd.p90, 0)}`),
      ),
    ]);
  }

  function totals(route) {
    const row = (label, value) => C.el("div", {}, C.el("dt", {}, label), C.el("dd", {}, value));
    return C.el(
      "dl",
      { class: "totals" },
      row(C.t("route.distance"), `${C.number(route.distance_km, 0)} km`),
      row(
        C.t("route.time"),
        `${C.band({ p10: route.time_h.p10 / 24, p50: route.time_h.p50 / 24, p90: route.time_h.p90 / 24 }, 1)} ${C.t("days")}`,
      ),
      row(C.t("route.cost"), `${C.band(route.cost_usd, 0)} USD/TEU`),
      row(C.t("route.evidence.share"), `${C.number(route.evidence_share * 100, 0)} %`),
    );
  }

  function choice(panel) {
    if (overlay.routes.length < 2) return null;
    return C.el(
      "div",
      { class: "alternatives", role: "group", "aria-label": C.t("route.alternatives") },
      overlay.routes.map((route, index) =>
        C.el(
          "button",
          {
            type: "button",
            "aria-pressed": String(index === chosen),
            onclick: () => {
              chosen = index;
              leg = null;
              C.renderRoute(panel);
              C.repaintFocus();
              C.zoomTo(C.routeBounds());
            },
          },
          route.title || String(index + 1),
        ),
      ),
    );
  }

  C.renderRoute = function (panel) {
    if (!overlay || !overlay.routes.length) {
      C.fill(
        panel,
        C.el("p", {}, C.t("route.none")),
        C.el("pre", {}, C.el("code", {}, "corridors route xian duisburg --map route.html")),
        C.el("p", { class: "hint" }, C.t("route.none.more")),
      );
      return;
    }
    const route = overlay.routes[chosen];
    const heading = (key) => C.el("th", { scope: "col" }, C.t(key));
    C.fill(
      panel,
      C.el("h2", {}, `${C.nameOf(overlay.origin)} → ${C.nameOf(overlay.destination)}`),
      choice(panel),
      totals(route),
      C.el("button", { type: "button", class: "plain", onclick: () => C.zoomTo(C.routeBounds()) }, C.t("route.show")),
      C.el(
        "table",
        { class: "legs" },
        C.el(
          "thead",
          {},
          C.el("tr", {}, heading("route.leg"), heading("route.km"), heading("route.hours"), heading("route.usd")),
        ),
        C.el("tbody", {}, route.legs.map(legRow)),
      ),
      C.el("p", { class: "hint" }, C.t("route.band")),
      overlay.notes.map((note) => C.el("p", { class: "hint" }, note)),
    );
  };
})();
