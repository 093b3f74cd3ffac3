// The frame around a dashboard: hiding menu, language, theme.
const root = document.documentElement;
const body = document.body;
const menu = document.getElementById("octolab-menu");
const toggle = document.getElementById("octolab-menu-toggle");

const LANGUAGE = "octolab.language"; // the widgets keep it under the same key
const CHOSEN = "octolab:language"; // and hear, and tell, of it by this event
const THEME = "octolab.theme";
const MENU = "octolab.frame-menu";

const keep = (key, value) => {
  try { localStorage.setItem(key, value); } catch { /* private window */ }
};
const kept = (key) => {
  try { return localStorage.getItem(key); } catch { return null; }
};

function showMenu(open) {
  menu.hidden = !open;
  body.classList.toggle("octolab-menu-open", open);
  toggle.setAttribute("aria-expanded", String(open));
  window.dispatchEvent(new Event("resize"));
}

function speak(lang) {
  root.lang = lang;
  for (const button of document.querySelectorAll(".octolab-icon[data-en]")) {
    button.title = button.dataset[lang];
    button.setAttribute("aria-label", button.dataset[lang]);
  }
  menu.setAttribute("aria-label", toggle.dataset[lang]);
}

function paint(theme) {
  const dark = theme === "dark";
  root.dataset.octolabTheme = theme;
  body.dataset.jpThemeLight = String(!dark);
  body.dataset.jpThemeName = dark ? "JupyterLab Dark" : "JupyterLab Light";
  const sheet = document.getElementById("octolab-dark");
  if (sheet) sheet.media = dark ? "all" : "not all";
}

toggle.onclick = () => {
  showMenu(menu.hidden);
  keep(MENU, menu.hidden ? "hidden" : "shown");
};
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !menu.hidden && menu.contains(document.activeElement)) {
    showMenu(false);
    toggle.focus();
  }
});
document.getElementById("octolab-lang").onclick = () => {
  const lang = root.lang === "ru" ? "en" : "ru";
  keep(LANGUAGE, lang);
  document.dispatchEvent(new CustomEvent(CHOSEN, { detail: lang }));
};
document.getElementById("octolab-theme").onclick = () => {
  const theme = root.dataset.octolabTheme === "dark" ? "light" : "dark";
  keep(THEME, theme);
  paint(theme);
};

// The workbench has a language switch of its own.
document.addEventListener(CHOSEN, (event) => speak(event.detail));

// Voila shows the cells before their widgets are there: until then the page is opening.
const opening = document.getElementById("octolab-opening");
if (opening) {
  const wrong = ["stderr", "error"].map((kind) => `[data-mime-type="application/vnd.jupyter.${kind}"]`);
  const watch = new MutationObserver(() => {
    if (document.querySelector([".ol-root", ...wrong].join())) done();
  });
  const done = () => { watch.disconnect(); opening.remove(); };
  watch.observe(body, { childList: true, subtree: true });
  setTimeout(done, 60_000);
}

// ipywidgets looks for a widget ten times a second for two seconds. One that comes while a busy
// page can't look is called missing, for good once all are said to be there. So this is said late,
// and again and again to who waits.
const TOLD_MS = 1000;
const TOLD_TIMES = 15;

function tellLate(manager) {
  const there = manager.restoredStatus;
  Object.defineProperty(manager, "restoredStatus", { value: false, configurable: true });
  const tell = () => {
    manager.restored.disconnect(tell);
    let left = TOLD_TIMES;
    const timer = setInterval(() => {
      left -= 1;
      if (!left) {
        clearInterval(timer);
        delete manager.restoredStatus;
      }
      manager.restored.emit();
    }, TOLD_MS);
  };
  if (there) tell();
  else manager.restored.connect(tell);
}

// Voila leaves its application here when it has started.
Object.defineProperty(window, "jupyterapp", {
  configurable: true,
  set(app) {
    Object.defineProperty(window, "jupyterapp", { value: app });
    if (app.widgetManager) tellLate(app.widgetManager);
  },
});

for (const link of menu.querySelectorAll("a")) {
  if (link.pathname === location.pathname) link.setAttribute("aria-current", "page");
}
paint(root.dataset.octolabTheme);
speak(root.lang);
showMenu(kept(MENU) === "shown" && matchMedia("(min-width: 800px)").matches);
