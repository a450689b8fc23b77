import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Built into the folder that the gateway serves at /graphql (the page) and /explorer/ (its files). */
export default defineConfig({
  base: "/explorer/",
  plugins: [react()],
  resolve: { conditions: ["source", "module", "browser", "development|production"] },
  worker: { format: "es" },
  build: {
    outDir: "../../gateway/server/explorer_dist",
    emptyOutDir: true,
    chunkSizeWarningLimit: 6000,
    reportCompressedSize: false,
  },
});
