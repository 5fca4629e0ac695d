// Reads a list of [source URL, operations, operations of scene7 alone] from standard input, prints the URLs that unpic makes.
import { readFileSync } from "node:fs";
import { getProviderForUrl, transformUrl } from "unpic";

const asked = JSON.parse(readFileSync(0, "utf8"));
const made = asked.map(([url, operations, scene7]) => ({
  provider: getProviderForUrl(url),
  url: String(transformUrl({ url, ...operations }, { scene7 })),
}));
console.log(JSON.stringify(made));
