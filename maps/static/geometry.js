/* Geometry of the page: decoding, projecting to world pixels, measuring distances on the screen.
 *
 * World pixels are the pixels of zoom 0 of the current projection with the origin in the middle of the world, so that
 * the single-precision numbers of a canvas path stay exact enough at zoom 11. A path is projected once per projection
 * and then only scaled and moved.
 */
(function () {
  "use strict";

  const C = window.corridors;
  const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const VALUES = new Uint8Array(128);
  for (let i = 0; i < 64; i += 1) VALUES[ALPHABET.charCodeAt(i)] = i;
  const HALF_WORLD = 128;

  /** Decode a run of coordinates (see maps/encode.py) to lon, lat, lon, lat …; steps over 180° are unwrapped. */
  C.decode = function (text, decimals) {
    const scale = 10 ** decimals;
    const numbers = [];
    const sums = [0, 0];
    let value = 0;
    let shift = 0;
    for (let i = 0; i < text.length; i += 1) {
      const code = VALUES[text.charCodeAt(i)];
      value += (code & 31) * 2 ** shift;
      shift += 5;
      if (code < 32) {
        const axis = numbers.length & 1;
        sums[axis] += value % 2 ? -(value + 1) / 2 : value / 2;
        numbers.push(sums[axis] / scale);
        value = 0;
        shift = 0;
      }
    }
    for (let i = 2; i < numbers.length; i += 2) {
      while (numbers[i] - numbers[i - 2] > 180) numbers[i] -= 360;
      while (numbers[i] - numbers[i - 2] < -180) numbers[i] += 360;
    }
    return Float64Array.from(numbers);
  };

  const isMercator = () => C.state.projection === "mercator";
  C.crs = () => (isMercator() ? L.CRS.EPSG3857 : L.CRS.EurasiaEqualArea);

  /** Mercator shows Chukotka east of Kamchatka: a part that lies west of Greenland moves one turn east. */
  function turn(run) {
    if (!isMercator()) return 0;
    let sum = 0;
    for (let i = 0; i < run.length; i += 2) sum += run[i];
    return sum / (run.length / 2) < -27 ? 360 : 0;
  }

  C.world = function (lon, lat) {
    const point = C.crs().latLngToPoint(new L.LatLng(Math.max(-89.9, Math.min(89.9, lat)), lon), 0);
    return { x: point.x - HALF_WORLD, y: point.y - HALF_WORLD };
  };
  C.unworld = (x, y) => C.crs().pointToLatLng(new L.Point(x + HALF_WORLD, y + HALF_WORLD), 0);

  /** Project one decoded run to x, y, x, y … in world pixels. */
  C.project = function (run) {
    const shift = turn(run);
    const out = new Float64Array(run.length);
    for (let i = 0; i < run.length; i += 2) {
      const point = C.world(run[i] + shift, run[i + 1]);
      out[i] = point.x;
      out[i + 1] = point.y;
    }
    return out;
  };

  C.emptyBounds = () => ({ x1: Infinity, y1: Infinity, x2: -Infinity, y2: -Infinity });
  C.extend = function (bounds, run) {
    for (let i = 0; i < run.length; i += 2) {
      if (run[i] < bounds.x1) bounds.x1 = run[i];
      if (run[i] > bounds.x2) bounds.x2 = run[i];
      if (run[i + 1] < bounds.y1) bounds.y1 = run[i + 1];
      if (run[i + 1] > bounds.y2) bounds.y2 = run[i + 1];
    }
    return bounds;
  };
  C.boundsOf = (runs) => runs.reduce(C.extend, C.emptyBounds());
  C.isEmptyBounds = (bounds) => !(bounds.x1 <= bounds.x2);

  /** Make a canvas path of projected runs; closed runs become rings. */
  C.pathOf = function (runs, isClosed) {
    const path = new Path2D();
    for (const run of runs) {
      if (run.length < 2) continue;
      path.moveTo(run[0], run[1]);
      for (let i = 2; i < run.length; i += 2) path.lineTo(run[i], run[i + 1]);
      if (isClosed) path.closePath();
    }
    return path;
  };

  C.distanceToRun = function (run, x, y) {
    let best = Infinity;
    for (let i = 0; i + 3 < run.length; i += 2) {
      const dx = run[i + 2] - run[i];
      const dy = run[i + 3] - run[i + 1];
      const along = dx || dy ? ((x - run[i]) * dx + (y - run[i + 1]) * dy) / (dx * dx + dy * dy) : 0;
      const t = Math.max(0, Math.min(1, along));
      const distance = Math.hypot(run[i] + t * dx - x, run[i + 1] + t * dy - y);
      if (distance < best) best = distance;
    }
    return best;
  };

  /** Even-odd over all rings of a feature: holes are outside. */
  C.isInside = function (rings, x, y) {
    let inside = false;
    for (const ring of rings) {
      for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
        const isCrossing = ring[i + 1] > y !== ring[j + 1] > y;
        if (isCrossing && x < ((ring[j] - ring[i]) * (y - ring[i + 1])) / (ring[j + 1] - ring[i + 1]) + ring[i])
          inside = !inside;
      }
    }
    return inside;
  };

  /** Pixels of the map that panels cover on each side. */
  C.padding = function () {
    const isNarrow = window.innerWidth < 720;
    const panel = document.getElementById("panel").getBoundingClientRect();
    const detail = document.getElementById("detail");
    const open = detail.hidden ? null : detail.getBoundingClientRect();
    if (isNarrow) {
      const top = Math.min(panel.top, open ? open.top : window.innerHeight);
      return {
        left: 16,
        right: 16,
        top: 16,
        bottom: Math.min(window.innerHeight * 0.7, window.innerHeight - top) + 16,
      };
    }
    return { left: panel.right + 24, right: (open ? window.innerWidth - open.left : 0) + 24, top: 24, bottom: 40 };
  };

  /** Show a rectangle of world pixels in the part of the map that no panel covers. */
  C.zoomTo = function (bounds, maxZoom) {
    if (C.isEmptyBounds(bounds)) return;
    const size = C.map.getSize();
    const pad = C.padding();
    const width = Math.max(80, size.x - pad.left - pad.right);
    const height = Math.max(80, size.y - pad.top - pad.bottom);
    const scale = Math.min(
      width / Math.max(1e-6, bounds.x2 - bounds.x1),
      height / Math.max(1e-6, bounds.y2 - bounds.y1),
    );
    const zoom = Math.max(2, Math.min(maxZoom || 7, Math.floor(Math.log2(scale) * 4) / 4));
    const factor = 2 ** zoom;
    const x = (bounds.x1 + bounds.x2) / 2 + (pad.right - pad.left) / 2 / factor;
    const y = (bounds.y1 + bounds.y2) / 2 + (pad.bottom - pad.top) / 2 / factor;
    C.map.setView(C.unworld(x, y), zoom, { animate: !C.isStill() });
  };
  C.isStill = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
})();
