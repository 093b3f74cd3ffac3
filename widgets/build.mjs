// One ESM bundle and one style sheet per widget:
// src/<widget>/index.ts -> ../octolab/widgets/static/<widget>.js and <widget>.css
import { build, context } from "esbuild";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "src");
const watch = process.argv.includes("--watch");

const widgets = readdirSync(source).filter((name) => existsSync(join(source, name, "index.ts")));

const options = {
  absWorkingDir: here,
  entryPoints: widgets.map((name) => ({ in: join(source, name, "index.ts"), out: name })),
  outdir: join(here, "..", "octolab", "widgets", "static"),
  bundle: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  minify: !watch,
  sourcemap: watch ? "inline" : false,
  logLevel: "warning",
};

if (watch) await (await context(options)).watch();
else await build(options);
