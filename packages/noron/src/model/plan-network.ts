import { manualSeed } from "@noron/core";
import { buildNetwork, countParameters, type Network } from "./network.ts";
import { buildOwnNetwork, type NetworkConfig, type OwnModule } from "./own-network.ts";
import type { Settings } from "./settings.ts";

/** A network that is to be trained. */
export interface NetworkPlan {
  config: NetworkConfig;
  build(): Network;
  /** The class of the network. */
  className: string;
  parameters: number;
  /** Features between its layers, inputs and outputs included, as far as they are known. */
  widths: number[];
}

/**
 * The network of the settings, or that of the user's own code, which is made once to see that it can be.
 * @throws UsageError for code that makes no such network
 */
export function planNetwork(settings: Settings, inputs: number, outputs: number, own?: OwnModule): NetworkPlan {
  if (own === undefined) {
    const { hidden, activation, norm, dropout } = settings;
    const config = { inputs, hidden, outputs, activation, norm, dropout };
    return {
      config,
      build: () => buildNetwork(config),
      className: "Sequential",
      parameters: countParameters(config),
      widths: [inputs, ...hidden, outputs],
    };
  }
  const build = () => buildOwnNetwork(own, inputs, outputs);
  manualSeed(settings.seed);
  const model = build();
  const sizes = model.parameters().map(({ shape }) => shape.reduce((product, extent) => product * extent, 1));
  const parameters = sizes.reduce((sum, size) => sum + size, 0);
  const config = { inputs, outputs, module: { path: own.path, hash: own.hash ?? "" } };
  return { config, build, className: model.constructor.name, parameters, widths: [inputs, outputs] };
}
