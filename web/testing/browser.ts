/** Debian's Chromium for tests: every request to another host and every error of a page is remembered. */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";

import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";

export const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
export const hasChromium = existsSync(CHROMIUM);

const FLAGS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  ...["--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"],
  // A moving picture and a beep instead of camera and microphone; calls stay on this machine.
  ...["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--allow-loopback-in-peer-connection"],
];

export function launch(without: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS.filter((flag) => !without.includes(flag)) });
}

/** How long anything may take before it counts as failed: machines that test are busy. */
export const PATIENCE = 60_000; // milliseconds

export interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Addresses of other hosts that were asked for. */
  readonly foreign: string[];
  readonly errors: string[];
}

export async function visitor(browser: Browser, origin: string, options: BrowserContextOptions = {}): Promise<Visitor> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const [foreign, errors]: [string[], string[]] = [[], []];
  page.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (/^(http|ws)/.test(protocol) && host !== new URL(origin).host) foreign.push(request.url());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  return { context, page, foreign, errors };
}

/** A picture into TANDEM_SCREENSHOTS, when that is set. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env["TANDEM_SCREENSHOTS"];
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
