// Reads CloudEvents, one a line, with the SDK for JavaScript, which validates them against the schema it brings along:
// node validate_cloudevents.mjs NODE_MODULES. Prints how many there were.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.argv[2], "x.js"));
const { CloudEvent } = require("cloudevents");
const lines = readFileSync(0, "utf8").split("\n").filter((line) => line !== "");
for (const line of lines) {
    new CloudEvent(JSON.parse(line)).validate();
}
process.stdout.write(String(lines.length));
