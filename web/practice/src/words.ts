/** Enum values in words, and times as people say them. */
import type { Language, Verdict } from "@tandem/schema";

export const LANGUAGES: Record<Language, string> = { PYTHON: "Python", JAVASCRIPT: "JavaScript", JAVA: "Java", CPP: "C++", C: "C" };

export const VERDICTS: Record<Verdict, string> = {
  ACCEPTED: "Accepted",
  WRONG_ANSWER: "Wrong answer",
  COMPLETED: "Completed",
  TIME_LIMIT: "Too slow",
  MEMORY_LIMIT: "Too much memory",
  OUTPUT_LIMIT: "Too much output",
  RUNTIME_ERROR: "Runtime error",
  COMPILE_ERROR: "Does not compile",
  NOT_RUN: "Not run",
  INTERNAL_ERROR: "The judge failed",
};

/** `HASH_TABLES` as `Hash tables`. */
export function inWords(name: string): string {
  const text = name.replaceAll("_", " ").toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function day(iso: string): string {
  return new Date(iso).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

export function clock(iso: string): string {
  return new Date(iso).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}
