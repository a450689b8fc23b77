import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Served by the gateway at /practice; `vite` alone serves it for development, with the gateway at GATEWAY_URL. */
export default defineConfig({
  base: "/practice/",
  plugins: [react()],
  resolve: { conditions: ["source", "module", "browser", "development|production"], dedupe: ["yjs", "y-protocols"] },
  build: { outDir: "../dist/practice", emptyOutDir: true, chunkSizeWarningLimit: 1000 },
  server: { proxy: { "/graphql": { target: process.env["GATEWAY_URL"] ?? "http://127.0.0.1:4000", ws: true } } },
});
