export * from "@noron/core";
