// Bundles the front end into the Python package: `node build.mjs [--watch]`.
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const watching = process.argv.includes("--watch");
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const options = {
  absWorkingDir: here("."),
  entryPoints: [
    "src/reading.ts",
    "src/owner.ts",
    "src/x-ray-worker.ts",
    "src/designer.ts",
    "styles/overread.css",
    "styles/reading.css",
    "styles/designer.css",
  ],
  entryNames: "[name]",
  outdir: here("../src/overread/web/static/overread"),
  bundle: true,
  format: "esm",
  target: ["es2022", "chrome109", "firefox115", "safari16.4"],
  minify: !watching,
  sourcemap: watching,
  logLevel: watching ? "info" : "warning",
};

if (watching) {
  const context = await esbuild.context(options);
  await context.watch();
} else {
  await esbuild.build(options);
}
