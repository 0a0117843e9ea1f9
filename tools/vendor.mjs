/**
 * Bundles the libraries that pages load into pages/static/vendor/, with their licences. Built, never committed:
 * versions and hashes stand in package-lock.json. No page fetches anything from elsewhere.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { geoEquirectangular, geoStream } from "d3-geo";
import { build } from "esbuild";
import { feature } from "topojson-client";

const OUT = "src/foureyes/workbench/pages/static/vendor";
/** One file per use: a page loads what it shows and no more. `shipped` is what of it reaches a browser. */
const LIBRARIES = [
  { name: "leaflet", entry: 'export * from "leaflet/dist/leaflet-src.esm.js";', licence: "LICENSE", style: "dist/leaflet.css" },
  { name: "world-atlas", licence: "LICENSE" },
];
const DEGREE = 180 / Math.PI;

/** @param {string} name @returns {string} */
function version(name) {
  return JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")).version;
}

async function bundle({ name, entry, style }) {
  const common = { bundle: true, minify: true, legalComments: "inline", logLevel: "warning" };
  if (entry) {
    await build({
      ...common,
      stdin: { contents: entry, resolveDir: "." },
      format: "esm",
      target: "es2022",
      outfile: `${OUT}/${name}.js`,
    });
  }
  if (style) {
    await build({
      ...common,
      entryPoints: [`node_modules/${name}/${style}`],
      external: ["*.png"],
      outfile: `${OUT}/${name}.css`,
    });
  }
}

/** A receiver of geoStream that keeps rings of [longitude, latitude] to hundredths of a degree, about 1 km. */
function collector() {
  const polygons = [];
  let rings = null;
  let line = [];
  return {
    polygons,
    point: (x, y) => line.push([Math.round(x * 100) / 100, Math.round(-y * 100) / 100]),
    lineStart: () => (line = []),
    lineEnd: () => rings.push(line),
    polygonStart: () => (rings = []),
    polygonEnd: () => polygons.push(rings),
    sphere: () => undefined,
  };
}

/** Cut at the antimeridian: uncut, Russia, Fiji and the Antarctic draw streaks across a flat map. */
function world() {
  const atlas = JSON.parse(readFileSync("node_modules/world-atlas/countries-50m.json", "utf8"));
  const flat = geoEquirectangular().scale(DEGREE).translate([0, 0]).precision(0);
  const features = feature(atlas, atlas.objects.countries).features.map((country) => {
    const kept = collector();
    geoStream(country, flat.stream(kept));
    const coordinates = kept.polygons.map((rings) => rings.map((ring) => [...ring, ring[0]]));
    return {
      type: "Feature",
      properties: { name: country.properties.name },
      geometry: { type: "MultiPolygon", coordinates },
    };
  });
  return JSON.stringify({ type: "FeatureCollection", features });
}

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
cpSync("tools/types/vendor", OUT, { recursive: true }); // tsc reads these, never the bundles
for (const library of LIBRARIES) {
  await bundle(library);
  const text = readFileSync(`node_modules/${library.name}/${library.licence}`, "utf8");
  writeFileSync(`${OUT}/${library.name}.LICENSE.txt`, `${library.name} ${version(library.name)}\n\n${text}`);
}
const countries = world();
writeFileSync(`${OUT}/world.json`, countries);
writeFileSync(`${OUT}/world.json.gz`, gzipSync(countries, { level: 9 }));
