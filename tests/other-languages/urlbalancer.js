// A plugin for the contract `urlbalancer`, in JavaScript, that leaves everything but the callbacks out.
// docs/src/how-to/other-languages.md shows it.
import { int, float } from "hookr-test:url-balancer/rng";

export const plugin = {
  getInfo(_request) {
    return { name: "urlbalancer", version: "0.1.0", description: "Asks its host for a node." };
  },

  balance({ url, nodes }) {
    // An error of the host is thrown here, and goes to the caller as it is unless somebody catches it.
    const { value } = int({ min: 0, max: nodes.length - 1 });
    const jitter = float({ reserved: false });
    return {
      valid: true,
      normalizedUrl: url,
      scheme: "",
      host: "",
      selectedNode: nodes[value],
      selectedIndex: value,
      rngInt: value,
      rngFloat: jitter.value,
      error: "",
    };
  },
};
