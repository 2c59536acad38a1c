/* The Articles tab: every reference, with the features whose claims, history or mentions rest on it. */
(function () {
  "use strict";

  const C = window.corridors;
  let index = null;
  let query = "";

  /** Source id → targets that cite it, and how often each mentions it. */
  function build() {
    index = new Map(Object.keys(C.data.sources).map((id) => [id, new Set()]));
    const add = (id, target) => index.has(id) && index.get(id).add(target);
    for (const [target, detail] of Object.entries(C.data.details)) {
      for (const list of [detail.claims, detail.history, detail.mentions])
        for (const entry of list || []) add(entry.source_id, target);
      for (const id of detail.sources || []) add(id, target);
    }
    for (const layer of C.layers)
      for (const feature of layer.features)
        for (const id of String(feature.properties.sources || "").split(";")) add(id.trim(), feature.target);
  }

  function item([id, targets]) {
    const source = C.sourceOf(id);
    const by = [source.author, source.publisher, source.year].filter(Boolean).join(" · ");
    const list = C.el("ul", { class: "targets" });
    const details = C.el("details", {}, C.el("summary", {}, C.t("articles.cited", { count: targets.size })), list);
    details.addEventListener("toggle", () => {
      if (details.open && !list.childElementCount)
        C.append(
          list,
          [...targets].map((target) => C.el("li", {}, C.targetButton(target))),
        );
    });
    return C.el(
      "li",
      {},
      C.el("p", { class: "title" }, source.url ? C.link(source.url, source.title) : source.title),
      by && C.el("p", { class: "by" }, by),
      targets.size > 0 && details,
    );
  }

  function list() {
    const wanted = C.fold(query);
    const rows = [...index].filter(([id]) => {
      const source = C.sourceOf(id);
      return (
        !wanted || C.fold([id, source.title, source.author, source.publisher, source.year].join(" ")).includes(wanted)
      );
    });
    const weight = ([id, targets]) =>
      (String(C.sourceOf(id).type || "").startsWith("article") ? 100000 : 0) + targets.size;
    rows.sort((a, b) => weight(b) - weight(a) || (a[0] < b[0] ? -1 : 1));
    return [
      C.el("p", { class: "hint" }, C.t("articles.count", { count: rows.length })),
      C.el("ul", { class: "references" }, rows.map(item)),
    ];
  }

  let home = null;
  C.renderArticlesAgain = () => home && home.isConnected && C.renderArticles(home);

  /** Texts that were read for this map, first those whose text can be read here. */
  function readable() {
    if (!C.articles.length) return null;
    const rows = [...C.articles].sort((a, b) => Number(Boolean(b.text)) - Number(Boolean(a.text)));
    return [
      C.el("h3", {}, C.t("articles.readable")),
      C.el(
        "ul",
        { class: "references" },
        rows.map((article) => {
          const source = C.sourceOf(article.source_id) || { title: article.source_id };
          const by = [source.author, source.publisher, source.year].filter(Boolean).join(" · ");
          return C.el(
            "li",
            {},
            C.el(
              "button",
              {
                type: "button",
                class: "target title",
                "data-article": article.source_id,
                onclick: () => C.openArticle(article.source_id),
              },
              source.title,
            ),
            by && C.el("p", { class: "by" }, by),
            C.el(
              "small",
              {},
              [
                `${C.t("mentions")}: ${(article.mentions || []).length}`,
                article.text ? "" : C.t("reading.namesonly"),
              ]
                .filter(Boolean)
                .join(" · "),
            ),
          );
        }),
      ),
      C.el("h3", {}, C.t("articles.references")),
    ];
  }

  C.renderArticles = function (panel) {
    home = panel;
    if (C.articleOf(C.state.article)) {
      C.renderReading(panel);
      return;
    }
    if (!index) build();
    const found = C.el("div", {});
    const box = C.el("input", {
      type: "search",
      placeholder: C.t("articles.filter"),
      "aria-label": C.t("articles.filter"),
      value: query,
      autocomplete: "off",
      spellcheck: "false",
      oninput: (event) => {
        query = event.target.value;
        C.fill(found, list());
      },
    });
    C.fill(found, list());
    C.fill(panel, readable(), box, found);
  };
})();
