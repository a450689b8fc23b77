// Hive Gateway with nothing switched on that costs. HIVE_COLLAPSE=1 also collapses equal client requests in flight.
import { defineConfig } from "@graphql-hive/gateway";

export const gatewayConfig = defineConfig({
  ...(process.env.HIVE_COLLAPSE ? { inboundInflightRequestDeduplication: true } : {}),
  logging: false,
  landingPage: false,
});
