/* The About tab: boundary policy, licences, accuracy, counts, and what the page was made from. */
(function () {
  "use strict";

  const C = window.corridors;
  const paragraphs = (text) =>
    String(text)
      .split(/\n\s*\n/)
      .filter(Boolean)
      .map((part) => C.el("p", {}, part));

  function counts() {
    const claims = Object.values(C.data.details).reduce((sum, detail) => sum + (detail.claims || []).length, 0);
    const rows = C.layers
      .filter((layer) => layer.features.length)
      .map((layer) => [C.layerTitle(layer), layer.features.length]);
    rows.push([C.t("claims"), claims], [C.t("sources"), Object.keys(C.data.sources).length]);
    return C.el(
      "dl",
      { class: "facts" },
      rows.map(([name, count]) => [C.el("dt", {}, name), C.el("dd", {}, C.number(count, 0))]),
    );
  }

  function grades() {
    return C.el(
      "dl",
      { class: "grades" },
      ["track", "traced", "schematic"].map((grade) => [
        C.el("dt", {}, C.word("grade", grade)),
        C.el("dd", {}, C.t(`grade.${grade}.why`)),
      ]),
    );
  }

  function drawn() {
    const tolerances = C.layers.filter((layer) => layer.tolerance > 0 && layer.features.length);
    if (!tolerances.length) return null;
    const text = tolerances.map((layer) => `${C.layerTitle(layer)} ${C.number(layer.tolerance, 4)}°`).join("; ");
    return C.el("p", { class: "hint" }, C.t("about.drawn", { layers: text }));
  }

  C.renderAbout = function (panel) {
    const about = C.data.about;
    C.fill(
      panel,
      C.el("section", {}, C.el("h3", {}, C.t("about.what")), C.el("p", {}, C.t("about.text"))),
      about.policy && C.el("section", {}, C.el("h3", {}, C.t("about.policy")), paragraphs(about.policy)),
      C.disputedNames().length > 0 &&
        C.el("p", { class: "hint" }, `${C.t("view.disputed")}: ${C.disputedNames().join(", ")}`),
      C.el(
        "section",
        {},
        C.el("h3", {}, C.t("about.accuracy")),
        about.accuracy && paragraphs(about.accuracy),
        grades(),
        drawn(),
      ),
      C.el(
        "section",
        {},
        C.el("h3", {}, C.t("about.licences")),
        C.el(
          "ul",
          {},
          about.licences.map((text) => C.el("li", {}, text)),
          C.el("li", {}, "Leaflet 1.9.4 © Volodymyr Agafonkin, CloudMade; BSD-2-Clause"),
        ),
      ),
      C.el("section", {}, C.el("h3", {}, C.t("about.counts")), counts()),
      C.el("section", {}, C.el("h3", {}, C.t("about.projection")), C.el("p", {}, C.t("about.projection.text"))),
      C.el("section", {}, C.el("h3", {}, C.t("about.keys")), C.el("p", {}, C.t("about.keys.text"))),
      about.generated_from &&
        C.el("p", { class: "id" }, C.t("about.generated"), " ", C.el("code", {}, about.generated_from)),
    );
  };
})();
