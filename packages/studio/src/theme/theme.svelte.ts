/** Light, dark, or as the system says. */
export type Theme = "system" | "light" | "dark";
export const THEMES: readonly Theme[] = ["system", "light", "dark"];

const STORED = "noron-studio-theme";
const system = matchMedia("(prefers-color-scheme: dark)");

let chosen = $state<Theme>(stored());
let dark = $state(false);

function stored(): Theme {
  const value = localStorage.getItem(STORED) as Theme;
  return THEMES.includes(value) ? value : "system";
}

function apply(): void {
  dark = chosen === "dark" || (chosen === "system" && system.matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}
system.addEventListener("change", apply);
apply();

export function chosenTheme(): Theme {
  return chosen;
}

/** Whether what is drawn is drawn on dark ground; what shows it changes with it. */
export function isDark(): boolean {
  return dark;
}

export function setTheme(theme: Theme): void {
  chosen = theme;
  localStorage.setItem(STORED, theme);
  apply();
}

/** A colour of the theme as it is now, for canvases. */
export function themeColor(name: string): string {
  void dark;
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
