/** Texts in English and Russian: English templates are the keys of locale/ru.json. */
import ru from "../locale/ru.json";

export type Language = "en" | "ru";
export type Values = Readonly<Record<string, string | number>>;

type Catalog = Readonly<Record<string, string | readonly string[]>>;
const catalogs: Record<Language, Catalog> = { en: {}, ru };

const FORMS = { one: 0, few: 1, many: 2, other: 2 } as Record<string, number>;

export interface Translate {
  /** A text, its `{name}`s filled in. */
  (template: string, values?: Values): string;
  /** A text that counts: `t.n(3, "{n} frame", "{n} frames")`. */
  n(count: number, one: string, many: string, values?: Values): string;
  readonly language: Language;
  readonly locale: string;
}

export const language = (wanted: unknown): Language => (wanted === "ru" ? "ru" : "en");

function render(template: string, values: Values): string {
  return template.replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all));
}

export function translator(lang: Language): Translate {
  const catalog = catalogs[lang];
  const locale = lang === "ru" ? "ru-RU" : "en-GB";
  const rules = new Intl.PluralRules(locale);
  const number = new Intl.NumberFormat(locale);
  const t = (template: string, values: Values = {}): string => {
    const found = catalog[template];
    return render(typeof found === "string" ? found : template, values);
  };
  t.n = (count: number, one: string, many: string, values: Values = {}): string => {
    const forms = catalog[many];
    const template = Array.isArray(forms)
      ? (forms[FORMS[rules.select(count)] ?? 2] ?? many)
      : count === 1 ? one : many;
    return render(template, { n: number.format(count), ...values });
  };
  return Object.assign(t, { language: lang, locale });
}
