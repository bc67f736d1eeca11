// Runs before the first paint, so that no page flashes in the wrong theme. css/theme.css does the rest.
(() => {
  const key = "portal.theme";
  const root = document.documentElement;

  const choice = () => {
    const stored = localStorage.getItem(key);
    return stored === "light" || stored === "dark" ? stored : "system";
  };

  const apply = () => {
    if (choice() === "system") delete root.dataset.theme;
    else root.dataset.theme = choice();
  };

  window.portalTheme = {
    choice,
    choose(value) {
      localStorage.setItem(key, value);
      apply();
    },
  };
  // Another tab chose.
  addEventListener("storage", (event) => event.key === key && apply());
  apply();
})();
