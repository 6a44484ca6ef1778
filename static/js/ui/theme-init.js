/* Sets the colour scheme before the first paint: the stored "light" or "dark", else the system's. */
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  let stored = null;
  // Those of the header, which the browser's own bar continues.
  const bars = { light: "#ffffff", dark: "#1a2028" };
  const paint = (scheme) => {
    document.querySelector("meta[name=theme-color]")?.setAttribute("content", bars[scheme]);
    document.documentElement.dataset.bsTheme = scheme;
    // The name that Swagger UI knows.
    document.documentElement.classList.toggle("dark-mode", scheme === "dark");
  };
  const apply = () => {
    try {
      const found = localStorage.getItem("theme");
      // Django's admin keeps its own choice under this name, and has a word for “automatic”.
      stored = found === "light" || found === "dark" ? found : null;
    } catch {
      // Storage is switched off. The choice lasts as long as the page.
    }
    const dark = stored ? stored === "dark" : system.matches;
    paint(dark ? "dark" : "light");
  };
  apply();
  system.addEventListener("change", apply);
  window.addEventListener("storage", apply);
  window.batchsiteTheme = {
    get choice() {
      return stored ?? "auto";
    },
    set choice(value) {
      stored = value === "auto" ? null : value;
      try {
        if (stored) localStorage.setItem("theme", stored);
        else localStorage.removeItem("theme");
      } catch {
        paint(stored ?? (system.matches ? "dark" : "light"));
        return;
      }
      apply();
    },
  };
})();
