/* The reading pane of the Articles tab: a text with its names marked, beside the map that follows it.
 *
 * A mention is opened by a click in the text, in the list or on a quote of a feature, and by previous and next. Names
 * used for governments are told as actors and never sought on the map. Where mentions overlap the smallest takes the
 * click; a button behind the larger one opens that.
 */
(function () {
  "use strict";

  const C = window.corridors;
  const { state } = C;
  const articles = new Map((C.data.articles || []).map((article) => [article.source_id, article]));
  const VIEWS = ["text", "list", "findings"];
  let view = "text";
  let filter = "all";
  let order = "start";
  let pane = null;

  state.article = null;
  state.mention = null;
  C.articles = [...articles.values()];
  C.articleOf = (id) => articles.get(id) || null;
  const mentionsOf = (article) => article.mentions || [];
  const isNarrow = () => window.innerWidth < 720;
  const isOnMap = (target) => Boolean(target) && C.featuresOf(target).some((feature) => feature.runs.length);
  const isSite = (mention) => mention.sense === "place" && isOnMap(mention.target);
  const isUncertain = (mention) => ["ambiguous", "orphan"].includes(mention.status) || mention.kind === "unmatched";

  function nameOf(mention) {
    const { target } = mention;
    if (target && (C.detailOf(target) || C.featureOf(target))) return C.targetName(target);
    return mention.name || target || mention.surface;
  }
  C.candidateButton = (target) =>
    C.detailOf(target) || C.featureOf(target) ? C.targetButton(target) : C.el("span", {}, target);

  /* ---- opening ---- */
  C.openArticle = function (id, index) {
    if (!articles.has(id)) return;
    const isSame = state.article === id;
    state.article = id;
    if (!isSame) view = articles.get(id).text ? "text" : "list";
    state.mention = null;
    if (state.tab !== "articles") C.openTab("articles");
    else C.renderArticlesAgain();
    if (index === undefined) C.saveHash();
    else openMention(index);
  };
  /** Open an article at the mention that begins at a code point of its text. */
  C.openArticleAt = function (id, at) {
    const article = C.articleOf(id);
    if (!article) return;
    const index = mentionsOf(article).findIndex((mention) => mention.at === at);
    C.openArticle(id, index < 0 ? undefined : index);
  };
  C.closeArticle = function () {
    state.article = state.mention = null;
    C.renderArticlesAgain();
    C.repaintFocus();
    C.saveHash();
  };

  function openMention(index) {
    const article = C.articleOf(state.article);
    const mention = article && mentionsOf(article)[index];
    if (!mention) return;
    state.mention = index;
    showCurrent(article, mention);
    follow(mention);
    C.announce(`${mention.surface}: ${nameOf(mention)}`);
    C.saveHash();
  }
  function step(by) {
    const article = C.articleOf(state.article);
    const count = article ? mentionsOf(article).length : 0;
    if (!count) return;
    const from = state.mention === null ? (by > 0 ? -1 : 0) : state.mention;
    openMention((from + by + count) % count);
  }

  /** The map shows what is meant; a government is no place, so the view stays where it is. */
  function follow(mention) {
    const known = mention.target && (C.featureOf(mention.target) || C.detailOf(mention.target));
    if (!known) {
      C.select(null, { focus: false });
      C.repaintFocus();
      return;
    }
    const goes = mention.sense !== "government" && isOnMap(mention.target);
    if (!isNarrow()) {
      C.select(mention.target, { zoom: goes, focus: false });
      return;
    }
    // on a phone the text keeps its half of the window
    C.hovered = mention.target;
    if (goes) C.zoomTo(C.boundsOfTarget(mention.target), mention.target.startsWith("place:") ? 7 : 8);
    C.repaintFocus();
  }

  /* ---- the text ---- */
  function markOf(article, index, inner, hasNested) {
    const mention = mentionsOf(article)[index];
    const words = ["mention", `as-${mention.sense}`];
    if (isUncertain(mention)) words.push("uncertain");
    if (mention.is_boilerplate) words.push("boilerplate");
    if (!isOnMap(mention.target)) words.push("off-map");
    const open = (event) => {
      event.stopPropagation();
      openMention(index);
    };
    if (hasNested)
      return [
        C.el("span", { class: `${words.join(" ")} outer`, "data-mention": index }, ...inner),
        C.el(
          "button",
          {
            type: "button",
            class: "around",
            title: C.t("reading.more", { name: nameOf(mention) }),
            "aria-label": C.t("reading.more", { name: nameOf(mention) }),
            onclick: open,
          },
          C.word("kind", mention.kind),
        ),
      ];
    return C.el(
      "span",
      {
        class: words.join(" "),
        role: "button",
        tabindex: 0,
        "data-mention": index,
        title: nameOf(mention),
        onclick: open,
        onkeydown: (event) => {
          if (event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          open(event);
        },
      },
      ...inner,
    );
  }

  function textOf(article) {
    const { text } = article;
    const queue = mentionsOf(article)
      .map((mention, index) => ({ ...mention, index }))
      .filter((mention) => mention.status !== "orphan" && mention.start < mention.end && mention.end <= text.length)
      .sort((a, b) => a.start - b.start || b.end - a.end);
    const fragments = (from, to) => {
      const found = [];
      let at = from;
      let count = 0;
      while (queue.length && queue[0].start < to) {
        const mention = queue.shift();
        // two that cross each other cannot both be marked; the list has both
        if (mention.start < at || mention.end > to) continue;
        found.push(text.slice(at, mention.start));
        const inner = fragments(mention.start, mention.end);
        found.push(markOf(article, mention.index, inner.found, inner.count > 0));
        at = mention.end;
        count += 1;
      }
      found.push(text.slice(at, to));
      return { found, count };
    };
    return C.el("div", { class: "text", lang: article.language || "en", dir: "auto" }, fragments(0, text.length).found);
  }

  /* ---- the list ---- */
  const COLUMNS = {
    start: (mention) => mention.at,
    surface: (mention) => mention.surface.toLowerCase(),
    name: (mention) => nameOf(mention).toLowerCase(),
    kind: (mention) => C.word("kind", mention.kind),
    sense: (mention) => C.word("sense", mention.sense),
  };
  const FILTERS = { all: () => true, offmap: (mention) => !isOnMap(mention.target), uncertain: isUncertain };

  function listOf(article) {
    const rows = mentionsOf(article)
      .map((mention, index) => ({ mention, index }))
      .filter(({ mention }) => FILTERS[filter](mention));
    const key = COLUMNS[order];
    rows.sort((a, b) => {
      const [x, y] = [key(a.mention), key(b.mention)];
      return x < y ? -1 : x > y ? 1 : a.mention.at - b.mention.at;
    });
    const head = Object.keys(COLUMNS).map((name) =>
      C.el(
        "th",
        { scope: "col", "aria-sort": order === name ? "ascending" : "none" },
        C.el(
          "button",
          {
            type: "button",
            onclick: () => {
              order = name;
              C.renderArticlesAgain();
            },
          },
          C.t(`reading.column.${name}`),
        ),
      ),
    );
    const choice = C.el(
      "select",
      {
        "aria-label": C.t("reading.filter"),
        onchange: (event) => {
          filter = event.target.value;
          C.renderArticlesAgain();
        },
      },
      Object.keys(FILTERS).map((name) => {
        const option = C.el("option", { value: name }, C.t(`reading.filter.${name}`));
        option.selected = name === filter;
        return option;
      }),
    );
    return [
      C.el("p", { class: "hint" }, choice, " ", C.t("search.found", { count: rows.length })),
      C.el(
        "table",
        { class: "mention-list" },
        C.el("thead", {}, C.el("tr", {}, head)),
        C.el("tbody", {}, rows.map(rowOf)),
      ),
    ];
  }
  function rowOf({ mention, index }) {
    const notes = [
      !isOnMap(mention.target) && C.t("reading.offmap"),
      isUncertain(mention) && C.word("mention", mention.kind === "unmatched" ? "unmatched" : mention.status),
      mention.is_boilerplate && C.t("reading.boilerplate"),
    ].filter(Boolean);
    return C.el(
      "tr",
      { "data-mention": index, class: state.mention === index ? "chosen" : null },
      C.el("td", { class: "figure" }, C.number(mention.at)),
      C.el(
        "td",
        {},
        C.el("button", { type: "button", class: "target", onclick: () => openMention(index) }, mention.surface),
      ),
      C.el("td", {}, nameOf(mention), notes.length > 0 && C.el("small", {}, notes.join(" · "))),
      C.el("td", {}, C.word("kind", mention.kind)),
      C.el("td", {}, C.word("sense", mention.sense)),
    );
  }

  /* ---- events and figures ---- */
  function findingsOf(article) {
    const list = article.findings || [];
    return C.el(
      "ul",
      { class: "findings" },
      list.map((finding) =>
        C.el(
          "li",
          {},
          C.el("span", { class: `comparison ${finding.comparison}` }, C.word("comparison", finding.comparison)),
          " ",
          C.el("span", {}, finding.text),
          finding.target && [" ", C.candidateButton(finding.target)],
          C.el("small", {}, [finding.note, C.t("reading.at", { at: C.number(finding.at) })].filter(Boolean).join(" · ")),
        ),
      ),
    );
  }

  /* ---- the pane ---- */
  function current(article) {
    const mention = state.mention === null ? null : mentionsOf(article)[state.mention];
    if (!mention) return [];
    return [
      C.el("b", {}, mention.surface),
      " → ",
      C.detailOf(mention.target) || C.featureOf(mention.target)
        ? C.targetButton(mention.target)
        : C.el("span", {}, nameOf(mention)),
      C.el(
        "small",
        {},
        [
          C.word("kind", mention.kind),
          mention.sense === "government" ? C.t("reading.actor") : C.word("sense", mention.sense),
          mention.status !== "auto" && C.word("mention", mention.status),
          mention.target && !isOnMap(mention.target) && C.t("reading.offmap"),
          C.t("reading.at", { at: C.number(mention.at) }),
        ]
          .filter(Boolean)
          .join(" · "),
      ),
      (mention.candidates || []).length > 0 &&
        C.el("p", { class: "candidates" }, C.t("reading.candidates"), " ", mention.candidates.map((target) => [C.candidateButton(target), " "])),
    ];
  }
  function showCurrent(article) {
    if (!pane) return;
    for (const element of pane.querySelectorAll(".chosen")) element.classList.remove("chosen");
    const chosen = pane.querySelector(`[data-mention="${state.mention}"]`);
    if (chosen) {
      chosen.classList.add("chosen");
      // clear of the head that stays: see scroll-margin in panel.css
      chosen.scrollIntoView({ block: "nearest" });
    }
    C.fill(pane.querySelector(".current"), current(article));
    pane.querySelector(".position").textContent = positionText(article);
  }
  const positionText = (article) =>
    C.t("reading.position", {
      n: state.mention === null ? "–" : state.mention + 1,
      count: mentionsOf(article).length,
    });

  C.renderReading = function (panel) {
    const article = C.articleOf(state.article);
    const source = C.sourceOf(article.source_id) || { title: article.source_id };
    const by = [source.author, source.publisher, source.year].filter(Boolean).join(" · ");
    const has = { text: Boolean(article.text), list: true, findings: (article.findings || []).length > 0 };
    if (!has[view]) view = "list";
    const content = { text: textOf, list: listOf, findings: findingsOf };
    const arrow = (by_, sign, label) =>
      C.el(
        "button",
        { type: "button", class: "icon", "aria-label": C.t(label), title: C.t(label), onclick: () => step(by_) },
        sign,
      );
    pane = C.el(
      "article",
      { class: "reading" },
      C.el(
        "div",
        { class: "reading-head" },
        C.el("button", { type: "button", class: "plain", onclick: C.closeArticle }, `‹ ${C.t("reading.back")}`),
        C.el("h2", {}, source.url ? C.link(source.url, source.title) : source.title),
        by && C.el("p", { class: "by" }, by),
        C.el(
          "div",
          { class: "alternatives", role: "group", "aria-label": C.t("reading.views") },
          VIEWS.filter((name) => has[name]).map((name) =>
            C.el(
              "button",
              {
                type: "button",
                "aria-pressed": String(view === name),
                onclick: () => {
                  view = name;
                  C.renderArticlesAgain();
                },
              },
              C.t(`reading.${name}`),
            ),
          ),
        ),
        C.el(
          "div",
          { class: "stepper" },
          arrow(-1, "‹", "reading.previous"),
          C.el("span", { class: "position" }, positionText(article)),
          arrow(1, "›", "reading.next"),
        ),
        C.el("div", { class: "current", "aria-live": "polite" }, current(article)),
      ),
      !article.text && C.el("p", { class: "hint" }, C.t("reading.notext")),
      content[view](article),
    );
    C.fill(panel, pane);
    if (state.mention !== null) showCurrent(article);
  };

  /** Rings around the places an article speaks of; all alike, since counts of mentions are not counts of events. */
  C.paintArticle = function (ctx, view_) {
    const article = state.tab === "articles" ? C.articleOf(state.article) : null;
    if (!article) return;
    const targets = new Set(
      mentionsOf(article)
        .filter((mention) => isSite(mention) && !mention.is_boilerplate && mention.status !== "orphan")
        .map((mention) => mention.target),
    );
    view_.leave();
    ctx.strokeStyle = C.paper("halo");
    ctx.lineWidth = 2;
    for (const target of targets)
      for (const feature of C.featuresOf(target)) {
        if (feature.layer.geometry !== "point" || !C.touches(C.worldOf(feature).bounds, view_)) continue;
        for (const run of C.worldOf(feature).runs) {
          const at = view_.screen(run[0], run[1]);
          ctx.beginPath();
          ctx.arc(at.x, at.y, 7, 0, 7);
          ctx.stroke();
          C.drawMarker(ctx, C.styleOf("place", feature.kind), at.x, at.y, 0.9);
        }
      }
  };
})();
