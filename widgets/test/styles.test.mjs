// Each bundle stands alone on a page: a class it uses that has rules has them in its own sheet.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

const built = new URL("../../octolab/widgets/static/", import.meta.url);
const read = (name) => readFileSync(new URL(name, built), "utf8");
const bundles = readdirSync(built).filter((name) => name.endsWith(".js")).map((name) => name.slice(0, -3));
const all = (css, pattern) => new Set([...css.matchAll(pattern)].map((m) => m[1]));
const mentioned = (css) => all(css, /\.(ol-[a-z0-9-]+)/g);
const alone = (css) => all(css, /(?<=[{};,])\.(ol-[a-z0-9-]+)(?=[{,])/g);
const used = (js) => new Set([...js.matchAll(/(?<![\w.#-])ol-[a-z0-9]+(?:-[a-z0-9]+)*(?![\w-])/g)].map((m) => m[0]));
const sheets = (kind) => new Map(bundles.map((name) => [name, kind(read(`${name}.css`))]));
const kinds = [mentioned, alone].map(sheets);
const anywhere = kinds.map((all) => new Set([...all.values()].flatMap((one) => [...one])));

test("there are bundles to check", () => assert.ok(bundles.length > 5 && anywhere[1].size > 100));

for (const name of bundles) {
  test(`${name} brings the rules of its classes`, () => {
    const missing = [...used(read(`${name}.js`))].filter((one) =>
      kinds.some((all, i) => anywhere[i].has(one) && !all.get(name).has(one)));
    assert.deepEqual(missing, []);
  });
}
