// What a page can do beyond being read: a moment of the timeline under the pointer, the table sorted and filtered, one viewer of
// the swarm shown alone. Without a script all figures are there, in their first order.
"use strict";
(() => {
  const $ = id => document.getElementById(id);
  const data = JSON.parse($("data").textContent);

  // Figures as format.go writes them; a test holds the two together.
  const group = n => { const s = String(Math.abs(n)).replace(/\B(?=(\d{3})+$)/g, ","); return n < 0 ? "-" + s : s; };
  // Go rounds a tie to the even digit, toFixed upwards. With so many digits only an odd multiple of a half, a quarter, ... is a tie.
  const fixed = (x, digits) => {
    const odd = x * 2 ** (digits + 1), p = 10 ** digits;
    if (!Number.isInteger(odd) || odd % 2 === 0) return x.toFixed(digits);
    const low = Math.floor(x * p);
    return ((low % 2 === 0 ? low : low + 1) / p).toFixed(digits);
  };
  const three = x => fixed(x, x >= 99.95 ? 0 : x >= 9.995 ? 1 : 2);
  const bytes = n => {
    const units = ["B", "kB", "MB", "GB", "TB", "PB"];
    let x = Math.abs(n), i = 0;
    while (x >= 999.5 && i < units.length - 1) { x /= 1000; i++; }
    return (n < 0 ? "-" : "") + (i === 0 ? fixed(x, 0) : three(x)) + " " + units[i];
  };
  const percent = r => {
    const p = r * 100;
    return p < 0 && p > -0.05 ? "0.0 %" : p > 0 && p < 0.05 ? "<0.1 %" : p > 99.95 && p < 100 ? ">99.9 %" : fixed(p, 1) + " %";
  };
  const two = n => String(n).padStart(2, "0");
  const seconds = s => {
    if (s < 59.95) return fixed(s, 1).replace(/\.0$/, "") + " s";
    const t = Math.round(s), h = Math.floor(t / 3600), m = Math.floor(t / 60) % 60;
    return h > 0 ? h + " h " + two(m) + " min" : t % 60 === 0 ? m + " min" : m + " min " + two(t % 60) + " s";
  };
  const ms = t => t < 0.9995 ? three(t) + " ms" : t < 999.5 ? fixed(t, 0) + " ms" : t < 59950 ? three(t / 1000) + " s" : seconds(t / 1000);
  const clock = s => {
    const t = Math.round(s), h = Math.floor(t / 3600), m = Math.floor(t / 60) % 60;
    return h > 0 ? h + ":" + two(m) + ":" + two(t % 60) : m + ":" + two(t % 60);
  };
  const write = {
    text: v => v, ratio: percent, bytes, count: group, ms, s: seconds, clock, intact: v => v ? "yes" : "no",
    mbit: v => three(v) + " Mbit/s",
  };
  const text = (kind, v) => v === null ? "–" : write[kind](v);

  // The timeline: all charts show the same moment.
  const time = data.time;
  if (time) {
    const charts = [...document.querySelectorAll("[data-read]")];
    const slider = $("moment"), when = $("when"), last = time.to.length - 1;
    const fields = charts.map(c => c.querySelector(".field"));
    const show = i => {
      slider.value = i;
      when.textContent = clock(time.to[i]);
      slider.setAttribute("aria-valuetext", when.textContent);
      charts.forEach((c, k) => {
        const cross = c.querySelector(".cross");
        cross.style.display = "block";
        cross.style.left = 100 * time.to[i] / time.end + "%";
        c.querySelectorAll(".key output").forEach((o, j) => {
          const series = time.charts[k][j];
          o.textContent = text(series.unit, series.values[i]);
        });
      });
    };
    const nearest = t => {
      let low = 0, high = last;
      while (low < high) { const mid = (low + high) >> 1; if (time.to[mid] < t) low = mid + 1; else high = mid; }
      return low;
    };
    fields.forEach(f => f.addEventListener("pointermove", e => {
      const box = f.getBoundingClientRect();
      show(nearest((e.clientX - box.left) / box.width * time.end));
    }));
    slider.max = last;
    slider.disabled = false;
    slider.addEventListener("input", () => show(Number(slider.value)));
  }

  // The table of viewers: all rows are in the data, a page of them in the document.
  const viewers = data.viewers, table = $("table");
  if (viewers && table) {
    const place = {};
    viewers.columns.forEach((c, i) => { place[c.key] = i; });
    const filters = $("filters"), body = table.tBodies[0], heads = [...table.tHead.querySelectorAll("th")];
    let sorted = null, down = false, page = 0, rows = viewers.rows;
    const chosen = {
      stalled: r => r[place.stalls] > 0, nopicture: r => r[place.startupMs] === null, nop2p: r => r[place.p2pBytes] === 0,
      left: r => r[place.leftSeconds] !== null, broken: r => !r[place.fullyDelivered],
    };
    const compare = (a, b, key) => {
      const x = a[place[key]], y = b[place[key]];
      if (x === null || y === null) return (x === null) - (y === null); // what there is not comes last, either way
      const d = typeof x === "string" ? x.localeCompare(y, "en", { numeric: true }) : x - y;
      return down ? -d : d;
    };
    const draw = () => {
      const pages = Math.max(1, Math.ceil(rows.length / viewers.page));
      page = Math.min(page, pages - 1);
      const from = page * viewers.page, part = rows.slice(from, from + viewers.page);
      const lines = part.map(r => {
        const tr = document.createElement("tr");
        viewers.columns.forEach((c, i) => {
          const cell = document.createElement(i ? "td" : "th");
          if (!i) cell.scope = "row";
          else cell.className = (c.kind === "text" ? "text" : "") + (c.wide ? " wide" : "") + (c.kind === "intact" && !r[i] ? " bad" : "");
          cell.textContent = text(c.kind, r[i]);
          tr.append(cell);
        });
        return tr;
      });
      body.replaceChildren(...lines);
      const all = rows.length === viewers.rows.length ? "" : " (of " + group(viewers.rows.length) + ")";
      $("shown").textContent = part.length ? group(from + 1) + " to " + group(from + part.length) + " of " + group(rows.length) + all : "nobody" + all;
      $("back").disabled = page === 0;
      $("next").disabled = page >= pages - 1;
    };
    const choose = () => {
      const f = new FormData(filters), name = f.get("name").trim().toLowerCase();
      rows = viewers.rows.filter(r => [...f].every(([key, value]) =>
        key === "name" ? r[0].toLowerCase().includes(name) : !value || (key === "which" ? chosen[value](r) : r[place[key]] === value)));
      if (sorted) rows.sort((a, b) => compare(a, b, sorted));
      page = 0;
      draw();
    };
    heads.forEach(th => {
      const button = th.querySelector("button"), key = button.dataset.key;
      button.disabled = false;
      button.addEventListener("click", () => {
        // Figures first the largest, names first the smallest; a second click turns it round.
        down = sorted === key ? !down : viewers.columns[place[key]].kind !== "text";
        sorted = key;
        heads.forEach(h => h.setAttribute("aria-sort", h === th ? (down ? "descending" : "ascending") : "none"));
        choose();
      });
    });
    filters.querySelectorAll("input, select").forEach(e => { e.disabled = false; });
    filters.addEventListener("input", choose);
    filters.addEventListener("submit", e => e.preventDefault());
    const turn = by => { page += by; draw(); table.parentElement.scrollTop = 0; };
    $("back").addEventListener("click", () => turn(-1));
    $("next").addEventListener("click", () => turn(1));
    $("next").disabled = rows.length <= viewers.page;
  }

  // The swarm: one viewer alone.
  const pick = $("pick"), swarm = document.querySelector(".swarm");
  if (pick && swarm) {
    const links = [...swarm.querySelectorAll("path")], nodes = [...swarm.querySelectorAll("[data-n]")];
    const show = who => {
      pick.value = who;
      swarm.classList.toggle("picked", who !== "");
      const on = new Set([who]);
      links.forEach(l => {
        const a = l.dataset.a === who, b = l.dataset.b === who;
        l.classList.toggle("out", a);
        l.classList.toggle("in", b && l.classList.contains("gave"));
        if (a || b) { on.add(l.dataset.a); on.add(l.dataset.b); }
      });
      nodes.forEach(n => n.classList.toggle("on", on.has(n.dataset.n)));
      const o = pick.selectedOptions[0].dataset;
      $("picked").textContent = who === "" ? "" : "gave " + o.gave + " to " + o.takers + " (solid), had " + o.had + " from " + o.given + " (dashed)";
    };
    pick.disabled = false;
    pick.addEventListener("change", () => show(pick.value));
    nodes.forEach(n => n.addEventListener("click", () => show(pick.value === n.dataset.n ? "" : n.dataset.n)));
  }

  // A table whose rows are all in the document, sorted by what a cell says its value is.
  document.querySelectorAll("table.sortable").forEach(t => {
    const heads = [...t.tHead.querySelectorAll("th")];
    heads.forEach((th, i) => {
      const button = th.querySelector("button");
      button.disabled = false;
      button.addEventListener("click", () => {
        const value = r => r.cells[i].dataset.v;
        const rows = [...t.tBodies[0].rows], numbers = rows.every(r => value(r) === "" || isFinite(value(r)));
        // Figures first the largest, names first the smallest; a second click turns it round.
        const was = th.getAttribute("aria-sort"), down = was === "none" ? numbers : was === "ascending";
        rows.sort((a, b) => {
          const x = value(a), y = value(b);
          if (x === "" || y === "") return (x === "") - (y === ""); // what there is not comes last, either way
          const d = numbers ? Number(x) - Number(y) : x.localeCompare(y, "en", { numeric: true });
          return down ? -d : d;
        });
        heads.forEach(h => h.setAttribute("aria-sort", h === th ? (down ? "descending" : "ascending") : "none"));
        t.tBodies[0].replaceChildren(...rows);
      });
    });
  });

  document.querySelectorAll(".paste").forEach(p => {
    const button = p.querySelector("button");
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", () => navigator.clipboard.writeText(p.querySelector("pre").textContent).then(
      () => { button.textContent = "Copied"; }, () => { button.hidden = true; }));
  });

  const copy = $("copy");
  if (copy && navigator.clipboard) {
    copy.hidden = false;
    copy.addEventListener("click", () => navigator.clipboard.writeText($("command").textContent).then(
      () => { copy.textContent = "Copied"; }, () => { copy.hidden = true; }));
  }
})();
