// Reads a list of [source URL, operations] from standard input and prints the URLs that unpic makes of them.
import { readFileSync } from "node:fs";
import { getProviderForUrl, transformUrl } from "unpic";

const asked = JSON.parse(readFileSync(0, "utf8"));
const made = asked.map(([url, operations]) => ({
  provider: getProviderForUrl(url),
  url: String(transformUrl({ url, ...operations })),
}));
console.log(JSON.stringify(made));
