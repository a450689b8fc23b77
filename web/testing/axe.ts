/** What axe finds on a page, as lines to compare with nothing. */
import axe from "axe-core";
import type { Page } from "playwright-core";

interface AxeResult {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly target: readonly string[] }[] }[];
}

// Off by itself, as it is of WCAG 2.2: what is tapped has 24 by 24 pixels, or room around it.
// It would also wait for pictures of a call to be loaded, which never end.
const OPTIONS = { rules: { "target-size": { enabled: true } }, resultTypes: ["violations"], preload: false };

export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate(`axe.run(${JSON.stringify(OPTIONS)})`)) as AxeResult;
  const place = new URL(page.url());
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${place.pathname}${place.hash} ${id}: ${target.join(" ")}`));
}
