// Runs inside the sandbox: load a JavaScript solution, call its function for each case, answer on a descriptor of its own.
"use strict";
const fs = require("fs");
const vm = require("vm");

const [casesFd, resultsFd] = process.argv.slice(2).map(Number);
const chunk = Buffer.alloc(65536);
let rest = Buffer.alloc(0);

function readLine() {
  for (;;) {
    const end = rest.indexOf(10);
    if (end >= 0) {
      const line = rest.toString("utf8", 0, end);
      rest = rest.subarray(end + 1);
      return line;
    }
    const count = fs.readSync(casesFd, chunk, 0, chunk.length, null);
    if (count === 0) return null;
    rest = Buffer.concat([rest, chunk.subarray(0, count)]);
  }
}

function answer(nonce, kind, payload = "") {
  let data = Buffer.from(`${nonce}\t${kind}\t${payload}\n`);
  while (data.length) data = data.subarray(fs.writeSync(resultsFd, data));
}

function raised(nonce, error) {
  try {
    process.stderr.write(`${(error && error.stack) || error}\n`);
  } catch {}
  const name = error && error.name ? String(error.name) : "Error";
  answer(nonce, "raised", name.replace(/[\t\n]/g, " ").slice(0, 100));
}

async function serve() {
  let [nonce, name] = readLine().split("\t");
  let target = null;
  try {
    globalThis.require = require;
    globalThis.module = { exports: {} };
    vm.runInThisContext(fs.readFileSync("/box/solution.js", "utf8"), { filename: "solution.js" });
    target = vm.runInThisContext(`typeof ${name} === "function" ? ${name} : null`);
    if (!target && vm.runInThisContext('typeof Solution === "function"')) {
      const solution = vm.runInThisContext("new Solution()");
      if (typeof solution[name] === "function") target = solution[name].bind(solution);
    }
    if (!target && typeof globalThis.module.exports === "function") target = globalThis.module.exports;
  } catch (error) {
    raised(nonce, error);
    return;
  }
  if (!target) {
    answer(nonce, "missing");
    return;
  }
  answer(nonce, "ready");
  for (let line = readLine(); line !== null; line = readLine()) {
    const tab = line.indexOf("\t");
    nonce = line.slice(0, tab);
    try {
      const value = JSON.stringify(await target(...JSON.parse(line.slice(tab + 1))));
      answer(nonce, "result", value === undefined ? "null" : value);
    } catch (error) {
      raised(nonce, error);
    }
  }
}

serve();
