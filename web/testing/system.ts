/** The real system for tests: the one at GATEWAY_URL, or one that is started here on free ports and stopped again. */
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const PROCESSES = 5;
const REPLICA_PORTS = 100; // as deploy/local/plan.py: gateway number 1 listens on first port + 101
const READY_WITHIN = 240_000; // milliseconds; a busy machine takes its time

export interface RunningSystem {
  readonly url: string;
  readonly graphql: string;
  stop(): Promise<void>;
}

export interface SystemOptions {
  /** How many gateways, behind a balancer. */
  readonly gateways?: number;
  /** How many replicas of the collaboration subgraph. */
  readonly collaborations?: number;
  readonly environment?: Record<string, string>;
}

export async function startSystem({ gateways = 1, collaborations = 1, environment = {} }: SystemOptions = {}): Promise<RunningSystem> {
  const given = process.env["GATEWAY_URL"];
  if (given) return { url: given, graphql: `${given}/graphql`, stop: async () => undefined };
  const python = process.env["TANDEM_PYTHON"] ?? join(ROOT, ".venv/bin/python");
  if (!existsSync(python)) throw new Error(`${python} is not there: run ./just once, or set GATEWAY_URL.`);
  const folder = mkdtempSync(join(tmpdir(), "tandem-web-"));
  // PostgreSQL may run as a user of its own, who has to reach its data below this folder.
  chmodSync(folder, 0o755);
  const port = await freePorts(PROCESSES);
  const options = ["-m", "deploy.local", "up", "--first-port", String(port), "--data", join(folder, "data")];
  if (gateways > 1) options.push("--replicas", `gateway=${gateways}`);
  if (collaborations > 1) options.push("--replicas", `collaboration=${collaborations}`);
  const child = spawn(python, options, { cwd: ROOT, env: { ...process.env, ...environment, PYTHONPATH: ROOT }, stdio: ["ignore", "pipe", "pipe"] });
  // A test run that is broken off takes its system with it.
  process.once("exit", () => child.kill("SIGTERM"));
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk));
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    await ended(child);
    rmSync(folder, { recursive: true, force: true });
  };
  for (const deadline = Date.now() + READY_WITHIN; Date.now() < deadline; ) {
    if (child.exitCode !== null) break;
    if (await isReady(url)) return { url, graphql: `${url}/graphql`, stop };
    await new Promise((done) => setTimeout(done, 500));
  }
  await stop();
  throw new Error(`The system did not start:\n${output.slice(-4000)}`);
}

/**
 * Kill one gateway of a system that was started with several, without a goodbye. Returns its process id.
 * `number` is 1 for the first.
 */
export function killGateway(url: string, number: number): number {
  const port = Number(new URL(url).port) + REPLICA_PORTS + number;
  for (const name of readdirSync("/proc").filter((each) => /^\d+$/.test(each))) {
    const words = commandOf(name);
    if (!words.includes("gateway") || !words.includes("serve") || words[words.indexOf("--port") + 1] !== String(port)) continue;
    process.kill(Number(name), "SIGKILL");
    return Number(name);
  }
  throw new Error(`No gateway listens on port ${port}: start the system with --replicas gateway=2.`);
}

/** Kill one replica of the collaboration subgraph, without a goodbye; whoever started the system starts another. Returns its process id. */
export function killCollaboration(url: string): number {
  const first = Number(new URL(url).port) + REPLICA_PORTS;
  const found = readdirSync("/proc").filter((name) => {
    const words = /^\d+$/.test(name) ? commandOf(name) : [];
    if (!words.includes("collaboration") || words[words.indexOf("collaboration") - 1] !== "serve") return false;
    const port = Number(/(?:^|\0)PORT=(\d+)/.exec(readText(`/proc/${name}/environ`))?.[1]);
    return port > first && port < first + REPLICA_PORTS;
  });
  const chosen = Number(found[Math.floor(Math.random() * found.length)] ?? Number.NaN);
  if (Number.isNaN(chosen)) throw new Error("No replica of collaboration runs: start the system with collaborations: 2.");
  process.kill(chosen, "SIGKILL");
  return chosen;
}

function commandOf(processId: string): readonly string[] {
  return readText(`/proc/${processId}/cmdline`).split("\0");
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // the process has ended meanwhile
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/ready`, { signal: AbortSignal.timeout(1000) })).ok;
  } catch {
    return false;
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = new Promise((done) => child.once("exit", done));
  child.kill("SIGINT");
  const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
  await exit;
  clearTimeout(timer);
}

/** The first of so many free ports in a row. */
async function freePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const first = 20_000 + Math.floor(Math.random() * 20_000);
    const ports = Array.from({ length: count }, (_, offset) => first + offset);
    const free = await Promise.all([...ports, first + REPLICA_PORTS + 1, first + REPLICA_PORTS + 2].map(isFree));
    if (free.every(Boolean)) return first;
  }
  throw new Error("No free ports were found.");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer().once("error", () => done(false));
    server.listen(port, "127.0.0.1", () => server.close(() => done(true)));
  });
}
