/** The address of the page, as a list of its parts: #/questions/two-sum. */
import { useSyncExternalStore } from "react";

export function useRoute(): readonly string[] {
  const hash = useSyncExternalStore(
    (changed) => {
      window.addEventListener("hashchange", changed);
      return () => window.removeEventListener("hashchange", changed);
    },
    () => location.hash,
  );
  return hash.replace(/^#\/?/, "").split("?")[0]?.split("/").map(decoded) ?? [];
}

export function go(...parts: string[]): void {
  location.hash = addressOf(...parts);
}

/** `#/join/abc`, to be put behind the page's own address. */
export function addressOf(...parts: string[]): string {
  return `#/${parts.map(encodeURIComponent).join("/")}`;
}

/** A link that others can open. */
export function linkTo(...parts: string[]): string {
  return new URL(addressOf(...parts), location.href).href;
}

/** Addresses are typed and cut off by people: `%` alone is no reason to fail. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
