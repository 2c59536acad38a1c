/* The page: frame, tabs, selection, pointer and keyboard, theme, language, projection, state in the URL hash. */
(function () {
  "use strict";

  const C = window.corridors;
  const { map, state } = C;
  const panel = document.getElementById("panel");
  const TABS = ["layers", "route", "articles", "search", "about"];
  const RENDER = {
    layers: "renderLayers",
    route: "renderRoute",
    articles: "renderArticles",
    search: "renderSearch",
    about: "renderAbout",
  };
  let body = null;
  let isStarted = false;

  /* ---- frame ---- */
  function tabButton(key) {
    const isChosen = state.tab === key;
    return C.el(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab-${key}`,
        "aria-controls": "tab-body",
        "aria-selected": String(isChosen),
        tabindex: isChosen ? 0 : -1,
        onclick: () => openTab(key),
      },
      C.t(`tab.${key}`),
    );
  }
  function moveTab(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = TABS[(TABS.indexOf(state.tab) + step + TABS.length) % TABS.length];
    openTab(next);
    document.getElementById(`tab-${next}`).focus();
  }
  function languageSelect() {
    return C.el(
      "select",
      { class: "language", "aria-label": C.t("language"), onchange: (event) => C.setLanguage(event.target.value) },
      C.languages.map((language) => {
        const option = C.el(
          "option",
          { value: language, lang: language },
          { en: "English", ru: "Русский", zh: "中文", tr: "Türkçe" }[language],
        );
        option.selected = language === state.language;
        return option;
      }),
    );
  }
  function themeButton() {
    const text = C.t(C.isDark() ? "theme.light" : "theme.dark");
    return C.el(
      "button",
      {
        type: "button",
        class: "icon",
        id: "theme",
        "aria-label": text,
        title: text,
        onclick: () => C.setTheme(C.isDark() ? "light" : "dark"),
      },
      C.isDark() ? "☀" : "☾",
    );
  }

  function frame() {
    body = C.el("div", {
      id: "tab-body",
      role: "tabpanel",
      "aria-labelledby": `tab-${state.tab}`,
      class: "scroll",
      tabindex: -1,
    });
    const handle = C.el("button", {
      type: "button",
      class: "handle",
      "aria-label": C.t("panel.handle"),
      "aria-expanded": "true",
      onclick: cycleSheet,
    });
    handle.addEventListener("pointerdown", dragSheet);
    C.fill(
      panel,
      handle,
      C.el(
        "header",
        {},
        C.el("h1", { title: C.data.title }, C.data.title),
        C.el("div", { class: "tools" }, languageSelect(), themeButton()),
      ),
      C.el(
        "div",
        { class: "tabs", role: "tablist", "aria-label": C.t("tabs"), onkeydown: moveTab },
        TABS.map(tabButton),
      ),
      body,
    );
    panel.setAttribute("aria-label", C.t("panel"));
    controls();
    const mapElement = map.getContainer();
    mapElement.setAttribute("role", "application");
    mapElement.setAttribute("aria-label", C.t("map.label"));
    document.documentElement.lang = state.language;
    document.title = C.data.title;
  }

  function controls() {
    const old = document.getElementById("controls");
    if (old) old.remove();
    const button = (text, label, onclick) =>
      C.el("button", { type: "button", "aria-label": label, title: label, onclick }, text);
    const box = C.el(
      "div",
      { id: "controls" },
      button("+", C.t("zoom.in"), () => map.zoomIn(0.5)),
      button("−", C.t("zoom.out"), () => map.zoomOut(0.5)),
      button("⌂", C.t("zoom.home"), goHome),
    );
    const credit = C.el("p", { id: "credit" }, C.data.about.licences.join(" · "));
    const oldCredit = document.getElementById("credit");
    if (oldCredit) oldCredit.remove();
    document.body.append(box, credit);
  }

  function openTab(key) {
    const wasRoute = state.tab === "route";
    state.tab = key;
    for (const name of TABS) {
      const button = document.getElementById(`tab-${name}`);
      button.setAttribute("aria-selected", String(name === key));
      button.tabIndex = name === key ? 0 : -1;
    }
    body.setAttribute("aria-labelledby", `tab-${key}`);
    if (panel.dataset.sheet === "low") setSheet("half");
    renderTab();
    body.scrollTop = 0;
    if (key === "search") document.getElementById("search-input").focus();
    if (wasRoute || key === "route") C.repaint();
    else C.repaintFocus();
    if (key === "route" && isStarted && !wasRoute && !C.isEmptyBounds(C.routeBounds())) C.zoomTo(C.routeBounds());
    saveHash();
  }
  C.openTab = openTab;
  const renderTab = () => C[RENDER[state.tab]](body);

  /* ---- bottom sheet of narrow windows: low, half, high ---- */
  const SHEETS = ["low", "half", "high"];
  function setSheet(height) {
    panel.dataset.sheet = height;
    panel.querySelector(".handle").setAttribute("aria-expanded", String(height !== "low"));
  }
  let wasDragged = false;
  function cycleSheet() {
    if (wasDragged) {
      wasDragged = false;
      return;
    }
    setSheet(SHEETS[(SHEETS.indexOf(panel.dataset.sheet) + 1) % SHEETS.length]);
  }
  function dragSheet(event) {
    const from = event.clientY;
    const up = (end) => {
      const steps = Math.abs(end.clientY - from) < 24 ? 0 : end.clientY < from ? 1 : -1;
      if (!steps) return;
      wasDragged = true;
      setTimeout(() => (wasDragged = false), 50);
      setSheet(SHEETS[Math.max(0, Math.min(2, SHEETS.indexOf(panel.dataset.sheet) + steps))]);
    };
    window.addEventListener("pointerup", up, { once: true });
  }

  /* ---- selection ---- */
  C.select = function (target, options) {
    const known = target && (C.featureOf(target) || C.detailOf(target)) ? target : null;
    const before = state.selected;
    state.selected = known;
    closeChooser();
    if (known) reveal(known);
    C.showDetail();
    if (known && window.innerWidth < 720) setSheet("low");
    C.repaint();
    if (known && options && options.zoom) C.zoomTo(C.boundsOfTarget(known), known.startsWith("place:") ? 7 : 8);
    if (known) {
      C.announce(C.t("selected", { name: C.targetName(known) }));
      if (!options || options.focus !== false) document.getElementById("detail-title").focus({ preventScroll: true });
    } else if (before && (!options || options.focus !== false)) map.getContainer().focus({ preventScroll: true });
    saveHash();
  };
  /** What is selected must be seen: its layer is switched on. */
  function reveal(target) {
    const feature = C.featureOf(target);
    if (!feature || C.isShown(feature)) return;
    if (feature.layer.isItemised && !feature.layer.isVisible)
      for (const other of feature.layer.features) other.isVisible = false;
    for (const part of C.featuresOf(target)) if (part.layer === feature.layer) part.isVisible = true;
    feature.layer.isVisible = true;
    if (isStarted) C.emit("layers");
  }

  /* ---- pointer ---- */
  let chooser = null;
  function closeChooser() {
    if (chooser) chooser.remove();
    chooser = null;
  }
  function openChooser(features, point) {
    closeChooser();
    const pick = (feature) =>
      C.el(
        "li",
        { role: "none" },
        C.el(
          "button",
          { type: "button", role: "menuitem", onclick: () => C.select(feature.target) },
          C.featureSymbol(feature),
          C.targetName(feature.target),
        ),
      );
    chooser = C.el(
      "div",
      { id: "chooser" },
      C.el("p", {}, C.t("chooser")),
      C.el("ul", { role: "menu", "aria-label": C.t("chooser"), onkeydown: moveInChooser }, features.map(pick)),
    );
    document.body.append(chooser);
    const box = chooser.getBoundingClientRect();
    const clamp = (value, size, room) => Math.max(8, Math.min(value, room - size - 8));
    chooser.style.left = `${clamp(point.x + 8, box.width, window.innerWidth)}px`;
    chooser.style.top = `${clamp(point.y + 8, box.height, window.innerHeight)}px`;
    chooser.querySelector("button").focus();
  }
  function moveInChooser(event) {
    const buttons = [...chooser.querySelectorAll("button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length].focus();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      closeChooser();
      map.getContainer().focus({ preventScroll: true });
    }
  }

  function choices(latlng) {
    const found = C.featuresAt(latlng);
    const sharp = found.filter((feature) => feature.layer.geometry !== "area");
    // a country lies under everything: it is offered only where nothing else is, or where a choice is due anyway
    if (sharp.length === 1 && sharp[0].layer.geometry === "point") return sharp;
    if (sharp.length <= 1 && found.filter((feature) => feature.layer.key !== "countries").length === sharp.length)
      return sharp.length ? sharp : found;
    return found;
  }
  function onClick(event) {
    const found = choices(event.latlng);
    if (!found.length) {
      closeChooser();
      C.select(null);
    } else if (found.length === 1) C.select(found[0].target);
    else
      openChooser(
        found.slice(0, 12),
        event.originalEvent ? { x: event.originalEvent.clientX, y: event.originalEvent.clientY } : event.containerPoint,
      );
  }

  const tooltip = C.el("div", { id: "tooltip", role: "presentation", hidden: true });
  let lastMove = 0;
  function onMove(event) {
    if (map.dragging && map.dragging.moving()) return;
    const now = performance.now();
    if (now - lastMove < 30) return;
    lastMove = now;
    const found = C.featuresAt(event.latlng).filter((feature) => feature.layer.key !== "countries");
    const first = found[0] || null;
    hover(first && first.target);
    tooltip.hidden = !first;
    map.getContainer().style.cursor = first ? "pointer" : "";
    if (!first) return;
    C.fill(
      tooltip,
      C.targetName(first.target),
      found.length > 1 && C.el("small", {}, C.t("more", { count: found.length - 1 })),
    );
    tooltip.style.left = `${Math.min(event.originalEvent.clientX + 14, window.innerWidth - 200)}px`;
    tooltip.style.top = `${event.originalEvent.clientY + 16}px`;
  }
  function hover(target) {
    if (C.hovered === target) return;
    C.hovered = target;
    C.repaintFocus();
  }
  function onLeave() {
    hover(null);
    tooltip.hidden = true;
  }

  /* ---- keyboard ---- */
  function onKey(event) {
    const isTyping =
      /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) &&
      event.target.type !== "checkbox" &&
      event.target.type !== "range";
    if (event.key === "Escape") {
      if (chooser) closeChooser();
      else if (state.selected) C.select(null);
      return;
    }
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") {
      event.preventDefault();
      openTab("search");
    } else if (event.key === "Enter" && event.target === map.getContainer()) {
      // the middle of the free part of the map acts as the pointer
      const pad = C.padding();
      const size = map.getSize();
      const point = L.point((pad.left + size.x - pad.right) / 2, (pad.top + size.y - pad.bottom) / 2);
      onClick({ latlng: map.containerPointToLatLng(point), containerPoint: point });
    }
  }

  /* ---- view ---- */
  function goHome() {
    const lines = C.layers.filter(
      (layer) => layer.geometry === "line" && !["corridors", "sea_routes", "air_links"].includes(layer.key),
    );
    const bounds = C.emptyBounds();
    const parts = lines.flatMap((layer) => layer.features);
    for (const feature of parts.length ? parts : C.layers.flatMap((layer) => layer.features)) {
      const own = C.worldOf(feature).bounds;
      if (!C.isEmptyBounds(own)) C.extend(bounds, [own.x1, own.y1, own.x2, own.y2]);
    }
    if (C.isEmptyBounds(bounds)) return;
    C.zoomTo(bounds, 6);
  }
  /** Keep the middle of the map on Eurasia and its seas. */
  function stayNear() {
    const centre = C.crs().latLngToPoint(map.getCenter(), 0);
    const x = centre.x - 128;
    const y = centre.y - 128;
    const limit = state.projection === "mercator" ? 128 : 62;
    const far = Math.hypot(x, y);
    if (far > limit) map.panTo(C.unworld((x / far) * limit, (y / far) * limit), { animate: false });
  }
  C.setProjection = function (name) {
    const centre = map.getCenter();
    const zoom = map.getZoom();
    state.projection = name === "mercator" ? "mercator" : "equal-area";
    map.options.crs = C.crs();
    C.emit("projection");
    map._resetView(centre, zoom);
    C.repaint();
    saveHash();
  };
  C.setTheme = function (theme) {
    state.theme = ["light", "dark"].includes(theme) ? theme : "auto";
    if (state.theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = state.theme;
    C.emit("theme");
  };
  C.setLanguage = function (language) {
    if (!C.languages.includes(language)) return;
    state.language = language;
    frame();
    renderTab();
    C.showDetail();
    C.repaint();
    document.querySelector("select.language").focus();
    saveHash();
  };

  /* ---- state in the hash ---- */
  C.saveHash = saveHash;
  function saveHash() {
    if (!isStarted) return;
    const centre = map.getCenter();
    const on = C.layers.filter((layer) => layer.isVisible).map((layer) => layer.key);
    C.writeHash({
      at: `${centre.lat.toFixed(3)},${centre.lng.toFixed(3)},${map.getZoom()}`,
      on: on.join(",") || "-",
      sel: state.selected,
      tab: state.tab === "layers" ? null : state.tab,
      art: state.tab === "articles" ? state.article : null,
      lang: state.language === C.data.language ? null : state.language,
      year: state.year,
      theme: state.theme === "auto" ? null : state.theme,
      proj: state.projection === "equal-area" ? null : state.projection,
    });
  }
  function restore(hash) {
    if (hash.lang && C.languages.includes(hash.lang)) state.language = hash.lang;
    if (hash.theme) C.setTheme(hash.theme);
    if (hash.proj === "mercator") state.projection = "mercator";
    if (/^\d{4}$/.test(hash.year || "")) state.year = Math.max(2013, Math.min(2035, Number(hash.year)));
    if (hash.on) {
      const on = new Set(hash.on.split(","));
      for (const layer of C.layers) {
        layer.isVisible = on.has(layer.key);
        if (layer.isItemised && layer.isVisible) for (const feature of layer.features) feature.isVisible = true;
      }
    }
    if (TABS.includes(hash.tab)) state.tab = hash.tab;
    if (state.tab === "articles" && C.articleOf(hash.art)) state.article = hash.art;
  }
  function restoreView(hash) {
    const [lat, lng, zoom] = String(hash.at || "")
      .split(",")
      .map(Number);
    const isGood = [lat, lng, zoom].every(Number.isFinite) && Math.abs(lat) <= 90 && Math.abs(lng) <= 360;
    if (isGood) map.setView([lat, lng], Math.max(2, Math.min(11, zoom)), { animate: false });
    else if (state.tab === "route" && !C.isEmptyBounds(C.routeBounds())) C.zoomTo(C.routeBounds());
    else goHome();
  }

  /* ---- start ---- */
  function start() {
    const hash = C.readHash();
    if (C.data.route && !hash.tab) state.tab = "route";
    for (const layer of C.layers)
      if (layer.isItemised && layer.isVisible) for (const feature of layer.features) feature.isVisible = true;
    restore(hash);
    map.options.crs = C.crs();
    map.setMinZoom(2);
    map.setMaxZoom(11);
    document.body.append(tooltip, C.el("div", { id: "live", role: "status", "aria-live": "polite" }));
    frame();
    setSheet(window.innerHeight < 500 ? "low" : "half");
    renderTab();
    restoreView(hash);
    C.startBasemap();
    C.startFeatures();
    C.startLabels();
    map.on("click", onClick).on("mousemove", onMove).on("mouseout", onLeave).on("movestart", onLeave);
    map.on("moveend", () => {
      stayNear();
      saveHash();
    });
    document.addEventListener("keydown", onKey);
    C.on("layers", () => {
      if (state.tab === "layers") renderKeepingFocus();
      C.repaint();
      saveHash();
    });
    C.on("layers-drawn", () => {
      C.repaint();
      saveHash();
    });
    C.on("theme", () => {
      frame();
      renderTab();
      C.showDetail();
      C.repaint();
      saveHash();
    });
    isStarted = true;
    if (hash.sel && (C.featureOf(hash.sel) || C.detailOf(hash.sel)))
      C.select(hash.sel, { focus: false, zoom: !hash.at });
    document.documentElement.dataset.ready = "true";
  }
  function renderKeepingFocus() {
    const key = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.key : null;
    const top = body.scrollTop;
    renderTab();
    body.scrollTop = top;
    const again = key && [...body.querySelectorAll("[data-key]")].find((element) => element.dataset.key === key);
    if (again) again.focus({ preventScroll: true });
  }

  start();
})();
