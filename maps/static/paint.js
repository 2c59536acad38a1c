/* A canvas that Leaflet moves and zooms with the map and that we paint ourselves.
 *
 * `C.painter(pane, paint)` adds one; `paint(context, view)` draws it anew after each move. In `view`, `enter()` switches
 * the context to world pixels (see geometry.js) and `px` is the size of a screen pixel in them.
 */
(function () {
  "use strict";

  const C = window.corridors;

  const Painter = L.Renderer.extend({
    initialize(paint, options) {
      L.Renderer.prototype.initialize.call(this, options);
      this._paint = paint;
    },

    _initContainer() {
      this._container = document.createElement("canvas");
      this._container.setAttribute("aria-hidden", "true");
      this._ctx = this._container.getContext("2d");
    },

    _destroyContainer() {
      this._container.remove();
      delete this._container;
      delete this._ctx;
    },

    _update() {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      this.repaint();
    },

    repaint() {
      if (!this._container || !this._bounds || this._map._animatingZoom) return;
      const size = this._bounds.getSize();
      const ratio = Math.min(2, window.devicePixelRatio || 1);
      L.DomUtil.setPosition(this._container, this._bounds.min);
      this._container.width = size.x * ratio;
      this._container.height = size.y * ratio;
      this._container.style.width = `${size.x}px`;
      this._container.style.height = `${size.y}px`;
      this._paint(this._ctx, this._view(ratio, size));
    },

    _view(ratio, size) {
      const map = this._map;
      const zoom = map.getZoom();
      const scale = 2 ** zoom;
      const origin = map.getPixelOrigin();
      const half = 128 * scale;
      const left = half - origin.x - this._bounds.min.x;
      const top = half - origin.y - this._bounds.min.y;
      const ctx = this._ctx;
      return {
        zoom,
        scale,
        size,
        px: 1 / scale,
        bounds: { x1: -left / scale, y1: -top / scale, x2: (size.x - left) / scale, y2: (size.y - top) / scale },
        enter: () => ctx.setTransform(ratio * scale, 0, 0, ratio * scale, ratio * left, ratio * top),
        leave: () => ctx.setTransform(ratio, 0, 0, ratio, 0, 0),
        screen: (x, y) => ({ x: x * scale + left, y: y * scale + top }),
        offset: this._bounds.min,
      };
    },
  });

  const painters = [];
  C.painter = function (pane, zIndex, paint, padding) {
    const element = C.map.createPane(pane);
    element.style.zIndex = String(zIndex);
    element.style.pointerEvents = "none";
    const painter = new Painter(paint, { pane, padding: padding === undefined ? 0.25 : padding });
    painter.addTo(C.map);
    painters.push(painter);
    return painter;
  };

  let isWaiting = false;
  /** Repaint everything once, at the next frame. */
  C.repaint = function () {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => {
      isWaiting = false;
      for (const painter of painters) painter.repaint();
    });
  };

  C.touches = (bounds, view) =>
    bounds.x1 <= view.bounds.x2 &&
    bounds.x2 >= view.bounds.x1 &&
    bounds.y1 <= view.bounds.y2 &&
    bounds.y2 >= view.bounds.y1;

  /** How much thicker a line gets as the map comes nearer. */
  C.weight = (zoom) => Math.max(0.5, Math.min(2.2, 0.55 + (zoom - 2.5) * 0.2));

  C.stroke = function (ctx, view, path, style) {
    ctx.lineWidth = style.width * view.px;
    ctx.strokeStyle = style.colour;
    ctx.globalAlpha = style.alpha === undefined ? 1 : style.alpha;
    ctx.lineCap = style.cap || "butt";
    ctx.lineJoin = "round";
    ctx.setLineDash((style.dash || []).map((part) => part * view.px));
    ctx.stroke(path);
    ctx.setLineDash([]);
    ctx.globalAlpha = 1;
  };

  /** Draw the marker of a place, centred on a screen point; also used by the legend's picture of it. */
  C.MARKERS = {
    circle: (p, r) => p.arc(0, 0, r, 0, 7),
    "circle-solid": (p, r) => p.arc(0, 0, r, 0, 7),
    dot: (p, r) => p.arc(0, 0, r, 0, 7),
    square: (p, r) => p.rect(-r, -r, 2 * r, 2 * r),
    "square-solid": (p, r) => p.rect(-r, -r, 2 * r, 2 * r),
    "ringed-square": (p, r) => p.rect(-r, -r, 2 * r, 2 * r),
    diamond: (p, r) =>
      polygon(p, [
        [0, -r * 1.25],
        [r * 1.25, 0],
        [0, r * 1.25],
        [-r * 1.25, 0],
      ]),
    triangle: (p, r) =>
      polygon(p, [
        [0, -r * 1.2],
        [r * 1.1, r * 0.85],
        [-r * 1.1, r * 0.85],
      ]),
    hexagon: (p, r) =>
      polygon(
        p,
        [0, 1, 2, 3, 4, 5].map((i) => [r * 1.1 * Math.cos(i * 1.0472), r * 1.1 * Math.sin(i * 1.0472)]),
      ),
    star: (p, r) =>
      polygon(
        p,
        Array.from({ length: 10 }, (_, i) => star(i, r)),
      ),
    bars: (p, r) =>
      lines(p, [
        [-r, -r * 0.5, r, -r * 0.5],
        [-r, r * 0.5, r, r * 0.5],
      ]),
    cross: (p, r) =>
      lines(p, [
        [-r * 0.8, -r * 0.8, r * 0.8, r * 0.8],
        [-r * 0.8, r * 0.8, r * 0.8, -r * 0.8],
      ]),
  };
  function star(i, r) {
    const radius = i % 2 ? r * 0.55 : r * 1.25;
    return [radius * Math.sin((i * Math.PI) / 5), -radius * Math.cos((i * Math.PI) / 5)];
  }
  function polygon(path, points) {
    points.forEach(([x, y], i) => (i ? path.lineTo(x, y) : path.moveTo(x, y)));
    path.closePath();
  }
  function lines(path, segments) {
    for (const [x1, y1, x2, y2] of segments) {
      path.moveTo(x1, y1);
      path.lineTo(x2, y2);
    }
  }
  const SOLID = new Set(["circle-solid", "dot", "square-solid"]);
  const OPEN = new Set(["bars", "cross"]);
  C.drawMarker = function (ctx, style, x, y, factor) {
    const marker = C.MARKERS[style.marker] ? style.marker : "circle";
    const radius = (style.size / 2) * factor;
    const path = new Path2D();
    C.MARKERS[marker](path, radius);
    ctx.save();
    ctx.translate(x, y);
    ctx.lineJoin = "round";
    ctx.strokeStyle = C.paper("land");
    ctx.lineWidth = style.width + 2.4;
    ctx.stroke(path);
    ctx.strokeStyle = C.ink(style);
    ctx.lineWidth = style.width;
    if (!OPEN.has(marker)) {
      ctx.fillStyle = SOLID.has(marker) ? C.ink(style) : C.paper("point");
      ctx.fill(path);
    }
    ctx.stroke(path);
    if (marker === "ringed-square") {
      ctx.fillStyle = C.ink(style);
      ctx.fillRect(-radius / 2.4, -radius / 2.4, radius / 1.2, radius / 1.2);
    }
    ctx.restore();
  };
})();
