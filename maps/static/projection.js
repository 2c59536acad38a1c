/* The projections of the map, defined before the map is created.
 *
 * EurasiaEqualArea: Lambert azimuthal equal-area, centred on the Kazakh steppe, on the authalic sphere. Mercator would
 * show Siberia several times too large and push Central Asia aside. Zoom levels are comparable to those of web maps:
 * at the centre a pixel of zoom z measures 40 075 km / (256 * 2^z), as Mercator's does at the equator.
 */
(function () {
  "use strict";

  const RADIUS_M = 6371007.2;
  const DEGREE = Math.PI / 180;
  const CENTRE = { lat: 42 * DEGREE, lng: 70 * DEGREE };
  const SIN_CENTRE = Math.sin(CENTRE.lat);
  const COS_CENTRE = Math.cos(CENTRE.lat);
  const CIRCUMFERENCE_M = 2 * Math.PI * RADIUS_M;

  L.Projection.EurasiaEqualArea = {
    bounds: L.bounds([-2 * RADIUS_M, -2 * RADIUS_M], [2 * RADIUS_M, 2 * RADIUS_M]),

    project(latlng) {
      const lat = latlng.lat * DEGREE;
      const east = latlng.lng * DEGREE - CENTRE.lng;
      const sinLat = Math.sin(lat);
      const cosLat = Math.cos(lat);
      const cosEast = Math.cos(east);
      // the antipode has no image: keep clear of it
      const cosine = Math.max(-0.9999, SIN_CENTRE * sinLat + COS_CENTRE * cosLat * cosEast);
      const k = RADIUS_M * Math.sqrt(2 / (1 + cosine));
      return new L.Point(k * cosLat * Math.sin(east), k * (COS_CENTRE * sinLat - SIN_CENTRE * cosLat * cosEast));
    },

    unproject(point) {
      const rho = Math.min(Math.hypot(point.x, point.y), 1.9999 * RADIUS_M);
      if (rho < 1e-6) return new L.LatLng(CENTRE.lat / DEGREE, CENTRE.lng / DEGREE);
      const stretch = rho / Math.hypot(point.x, point.y);
      const x = point.x * stretch;
      const y = point.y * stretch;
      const c = 2 * Math.asin(rho / (2 * RADIUS_M));
      const sinC = Math.sin(c);
      const cosC = Math.cos(c);
      const lat = Math.asin(cosC * SIN_CENTRE + (y * sinC * COS_CENTRE) / rho);
      const lng = CENTRE.lng + Math.atan2(x * sinC, rho * COS_CENTRE * cosC - y * SIN_CENTRE * sinC);
      return new L.LatLng(lat / DEGREE, lng / DEGREE);
    },
  };

  L.CRS.EurasiaEqualArea = L.extend({}, L.CRS.Earth, {
    code: "LAEA 42N 70E",
    projection: L.Projection.EurasiaEqualArea,
    transformation: new L.Transformation(1 / CIRCUMFERENCE_M, 0.5, -1 / CIRCUMFERENCE_M, 0.5),
    wrapLng: undefined,
  });
})();
