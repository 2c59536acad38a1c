/* The panel of one feature: names, status, claims with their sources, corridors, mentions, accuracy. */
(function () {
  "use strict";

  const C = window.corridors;
  const panel = document.getElementById("detail");
  // shown in this order; a property in neither list follows under its own name
  const PLAIN =
    "opened date period value unit measure population gauge_mm gauges tracks electrified operator unlocode iata aliases groups drawn_km spacing_km".split(
      " ",
    );
  const ELSEWHERE = (
    "name name_ru name_zh name_tr name_local kind mode status length_km length_source grade country countries corridors sources " +
    "source rank note capital is_capital role"
  ).split(" ");
  const HANDLED = new Set([...PLAIN, ...ELSEWHERE]);

  const section = (title, ...children) => {
    const filled = children.flat(2).filter(Boolean);
    return filled.length ? C.el("section", {}, C.el("h3", {}, title), ...filled) : null;
  };
  const split = (text) =>
    String(text || "")
      .split(";")
      .map((part) => part.trim())
      .filter(Boolean);

  function badge(status) {
    return C.el("span", { class: "badge" }, C.lineSymbol("other", status, 26), C.word("status", status));
  }

  function names(feature, detail) {
    const all = (detail && detail.names) || (feature ? C.namesIn(feature.properties) : {});
    const rows = ["en", "ru", "zh", "tr", "local"].filter((language) => all[language]);
    if (rows.length < 2) return null;
    return C.el(
      "dl",
      { class: "names" },
      rows.map((language) => [
        C.el("dt", {}, C.t(`language.${language}`)),
        C.el("dd", { lang: language === "local" ? null : language }, all[language]),
      ]),
    );
  }

  function sourceLink(id, locator) {
    const source = C.sourceOf(id);
    if (id === "assumed" || !source) return C.el("span", { class: "source" }, id === "assumed" ? C.t("assumed") : id);
    const by = source.author || source.publisher || "";
    const text = `${by ? `${by}, ` : ""}${source.title}${source.year ? ` (${source.year})` : ""}`;
    return C.el(
      "span",
      { class: "source" },
      source.url ? C.link(source.url, text) : text,
      locator ? `, ${locator}` : "",
    );
  }
  C.sourceLink = sourceLink;

  const shortSource = (id) => {
    const source = C.sourceOf(id);
    if (!source) return id === "assumed" ? C.t("assumed") : id;
    const text = [source.publisher || source.author || source.title, source.year].filter(Boolean).join(" ");
    const full = C.el("span", { class: "source", title: source.title });
    return C.append(full, [source.url ? C.link(source.url, text) : text]);
  };

  function claimValue(claim) {
    const range =
      claim.low !== undefined && claim.high !== undefined ? ` (${C.number(claim.low)}–${C.number(claim.high)})` : "";
    const isNumber = /^-?\d+(\.\d+)?$/.test(claim.value);
    const value = isNumber && claim.unit ? C.number(Number(claim.value), 2) : claim.value;
    return `${value}${range}${claim.unit ? ` ${claim.unit}` : ""}`;
  }

  function claimRow(claim) {
    const details = [claim.as_of, claim.locator].filter(Boolean).join(" · ");
    return C.el(
      "tr",
      { class: claim.adopted ? "adopted" : null },
      C.el(
        "td",
        { class: "value" },
        claimValue(claim),
        claim.adopted && C.el("span", { class: "adopted-mark", title: C.t("claim.adopted.why") }, C.t("claim.adopted")),
      ),
      C.el(
        "td",
        {},
        shortSource(claim.source_id),
        details && C.el("small", {}, details),
        claim.note && C.el("small", {}, claim.note),
      ),
    );
  }

  /* "length-navoi-uchkuduk" is the length between two places */
  function attributeName(attribute) {
    const words = attribute.split("-");
    for (let head = 1; head < words.length - 1; head += 1)
      for (let cut = head + 1; cut < words.length; cut += 1) {
        const ends = [words.slice(head, cut), words.slice(cut)].map((part) => `place:${part.join("-")}`);
        if (!ends.every((end) => C.featureOf(end))) continue;
        const measure = C.word("attribute", words.slice(0, head).join("-"));
        return `${measure} ${ends.map(C.targetName).join("–")}`;
      }
    return C.word("attribute", attribute);
  }

  function claims(detail) {
    const groups = new Map();
    for (const claim of (detail && detail.claims) || []) {
      if (!groups.has(claim.attribute)) groups.set(claim.attribute, []);
      groups.get(claim.attribute).push(claim);
    }
    if (!groups.size) return null;
    const bodies = [...groups].map(([attribute, rows]) => {
      const differ = new Set(rows.map((row) => `${row.value} ${row.unit || ""}`)).size > 1;
      const head = C.el(
        "tr",
        { class: "attribute" },
        C.el(
          "th",
          { colspan: 2, scope: "rowgroup" },
          attributeName(attribute),
          differ && C.el("span", { class: "differ" }, C.t("claim.differ")),
        ),
      );
      const sorted = [...rows].sort((a, b) => Number(b.adopted === true) - Number(a.adopted === true));
      return C.el("tbody", {}, head, sorted.map(claimRow));
    });
    return C.el("table", { class: "claims" }, bodies);
  }

  function history(detail) {
    const steps = (detail && detail.history) || [];
    if (!steps.length) return null;
    return C.el(
      "ol",
      { class: "history" },
      steps.map((step) =>
        C.el(
          "li",
          {},
          C.el("span", { class: "date" }, step.date),
          C.el("span", {}, C.word("status", step.status)),
          step.note && C.el("small", {}, step.note),
          step.source_id && C.el("small", {}, shortSource(step.source_id)),
        ),
      ),
    );
  }

  function length(feature, detail) {
    const value = feature && feature.properties.length_km;
    if (value === undefined) return null;
    const from = feature.properties.length_source;
    const isPublished = Boolean(from) && C.sourceOf(String(from));
    return [
      C.el("dt", {}, C.t("length")),
      C.el(
        "dd",
        {},
        `${C.number(value)} km`,
        " ",
        from && C.el("small", {}, isPublished ? shortSource(String(from)) : C.word("length", String(from))),
      ),
    ];
  }

  function facts(feature, detail) {
    const properties = (feature && feature.properties) || {};
    const rows = [];
    const codes = split(properties.countries || properties.country);
    if (codes.length)
      rows.push([
        C.el("dt", {}, C.t(codes.length > 1 ? "countries" : "property.country")),
        C.el(
          "dd",
          {},
          codes.map((code, i) => [i ? ", " : "", countryLink(code)]),
        ),
      ]);
    const capital = `place:${properties.capital}`;
    if (C.featureOf(capital))
      rows.push([C.el("dt", {}, C.t("property.capital")), C.el("dd", {}, C.targetButton(capital))]);
    rows.push(length(feature, detail));
    for (const key of PLAIN)
      if (properties[key] !== undefined && properties[key] !== "")
        rows.push([C.el("dt", {}, C.word("property", key)), C.el("dd", {}, plain(key, properties[key]))]);
    for (const [key, value] of Object.entries(properties))
      if (!HANDLED.has(key)) rows.push([C.el("dt", {}, key.replace(/_/g, " ")), C.el("dd", {}, String(value))]);
    const filled = rows.filter(Boolean);
    return filled.length ? C.el("dl", { class: "facts" }, filled) : null;
  }
  const UNITS = { gauge_mm: "mm", drawn_km: "km", spacing_km: "km" };
  function plain(key, value) {
    if (typeof value === "boolean") return C.t(value ? "yes" : "no");
    if (C.own(UNITS, key) && typeof value === "number") return `${C.number(value, 0)} ${UNITS[key]}`;
    return split(value).length > 1 ? split(value).join(", ") : String(value);
  }
  const countryLink = (code) =>
    C.detailOf(`country:${code}`) || C.featureOf(`country:${code}`) ? C.targetButton(`country:${code}`) : code;

  function related(feature, detail) {
    const targets = new Set([
      ...((detail && detail.related) || []),
      ...split(feature && feature.properties.corridors).map((id) => `corridor:${id}`),
    ]);
    const found = [...targets].filter((target) => C.detailOf(target) || C.featureOf(target));
    const groups = new Map();
    for (const target of found) {
      const kind = target.split(":")[0];
      if (!groups.has(kind)) groups.set(kind, []);
      groups.get(kind).push(target);
    }
    const rank = (kind) => ["corridor", "line", "place"].indexOf(kind) + 1 || 9;
    return [...groups]
      .sort((a, b) => rank(a[0]) - rank(b[0]))
      .map(([kind, list]) =>
        section(
          C.hasText(`related.${kind}`) ? C.t(`related.${kind}`) : kind,
          C.el(
            "ul",
            { class: "targets" },
            list.map((target) => C.el("li", {}, C.targetButton(target))),
          ),
        ),
      );
  }

  function mentions(detail) {
    const list = (detail && detail.mentions) || [];
    if (!list.length) return null;
    return section(
      `${C.t("mentions")} (${list.length})`,
      C.el(
        "ul",
        { class: "mentions" },
        list.map((mention) => C.el("li", {}, quote(mention))),
      ),
    );
  }
  /** The whole snippet leads to its place in the text, where the article was read for this map. */
  function quote(mention) {
    const text = C.el(
      "blockquote",
      {},
      mention.before && `…${mention.before}`,
      C.el("mark", {}, mention.surface),
      mention.after && `${mention.after}…`,
    );
    const has = C.articleOf(mention.source_id) && mention.position !== undefined;
    const about = [
      mention.sense && C.word("sense", mention.sense),
      has && C.t("reading.at", { at: C.number(mention.position) }),
    ];
    return [
      has
        ? C.el(
            "button",
            {
              type: "button",
              class: "snippet",
              onclick: () => C.openArticleAt(mention.source_id, mention.position),
            },
            text,
          )
        : text,
      C.el("small", {}, sourceLink(mention.source_id), about.filter(Boolean).map((words) => ` · ${words}`)),
    ];
  }

  function sources(feature, detail) {
    const ids = new Set([
      ...((detail && detail.sources) || []),
      ...split(feature && feature.properties.sources),
      ...split(feature && feature.properties.source),
    ]);
    if (!ids.size) return null;
    return section(
      C.t("sources"),
      C.el(
        "ul",
        { class: "sources" },
        [...ids].map((id) => C.el("li", {}, sourceLink(id))),
      ),
    );
  }

  function grade(feature, detail) {
    const found = (detail && detail.grade) || (feature && feature.properties.grade);
    if (!found) return null;
    const key = `grade.${found}.why`;
    return section(
      C.t("grade"),
      C.el("p", {}, C.el("strong", {}, C.word("grade", String(found))), C.hasText(key) ? ` – ${C.t(key)}` : ""),
    );
  }

  function kindLine(target, feature, detail) {
    const properties = (feature && feature.properties) || {};
    const kind =
      feature && feature.kind === "capital"
        ? "capital"
        : (detail && detail.kind) || properties.kind || target.split(":")[0];
    const words = [
      kind === "line" && properties.mode ? "" : C.word("kind", String(kind)),
      properties.mode && properties.mode !== kind ? C.word("mode", String(properties.mode)) : "",
    ];
    return [...new Set(words.filter(Boolean))].join(" · ");
  }

  C.showDetail = function () {
    const target = C.state.selected;
    panel.hidden = !target;
    document.body.classList.toggle("has-detail", Boolean(target));
    if (!target) return;
    const feature = C.featureOf(target);
    const detail = C.detailOf(target);
    const status = feature && feature.properties.status;
    const note = (detail && detail.note) || (feature && feature.properties.note);
    const close = C.el(
      "button",
      {
        type: "button",
        class: "icon close",
        "aria-label": C.t("close"),
        title: C.t("close"),
        onclick: () => C.select(null),
      },
      "×",
    );
    C.fill(
      panel,
      C.el(
        "header",
        {},
        C.el(
          "div",
          {},
          C.el("p", { class: "kind" }, feature && C.featureSymbol(feature), kindLine(target, feature, detail)),
          C.el("h2", { id: "detail-title", tabindex: -1 }, C.targetName(target)),
        ),
        close,
      ),
      C.el(
        "div",
        { class: "scroll" },
        status && C.el("p", { class: "status" }, badge(String(status))),
        names(feature, detail),
        facts(feature, detail),
        section(C.t("history"), history(detail)),
        section(C.t("claims"), claims(detail)),
        related(feature, detail),
        note && section(C.t("note"), C.el("p", {}, String(note))),
        mentions(detail),
        sources(feature, detail),
        grade(feature, detail),
        C.el("p", { class: "id" }, C.el("code", {}, target)),
      ),
    );
    panel.setAttribute("aria-labelledby", "detail-title");
    panel.querySelector(".scroll").scrollTop = 0;
  };
})();
