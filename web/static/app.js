// Small helps for those who have scripts on; every page works without them.
(() => {
  "use strict";
  const $ = (s, e = document) => e.querySelector(s), $$ = (s, e = document) => [...e.querySelectorAll(s)];

  // Copy buttons.
  for (const b of $$("[data-copy]")) {
    b.hidden = false;
    b.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(b.dataset.copy).textContent);
      b.textContent = b.dataset.done;
    });
  }

  // Drag over the timeline selects a span of time.
  for (const f of $$("[data-timeline]")) {
    let from = null, to = null;
    const bars = $$("a[data-label]", f);
    const under = (e) => document.elementFromPoint(e.clientX, f.querySelector("svg").getBoundingClientRect().top + 30)?.closest("a[data-label]");
    const paint = () => {
      const [a, b] = [bars.indexOf(from), bars.indexOf(to)].sort((x, y) => x - y);
      bars.forEach((x, i) => x.classList.toggle("in", from && to && i >= a && i <= b));
    };
    f.addEventListener("pointerdown", (e) => { from = to = under(e); });
    f.addEventListener("dragstart", (e) => e.preventDefault());
    f.addEventListener("pointermove", (e) => { if (from && under(e)) { to = under(e); paint(); } });
    f.addEventListener("click", (e) => {
      if (!from || !to || from === to) return;
      e.preventDefault();
      const [a, b] = [from, to].map((x) => x.dataset.label).sort();
      const u = new URL(location.href);
      u.searchParams.set("from", a); u.searchParams.set("to", b); u.searchParams.delete("offset");
      location.href = u.pathname + u.search;
    });
  }

  // A crawl under way: rows are filled in as events come, the page is read anew at the end.
  for (const box of $$("[data-live]")) {
    const events = new EventSource(box.dataset.live);
    const size = (n) => n >= 1048576 ? (n / 1048576).toFixed(1) + " MB" : n >= 1024 ? (n / 1024).toFixed(1) + " kB" : n + " B";
    events.addEventListener("progress", (e) => {
      for (const s of JSON.parse(e.data).sites || []) {
        let row = $(`tr[data-site="${CSS.escape(s.site)}"]`, box);
        if (!row) { location.reload(); return; }
        const put = (f, v) => { const c = $(`[data-f=${f}]`, row); if (c && c.textContent !== String(v)) c.textContent = v; };
        put("fetched", s.fetched.toLocaleString("en")); put("queued", s.queued.toLocaleString("en")); put("failed", s.failed.toLocaleString("en"));
        put("rate", s.rate.toFixed(1)); put("bytes", size(s.bytes)); put("eta", s.eta_ns ? Math.round(s.eta_ns / 1e9) + "s" : ""); put("url", s.url || "");
      }
    });
    document.addEventListener("submit", () => events.close()); // the answer to the form shows the end
    events.addEventListener("end", () => { events.close(); location.reload(); });
  }

  // Suggestions for the last word of the box, pinyin included.
  const box = $("#q"), list = $("#suggest");
  if (box && list) {
    let wait, asked;
    box.addEventListener("input", (e) => {
      clearTimeout(wait);
      if (e.isComposing || e.inputType === "insertReplacementText") return;
      const [, head, word] = box.value.match(/^(.*?)([^\s"():]*)$/s) || [];
      if (!word || word === asked) return;
      wait = setTimeout(async () => {
        asked = word;
        const res = await fetch(new URL("api/v1/suggest?limit=8&q=" + encodeURIComponent(word), $(".brand").href));
        if (!res.ok || asked !== word) return;
        list.replaceChildren(...(await res.json()).suggestions.map((s) => Object.assign(document.createElement("option"), { value: head + s.text })));
      }, 150);
    });
  }

  // Keys: / the box, j and k the hits, n and p the pages, ? the help.
  let at = -1;
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName)) return;
    const go = (sel) => { const a = $(sel); if (a) { e.preventDefault(); location.href = a.href; } };
    const hits = $$(".hit h3 a, [data-row] a");
    switch (e.key) {
      case "/": { const q = $("#q"); if (q) { e.preventDefault(); q.focus(); q.select(); } else go(".brand"); break; }
      case "j": case "k":
        if (hits.length) { at = Math.max(0, Math.min(hits.length - 1, at + (e.key === "j" ? 1 : -1))); hits[at].focus(); hits[at].scrollIntoView({ block: "nearest" }); }
        break;
      case "n": go("a[rel=next]"); break;
      case "p": go("a[rel=prev]"); break;
      case "?": go('a[href$="/help"]'); break;
    }
  });
})();
