/** A page as people have it: light and dark, on a desktop and on a phone; each looked at by axe, and kept as a picture. */
import type { Page } from "playwright-core";

import { axeFindings } from "./axe.js";
import { picture } from "./browser.js";

const SCHEMES = ["light", "dark"] as const;
const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const;

/** Look at the page in every form; returns what is wrong with it. Pictures are named `name-light`, `phone-name-dark`, ... */
export async function lookAt(page: Page, name: string): Promise<string[]> {
  const findings: string[] = [];
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      const form = `${size === "phone" ? "phone-" : ""}${name}-${colorScheme}`;
      await picture(page, form);
      findings.push(...(await axeFindings(page)).map((finding) => `${form}: ${finding}`));
    }
    const overflow = (await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")) as number;
    if (overflow > 0) findings.push(`${name} on a ${size} is ${overflow} pixels too wide`);
  }
  await page.setViewportSize(SIZES.desktop);
  await page.emulateMedia({ colorScheme: "light" });
  return findings;
}
