/** What the browser remembers for a page, and the language all widgets on it share. */
import { language, type Language } from "./i18n";

const LANGUAGE = "octolab.language"; // the frame around a dashboard keeps it under the same key
const CHOSEN = "octolab:language"; // and tells, and is told, by the same event

export function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // a page without storage, such as a sandboxed frame
  }
}

export function store(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // then it lasts as long as the page
  }
}

/** The language a person has chosen in a page, now or before. */
export function chosenLanguage(): Language | null {
  const found = stored(LANGUAGE);
  return found === null ? null : language(found);
}

/** Choose the language of this page: its widgets and its frame follow. */
export function chooseLanguage(chosen: Language): void {
  store(LANGUAGE, chosen);
  document.dispatchEvent(new CustomEvent(CHOSEN, { detail: chosen }));
}

/** Follow the language of the page; returns how to stop that. */
export function onLanguage(listener: (chosen: Language) => void): () => void {
  const told = (event: Event): void => listener(language((event as CustomEvent).detail));
  document.addEventListener(CHOSEN, told);
  return () => document.removeEventListener(CHOSEN, told);
}
