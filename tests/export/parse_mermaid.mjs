// Parses a flowchart of standard input with the package mermaid, which cleans labels with the help of a browser's
// document; jsdom is one: node parse_mermaid.mjs NODE_MODULES
// Prints how many nodes and edges it found.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const modules = process.argv[2];
const load = (name) => import(pathToFileURL(join(modules, name)).href);

const { JSDOM } = (await load("jsdom/lib/api.js"));
globalThis.window = new JSDOM("").window;
globalThis.document = globalThis.window.document;
const mermaid = (await load("mermaid/dist/mermaid.core.mjs")).default;
const text = readFileSync(0, "utf8");
mermaid.initialize({ startOnLoad: false, maxTextSize: 10000000, maxEdges: 100000 });
const { diagramType } = await mermaid.parse(text);
if (!diagramType.startsWith("flowchart")) throw new Error(`a ${diagramType}`);
const diagram = await mermaid.mermaidAPI.getDiagramFromText(text);
process.stdout.write(JSON.stringify({ nodes: diagram.db.getVertices().size, edges: diagram.db.getEdges().length }));
